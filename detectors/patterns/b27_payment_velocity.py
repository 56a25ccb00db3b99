"""B27, payment velocity: one account is paid again and again within an hour or a day."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B27",
    title="Many payments on one account in a short time",
    version=1,
    level="medium",
    stage="patient",
    window="1 hour and 24 hours",
    needs=("patient_payment",),
    false_positives=(
        "a family that pays several open bills one by one",
        "a portal that retries by itself",
    ),
    references=("domain.md §2.2 B27",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Hold the hour against a fixed limit, the day against the account's own median day."""
    hour, day, median = (scene.notes.get(f"payment.{name}") for name in ("in_hour", "in_day", "day_median"))
    limits = thresholds.money
    if not isinstance(scene.data, BillingTransaction) or not isinstance(hour, int) or not isinstance(day, int):
        return None
    if hour > limits.payments_hour:
        said = f"{hour} times within an hour; more than {limits.payments_hour} are not expected"
    elif (
        isinstance(median, int | float)
        and day >= limits.payments_day_least
        and day > limits.payments_day_factor * median
    ):
        said = f"{day} times within 24 hours; on its median day it was {median:.0f}"
    else:
        return None
    return Hit(
        PATTERN.level,
        f"A payment was tried on this account {said}.",
        window=f"{int(scene.time // 86_400)}",
        features={"payments_1h": float(hour), "payments_24h": float(day)},
    )

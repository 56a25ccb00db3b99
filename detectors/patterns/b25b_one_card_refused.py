"""B25b, scheme thresholds: one card is refused so often that the card networks charge for it."""

from detectors.events import BillingTransaction
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B25b",
    title="One card refused again and again",
    version=1,
    level="medium",
    stage="instrument",
    window="24 hours and 30 days",
    needs=("payment.card.response",),
    false_positives=(
        "a monthly instalment from an expired card",
        "a gateway that retries by itself",
    ),
    references=(
        "domain.md §2.2 B25b",
        "Mastercard transaction processing excellence, excessive authorisation attempts",
        "Visa system integrity fees, excessive retries",
    ),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Count refusals; an outage (91, 96) is none."""
    day, month = scene.notes.get("card.declines_24h"), scene.notes.get("card.declines_30d")
    if not isinstance(scene.data, BillingTransaction) or not isinstance(day, int) or not isinstance(month, int):
        return None
    limits = thresholds.money
    if day > limits.card_declines_day:
        said = f"{day} times within 24 hours; from {limits.card_declines_day} on the card network charges for it"
    elif month >= limits.card_declines_month:
        said = f"{month} times within 30 days; from {limits.card_declines_month} on the card network charges for it"
    else:
        return None
    return Hit(
        PATTERN.level,
        f"One card was refused {said}.",
        window=f"{int(scene.time // 86_400)}",
        features={"declines_24h": float(day), "declines_30d": float(month)},
    )

"""B05, impossible day: more minutes billed for one date of service than a person can work."""

from detectors.events import BillingTransaction
from detectors.finding import Severity
from detectors.itinerary import responsible_npi
from detectors.profiles.entries import day_key
from detectors.profiles.provider import ProviderProfile
from detectors.retraction import Cleared
from detectors.scene import Hit, Pattern, Scene
from detectors.stages.billing import dates_of, day_text
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="B05",
    title="More time billed than the day or week has",
    version=1,
    level="high",
    stage="provider",
    window="date of service",
    needs=("service minutes table",),
    false_positives=("group NPI as rendering", "residents under one NPI", "supervision that overlaps", "global codes"),
    references=("domain.md §2.2 B05", "Fang & Gong, NBER w22084"),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | Cleared | None:
    """Judge every date of service that the claim touches, by the minimum minutes of all claims on it.

    Where a void or replacement takes minutes away, the days that are possible again are cleared.
    """
    transaction = scene.data
    if not isinstance(transaction, BillingTransaction) or scene.ref != responsible_npi(transaction):
        return None
    if transaction.kind not in ("claim_submitted", "claim_replaced", "claim_voided"):
        return None
    totals = {day: _minutes(scene, day) for day in dates_of(transaction)}
    _remember_long_days(scene.profile, totals, thresholds)
    hits = [hit for day, total in totals.items() if (hit := _judge(scene, day, total, thresholds))]
    order: tuple[Severity, ...] = ("medium", "high", "critical")
    if not hits and transaction.kind != "claim_submitted":
        return Cleared(
            [day_text(day) for day in totals], "A claim was taken back, and what is left of the day is possible."
        )
    return max(hits, key=lambda hit: order.index(hit.severity), default=None)


def _judge(scene: Scene, day: int, total: float, thresholds: Thresholds) -> Hit | None:
    features = {"minutes": round(total, 1), "hours": round(total / 60, 2)}
    said = f"At least {total / 60:.1f} hours of service are billed for {day_text(day)}"
    if total > thresholds.day_minutes_critical:
        return Hit("critical", f"{said}; the day has 24.", f"{day_text(day)}:critical", features, day_text(day))
    if total > thresholds.day_minutes_high:
        limit = thresholds.day_minutes_high / 60
        return Hit(
            "high",
            f"{said}; more than {limit:.0f} are not plausible.",
            f"{day_text(day)}:high",
            features,
            day_text(day),
        )
    if total <= thresholds.day_minutes_long:
        return None
    week = sum(_minutes(scene, day - back) for back in range(7))
    if week > thresholds.week_minutes_high:
        reason = (
            f"At least {week / 60:.0f} hours are billed for the seven days to {day_text(day)}; a working week has 40."
        )
        return Hit("high", reason, f"{day_text(day)}:week", {"week_hours": round(week / 60, 1)}, day_text(day))
    profile: ProviderProfile = scene.profile
    long_days = [kept for kept in profile.long_days if day - thresholds.long_days_window < kept <= day]
    if len(long_days) >= thresholds.long_days:
        limit = thresholds.day_minutes_long / 60
        reason = (
            f"More than {limit:.0f} hours are billed on {len(long_days)} of the {thresholds.long_days_window} days to "
            f"{day_text(day)}; {said[0].lower()}{said[1:]}."
        )
        return Hit(
            "medium", reason, f"{day_text(day)}:long", {**features, "long_days": float(len(long_days))}, day_text(day)
        )
    return None


def _minutes(scene: Scene, day: int) -> float:
    entry = scene.days.fetch(day_key(scene.ref, day)) if scene.days is not None else None
    return sum(entry.minutes.values()) if entry is not None else 0.0


def _remember_long_days(profile: ProviderProfile, totals: dict[int, float], thresholds: Thresholds) -> None:
    for day, total in totals.items():
        is_long, was_long = total > thresholds.day_minutes_long, day in profile.long_days
        if is_long and not was_long:
            profile.long_days = sorted([*profile.long_days, day])[-60:]
        elif was_long and not is_long:
            profile.long_days.remove(day)

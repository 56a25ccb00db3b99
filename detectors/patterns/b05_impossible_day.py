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
    version=2,
    level="high",
    levels=("medium", "high", "critical"),
    stage="provider",
    window="date of service, its weeks and fortnights",
    needs=("service minutes table",),
    false_positives=("group NPI as rendering", "residents under one NPI", "supervision that overlaps", "global codes"),
    references=("domain.md §2.2 B05", "Fang & Gong, NBER w22084"),
)

WEEK = 7
"""Days."""


def detect(scene: Scene, thresholds: Thresholds) -> Hit | Cleared | None:
    """Judge every date of service that the claim touches, by the minimum minutes of all claims on it.

    Where a void or replacement takes minutes away, the days, weeks and runs of long days that are possible again are
    cleared.
    """
    transaction = scene.data
    if not isinstance(transaction, BillingTransaction) or scene.ref != responsible_npi(transaction):
        return None
    if transaction.kind not in ("claim_submitted", "claim_replaced", "claim_voided"):
        return None
    totals = {day: _minutes(scene, day) for day in dates_of(transaction)}
    _remember_long_days(scene.profile, totals, thresholds)
    hits = [hit for day, total in totals.items() if (hit := _judge(scene, day, total, thresholds))]
    if transaction.kind == "claim_voided" or (not hits and transaction.kind == "claim_replaced"):
        gone = [ground for day, total in totals.items() for ground in _possible(scene, day, total, thresholds)]
        return Cleared(gone, "A claim was taken back, and what is left of the time is possible.")
    order: tuple[Severity, ...] = ("medium", "high", "critical")
    return max(hits, key=lambda hit: order.index(hit.severity), default=None)


def _judge(scene: Scene, day: int, total: float, thresholds: Thresholds) -> Hit | None:
    said = f"At least {total / 60:.1f} hours of service are billed for {day_text(day)}"
    return (
        _judge_day(day, total, said, thresholds)
        or _judge_weeks(scene, day, thresholds)
        or _judge_long_days(scene.profile, day, total, said, thresholds)
    )


def _judge_day(day: int, total: float, said: str, thresholds: Thresholds) -> Hit | None:
    features = _hours(total)
    if total > thresholds.day_minutes_critical:
        return Hit("critical", f"{said}; the day has 24.", f"{day_text(day)}:critical", features, day_text(day))
    if total > thresholds.day_minutes_high:
        reason = f"{said}; more than {thresholds.day_minutes_high / 60:.0f} are not plausible."
        return Hit("high", reason, f"{day_text(day)}:high", features, day_text(day))
    return None


def _judge_weeks(scene: Scene, day: int, thresholds: Thresholds) -> Hit | None:
    """Judge the fullest seven days with this one among them: claims for earlier days may come after those for later.

    A week of a hundred hours has a day of more than twelve; where none is near, no entry is fetched.
    """
    if not any(abs(day - long) < WEEK for long in scene.profile.long_days):
        return None
    weeks = _weeks(scene, day)
    last = max(weeks, key=weeks.__getitem__)
    if weeks[last] <= thresholds.week_minutes_high:
        return None
    hours = weeks[last] / 60
    reason = f"At least {hours:.0f} hours are billed for the seven days to {day_text(last)}; a working week has 40."
    return Hit("high", reason, _week(last), {"week_hours": round(hours, 1)}, _week(last))


def _judge_long_days(profile: ProviderProfile, day: int, total: float, said: str, thresholds: Thresholds) -> Hit | None:
    """Judge the two weeks, with this long day among them, that have the most long days."""
    if total <= thresholds.day_minutes_long:
        return None
    counts = _runs(profile, day, thresholds)
    last = max(counts, key=counts.__getitem__)
    if counts[last] < thresholds.long_days:
        return None
    reason = (
        f"More than {thresholds.day_minutes_long / 60:.0f} hours are billed on {counts[last]} of the "
        f"{thresholds.long_days_window} days to {day_text(last)}; {said[0].lower()}{said[1:]}."
    )
    return Hit("medium", reason, _run(last), {**_hours(total), "long_days": float(counts[last])}, _run(last))


def _possible(scene: Scene, day: int, total: float, thresholds: Thresholds) -> list[str]:
    """Return the grounds that may have been stated because of a day, and that bear nothing now."""
    weeks, runs = _weeks(scene, day), _runs(scene.profile, day, thresholds)
    return [
        *([day_text(day)] if total <= thresholds.day_minutes_high else []),
        *(_week(last) for last, minutes in weeks.items() if minutes <= thresholds.week_minutes_high),
        *(_run(last) for last, count in runs.items() if count < thresholds.long_days),
    ]


def _weeks(scene: Scene, day: int) -> dict[int, float]:
    """Return the minutes of every seven days that a day is in, by their last day."""
    near = {one: _minutes(scene, one) for one in range(day - WEEK + 1, day + WEEK)}
    return {last: sum(near[last - back] for back in range(WEEK)) for last in range(day, day + WEEK)}


def _runs(profile: ProviderProfile, day: int, thresholds: Thresholds) -> dict[int, int]:
    """Return the number of long days in every two weeks that a day is in, by their last day."""
    window = thresholds.long_days_window
    return {last: sum(last - window < long <= last for long in profile.long_days) for last in range(day, day + window)}


def _week(last: int) -> str:
    return f"{day_text(last)}:week"


def _run(last: int) -> str:
    return f"{day_text(last)}:long"


def _hours(minutes: float) -> dict[str, float]:
    return {"minutes": round(minutes, 1), "hours": round(minutes / 60, 2)}


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

"""A19, sequential scraping: records opened in the order of their numbers."""

import itertools

from detectors.events import AccessEvent
from detectors.finding import Severity
from detectors.profiles.user import UserProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A19",
    title="Records opened in the order of their numbers",
    version=1,
    level="high",
    levels=("high", "critical"),
    stage="user",
    window="30 minutes",
    needs=("patient.mrn_rank",),
    false_positives=("registration of newborns and new patients", "data-entry clean-up"),
    references=("domain.md §3.3 A19",),
)


def detect(scene: Scene, thresholds: Thresholds) -> Hit | None:
    """Look for a run of neighbouring record numbers among the last half hour's accesses, in the order of time."""
    access = scene.data
    if not isinstance(access, AccessEvent) or access.patient is None or access.patient.mrn_rank is None:
        return None
    profile: UserProfile = scene.profile
    rank, step = access.patient.mrn_rank, thresholds.scraping_step
    if len(profile.ranks) < thresholds.scraping_patients:
        return None
    if not _has_neighbour(profile.behaviour.trail, rank, step):
        return None
    span = thresholds.scraping_minutes * 60
    end = max((at for at, _ in profile.ranks if at <= scene.time + span), default=scene.time)
    ranks = [rank for at, rank in sorted(profile.ranks) if end - span <= at <= end]
    following, different = following_records(ranks, step)
    if different < thresholds.scraping_patients or following < thresholds.scraping_share * different:
        return None
    window = f"{int(scene.time // (thresholds.scraping_minutes * 60))}"
    severity: Severity = "critical" if following > thresholds.scraping_critical else "high"
    return Hit(
        severity,
        f"Opened {different} different records in {thresholds.scraping_minutes:.0f} minutes, {following} of them in "
        f"the order of their numbers, at most {step} apart.",
        window=f"{window}:{severity}",
        features={"records": float(different), "following": float(following)},
    )


def _has_neighbour(trail: dict[int, int], rank: int, step: int) -> bool:
    """Whether another record at most `step` away was opened in the last days; every access asks."""
    opened = trail.keys()
    return not (opened.isdisjoint(range(rank - step, rank)) and opened.isdisjoint(range(rank + 1, rank + step + 1)))


def following_records(ranks: list[int], step: int) -> tuple[int, int]:
    """Return how many records were opened in the order of their numbers, and how many different ones in all.

    A record follows the one before it where it lies at most `step` further in the one direction that most do. Gaps in
    the numbers (merged or moved records) cost one each. Opening a record again counts for nothing.
    """
    distinct = list(dict.fromkeys(ranks))
    steps = [after - before for before, after in itertools.pairwise(distinct)]
    upward = sum(0 < taken <= step for taken in steps)
    downward = sum(-step <= taken < 0 for taken in steps)
    most = max(upward, downward)
    return most + 1 if most else 0, len(distinct)

"""A19, sequential scraping: records opened in the order of their numbers."""

import itertools

from detectors.events import AccessEvent
from detectors.profiles.user import UserProfile
from detectors.scene import Hit, Pattern, Scene
from detectors.thresholds import Thresholds

PATTERN = Pattern(
    id="A19",
    title="Records opened in the order of their numbers",
    version=1,
    level="high",
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
    if not _has_neighbour(profile.ranks, rank, step):
        return None
    since = scene.time - thresholds.scraping_minutes * 60
    ranks = [rank for at, rank in sorted(profile.ranks) if since <= at <= scene.time]
    run, different = longest_run(ranks, step)
    if different < thresholds.scraping_patients or run < thresholds.scraping_share * different:
        return None
    if run < thresholds.scraping_patients:
        return None
    window = f"{int(scene.time // (thresholds.scraping_minutes * 60))}"
    critical = run > thresholds.scraping_critical
    return Hit(
        "critical" if critical else "high",
        f"Opened {different} different records in {thresholds.scraping_minutes:.0f} minutes, {run} of them one after "
        f"the other in the order of their numbers, at most {thresholds.scraping_step} apart.",
        window=f"{window}:{'critical' if critical else 'high'}",
        features={"records": float(different), "run": float(run)},
    )


def _has_neighbour(ranks: list[tuple[float, int]], rank: int, step: int) -> bool:
    """Whether another record at most `step` away was opened; every access asks, so this is a plain loop."""
    lowest, highest = rank - step, rank + step
    for _, other in ranks:  # noqa: SIM110 - `any` over a generator takes three times as long
        if lowest <= other <= highest and other != rank:
            return True
    return False


def longest_run(ranks: list[int], step: int) -> tuple[int, int]:
    """Return the longest run of different ranks that keep one direction in steps of at most `step`, and all ranks.

    Opening the same record again does not break a run.
    """
    distinct = list(dict.fromkeys(ranks))
    longest = current = min(len(distinct), 1)
    direction = 0
    for before, after in itertools.pairwise(distinct):
        delta = after - before
        way = 1 if delta > 0 else -1
        if abs(delta) <= step and direction in (0, way):
            current += 1
            direction = way
        else:
            near = abs(delta) <= step
            current, direction = (2, way) if near else (1, 0)
        longest = max(longest, current)
    return longest, len(distinct)

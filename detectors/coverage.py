"""How many accesses could be explained, by department and for all: whether accusations that rest on context are sound.

Below four in five, it is the context feed that is broken and not the staff (domain.md §3.2): what rests on an access
being unexplained is then said as information only, and the data team is told. Counts are kept by event time, in slots
of four hours, by every partition of the user stage, and added over partitions through the topic `peers`, since one
partition sees too few of a department. Of each user and day only the first charts count: nobody who opens hundreds of
charts without a reason may thereby make the feed look broken.
"""

import functools
from typing import NamedTuple

from detectors.events import AccessEvent
from detectors.peers import PeerBook
from detectors.profiles.relations import UserRelations
from detectors.scene import Scene
from detectors.thresholds import Thresholds

COVERAGE, EVERYWHERE = "coverage", "*"
"""Name and widest segment of the counts among the histograms of peers."""

SLOT_SECONDS = 4 * 3_600
SLOTS_A_DAY = 6
SLOTS_KEPT = 18
"""Three days: later than that an access is no ground for doubting today's feed."""

_KINDS = 4
JUDGED, EXPLAINED, UNJUDGED, SUPPRESSED = range(_KINDS)
"""What is counted of the accesses of a slot: with fresh context, explained among them, with stale context, and
findings that were made information."""

TOLD_LOW, TOLD_STALE = -1, -2
"""Bins that hold the last day on which this partition told the data team, instead of a count."""


class Coverage(NamedTuple):
    """Counts of the day up to a moment."""

    judged: int
    explained: int
    unjudged: int
    suppressed: int

    @property
    def share(self) -> float:
        """The explained share, 1 where nothing was judged."""
        return self.explained / self.judged if self.judged else 1.0

    def is_low(self, thresholds: Thresholds) -> bool:
        """Whether the context feed is to be doubted."""
        limits = thresholds.relations
        return self.judged >= limits.coverage_least and self.share < limits.coverage_share


def department_of(scene: Scene) -> str:
    """Return the department of who acted: from the staff feed, else from the event."""
    staff = getattr(scene.profile, "staff", None)
    known: str = staff.dept if staff else ""
    return known or (scene.data.actor.dept if isinstance(scene.data, AccessEvent) else "")


def count_access(scene: Scene, thresholds: Thresholds) -> None:
    """Count the first access of a day to a chart, after it was concluded on."""
    relations: UserRelations = scene.profile.relations
    book, dept, at = scene.around.book, department_of(scene), scene.time
    if relations.charts_today >= thresholds.relations.coverage_per_user:
        return
    if not scene.notes.get("rel.context_ok"):
        count(book, dept, at, UNJUDGED)
        return
    count(book, dept, at, JUDGED)
    if scene.notes.get("rel.explained"):
        count(book, dept, at, EXPLAINED)


def count(book: PeerBook, dept: str, at: float, kind: int, by: int = 1) -> None:
    """Count for a department and for all. What is older than is kept is passed over."""
    slot = int(at // SLOT_SECONDS)
    for segment in (dept, EVERYWHERE) if dept else (EVERYWHERE,):
        bins = book.bins(COVERAGE, segment)
        place = slot * _KINDS + kind
        if place in bins:
            bins[place] += by
            continue
        newest = max(max(bins, default=place), place) // _KINDS
        if slot <= newest - SLOTS_KEPT:
            continue
        bins[place] = by
        for old in [kept for kept in bins if 0 <= kept <= (newest - SLOTS_KEPT) * _KINDS]:
            del bins[old]


def coverage_of(scene: Scene, dept: str) -> Coverage:
    """Return the counts of the day that ends with the slot of the scene, over all partitions."""
    places = _day_until(int(scene.time // SLOT_SECONDS))
    counts = scene.around.peers.counted(COVERAGE, dept or EVERYWHERE, places)
    return Coverage(*(sum(counts[kind * SLOTS_A_DAY : (kind + 1) * SLOTS_A_DAY]) for kind in range(_KINDS)))


@functools.lru_cache(maxsize=64)
def _day_until(slot: int) -> tuple[int, ...]:
    """Return the bins of the day that ends with a slot: all slots of the first kind, then of the next."""
    return tuple((slot - back) * _KINDS + kind for kind in range(_KINDS) for back in range(SLOTS_A_DAY))


def doubt(scene: Scene, thresholds: Thresholds) -> str:
    """Return why what rests on an unexplained access is not to be believed now, in one sentence; "" where it is."""
    if not isinstance(scene.data, AccessEvent):
        return ""
    for dept in dict.fromkeys((department_of(scene), "")):
        found = coverage_of(scene, dept)
        if found.is_low(thresholds):
            where = f" in {dept}" if dept else ""
            return (
                f"Kept as information: only {found.share:.0%} of {found.judged:,} accesses{where} could be explained "
                "in the last 24 hours, so context seems to be missing."
            )
    return ""


def count_suppressed(scene: Scene) -> None:
    """Count a finding that was made information."""
    count(scene.around.book, department_of(scene), scene.time, SUPPRESSED)


def tell_once(scene: Scene, dept: str, what: int) -> bool:
    """Return whether this partition is to tell the data team of a department today, and remember that it did."""
    bins, day = scene.around.book.bins(COVERAGE, dept or EVERYWHERE), int(scene.time // 86_400)
    if bins.get(what, -1) >= day:
        return False
    bins[what] = day
    return True

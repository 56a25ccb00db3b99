"""How many events arrived from each source, in slots of five minutes of the wall clock, numbered since the epoch."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Kind = TypeVar("Kind", np.int64, np.bool_)

SLOT_SECONDS = 300
HOUR = 3600 // SLOT_SECONDS
DAY = 24 * HOUR
WEEK = 7 * DAY

KEPT_SLOTS = 8 * WEEK + 4 * DAY
"""How much of the past is kept: eight weeks, and room for the stretch that is judged and for looking back."""

LEAST_WATCHED = 0.9
"""Share of a stretch in which somebody must have counted, or nothing is known of it. What was not counted at once is
counted soon after, so that short interruptions do no harm."""


class Arrivals:
    """What arrived from one source in slots from `origin` on, and in which of them somebody counted."""

    def __init__(self, origin: int, counts: npt.NDArray[np.int64], watched: npt.NDArray[np.bool_]) -> None:
        self._origin = origin
        self._received = _running_total(counts)
        self._watched = _running_total(watched)
        present = np.flatnonzero(counts)
        self._first = origin + int(present[0]) if present.size else origin + len(counts)

    def between(self, start: int, end: int) -> int | None:
        """Return how many events arrived in `[start, end)`; None before the source's first and where nobody counted."""
        low, high = start - self._origin, end - self._origin
        if start < self._first or low < 0 or high >= len(self._received):
            return None
        if self._watched[high] - self._watched[low] < LEAST_WATCHED * (high - low):
            return None
        return self._received[high] - self._received[low]


class ArrivalBook:
    """The arrivals of all sources in the last `KEPT_SLOTS` slots before `end`."""

    def __init__(self, end: int) -> None:
        self._end = end
        self._watched = np.zeros(KEPT_SLOTS, np.bool_)
        self._counts: dict[str, npt.NDArray[np.int64]] = {}

    @property
    def origin(self) -> int:
        """The first slot that is kept."""
        return self._end - KEPT_SLOTS

    def advance(self, end: int) -> None:
        """Make room for the slots up to `end`, and forget sources of which nothing is left."""
        by = min(end - self._end, KEPT_SLOTS)
        self._end = end
        self._watched = _moved(self._watched, by)
        moved = ((source, _moved(counts, by)) for source, counts in self._counts.items())
        self._counts = {source: counts for source, counts in moved if counts.any()}

    def write(self, rows: Iterable[tuple[str, int, int]], watched: Iterable[int]) -> None:
        """Set `(source, slot, n)` and the slots in which somebody counted; what lies outside is passed over."""
        for source, slot, n in rows:
            if self.origin <= slot < self._end:
                if source not in self._counts:
                    self._counts[source] = np.zeros(KEPT_SLOTS, np.int64)
                self._counts[source][slot - self.origin] = n
        for slot in watched:
            if self.origin <= slot < self._end:
                self._watched[slot - self.origin] = True

    def sources(self) -> Iterator[tuple[str, Arrivals]]:
        """Yield every source with its arrivals."""
        for source, counts in self._counts.items():
            yield source, Arrivals(self.origin, counts, self._watched)


def _running_total(values: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> list[int]:
    """Return the sums of the first n values, for n from 0: a list, for single numbers are read from it."""
    return [0, *np.cumsum(values, dtype=np.int64).tolist()]


def _moved(values: npt.NDArray[Kind], by: int) -> npt.NDArray[Kind]:
    return np.concatenate([values[by:], np.zeros(by, values.dtype)])

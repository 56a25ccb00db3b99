"""A sample of the rows that came so far, of bounded size, that a burst cannot take over and that never grows stale.

The n-th row enters with probability max(size / n, RENEWAL) at a random place: a uniform sample of the stream (Vitter
1985, algorithm R) for as long as the stream is short, and from then on one that forgets slowly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models import snapshots
from models.api import Matrix

if TYPE_CHECKING:
    import numpy.typing as npt

    from models.api import Snapshot

RENEWAL = 0.1
"""Least probability of entering: of 2,000 kept rows half are renewed within 14,000, but a burst of 2,000 anomalies in a
row replaces no more than a tenth."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
"""Constants of SplitMix64 (Steele, Lea, Flood 2014, Fast Splittable Pseudorandom Number Generators)."""


class Reservoir:
    """At most `size` rows. Equal seeds and rows give equal samples, however the rows are cut into batches.

    Args:
        size: rows kept, at least 1.
        seed: of the choice of rows, not negative.
    """

    def __init__(self, size: int, seed: int) -> None:
        if size < 1 or seed < 0:
            raise ValueError("a reservoir needs a size of at least 1 and a seed that is not negative")
        self.size = size
        self.seed = seed
        self._rows: Matrix | None = None
        self.seen = 0

    @property
    def rows(self) -> Matrix:
        """The rows kept; to be read only."""
        return np.zeros((0, 0)) if self._rows is None else self._rows[: min(self.seen, self.size)]

    def add(self, rows: Matrix) -> None:
        """Offer rows, shape (n, d), in their order."""
        if self._rows is None:
            self._rows = np.zeros((self.size, rows.shape[1]))
        first = min(max(self.size - self.seen, 0), len(rows))
        self._rows[self.seen : self.seen + first] = rows[:first]
        self.seen += first
        rest = rows[first:]
        if not len(rest):
            return
        numbers = self.seen + 1 + np.arange(len(rest), dtype=np.uint64)
        enters = self._draw(2 * numbers) < np.maximum(self.size / numbers, RENEWAL)
        places = (self._draw(2 * numbers + np.uint64(1)) * self.size).astype(np.intp)
        for index in np.flatnonzero(enters).tolist():
            self._rows[places[index]] = rest[index]
        self.seen += len(rest)

    def snapshot(self) -> Snapshot:
        """Copy the state out."""
        return {"kept": self.rows.copy(), "sampled": self.seen, "size": self.size, "reservoir_seed": self.seed}

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of a snapshot.

        Raises:
            ValueError: if it is damaged or of other parameters; nothing is then changed.
        """
        snapshots.require_equal(snapshot, {"size": self.size, "reservoir_seed": self.seed})
        kept, seen = snapshots.array(snapshot, "kept", np.float64, (None, None)), snapshots.integer(snapshot, "sampled")
        if len(kept) != min(seen, self.size) or not np.isfinite(kept).all():
            raise ValueError("the snapshot is damaged: the sample does not fit the number of rows seen")
        self._rows = None
        self.seen = seen
        if len(kept):
            self._rows = np.zeros((self.size, kept.shape[1]))
            self._rows[: len(kept)] = kept

    def _draw(self, numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
        """Return a uniform number in [0, 1) for each number: SplitMix64, which needs no state."""
        with np.errstate(over="ignore"):
            mixed = (numbers + np.uint64(self.seed) * np.uint64(1_000_003)) * _GOLDEN
            for shift, factor in zip((np.uint64(30), np.uint64(27)), _MIX, strict=True):
                mixed = (mixed ^ (mixed >> shift)) * factor
            mixed ^= mixed >> np.uint64(31)
        uniform: npt.NDArray[np.float64] = (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return uniform


def next_refresh(seen: int, first: int, largest: int) -> int:
    """Return the number of rows at which what is derived of a sample is next renewed.

    After `first` rows, then each time their number has doubled, then every `largest`: fixed counts, so that it does not
    matter how a stream is cut into batches.
    """
    at = first
    while at <= seen:
        at += min(at, largest)
    return at

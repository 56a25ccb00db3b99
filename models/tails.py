"""How far out in the tails of its columns a row lies: a detector without trees, scales or training, column by column.

For every column the chances of a value as low and as high are read off a sample of the stream; -log of them adds up
over the columns. What most rows have adds next to nothing.

References:
    Li, Zhao, Hu, Botta, Ionescu, Chen (2022), ECOD: Unsupervised Outlier Detection Using Empirical Cumulative
    Distribution Functions, IEEE TKDE 35(12): the scores by side. That the empirical distributions are those of a
    reservoir of the stream, that ordinary chances are cut off, and the sum of the two scores are ours; measured in
    docs/quality.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models import snapshots
from models.api import Matrix, Vector, as_matrix
from models.reservoir import Reservoir, next_refresh

if TYPE_CHECKING:
    from models.api import Snapshot

ORDINARY, LEAST_SHARE = 1.5, 0.01
"""-log of the chance up to which a value is ordinary (22 % on its side), and the share of it that counts nevertheless:
ordinary rows have an order too."""

_FIRST_REFRESH, _LARGEST_REFRESH = 32, 250


class TailProbabilities:
    """Tail chances of every column, against a reservoir of the stream.

    score = s / (s + d), s = max(sum of low excesses, sum of high excesses) + sum of the larger excess of each column.

    Burst-proof: a burst enters the reservoir only by chance. A value that is NaN is ordinary. Memory: two copies of
    `size` rows.

    Args:
        size: rows of the reservoir.
        seed: of the reservoir.
    """

    def __init__(self, size: int = 2_000, seed: int = 1) -> None:
        self._reservoir = Reservoir(size, seed)
        self._reference: Matrix | None = None
        self._width: int | None = None
        self._next = _FIRST_REFRESH

    @property
    def width(self) -> int | None:
        """Number of columns; None before the first row."""
        return self._width

    @property
    def is_warm(self) -> bool:
        """Whether there is a reference."""
        return self._reference is not None

    def score_learn(self, rows: Matrix) -> Vector:
        """Score every row against the reference, then offer it to the reservoir (see `OnlineModel`)."""
        rows = as_matrix(rows, self._width)
        scores = np.zeros(len(rows))
        if len(rows):
            self._width = rows.shape[1]
        start = 0
        while start < len(rows):
            stop = min(len(rows), start + self._next - self._reservoir.seen)
            part = rows[start:stop]
            if self._reference is not None:
                scores[start:stop] = _score(*self._excesses(part, self._reference))
            self._reservoir.add(np.nan_to_num(part))
            if self._reservoir.seen == self._next:
                self._renew()
            start = stop
        return scores

    def score(self, rows: Matrix) -> Vector:
        """Score rows against the reference as it is, without learning (see `OnlineModel`)."""
        rows = as_matrix(rows, self._width)
        if self._reference is None:
            return np.zeros(len(rows))
        return _score(*self._excesses(rows, self._reference))

    def excesses(self, rows: Matrix) -> Matrix:
        """Return what each column adds to the score of each row, shape (n, d), without learning; 0 where not warm."""
        rows = as_matrix(rows, self._width)
        if self._reference is None:
            return np.zeros(rows.shape)
        return np.maximum(*self._excesses(rows, self._reference))

    def snapshot(self) -> Snapshot:
        """Copy the state out; `restore` continues exactly."""
        reference = np.zeros((0, 0)) if self._reference is None else self._reference.copy()
        return {**self._reservoir.snapshot(), "in_order": reference}

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of a snapshot of a model with the same parameters.

        Raises:
            ValueError: if it is damaged or of other parameters; nothing is then changed.
        """
        reference = snapshots.array(snapshot, "in_order", np.float64, (None, None))
        seen = snapshots.integer(snapshot, "sampled")
        kept = snapshots.array(snapshot, "kept", np.float64, (None, None))
        is_warm = seen >= _FIRST_REFRESH
        if bool(len(reference)) != is_warm or (is_warm and reference.shape[1] != kept.shape[1]):
            raise ValueError("the snapshot is damaged: its reference does not fit the number of rows seen")
        if not (np.isfinite(reference).all() and (np.diff(reference, axis=0) >= 0).all()):
            raise ValueError("the snapshot is damaged: its reference is not in order")
        self._reservoir.restore(snapshot)
        self._reference = reference if is_warm else None
        self._width = kept.shape[1] if len(kept) else None
        self._next = next_refresh(seen, _FIRST_REFRESH, _LARGEST_REFRESH)

    def _renew(self) -> None:
        self._reference = np.sort(self._reservoir.rows, axis=0)
        self._next = next_refresh(self._reservoir.seen, _FIRST_REFRESH, _LARGEST_REFRESH)

    @staticmethod
    def _excesses(rows: Matrix, reference: Matrix) -> tuple[Matrix, Matrix]:
        """Return by how much -log of the low and of the high chance of every value exceeds what is ordinary."""
        n = len(reference)
        low, high = np.empty(rows.shape), np.empty(rows.shape)
        for column in range(rows.shape[1]):
            known, values = reference[:, column], rows[:, column]
            low[:, column] = np.searchsorted(known, values, side="right")
            high[:, column] = n - np.searchsorted(known, values, side="left")
        for count in (low, high):
            # Half a row where none is as extreme: the chance is known no better than that.
            np.log(np.maximum(count, 0.5) / (n + 1), out=count)
            np.maximum(-count - ORDINARY, -LEAST_SHARE * count, out=count)
            count[np.isnan(rows)] = 0.0
        return low, high


def _score(low: Matrix, high: Matrix) -> Vector:
    total = np.maximum(low.sum(axis=1), high.sum(axis=1)) + np.maximum(low, high).sum(axis=1)
    score: Vector = total / (total + low.shape[1])
    return score

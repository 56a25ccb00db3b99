"""Scaling without peeking: columns of any size come into (0, 1) by quantiles of what was seen before.

Min-max scaling hands the scale to whoever is most extreme: one huge value squeezes everything after it into a corner,
and in a burst the attack itself becomes the scale. Quantiles of a reservoir hardly move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models import snapshots
from models.api import Matrix, Vector, as_matrix
from models.half_space_trees import HalfSpaceTrees
from models.reservoir import Reservoir, next_refresh

if TYPE_CHECKING:
    from models.api import Snapshot

_EDGES = (0.01, 0.99)
_STEEPNESS = 2.0
"""The middle 98 % take up the middle half of (0, 1): atan(2 * 0.5) is a quarter of pi."""

_FIRST_REFRESH, _LARGEST_REFRESH = 32, 250


class ScaledHalfSpaceTrees:
    """Half-Space Trees over columns of any size: each is scaled by its own 1st and 99th percentile so far.

    scaled = 1/2 + atan(2 (x - middle) / width) / pi: values keep their order however extreme they are. The width of a
    column that has not varied is 1. Rows before the first quantiles lie at 1/2, as does NaN.

    Args:
        n_trees: see `HalfSpaceTrees`, as are the next two.
        height: halvings per tree.
        window_size: rows per window.
        sample: rows of the reservoir that the quantiles are of.
        seed: of the trees and of the reservoir.
    """

    def __init__(
        self, n_trees: int = 50, height: int = 10, window_size: int = 250, sample: int = 2_000, seed: int = 1
    ) -> None:
        self._trees = HalfSpaceTrees(n_trees, height, window_size, seed=seed)
        self._reservoir = Reservoir(sample, seed)
        self._middle: Vector | None = None
        self._width: Vector | None = None
        self._next = _FIRST_REFRESH

    @property
    def is_warm(self) -> bool:
        """Whether the trees have a full window."""
        return self._trees.is_warm

    def score_learn(self, rows: Matrix) -> Vector:
        """Scale and score every row by what came before, then learn it (see `OnlineModel`)."""
        rows = as_matrix(rows, self._reservoir.rows.shape[1] or None)
        scores = np.zeros(len(rows))
        start = 0
        while start < len(rows):
            stop = min(len(rows), start + self._next - self._reservoir.seen)
            part = rows[start:stop]
            scores[start:stop] = self._trees.score_learn(self.scaled(part))
            self._reservoir.add(np.nan_to_num(part))
            if self._reservoir.seen == self._next:
                self._renew()
            start = stop
        return scores

    def score(self, rows: Matrix) -> Vector:
        """Score rows by the scale and the window as they are, without learning (see `OnlineModel`)."""
        return self._trees.score(self.scaled(as_matrix(rows, self._reservoir.rows.shape[1] or None)))

    def scaled(self, rows: Matrix) -> Matrix:
        """Return the rows as the trees see them now, shape (n, d)."""
        if self._middle is None or self._width is None:
            return np.full(rows.shape, 0.5)
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = 0.5 + np.arctan(_STEEPNESS * (rows - self._middle) / self._width) / np.pi
        scaled[np.isnan(scaled)] = 0.5
        return scaled

    def snapshot(self) -> Snapshot:
        """Copy the state out; `restore` continues exactly."""
        empty = np.zeros(0)
        middle = empty if self._middle is None else self._middle.copy()
        width = empty if self._width is None else self._width.copy()
        return {**self._trees.snapshot(), **self._reservoir.snapshot(), "middle": middle, "width": width}

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of a snapshot of a model with the same parameters.

        Raises:
            ValueError: if it is damaged or of other parameters; nothing is then changed.
        """
        kept = snapshots.array(snapshot, "kept", np.float64, (None, None))
        seen = snapshots.integer(snapshot, "sampled")
        columns = kept.shape[1] if seen >= _FIRST_REFRESH else 0
        middle = snapshots.array(snapshot, "middle", np.float64, (columns,))
        width = snapshots.array(snapshot, "width", np.float64, (columns,))
        if not (np.isfinite(middle).all() and np.isfinite(width).all() and (width > 0).all()):
            raise ValueError("the snapshot is damaged: a scale is not positive")
        reservoir = Reservoir(self._reservoir.size, self._reservoir.seed)
        reservoir.restore(snapshot)
        self._trees.restore(snapshot)
        self._reservoir = reservoir
        self._middle, self._width = (middle, width) if columns else (None, None)
        self._next = next_refresh(seen, _FIRST_REFRESH, _LARGEST_REFRESH)

    def _renew(self) -> None:
        low, high = np.quantile(self._reservoir.rows, _EDGES, axis=0)
        self._middle = (low + high) / 2
        self._width = np.where(high > low, high - low, 1.0)
        self._next = next_refresh(self._reservoir.seen, _FIRST_REFRESH, _LARGEST_REFRESH)

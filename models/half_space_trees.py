"""Half-Space Trees, with River's scores to the last bit, for whole batches at once.

Every tree halves the feature space at random, `height` times, before the first row is learned. The model counts how
many of the last full window of rows fell into each region; a row is anomalous if its regions were nearly empty.

References:
    Tan, Ting, Liu (2011), Fast Anomaly Detection for Streaming Data, IJCAI, pp. 1511-1516.
    River 0.26.1, `river/anomaly/hst.py` and `river/tree/padded.py`: the implementation whose scores are matched.
"""

from __future__ import annotations

import functools
import random
import secrets
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from models import snapshots
from models.api import Matrix, Plain, Snapshot, Vector, as_matrix
from models.complete_trees import MAX_HEIGHT, compiled_walk, leaves_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.complete_trees import Indices

_PADDING = 0.15
"""River keeps splits away from the edges of a region by this share of its width."""

_SIZE_LIMIT = 0.1
"""A walk stops below a node that holds less than this share of the window: the paper's SizeLimit, section 4."""

_EXACT = 2**53
"""Sums of masses stay whole numbers in float64 up to here, so that the order of adding cannot matter."""


class HalfSpaceTrees:
    """River's `anomaly.HalfSpaceTrees` behind the contract of `models.api.OnlineModel`.

    Equal to feeding River the dict `{0: row[0], 1: row[1], ...}` of each row: `score_one`, then `learn_one`. NaN
    falls to the right at every split that looks at it, as in River; nothing that is learned becomes NaN. Features
    should lie within `limits`; what is outside falls into the outermost regions and tends to score high.

    Args:
        n_trees: number of trees.
        height: halvings per tree; work grows linearly and memory exponentially with it.
        window_size: rows per window. Scores are 0 during the first one.
        limits: (low, high) of a column by its index; (0, 1) where it is not given.
        seed: of the random splits; None draws one.

    Raises:
        ValueError: if a parameter is out of its range.
    """

    def __init__(
        self,
        n_trees: int = 10,
        height: int = 8,
        window_size: int = 250,
        limits: Mapping[int, tuple[float, float]] | None = None,
        seed: int | None = None,
    ) -> None:
        if n_trees < 1 or window_size < 1 or not 1 <= height <= MAX_HEIGHT:
            message = f"n_trees and window_size must be at least 1 and height between 1 and {MAX_HEIGHT}"
            raise ValueError(message)
        self._max_score = n_trees * window_size * (2 ** (height + 1) - 1)
        if self._max_score >= _EXACT:
            raise ValueError("n_trees * window_size * 2 ** height is too large for exact scores")
        self._limits = {column: (float(low), float(high)) for column, (low, high) in (limits or {}).items()}
        if not all(low < high for low, high in self._limits.values()):
            raise ValueError("every limit must be (low, high) with low < high")
        self.n_trees = n_trees
        self.height = height
        self.window_size = window_size
        self.seed = secrets.randbits(63) if seed is None else abs(seed)  # random.Random ignores the sign too
        self._n_features: int | None = None
        self._feature = np.zeros((n_trees, 2**height - 1), dtype=np.uint32)
        self._threshold = np.zeros((n_trees, 2**height - 1))
        self._current = np.zeros((n_trees, 2**height), dtype=np.int64)
        self._seen = 0
        self._reference: npt.NDArray[np.int64] | None = None
        self._leaf_score = np.zeros((n_trees, 2**height), dtype=np.int64)
        compiled_walk()

    @property
    def is_warm(self) -> bool:
        """Whether the first window is complete."""
        return self._reference is not None

    def score_learn(self, rows: Matrix) -> Vector:
        """Score every row against the last full window, then count it into the running one (see `OnlineModel`)."""
        rows = as_matrix(rows, self._n_features)
        scores = np.zeros(len(rows))
        if len(rows) == 0:
            return scores
        if self._n_features is None:
            self._n_features = rows.shape[1]
            limits = tuple(self._limits.get(column, (0.0, 1.0)) for column in range(self._n_features))
            self._feature, self._threshold = grown(self.seed, self.n_trees, self.height, limits)
        leaves = self._leaves(rows)
        start = 0
        while start < len(rows):
            stop = min(len(rows), start + self.window_size - self._seen)
            if self.is_warm:
                scores[start:stop] = self._of_leaves(leaves[:, start:stop])
            np.add.at(self._current.ravel(), leaves[:, start:stop].ravel(), 1)
            self._seen += stop - start
            if self._seen == self.window_size:
                self._turn_window()
            start = stop
        return scores

    def score(self, rows: Matrix) -> Vector:
        """Score rows against the last full window, without learning (see `OnlineModel`)."""
        rows = as_matrix(rows, self._n_features)
        if not self.is_warm:
            return np.zeros(len(rows))
        return self._of_leaves(self._leaves(rows))

    def snapshot(self) -> Snapshot:
        """Copy the state out; `restore` continues exactly."""
        limits = np.array([(column, low, high) for column, (low, high) in sorted(self._limits.items())])
        state: Snapshot = {**self._parameters(), "seed": self.seed, "n_features": self._n_features}
        state.update(limits=limits.reshape(-1, 3), feature=self._feature.copy(), threshold=self._threshold.copy())
        state.update(current=self._current.copy(), seen=self._seen)
        state["reference"] = None if self._reference is None else self._reference.copy()
        return state

    def restore(self, snapshot: Snapshot) -> None:
        """Take over the state, seed and limits of a snapshot (see `OnlineModel`)."""
        snapshots.require_equal(snapshot, self._parameters())
        splits, leaves = (self.n_trees, 2**self.height - 1), (self.n_trees, 2**self.height)
        n_features = None if snapshot.get("n_features") is None else snapshots.integer(snapshot, "n_features")
        seed = snapshots.integer(snapshot, "seed")
        limits = snapshots.array(snapshot, "limits", np.float64, (None, 3))
        feature = snapshots.array(snapshot, "feature", np.uint32, splits)
        threshold = snapshots.array(snapshot, "threshold", np.float64, splits)
        current = snapshots.array(snapshot, "current", np.int64, leaves)
        seen = snapshots.integer(snapshot, "seen")
        reference = None
        if snapshot.get("reference") is not None:
            reference = snapshots.array(snapshot, "reference", np.int64, leaves)
        _require_sound(feature, n_features, current, seen)
        if reference is not None:
            _require_sound(feature, n_features, reference, self.window_size)
        self.seed, self._limits = seed, {int(column): (low, high) for column, low, high in limits.tolist()}
        self._n_features, self._feature, self._threshold = n_features, feature, threshold
        self._current, self._seen = current, seen
        self._set_reference(reference)

    def _leaves(self, rows: Matrix) -> npt.NDArray[np.intp]:
        """Tell the leaf of every row in every tree, all leaves of all trees numbered through, shape (trees, n)."""
        leaves = leaves_of(rows, self._feature, self._threshold, self.height).astype(np.intp)
        leaves += (np.arange(self.n_trees) * 2**self.height)[:, np.newaxis]
        return leaves

    def _of_leaves(self, leaves: npt.NDArray[np.intp]) -> Vector:
        score: Vector = 1 - self._leaf_score.take(leaves).sum(axis=0) / self._max_score
        return score

    def _parameters(self) -> dict[str, Plain]:
        return {"n_trees": self.n_trees, "height": self.height, "window_size": self.window_size}

    def _turn_window(self) -> None:
        self._set_reference(self._current)
        self._current = np.zeros_like(self._current)
        self._seen = 0

    def _set_reference(self, leaf_mass: npt.NDArray[np.int64] | None) -> None:
        """Work out what every leaf will score until the window turns again.

        A row's score in a tree is the sum of mass * 2**depth along its path, down to and including the first node
        that holds less than the size limit: a property of the leaf, so it is summed once a window, not once a row.
        """
        self._reference = leaf_mass
        if leaf_mass is None:
            return
        levels = [leaf_mass]
        while levels[0].shape[1] > 1:
            levels.insert(0, levels[0][:, 0::2] + levels[0][:, 1::2])
        score = np.zeros((self.n_trees, 1), dtype=np.int64)
        going_on = np.ones((self.n_trees, 1), dtype=bool)
        for depth, mass in enumerate(levels):
            if depth > 0:
                score, going_on = score.repeat(2, axis=1), going_on.repeat(2, axis=1)
            score += np.where(going_on, mass << depth, 0)
            going_on &= mass >= _SIZE_LIMIT * self.window_size
        self._leaf_score = score


@functools.lru_cache(maxsize=16)
def grown(seed: int, n_trees: int, height: int, limits: tuple[tuple[float, float], ...]) -> tuple[Indices, Matrix]:
    """Draw the splits of all trees: column and threshold of each, shape (trees, 2**height - 1); to be read only.

    The partitions of a stage have the same trees, so they are drawn once.
    """
    feature, threshold = np.zeros((n_trees, 2**height - 1), dtype=np.uint32), np.zeros((n_trees, 2**height - 1))
    rng = random.Random(seed)  # noqa: S311 - River's generator, not a secret
    for tree in range(n_trees):
        _split(rng, list(limits), feature[tree], threshold[tree], node=0)
    return feature, threshold


def _split(
    rng: random.Random, regions: list[tuple[float, float]], feature: Indices, threshold: Vector, node: int
) -> None:
    """Draw one split of a tree and, depth first as River does, all below it; wide columns are split more often."""
    if node >= len(feature):
        return
    column = rng.choices(range(len(regions)), weights=[high - low for low, high in regions])[0]
    low, high = regions[column]
    at = rng.uniform(low + _PADDING * (high - low), high - _PADDING * (high - low))
    feature[node], threshold[node] = column, at
    for child, region in ((2 * node + 1, (low, at)), (2 * node + 2, (at, high))):
        regions[column] = region
        _split(rng, regions, feature, threshold, child)
    regions[column] = (low, high)


def _require_sound(feature: Indices, n_features: int | None, mass: npt.NDArray[np.int64], total: int) -> None:
    """Refuse what the unchecked walk must not see, and masses that are not those of `total` rows."""
    if feature.max() >= (n_features or 1) or mass.min() < 0 or (mass.sum(axis=1) != total).any():
        raise ValueError("the snapshot is damaged: a column or a count is out of range")

"""Isolation Forest: trained by scikit-learn, scored from flat arrays.

scikit-learn's `score_samples` spends 5 to 8 ms a call before it looks at a row; these arrays cost microseconds, load
without scikit-learn, and hold nothing that could execute code.

References:
    Liu, Ting, Zhou (2008), Isolation Forest, ICDM, pp. 413-422: equations 1 (path length) and 2 (score).
    scikit-learn, `sklearn/ensemble/_iforest.py`, whose scores are matched within 1e-9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from models import snapshots
from models.api import Matrix, Snapshot, Vector, as_matrix
from models.complete_trees import MAX_HEIGHT, Indices, compiled_walk, leaves_of

if TYPE_CHECKING:
    from sklearn.ensemble import IsolationForest  # type: ignore[import-untyped]  # scikit-learn ships no types

LARGEST = 1e30
"""Infinities are trained as this; well inside float32, in which scikit-learn splits."""


@dataclass(frozen=True, slots=True, eq=False)
class FlatForest:
    """An isolation forest as arrays: every tree complete, a shallow leaf repeated down to the full height.

    Scores are the paper's: 2 ** -(mean path length / expected path length), about 0.5 for the ordinary and towards 1
    for what few splits isolate. Rows are compared in float32, as scikit-learn does. NaN is replaced by the median
    that the column had in training (missing is not held against an event); infinities count as very large values.

    Attributes:
        feature: column of each split, shape (trees, 2**height - 1).
        threshold: a row goes left if its value is below it, same shape.
        path_length: of each leaf, equation 1's h(x), shape (trees, 2**height).
        expected: path length that scores 0.5, the paper's c(subsample size).
        fill: what replaces NaN in each column, shape (d,).
    """

    feature: Indices
    threshold: Matrix
    path_length: Matrix
    expected: float
    fill: Vector

    def __post_init__(self) -> None:
        compiled_walk()

    @classmethod
    def train(cls, rows: Matrix, *, seed: int, n_trees: int = 100, subsample: int = 256) -> Self:
        """Train a scikit-learn forest on the rows and flatten it.

        Args:
            rows: shape (n, d), n of at least 2.
            seed: equal rows and seed give an equal forest.
            n_trees: number of trees.
            subsample: rows drawn for each tree (the paper's psi; 256 is its recommendation), at most 2**16.

        Raises:
            ValueError: if there are too few rows or the parameters are out of range.
        """
        # Imported here because workers score without scikit-learn, which takes 1.7 s and 130 MB to import.
        from sklearn.ensemble import IsolationForest  # noqa: PLC0415

        rows = as_matrix(rows, None)
        if len(rows) < 2 or not 2 <= subsample <= 2**MAX_HEIGHT:
            message = f"an isolation forest needs at least 2 rows and a subsample of 2 to {2**MAX_HEIGHT}"
            raise ValueError(message)
        fill = medians(rows)
        clean = np.clip(np.where(np.isnan(rows), fill, rows), -LARGEST, LARGEST)
        forest = IsolationForest(
            n_estimators=n_trees, max_samples=min(subsample, len(rows)), random_state=seed % 2**32
        ).fit(clean)
        return cls.from_scikit_learn(forest, fill)

    @classmethod
    def from_scikit_learn(cls, forest: IsolationForest, fill: Vector | None = None) -> Self:
        """Flatten a fitted scikit-learn forest.

        Args:
            forest: fitted on finite rows, trees of height at most 16.
            fill: what replaces NaN in each column; zeros if not given.

        Raises:
            ValueError: if a tree is too high.
        """
        trees = list(zip((each.tree_ for each in forest.estimators_), forest.estimators_features_, strict=True))
        height = max(1, *(tree.max_depth for tree, _ in trees)) if trees else 1
        if height > MAX_HEIGHT:
            message = f"a tree has height {height}; at most {MAX_HEIGHT} can be flattened"
            raise ValueError(message)
        feature = np.zeros((len(trees), 2**height - 1), dtype=np.uint32)
        threshold = np.zeros((len(trees), 2**height - 1))
        path_length = np.zeros((len(trees), 2**height))
        for number, (tree, columns) in enumerate(trees):
            _flatten(tree, columns, feature[number], threshold[number], path_length[number])
        expected = float(_unsuccessful_search(np.array([forest.max_samples_]))[0])
        fill = np.zeros(forest.n_features_in_) if fill is None else np.array(fill, dtype=np.float64)
        return cls(feature, threshold, path_length, expected, fill)

    @property
    def n_features(self) -> int:
        """Width of the rows that it scores."""
        return len(self.fill)

    def score(self, rows: Matrix) -> Vector:
        """Scores in [0, 1], equal to minus scikit-learn's `score_samples` within 1e-9 (see `BatchModel`)."""
        rows = as_matrix(rows, self.n_features)
        with np.errstate(over="ignore"):  # a value past float32 becomes an infinity, which is what is wanted
            rounded = np.where(np.isnan(rows), self.fill, rows).astype(np.float32).astype(np.float64)
        height = self.path_length.shape[1].bit_length() - 1
        leaves = leaves_of(rounded, self.feature, self.threshold, height)
        lengths = np.zeros(len(rows))
        for of_leaf, leaf in zip(self.path_length, leaves, strict=True):
            lengths += of_leaf.take(leaf)
        scores: Vector = np.exp2(-lengths / (len(leaves) * self.expected))
        return scores

    def snapshot(self) -> Snapshot:
        """Copy the arrays out."""
        arrays = {name: getattr(self, name).copy() for name in ("feature", "threshold", "path_length", "fill")}
        return {**arrays, "expected": self.expected}

    @classmethod
    def restore(cls, snapshot: Snapshot) -> Self:
        """Rebuild the forest of a snapshot, refusing what could not have come from `snapshot`."""
        path_length = snapshots.array(snapshot, "path_length", np.float64, (None, None))
        n_trees, n_leaves = path_length.shape
        feature = snapshots.array(snapshot, "feature", np.uint32, (n_trees, n_leaves - 1))
        threshold = snapshots.array(snapshot, "threshold", np.float64, (n_trees, n_leaves - 1))
        fill = snapshots.array(snapshot, "fill", np.float64, (None,))
        expected = snapshots.real(snapshot, "expected")
        if n_trees == 0 or n_leaves < 2 or n_leaves.bit_count() != 1 or feature.max() >= len(fill):
            raise ValueError("the forest is damaged: its trees are not complete or look at a column that is not there")
        if not (expected > 0 and np.isfinite(path_length).all() and (path_length >= 0).all()):
            raise ValueError("the forest is damaged: a path length is negative or not a number")
        return cls(feature, threshold, path_length, expected, fill)


def _flatten(tree: Any, columns: npt.NDArray[np.int64], feature: Indices, threshold: Vector, length: Vector) -> None:  # noqa: ANN401 - scikit-learn's Tree has no public type
    """Write one scikit-learn tree into its rows of the three arrays.

    scikit-learn goes left at x <= t with x in float32 and t in float64; the walk goes left at x < t, so every
    threshold moves up to the next number. Below a leaf the splits stay zero: both sides lead to copies of it.
    """
    beyond = _unsuccessful_search(tree.n_node_samples)
    pending = [(0, 0, 0)]
    first_leaf = len(feature)
    while pending:
        node, place, depth = pending.pop()
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:
            copies = (first_leaf + 1) >> depth
            start = (place + 1) * copies - 1 - first_leaf
            length[start : start + copies] = depth + beyond[node]
        else:
            feature[place] = columns[tree.feature[node]]
            threshold[place] = np.nextafter(tree.threshold[node], np.inf)
            pending += [(left, 2 * place + 1, depth + 1), (right, 2 * place + 2, depth + 1)]


def _unsuccessful_search(sizes: npt.NDArray[np.int64]) -> Vector:
    """Average length of an unsuccessful search in a binary search tree of each size: the paper's equation 1, c(n).

    1 for a size of 2 exactly, 0 below, and otherwise 2 H(n-1) - 2 (n-1) / n with H(i) taken as ln(i) + Euler's
    constant.
    """
    n = np.maximum(sizes, 3).astype(np.float64)
    average = 2.0 * (np.log(n - 1.0) + np.euler_gamma) - 2.0 * (n - 1.0) / n
    return np.select([sizes <= 1, sizes == 2], [0.0, 1.0], average)


def medians(rows: Matrix) -> Vector:
    """Return the median of the finite values of each column, 0 where there is none."""
    finite = [column[np.isfinite(column)] for column in rows.T]
    return np.array([np.median(column) if len(column) else 0.0 for column in finite])

"""Gradient boosting on verdicts: trained by scikit-learn, scored from flat arrays.

It learns which rows people confirmed and which they cleared. Like the isolation forest it is kept as plain arrays,
needs no scikit-learn to score and holds nothing that could execute code.

References:
    Friedman (2001), Greedy Function Approximation: A Gradient Boosting Machine, Annals of Statistics 29(5): binomial
    deviance, section 4.5.
    scikit-learn, `HistGradientBoostingClassifier`, whose `predict_proba` is matched within 1e-9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from models import snapshots
from models.api import Matrix, Snapshot, Vector, as_labels, as_matrix
from models.complete_trees import Indices, compiled_walk, leaves_of
from models.isolation_forest import LARGEST, medians

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]  # ships no types

MAX_DEPTH = 8
"""Of a tree: a complete tree of height 8 holds 256 leaves, and a path asks at most 8 questions."""


@dataclass(frozen=True, slots=True, eq=False)
class FlatBoosting:
    """Boosted trees as arrays: every tree complete, a shallow leaf repeated down to the full height.

    A score is the probability that a row like this is confirmed, as far as the verdicts tell: 1 / (1 + exp(-(baseline
    + sum of leaf values))). NaN is replaced by the median that the column had in training; infinities count as very
    large.

    Attributes:
        feature: column of each split, shape (trees, 2**height - 1).
        threshold: a row goes left if its value is below it, same shape.
        value: log-odds that each leaf adds, shape (trees, 2**height).
        baseline: log-odds before any tree.
        fill: what replaces NaN in each column, shape (d,).
    """

    feature: Indices
    threshold: Matrix
    value: Matrix
    baseline: float
    fill: Vector

    def __post_init__(self) -> None:
        compiled_walk()

    @classmethod
    def train(
        cls,
        rows: Matrix,
        confirmed: Vector,
        *,
        seed: int,
        n_trees: int = 150,
        learning_rate: float = 0.05,
        max_leaves: int = 15,
    ) -> Self:
        """Train scikit-learn's trees on the rows and flatten them.

        Args:
            rows: shape (n, d).
            confirmed: the verdict on each row, 1 confirmed and 0 cleared; both must occur.
            seed: each split looks at a random half of the columns; equal rows, verdicts and seed give an equal model.
            n_trees: number of trees.
            learning_rate: share of each tree that counts.
            max_leaves: of a tree.

        Raises:
            ValueError: if the verdicts do not fit the rows, or are all the same.
        """
        # Imported here because workers score without scikit-learn, which takes 1.7 s and 130 MB to import.
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

        rows = as_matrix(rows, None)
        labels = as_labels(confirmed, len(rows))
        if not 0 < labels.sum() < len(labels):
            raise ValueError("boosting needs verdicts of both kinds")
        fill = medians(rows)
        clean = np.clip(np.where(np.isnan(rows), fill, rows), -LARGEST, LARGEST)
        boosting = HistGradientBoostingClassifier(
            max_iter=n_trees,
            learning_rate=learning_rate,
            max_leaf_nodes=max_leaves,
            max_depth=MAX_DEPTH,
            l2_regularization=5.0,  # this and the defaults are first guesses, not tuned on the sets of docs/quality.md
            max_features=0.5,
            early_stopping=False,
            random_state=seed % 2**32,
        ).fit(clean, labels)
        return cls.from_scikit_learn(boosting, fill)

    @classmethod
    def from_scikit_learn(cls, boosting: HistGradientBoostingClassifier, fill: Vector | None = None) -> Self:
        """Flatten a fitted scikit-learn model of two classes, trained on finite numbers with no categories.

        Args:
            boosting: trees of depth at most `MAX_DEPTH`.
            fill: what replaces NaN in each column; zeros if not given.

        Raises:
            ValueError: if a tree is deeper.
        """
        trees = [each[0].nodes for each in boosting._predictors]
        height = max([1, *(int(nodes["depth"].max()) for nodes in trees)])
        if height > MAX_DEPTH:
            message = f"a tree has depth {height}; at most {MAX_DEPTH} can be flattened"
            raise ValueError(message)
        feature = np.zeros((len(trees), 2**height - 1), dtype=np.uint32)
        threshold = np.zeros((len(trees), 2**height - 1))
        value = np.zeros((len(trees), 2**height))
        for number, nodes in enumerate(trees):
            _flatten(nodes, feature[number], threshold[number], value[number])
        baseline = float(np.ravel(boosting._baseline_prediction)[0])
        fill = np.zeros(boosting.n_features_in_) if fill is None else np.array(fill, dtype=np.float64)
        return cls(feature, threshold, value, baseline, fill)

    @property
    def n_features(self) -> int:
        """Width of the rows that it scores."""
        return len(self.fill)

    def score(self, rows: Matrix) -> Vector:
        """Probability that each row would be confirmed, equal to scikit-learn's within 1e-9 (see `Scorer`)."""
        rows = as_matrix(rows, self.n_features)
        clean = np.where(np.isnan(rows), self.fill, rows)
        height = self.value.shape[1].bit_length() - 1
        odds = np.full(len(rows), self.baseline)
        for of_leaf, leaf in zip(self.value, leaves_of(clean, self.feature, self.threshold, height), strict=True):
            odds += of_leaf.take(leaf)
        score: Vector = 0.5 * (1.0 + np.tanh(0.5 * odds))  # 1 / (1 + exp(-odds)) without overflow
        return score

    def snapshot(self) -> Snapshot:
        """Copy the arrays out."""
        arrays = {name: getattr(self, name).copy() for name in ("feature", "threshold", "value", "fill")}
        return {**arrays, "baseline": self.baseline}

    @classmethod
    def restore(cls, snapshot: Snapshot) -> Self:
        """Rebuild the model of a snapshot, refusing what could not have come from `snapshot`."""
        value = snapshots.array(snapshot, "value", np.float64, (None, None))
        n_trees, n_leaves = value.shape
        feature = snapshots.array(snapshot, "feature", np.uint32, (n_trees, n_leaves - 1))
        threshold = snapshots.array(snapshot, "threshold", np.float64, (n_trees, n_leaves - 1))
        fill = snapshots.array(snapshot, "fill", np.float64, (None,))
        baseline = snapshots.real(snapshot, "baseline")
        if n_trees == 0 or n_leaves < 2 or n_leaves.bit_count() != 1 or feature.max() >= len(fill):
            raise ValueError("the model is damaged: its trees are not complete or look at a column that is not there")
        if not (np.isfinite(baseline) and np.isfinite(value).all()):
            raise ValueError("the model is damaged: a leaf is not a number")
        return cls(feature, threshold, value, baseline, fill)


def _flatten(nodes: npt.NDArray[Any], feature: Indices, threshold: Vector, value: Vector) -> None:
    """Write one tree into its rows of the three arrays.

    scikit-learn goes left at x <= t, the walk at x < t: every threshold moves up to the next number. Below a leaf the
    splits stay zero: both sides lead to copies of it.
    """
    pending = [(0, 0, 0)]
    first_leaf = len(feature)
    while pending:
        number, place, depth = pending.pop()
        node = nodes[number]
        if node["is_leaf"]:
            copies = (first_leaf + 1) >> depth
            start = (place + 1) * copies - 1 - first_leaf
            value[start : start + copies] = node["value"]
        else:
            feature[place] = node["feature_idx"]
            threshold[place] = np.nextafter(node["num_threshold"], np.inf)
            pending += [(int(node["left"]), 2 * place + 1, depth + 1), (int(node["right"]), 2 * place + 2, depth + 1)]

"""Logistic regression that learns from one verdict at a time.

Few verdicts come a day, and each should count at once: a step of gradient descent each, over columns brought to mean 0
and deviation 1 by what was learned before.

References:
    River 0.26.1, `preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.SGD(rate))`: the same numbers
    while no column lies further than `FARTHEST` deviations out.
"""

from __future__ import annotations

import numpy as np

from models import snapshots
from models.api import Matrix, Snapshot, Vector, as_labels, as_matrix

FARTHEST = 10.0
"""Deviations at which a value is cut, so that one wild row can throw away neither the weights nor the scale."""

_KNOWN_ENOUGH = 30
"""Values from which a column's deviation is believed in; before that it learns values as they are."""

_LARGEST = 1e100
"""What is farther out is cut to this; its square is still a number."""


class LogisticRegression:
    """Learns from verdicts one after the other; equal to River's pipeline (see the module).

    A value that is NaN counts as the column's mean and is not learned; one that is infinite counts as `FARTHEST`.

    Args:
        rate: of learning, above 0.
    """

    def __init__(self, rate: float = 0.01) -> None:
        if not 0 < rate < np.inf:
            raise ValueError("the rate of learning must be above 0")
        self.rate = rate
        self.learned = 0
        self._intercept = 0.0
        self._weights = self._mean = self._squares = self._counts = np.zeros(0)

    @property
    def is_warm(self) -> bool:
        """Whether it has learned from a verdict."""
        return self.learned > 0

    def score(self, rows: Matrix) -> Vector:
        """Probability that each row would be confirmed; 0 for all until a verdict was learned.

        Args:
            rows: shape (n, d).

        Raises:
            ValueError: if the rows are not a matrix of the known width.
        """
        rows = as_matrix(rows, len(self._weights) or None)
        if not self.is_warm:
            return np.zeros(len(rows))
        odds = self._scaled(rows) @ self._weights + self._intercept
        score: Vector = 0.5 * (1.0 + np.tanh(0.5 * odds))
        return score

    def learn(self, rows: Matrix, confirmed: Vector) -> None:
        """Learn from verdicts in their order.

        Args:
            rows: shape (n, d).
            confirmed: the verdict on each, 1 confirmed and 0 cleared.

        Raises:
            ValueError: if the rows are not a matrix of the known width, or the verdicts do not fit them.
        """
        rows = as_matrix(rows, len(self._weights) or None)
        labels = as_labels(confirmed, len(rows))
        if len(rows) and not len(self._weights):
            self._weights, self._mean, self._squares, self._counts = np.zeros((4, rows.shape[1]))
        for row, label in zip(rows, labels.tolist(), strict=True):
            self._meet(row)
            scaled = self._scaled(row[np.newaxis])[0]
            odds = float(scaled @ self._weights) + self._intercept
            step = self.rate * (0.5 * (1.0 + np.tanh(0.5 * odds)) - label)
            self._weights = self._weights - step * scaled
            # River moves the intercept by a rate of its own, 0.01, whatever that of the weights.
            self._intercept -= step / self.rate * 0.01
            self.learned += 1

    def snapshot(self) -> Snapshot:
        """Copy the state out; `restore` continues exactly."""
        arrays = {name: getattr(self, f"_{name}").copy() for name in ("weights", "mean", "squares", "counts")}
        return {**arrays, "rate": self.rate, "learned": self.learned, "intercept": self._intercept}

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of a snapshot of a model with the same rate.

        Raises:
            ValueError: if it is damaged or of another rate; nothing is then changed.
        """
        snapshots.require_equal(snapshot, {"rate": self.rate})
        learned, intercept = snapshots.integer(snapshot, "learned"), snapshots.real(snapshot, "intercept")
        weights = snapshots.array(snapshot, "weights", np.float64, (None,))
        arrays = [snapshots.array(snapshot, name, np.float64, weights.shape) for name in ("mean", "squares", "counts")]
        if bool(len(weights)) != bool(learned) or not all(np.isfinite(each).all() for each in (weights, *arrays)):
            raise ValueError("the snapshot is damaged: weights do not fit what was learned")
        if not np.isfinite(intercept) or any((each < 0).any() for each in arrays[1:]):
            raise ValueError("the snapshot is damaged: a spread is negative or the intercept not a number")
        self.learned, self._intercept, self._weights = learned, intercept, weights
        self._mean, self._squares, self._counts = arrays

    def _meet(self, row: Vector) -> None:
        """Take a row into the running mean and sum of squares of each column (Welford 1962)."""
        known = np.isfinite(row)
        deviation = self._deviation()
        limit = np.where((self._counts >= _KNOWN_ENOUGH) & (deviation > 0), FARTHEST * deviation, _LARGEST)
        value = np.where(known, np.clip(row, self._mean - limit, self._mean + limit), self._mean)
        self._counts = self._counts + known
        before = value - self._mean
        self._mean = self._mean + before / np.maximum(self._counts, 1.0)
        self._squares = self._squares + before * (value - self._mean) * known

    def _deviation(self) -> Vector:
        deviation: Vector = np.sqrt(self._squares / np.maximum(self._counts, 1.0))
        return deviation

    def _scaled(self, rows: Matrix) -> Matrix:
        deviation = self._deviation()
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = (rows - self._mean) / np.where(deviation > 0, deviation, 1.0)
        scaled = np.where(deviation > 0, np.clip(scaled, -FARTHEST, FARTHEST), 0.0)
        result: Matrix = np.where(np.isnan(rows), 0.0, scaled)
        return result

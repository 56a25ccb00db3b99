"""The contracts of this package: models that learn row by row, models that are trained once, and both on verdicts.

Both see matrices (n events by d features, float64) and answer one score per row in [0, 1], higher = more
anomalous. What a column means, and where events come from, is not known here.
"""

from __future__ import annotations

from typing import Any, Protocol, Self, TypeAlias

import numpy as np
import numpy.typing as npt

Matrix: TypeAlias = npt.NDArray[np.float64]
"""Rows of features: shape (n, d), float64."""

Vector: TypeAlias = npt.NDArray[np.float64]
"""One number per row: shape (n,), float64."""

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
"""What JSON can hold."""

Snapshot: TypeAlias = "dict[str, npt.NDArray[Any] | Plain]"
"""The whole state of a model as plain arrays and JSON values; `models.snapshots` turns it into bytes and back."""


class OnlineModel(Protocol):
    """A model that scores each row and then learns it.

    Contract, held by `tests/checks.py` for every entry of `models.ONLINE`:

    * row i is scored by a model that has learned the rows before it and nothing else, so the scores of a stream
      do not depend on how it is cut into batches;
    * scores are in [0, 1] and never NaN, whatever the input holds (each class says what it does with NaN);
    * while `is_warm` is false scores are 0: nothing may be concluded from them;
    * the input is not changed; equal parameters, seed and rows give equal scores;
    * a restored model goes on exactly as the one that was snapshotted (a class that cannot says so).
    """

    @property
    def is_warm(self) -> bool:
        """Whether the next row will be scored against something learned."""
        ...

    def score_learn(self, rows: Matrix) -> Vector:
        """Score every row before learning it.

        Args:
            rows: shape (n, d); d is fixed by the first non-empty batch.

        Returns:
            Scores in [0, 1], shape (n,), higher = more anomalous.

        Raises:
            ValueError: if the rows are not a matrix of the known width.
        """
        ...

    def score(self, rows: Matrix) -> Vector:
        """Score rows without learning: for each what `score_learn` would give it if it came next; 0 if not warm."""
        ...

    def snapshot(self) -> Snapshot:
        """Copy the state out."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of a snapshot of a model with the same parameters.

        Raises:
            ValueError: if the snapshot is of other parameters or is damaged; the model is then unchanged.
        """
        ...


class Scorer(Protocol):
    """A model that was trained once and only scores from then on; as immutable as a number."""

    @property
    def n_features(self) -> int:
        """Width of the rows that it scores."""
        ...

    def score(self, rows: Matrix) -> Vector:
        """Scores in [0, 1] for rows of shape (n, d), higher = more anomalous.

        Raises:
            ValueError: if the rows are not a matrix of `n_features` columns.
        """
        ...

    def snapshot(self) -> Snapshot:
        """Copy the state out."""
        ...

    @classmethod
    def restore(cls, snapshot: Snapshot) -> Self:
        """Rebuild the model of a snapshot.

        Raises:
            ValueError: if the snapshot is damaged.
        """
        ...


class BatchModel(Scorer, Protocol):
    """A scorer that is trained on rows alone."""

    @classmethod
    def train(cls, rows: Matrix, *, seed: int) -> Self:
        """Train on rows of shape (n, d); equal rows and seed give an equal model."""
        ...


class VerdictBatchModel(Scorer, Protocol):
    """A scorer that is trained on rows and what people said of them."""

    @classmethod
    def train(cls, rows: Matrix, confirmed: Vector, *, seed: int) -> Self:
        """Train on rows of shape (n, d) and verdicts of shape (n,), 1 confirmed and 0 cleared.

        Raises:
            ValueError: if the verdicts do not fit the rows, or are all the same.
        """
        ...


class VerdictModel(Protocol):
    """A model that learns from verdicts as they come, long after it scored the rows."""

    @property
    def is_warm(self) -> bool:
        """Whether it has learned from a verdict; scores are 0 until then."""
        ...

    def score(self, rows: Matrix) -> Vector:
        """Score rows of shape (n, d) without learning: the probability that each would be confirmed."""
        ...

    def learn(self, rows: Matrix, confirmed: Vector) -> None:
        """Learn rows of shape (n, d) and their verdicts, 1 confirmed and 0 cleared, in their order."""
        ...

    def snapshot(self) -> Snapshot:
        """Copy the state out."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of a snapshot of a model with the same parameters.

        Raises:
            ValueError: if the snapshot is of other parameters or is damaged; the model is then unchanged.
        """
        ...


def as_labels(confirmed: Vector, n: int) -> Vector:
    """Give verdicts as n numbers, each 0 or 1.

    Raises:
        ValueError: if they are anything else.
    """
    labels = np.asarray(confirmed, dtype=np.float64)
    if labels.shape != (n,) or not ((labels == 0) | (labels == 1)).all():
        message = f"verdicts must be {n} numbers that are 0 or 1"
        raise ValueError(message)
    return labels


def as_matrix(rows: Matrix, width: int | None) -> Matrix:
    """Give rows as a writable, C-contiguous float64 matrix, copying only if they are not one already.

    Args:
        rows: what a caller passed.
        width: the number of columns that is required, or None if any (but at least one) will do.

    Raises:
        ValueError: if the rows have another shape.
    """
    matrix = np.require(rows, dtype=np.float64, requirements=["C", "W"])
    if matrix.ndim != 2 or matrix.shape[1] == 0:
        message = f"rows must have shape (n, d) with d of at least 1, not {matrix.shape}"
        raise ValueError(message)
    if width is not None and matrix.shape[1] != width:
        message = f"rows have {matrix.shape[1]} columns, but this model knows {width}"
        raise ValueError(message)
    return matrix

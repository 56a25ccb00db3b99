"""Which columns made a row odd: what its score loses when a column becomes ordinary, and gains when only that is odd.

    credit of a column = ((score of the row - score with that column ordinary)
                          + (score of an ordinary row with that column as it is - score of the ordinary row)) / 2

For Half-Space Trees this tells which columns led the row into empty regions, for an Isolation Forest which ones made
its path short. Two columns that are odd together hide each other from the first difference (either of them alone keeps
the row odd), not from the second; columns that are odd only as a combination are seen by the first alone.

References:
    Strumbelj, Kononenko (2014), Explaining Prediction Models and Individual Predictions with Feature Contributions,
    Knowledge and Information Systems 41(3): the Shapley value; these are its first and its last term, at 2 d + 2
    scores a row instead of 2**d.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.api import Matrix, Vector

if TYPE_CHECKING:
    from collections.abc import Callable


def column_credits(score: Callable[[Matrix], Vector], rows: Matrix, ordinary: Vector) -> Matrix:
    """Return the credit of every column of every row, shape (n, d); about 0 for one that says nothing, never below.

    Args:
        score: scores rows of shape (m, d) without learning them.
        rows: shape (n, d).
        ordinary: an ordinary value of every column, shape (d,).
    """
    n, width = rows.shape
    if n == 0:
        return np.zeros((0, width))
    own = np.eye(width, dtype=bool)
    without = np.where(own, ordinary, rows[:, np.newaxis, :])
    alone = np.where(own, rows[:, np.newaxis, :], ordinary)
    asked = np.concatenate([rows, ordinary[np.newaxis], without.reshape(-1, width), alone.reshape(-1, width)])
    answers = score(asked)
    whole, none = answers[:n, np.newaxis], answers[n]
    lost, gained = answers[n + 1 :].reshape(2, n, width)
    result: Matrix = np.maximum((whole - lost + gained - none) / 2, 0.0)
    return result

"""Sums over the recent past of every row's key (a customer, a terminal), for whole columns at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.api import Vector

DAY = 86_400.0
_APART = 1e9
"""Seconds between the time lines of two keys, on one axis; far more than any window."""


class History:
    """Rows by key and time.

    Args:
        keys: whose row it is, shape (n,).
        seconds: when, from any start, shape (n,).
    """

    def __init__(self, keys: npt.NDArray[np.int64], seconds: Vector) -> None:
        _, number = np.unique(keys, return_inverse=True)
        at = number * _APART + seconds
        self._order = np.argsort(at, kind="stable")
        self._sorted = at[self._order]
        self._at = at

    def sums(self, values: Vector, days: float, delay: float = 0.0) -> Vector:
        """Sum the values of the row's key in the window (t - delay - days, t - delay]; with no delay its own too."""
        total = np.concatenate([[0.0], np.cumsum(values[self._order])])
        last = np.searchsorted(self._sorted, self._at - delay * DAY, side="right")
        first = np.searchsorted(self._sorted, self._at - (delay + days) * DAY, side="right")
        summed: Vector = total[last] - total[first]
        return summed

    def counts(self, days: float, delay: float = 0.0) -> Vector:
        """Count the rows of the row's key in that window."""
        return self.sums(np.ones(len(self._at)), days, delay)

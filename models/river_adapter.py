"""Any River anomaly detector behind the contract of `models.api.OnlineModel`.

The adapter calls `score_one`, then `learn_one`, for each row. It exists for breadth, not for speed: River costs 5 to
1900 microseconds a row. `models.half_space_trees` is the fast one.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Protocol

import numpy as np

from models import snapshots
from models.api import Matrix, Snapshot, Vector, as_matrix

if TYPE_CHECKING:
    from collections.abc import Callable


class RiverDetector(Protocol):
    """What River calls `base.AnomalyDetector`; its pipelines that end in one behave the same."""

    def score_one(self, x: dict[int, float], /) -> float:
        """Score one row of named features."""
        ...

    def learn_one(self, x: dict[int, float], /) -> object:
        """Learn one row of named features."""
        ...


class RiverScorer(Protocol):
    """What River calls `base.SupervisedAnomalyDetector`: it judges a number y, given features x."""

    def score_one(self, x: dict[int, float], y: float, /) -> float:
        """Score y."""
        ...

    def learn_one(self, x: dict[int, float], y: float, /) -> object:
        """Learn y."""
        ...


class ColumnScorer:
    """A River scorer as a River detector: it judges one column, given the others.

    Args:
        scorer: for example `river.anomaly.GaussianScorer()`.
        column: which feature is y. Rows in which it is missing score 0 and are not learned.
    """

    def __init__(self, scorer: RiverScorer, column: int) -> None:
        self._scorer = scorer
        self._column = column

    def score_one(self, x: dict[int, float], /) -> float:
        """Score the column's value."""
        if self._column not in x:
            return 0.0
        return self._scorer.score_one(self._others(x), x[self._column])

    def learn_one(self, x: dict[int, float], /) -> None:
        """Learn the column's value."""
        if self._column in x:
            self._scorer.learn_one(self._others(x), x[self._column])

    def _others(self, x: dict[int, float]) -> dict[int, float]:
        return {name: value for name, value in x.items() if name != self._column}


class RiverAdapter:
    """A River detector fed row by row, its scores brought into [0, 1].

    River sees `{0: row[0], 1: row[1], ...}`. A value that is not finite is left out of that dict, which is River's
    way to say missing: one NaN would otherwise stay in a scaler for ever.

    River's scores have the range that each detector likes. With `bounded=False` a raw score s becomes (1 + s / (1 +
    |s|)) / 2: strictly increasing, 0.5 at s = 0, so ranks (and with them calibration) are kept and only the unit is
    lost. With `bounded=True` it is cut to [0, 1]. A raw NaN scores 0.

    State: River can only be pickled, and loading a pickle executes code. A snapshot therefore holds the last `memory`
    rows, and `restore` has a new detector learn them: exact as long as no more rows than that were learned, and for
    detectors that look back no further; otherwise it forgets what is older.

    Args:
        make: builds the untrained detector; called again by `restore`, it must give equal detectors.
        bounded: whether the detector's scores are in [0, 1] already.
        warm_up: rows to learn before scores count; until then they are 0.
        memory: rows kept for the snapshot.
    """

    def __init__(
        self, make: Callable[[], RiverDetector], *, bounded: bool = False, warm_up: int = 100, memory: int = 2_000
    ) -> None:
        if memory < warm_up:
            raise ValueError("memory must be at least warm_up, or a restored model would be cold")
        self._make = make
        self._bounded = bounded
        self._warm_up = warm_up
        self._detector = make()
        self._recent: deque[Vector] = deque(maxlen=memory)
        self._learned = 0
        self._n_features: int | None = None

    @property
    def is_warm(self) -> bool:
        """Whether `warm_up` rows have been learned."""
        return self._learned >= self._warm_up

    def score_learn(self, rows: Matrix) -> Vector:
        """Let River score, then learn, row by row (see `OnlineModel`)."""
        rows = as_matrix(rows, self._n_features)
        scores = np.zeros(len(rows))
        if len(rows):
            self._n_features = rows.shape[1]
        for number, row in enumerate(rows):
            features = _present(row)
            if self.is_warm:
                scores[number] = self._squash(float(self._detector.score_one(features)))
            self._learn(row, features)
        return scores

    def score(self, rows: Matrix) -> Vector:
        """Let River score without learning (see `OnlineModel`)."""
        rows = as_matrix(rows, self._n_features)
        if not self.is_warm:
            return np.zeros(len(rows))
        return np.array([self._squash(float(self._detector.score_one(_present(row)))) for row in rows])

    def snapshot(self) -> Snapshot:
        """Copy the last `memory` rows out."""
        rows = np.array(self._recent) if self._recent else np.zeros((0, self._n_features or 0))
        return {"recent": rows}

    def restore(self, snapshot: Snapshot) -> None:
        """Start over with a new detector that learns the rows of a snapshot (see the class)."""
        recent = snapshots.array(snapshot, "recent", np.float64, (None, None))
        self._detector = self._make()
        self._recent.clear()
        self._learned = 0
        self._n_features = recent.shape[1] or None
        for row in recent:
            self._learn(row, _present(row))

    def _learn(self, row: Vector, features: dict[int, float]) -> None:
        self._detector.learn_one(features)
        self._recent.append(row.copy())
        self._learned += 1

    def _squash(self, raw: float) -> float:
        if math.isnan(raw):
            return 0.0
        if self._bounded:
            return min(max(raw, 0.0), 1.0)
        if math.isinf(raw):
            return float(raw > 0)
        return (1.0 + raw / (1.0 + abs(raw))) / 2.0


def _present(row: Vector) -> dict[int, float]:
    return {column: value for column, value in enumerate(row.tolist()) if math.isfinite(value)}

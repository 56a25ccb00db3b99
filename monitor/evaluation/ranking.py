"""How well the risk ranks all scored events: average precision and its curve, for resampled days, too."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.evaluation.days import day_of
from monitor.evaluation.inputs import ScoreRow

POINTS = 100
"""Points of a curve that is drawn."""


@dataclass(frozen=True)
class Ranking:
    """Scored events from the highest risk down.

    `is_labelled` and `day` (place in `days`) have an element for each event; `last_of_tie` are the places at which the
    risk falls: events of one risk are taken together, as scikit-learn's exact average precision does.
    """

    is_labelled: npt.NDArray[np.float64]
    day: npt.NDArray[np.int64]
    last_of_tie: npt.NDArray[np.int64]
    days: list[str]

    @classmethod
    def of(cls, rows: Iterable[ScoreRow], labelled: Collection[str]) -> "Ranking":
        """Rank scored events; `labelled` are ids of events."""
        ordered = sorted(rows, key=lambda row: -row.risk)
        days = sorted({day_of(row.time) for row in ordered})
        place_of = {day: place for place, day in enumerate(days)}
        risks = np.array([row.risk for row in ordered])
        return cls(
            is_labelled=np.array([float(row.event_id in labelled) for row in ordered]),
            day=np.array([place_of[day_of(row.time)] for row in ordered], dtype=np.int64),
            last_of_tie=np.flatnonzero(np.append(risks[1:] != risks[:-1], True)) if ordered else np.zeros(0, np.int64),
            days=days,
        )

    @property
    def events(self) -> int:
        """How many events were scored."""
        return len(self.is_labelled)

    @property
    def labelled(self) -> int:
        """How many of them are labelled."""
        return int(self.is_labelled.sum())

    def average_precision(self, weights: npt.NDArray[np.float64] | None = None) -> float | None:
        """Return the sum over risks of recall gained times precision; None without labelled events.

        Args:
            weights: how often each day counts, shape (days,); once where not given.
        """
        recall, precision = self._points(weights)
        return float(np.sum(np.diff(recall, prepend=0.0) * precision)) if len(recall) else None

    def curve(self) -> list[tuple[float, float]]:
        """Return up to `POINTS` points (recall, precision) from the highest risk down."""
        recall, precision = self._points(None)
        if not len(recall):
            return []
        chosen = np.unique(np.linspace(0, len(recall) - 1, POINTS).astype(int))
        return [(float(recall[place]), float(precision[place])) for place in chosen]

    def _points(
        self, weights: npt.NDArray[np.float64] | None
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Recall and precision down to each risk; nothing without labelled events."""
        weight = np.ones(self.events) if weights is None else weights[self.day]
        true = np.cumsum(weight * self.is_labelled)[self.last_of_tie]
        every = np.cumsum(weight)[self.last_of_tie]
        if not len(true) or true[-1] == 0:
            return np.zeros(0), np.zeros(0)
        counted = every > 0
        return true[counted] / true[-1], true[counted] / every[counted]

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

    def precision_at(self, budget: float, weights: npt.NDArray[np.float64] | None = None) -> float | None:
        """Return the labelled share of the `budget` times days events of the highest risks; None without events.

        Of the events that share the lowest of these risks, it is what as many of them drawn by lot would give.

        Args:
            budget: events a day, above 0.
            weights: how often each day counts, shape (days,); once where not given.
        """
        weight = np.ones(len(self.days)) if weights is None else weights
        if not self.events:
            return None
        each = weight[self.day]
        return _share_of_first(each * self.is_labelled, each, self.last_of_tie, budget * float(weight.sum()))

    def precision_by_day(self, budget: float) -> npt.NDArray[np.float64]:
        """Return, of each day, the labelled share of its `budget` events of the highest risks, shape (days,)."""
        return np.array([self._precision_of(day, budget) for day in range(len(self.days))])

    def attainable_by_day(self, budget: float) -> npt.NDArray[np.float64]:
        """Return the most that `precision_by_day` can be: a day may have fewer labelled events than the budget."""
        labelled = np.bincount(self.day, self.is_labelled, len(self.days))
        events = np.bincount(self.day, minlength=len(self.days))
        most: npt.NDArray[np.float64] = np.minimum(labelled / np.minimum(budget, events), 1.0)
        return most

    def _precision_of(self, day: int, budget: float) -> float:
        mine = np.flatnonzero(self.day == day)
        ties = np.searchsorted(self.last_of_tie, mine)
        ends = np.flatnonzero(np.append(ties[1:] != ties[:-1], True))
        return _share_of_first(self.is_labelled[mine], np.ones(len(mine)), ends, budget)

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


def _share_of_first(
    labelled: npt.NDArray[np.float64], counted: npt.NDArray[np.float64], ends: npt.NDArray[np.int64], most: float
) -> float:
    """Return the labelled share of the first `most` of what is counted; `ends` are where ties end."""
    true, every = np.cumsum(labelled)[ends], np.cumsum(counted)[ends]
    most = min(most, float(every[-1]))
    return float(np.interp(most, np.append(0.0, every), np.append(0.0, true))) / most if most else 0.0

"""How far figures could be off by chance: bootstrap intervals (Efron, Tibshirani 1993, percentile method, §13.3).

Incidents are resampled for recall. Alerts of one day hang together, so days are resampled for everything else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.evaluation.ranking import Ranking
from monitor.evaluation.report import Interval

SAMPLES = 500
SEED = 1
"""The same run gives the same intervals."""
COVERED = 0.95


@dataclass(frozen=True)
class Figures:
    """What intervals are made from: whether each incident was found, also strictly, days, the ranking.

    A day is its (alerts, true alerts).
    """

    found: Sequence[bool]
    found_strictly: Sequence[bool]
    days: Sequence[tuple[int, int]]
    ranking: Ranking


def intervals(figures: Figures, budget: float | None = None) -> dict[str, Interval]:
    """Return a 95 % interval for each figure that has one: at least two incidents, or two days, are needed.

    Without a budget, in alerts a day, there is no precision at it.
    """
    rng = np.random.default_rng(SEED)
    found = np.array(figures.found, dtype=np.float64)
    strictly = np.array(figures.found_strictly, dtype=np.float64)
    days = np.array(figures.days, dtype=np.float64).reshape(-1, 2)
    wanted: dict[str, tuple[int, Callable[[npt.NDArray[np.float64]], float | None]]] = {
        "recall": (len(found), lambda times: float(times @ found / len(found))),
        "precision": (len(days), lambda times: _share(float(times @ days[:, 1]), float(times @ days[:, 0]))),
        "alerts_per_day": (len(days), lambda times: float(times @ days[:, 0] / len(days))),
        "average_precision": (len(figures.ranking.days), figures.ranking.average_precision),
    }
    if budget is not None:
        ranking, k = figures.ranking, budget
        per_day = ranking.precision_by_day(k)
        wanted["ranked_pooled"] = (len(per_day), lambda times: ranking.precision_at(k, times))
        wanted["ranked_daily"] = (len(per_day), lambda times: float(times @ per_day / len(per_day)))
    wanted["recall_strict"] = (len(strictly), lambda times: float(times @ strictly / len(strictly)))
    found_intervals = {name: _interval(rng, n, figure) for name, (n, figure) in wanted.items()}
    return {name: interval for name, interval in found_intervals.items() if interval is not None}


def _interval(
    rng: np.random.Generator, n: int, figure: Callable[[npt.NDArray[np.float64]], float | None]
) -> Interval | None:
    """Draw n of n with replacement, many times; the figure is told how often each was drawn."""
    if n < 2:
        return None
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=SAMPLES).astype(np.float64)
    values = [value for times in drawn if (value := figure(times)) is not None]
    if not values:
        return None
    low, high = np.quantile(values, [(1 - COVERED) / 2, (1 + COVERED) / 2])
    return Interval(float(low), float(high))


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None

"""How much of a stream of scores lies at or above a value: a small, forgetting, mergeable summary.

The summary is a sorted list of (value, weight) groups, laid out so that the share of weight above a group is known to
a constant *relative* error: groups are `GROUPS_PER_OCTAVE` to each halving of that share, and the topmost couple of
dozen values stand alone. A sketch with equal error in every quantile (a histogram, GK, KLL) is useless at one in ten
thousand.

References:
    Dunning, Ertl (2019), Computing Extremely Accurate Quantiles Using t-Digests, arXiv:1902.04023: groups sized by a
    scale function of the quantile, merged by sorting. Here the function is the logarithm of the upper tail.
    Pickands (1975), Statistical Inference Using Extreme Order Statistics, Annals of Statistics 3(1): what exceeds a
    high threshold follows a generalised Pareto distribution.
    Hosking, Wallis (1987), Parameter and Quantile Estimation for the Generalized Pareto Distribution, Technometrics
    29(3): its parameters by probability-weighted moments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.api import Vector

GROUPS_PER_OCTAVE = 16
"""A group spans at most a factor 2**(1/16) = 1.044 of tail share: p is known to about 4 %."""

PEAKS = 50.0
"""Weight of the highest values that the tail beyond the highest is told from; they are at most a twentieth of all."""

PEAK_SHARE = 0.05

SHAPES = (0.0, 0.9)
"""Shapes of that tail: never lighter than an exponential (a bound on the scores would make what is beyond it impossible
on the word of a few dozen values), and with a mean."""

FURTHEST = 1e-3
"""Chances are told down to this share of 1 / (all weight + 1), the least that counting can tell, and no further."""

_FORGOTTEN = 2.0**-10
"""A weight below this (ten half-lives after one event) is dropped, which bounds the number of groups."""


class TailSketch:
    """Weighted values, ascending; one event weighs 1 when it comes and half as much `half_life` events later."""

    def __init__(self, values: Vector | None = None, weights: Vector | None = None) -> None:
        self.values = np.zeros(0) if values is None else values
        self.weights = np.zeros(0) if weights is None else weights
        self._beyond: _Beyond | None = None
        self._index()

    def tail(self, scores: Vector) -> Vector:
        """Upper-tail probability of each score, in (0, 1].

        (weight of what is at or above the score + 1) / (all weight + 1): the score itself is counted, so that p is
        never 0 and a first score has p = 1, and by exchangeability a share of at most p of ordinary scores get p or
        less (the conformal p-value: Vovk, Gammerman, Shafer 2005, Algorithmic Learning in a Random World, section
        2.2).

        What is above all that is known cannot be told by counting. There the chance goes on falling from 1 / (all
        weight + 1) as a generalised Pareto tail fitted to the peaks does (`_Beyond`), once there are enough of them.
        """
        at_or_above = self._weight_from[np.searchsorted(self.values, scores, side="left")]
        p: Vector = (at_or_above + 1.0) / (self._weight_from[0] + 1.0)
        if self._weight_from[0] * PEAK_SHARE < PEAKS:
            return p
        above = scores > self.values[-1]
        if above.any():
            self._beyond = self._beyond or _Beyond.fitted(self.values, self.weights)
            p[above] *= self._beyond.share(scores[above])
        return p

    def add(self, scores: Vector, half_life: float) -> None:
        """Learn scores, after fading what was there by as many events."""
        faded = self.weights * 0.5 ** (len(scores) / half_life)
        self._compress(np.concatenate([self.values, scores]), np.concatenate([faded, np.ones(len(scores))]))

    def merge(self, other: TailSketch) -> None:
        """Add all that another sketch holds; which of two is merged into which makes no difference."""
        values = np.concatenate([self.values, other.values])
        self._compress(values, np.concatenate([self.weights, other.weights]))

    def _compress(self, values: Vector, weights: Vector) -> None:
        kept = weights >= _FORGOTTEN
        values, weights = values[kept], weights[kept]
        if not len(values):
            return
        order = np.lexsort((weights, values))
        values, weights = values[order], weights[order]
        above = np.cumsum(weights[::-1])[::-1] - weights / 2
        group = np.floor(-np.log2(above / weights.sum()) * GROUPS_PER_OCTAVE)
        first = np.flatnonzero(np.diff(group, prepend=-1.0))
        self.weights = np.add.reduceat(weights, first)
        mean = np.add.reduceat(values * weights, first) / self.weights
        # Rounding must not push the mean of equal values past them: equal scores are common.
        self.values = np.clip(mean, values[first], np.append(values[first[1:] - 1], values[-1]))
        self._index()

    def _index(self) -> None:
        """Weight from each group to the top, and 0 past the top."""
        self._beyond = None
        self._weight_from = np.append(np.cumsum(self.weights[::-1])[::-1], 0.0)


@dataclass(frozen=True, slots=True)
class _Beyond:
    """The tail above the highest known value, on the scale of odds, score / (1 - score).

    Scores end at 1 and crowd below it; their odds do not end. For `models.tails` they are the sum of the excesses.

    Attributes:
        start: odds of the threshold above which are the peaks.
        highest: odds of the highest known value.
        shape: of the generalised Pareto distribution.
        scale: likewise.
    """

    start: float
    highest: float
    shape: float
    scale: float

    @classmethod
    def fitted(cls, values: Vector, weights: Vector) -> _Beyond:
        """Fit the tail to the highest values, ascending, that weigh about `PEAK_SHARE` of all."""
        above = np.cumsum(weights[::-1])[::-1]
        first = max(int(np.searchsorted(-above, -PEAK_SHARE * above[0])), 1)
        odds = _odds(values)
        start, peaks, weight = float(odds[first - 1]), odds[first:] - odds[first - 1], weights[first:]
        total = weight.sum()
        if not len(peaks) or not peaks[-1] > 0 or not np.isfinite(peaks[-1]):
            return cls(start, float(odds[-1]), 0.0, 0.0)
        mean = float(weight @ peaks / total)
        lower = float((weight * (above[first:] - weight / 2) / total) @ peaks / total)
        shape = 2.0 - mean / (mean - 2.0 * lower) if mean > 2.0 * lower else SHAPES[1]
        shape = min(max(shape, SHAPES[0]), SHAPES[1])
        return cls(start, float(odds[-1]), shape, mean * (1.0 - shape))

    def share(self, scores: Vector) -> Vector:
        """Chance that a value above the highest known is at or above each score; 1 if that is unclear."""
        if self.scale == 0.0:
            return np.ones(len(scores))
        survival = np.exp(self._log_survival(_odds(scores)) - self._log_survival(np.array([self.highest])))
        return np.maximum(survival, FURTHEST)

    def _log_survival(self, odds: Vector) -> Vector:
        exceeding = (odds - self.start) / self.scale
        if self.shape < 1e-6:
            return -exceeding
        result: Vector = -np.log1p(self.shape * exceeding) / self.shape
        return result


def _odds(scores: Vector) -> Vector:
    """Return score / (1 - score); what is not below 1 has the largest odds that there are."""
    odds: Vector = scores / np.maximum(1.0 - scores, 1e-15)
    return odds

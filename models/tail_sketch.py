"""How much of a stream of scores lies at or above a value: a small, forgetting, mergeable summary.

The summary is a sorted list of (value, weight) groups, laid out so that the share of weight above a group is known to
a constant *relative* error: groups are `GROUPS_PER_OCTAVE` to each halving of that share, and the topmost couple of
dozen values stand alone. A sketch with equal error in every quantile (a histogram, GK, KLL) is useless at one in ten
thousand.

References:
    Dunning, Ertl (2019), Computing Extremely Accurate Quantiles Using t-Digests, arXiv:1902.04023: groups sized by a
    scale function of the quantile, merged by sorting. Here the function is the logarithm of the upper tail.
"""

from __future__ import annotations

import numpy as np

from models.api import Vector

GROUPS_PER_OCTAVE = 16
"""A group spans at most a factor 2**(1/16) = 1.044 of tail share: p is known to about 4 %."""

_FORGOTTEN = 2.0**-10
"""A weight below this (ten half-lives after one event) is dropped, which bounds the number of groups."""


class TailSketch:
    """Weighted values, ascending; one event weighs 1 when it comes and half as much `half_life` events later."""

    def __init__(self, values: Vector | None = None, weights: Vector | None = None) -> None:
        self.values = np.zeros(0) if values is None else values
        self.weights = np.zeros(0) if weights is None else weights
        self._index()

    def tail(self, scores: Vector) -> Vector:
        """Upper-tail probability of each score, in (0, 1].

        (weight of what is at or above the score + 1) / (all weight + 1): the score itself is counted, so that p is
        never 0 and a first score has p = 1, and by exchangeability a share of at most p of ordinary scores get p or
        less (the conformal p-value: Vovk, Gammerman, Shafer 2005, Algorithmic Learning in a Random World, section
        2.2).
        """
        at_or_above = self._weight_from[np.searchsorted(self.values, scores, side="left")]
        p: Vector = (at_or_above + 1.0) / (self._weight_from[0] + 1.0)
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
        self._weight_from = np.append(np.cumsum(self.weights[::-1])[::-1], 0.0)

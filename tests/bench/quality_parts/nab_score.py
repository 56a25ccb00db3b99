"""NAB's own scoring of detections in labelled windows.

References:
    Lavin, Ahmad (2015), Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark, ICMLA,
    section II: the scaled sigmoid, windows, profiles, one threshold a profile for all series, normalisation.
    What the paper leaves open is as NAB does it: the first part of a series does not count, and the earliest row of a
    window is worth exactly 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.api import Vector

PROBATION, PROBATION_ROWS = 0.15, 5_000
"""The first 15 % of a series, counted of at most 5,000 rows, are for learning."""

FAR = 3.0
"""Window widths behind a window from which a false alarm costs its full weight."""


@dataclass(frozen=True)
class Profile:
    """What a profile of NAB weighs: a detected window, a missed one, a false alarm."""

    hit: float
    miss: float
    false_alarm: float


@dataclass(frozen=True)
class Series:
    """One scored series: anomaly scores, and the windows as (first row, last row)."""

    scores: Vector
    windows: Sequence[tuple[int, int]]


def value_at(position: float) -> float:
    """Return NAB's scaled sigmoid: 0.987 at the left edge of a window (-1), 0 at its right edge, -1 far behind it."""
    return -1.0 if position >= FAR else 2.0 / (1.0 + math.exp(5.0 * position)) - 1.0


@dataclass(frozen=True)
class Worth:
    """What an alarm at each row after probation is worth, and the window it falls into (-1: none)."""

    scores: Vector
    worth: Vector
    window: Vector


def worth_of(series: Series, profile: Profile, first_window: int = 0) -> Worth:
    """Weigh every row of a series; its windows are numbered from `first_window`."""
    n = len(series.scores)
    worth = np.full(n, -profile.false_alarm)
    inside = np.full(n, -1.0)
    for number, (first, last) in enumerate(series.windows):
        width = last - first + 1
        for row in range(first, last + 1):
            worth[row] = profile.hit * value_at(-(last - row + 1) / width) / value_at(-1.0)
        inside[first : last + 1] = first_window + number
        until = series.windows[number + 1][0] if number + 1 < len(series.windows) else n
        for row in range(last + 1, until):
            worth[row] = profile.false_alarm * value_at((row - last) / (width - 1))
    start = int(min(math.floor(PROBATION * n), PROBATION * PROBATION_ROWS))
    return Worth(series.scores[start:], worth[start:], inside[start:])


def best_score(all_series: Sequence[Series], profile: Profile) -> tuple[float, float]:
    """Score a corpus at the threshold that suits the profile best, one for all series, as NAB's optimiser chooses it.

    Returns:
        The score, normalised so that saying nothing is 0 and catching every window at its first row is 100, and the
        threshold at or above which a row is an alarm.
    """
    parts, windows = [], 0
    for series in all_series:
        parts.append(worth_of(series, profile, windows))
        windows += len(series.windows)
    scores = np.concatenate([part.scores for part in parts])
    worth = np.concatenate([part.worth for part in parts])
    inside = np.concatenate([part.window for part in parts]).astype(int)
    order = np.argsort(-scores, kind="stable")
    counted = sorted({int(window) for window in inside if window >= 0})
    of_window = dict.fromkeys(counted, -profile.miss)
    total = best = -profile.miss * len(counted)
    threshold = math.inf
    for place, row in enumerate(order.tolist()):
        if inside[row] < 0:
            total += worth[row]
        else:
            better = max(of_window[inside[row]], worth[row])
            total += better - of_window[inside[row]]
            of_window[inside[row]] = better
        is_last_of_its_score = place + 1 == len(order) or scores[order[place + 1]] != scores[row]
        if is_last_of_its_score and total > best:
            best, threshold = float(total), float(scores[row])
    return normalised(best, profile, windows), threshold


def normalised(score: float, profile: Profile, windows: int) -> float:
    """Return 0 for a detector that says nothing, 100 for a perfect one."""
    nothing, perfect = -profile.miss * windows, profile.hit * windows
    return 100.0 * (score - nothing) / (perfect - nothing)

"""The Numenta Anomaly Benchmark: 18 of its 58 series (known causes, and artificial), with its own scoring.

One setting for all series. Each point is described by its value, its change, and means and deviations over the last 5
and 50 points; `tails` scores these prequentially, and only what tops the last 200 points is news: NAB counts the
earliest alarm in a window, and every one outside.
"""

from __future__ import annotations

import csv
import gzip
import json

import numpy as np

from models import ONLINE
from models.api import Matrix, Vector
from tests.bench.quality_parts.measure import DATA, SEEDS, seeds_of, show
from tests.bench.quality_parts.nab_score import Profile, Series, best_score, normalised

FOLDER = DATA / "nab"
SHORT, LONG, NEWS = 5, 50, 200

SAME_SERIES = {"Windowed Gaussian": -21.704, "Random Cut Forest": -6.769, "Numenta HTM": 8.231}
"""Standard profile, sums over the same 18 series of the per-series scores that NAB publishes (github.com/numenta/NAB,
results/*/*_standard_scores.csv); their thresholds are those that suit all 58 series, ours suits these 18."""


def described(values: Vector) -> Matrix:
    """Describe every point of a series by what came up to it, shape (n, 6)."""
    short_mean, short_deviation = _moving(values, SHORT)
    long_mean, long_deviation = _moving(values, LONG)
    change = np.diff(values, prepend=values[:1])
    return np.column_stack([values, change, short_mean - long_mean, short_deviation, long_deviation, short_mean])


def news(scores: Vector) -> Vector:
    """Keep the scores that top the last `NEWS` ones; the others become 0."""
    padded = np.concatenate([np.zeros(NEWS), scores[:-1]])
    before = np.lib.stride_tricks.sliding_window_view(padded, NEWS).max(axis=1)
    kept: Vector = np.where(scores > before, scores, 0.0)
    return kept


def read() -> list[tuple[Vector, list[tuple[int, int]]]]:
    """Read every series: its values, and its windows as (first row, last row)."""
    windows = json.loads((FOLDER / "labels" / "combined_windows.json").read_text())
    found = []
    for path in sorted((FOLDER / "data").glob("*/*.csv.gz")):
        with gzip.open(path, "rt", newline="") as file:
            points = [(row["timestamp"], float(row["value"])) for row in csv.DictReader(file)]
        at = {time: row for row, (time, _) in enumerate(points)}
        limits = windows[f"{path.parent.name}/{path.name.removesuffix('.gz')}"]
        rows = [(at[first.partition(".")[0]], at[last.partition(".")[0]]) for first, last in limits]
        found.append((np.array([value for _, value in points]), rows))
    return found


def profiles() -> dict[str, Profile]:
    """Read NAB's three profiles."""
    costs = json.loads((FOLDER / "config" / "profiles.json").read_text())
    return {
        name: Profile(cost["CostMatrix"]["tpWeight"], cost["CostMatrix"]["fnWeight"], cost["CostMatrix"]["fpWeight"])
        for name, cost in costs.items()
    }


def scoreboard() -> list[dict[str, str]]:
    """Read the published scoreboard, over all 58 series."""
    with (DATA / "published" / "nab_scoreboard_readme.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def report() -> None:
    """Print the tables."""
    series, weights = read(), profiles()
    by_profile: dict[str, list[float]] = {name: [] for name in weights}
    for seed in SEEDS:
        scored = [Series(news(ONLINE["tails"](seed=seed).score_learn(described(v))), windows) for v, windows in series]
        for name, profile in weights.items():
            by_profile[name].append(best_score(scored, profile)[0])
    count = sum(len(windows) for _, windows in series)
    standard = weights["standard"]
    table = [["tails, 18 series", *(seeds_of(values, digits=1) for values in by_profile.values())]]
    table += [[f"{n}, the same 18", f"{normalised(s, standard, count):.1f}", "", ""] for n, s in SAME_SERIES.items()]
    table += [[f"{row.pop('detector')}, all 58 series (scoreboard)", *row.values()] for row in scoreboard()]
    show(f"NAB, {len(series)} series, {count} windows, seeds 1 2 3", ["detector", *weights], table)


def _moving(values: Vector, width: int) -> tuple[Vector, Vector]:
    """Return mean and deviation of the last `width` values at every point."""
    last = np.arange(1, len(values) + 1)
    first = np.maximum(last - width, 0)
    sums, squares = (np.concatenate([[0.0], np.cumsum(values**power)]) for power in (1, 2))
    mean = (sums[last] - sums[first]) / (last - first)
    spread = (squares[last] - squares[first]) / (last - first) - mean**2
    return mean, np.sqrt(np.maximum(spread, 0.0))

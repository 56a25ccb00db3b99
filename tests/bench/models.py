"""How much faster the models are than what they replace, as ratios measured in one run.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python -m tests.bench.models

Both sides see the same rows, one after the other in every repetition, so that a busy machine slows both. Scores are
compared first: a fast wrong answer is not a result.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from river import anomaly
from sklearn.ensemble import IsolationForest  # type: ignore[import-untyped]  # scikit-learn ships no types

from models.api import Matrix
from models.half_space_trees import HalfSpaceTrees
from models.isolation_forest import FlatForest

EVENTS, FEATURES, REPETITIONS = 5_000, 15, 7


def timed(function: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def report(what: str, ours: Callable[[], object], theirs: Callable[[], object], per: int) -> None:
    """Print microseconds a row of both sides, and the ratio of their medians with its lowest repetition."""
    pairs = np.array([(timed(ours), timed(theirs)) for _ in range(REPETITIONS)]) / per * 1e6
    our_median, their_median = np.median(pairs, axis=0)
    ratios = pairs[:, 1] / pairs[:, 0]
    print(
        f"{what:<58} {our_median:>10.2f} {pairs[:, 0].min():>10.2f} {their_median:>10.2f} {pairs[:, 1].min():>10.2f}"
        f" {their_median / our_median:>7.1f}x {ratios.min():>7.1f}x"
    )


def half_space_trees(rows: Matrix) -> None:
    """Batches of several sizes against River's score_one and learn_one; both models are warm and go on learning."""
    dicts = [dict(enumerate(row)) for row in rows.tolist()]
    ours, theirs = HalfSpaceTrees(seed=1), anomaly.HalfSpaceTrees(seed=1)

    def river() -> list[float]:
        scores = []
        for features in dicts:
            scores.append(theirs.score_one(features))  # type: ignore[no-untyped-call]  # River's is untyped
            theirs.learn_one(features)  # type: ignore[no-untyped-call]  # likewise
        return scores

    if ours.score_learn(rows).tolist() != river():
        raise SystemExit("Half-Space Trees do not give River's scores")
    for size in (1, 10, 100, 500):
        batches = np.split(rows, range(size, len(rows), size))
        report(
            f"half_space_trees 10x8, batches of {size}, vs River",
            lambda batches=batches: [ours.score_learn(batch) for batch in batches],  # type: ignore[misc]  # bound early
            river,
            len(rows),
        )


def isolation_forest(rows: Matrix) -> None:
    """One call of several sizes against scikit-learn's score_samples; 100 trees of 256 rows."""
    theirs: Any = IsolationForest(n_estimators=100, max_samples=256, random_state=1).fit(rows)
    ours = FlatForest.from_scikit_learn(theirs)
    if np.abs(ours.score(rows) + theirs.score_samples(rows)).max() > 1e-9:
        raise SystemExit("the flattened forest does not give scikit-learn's scores")
    for size in (1, 100, 500, 1000):
        batch = rows[:size]
        report(
            f"isolation_forest 100x256, one call of {size}, vs sklearn",
            lambda batch=batch: [ours.score(batch) for _ in range(10)],  # type: ignore[misc]  # bound early
            lambda batch=batch: [theirs.score_samples(batch) for _ in range(10)],  # type: ignore[misc]  # bound early
            10 * size,
        )


def main() -> None:
    """Print the table."""
    rows = np.random.default_rng(0).random((EVENTS, FEATURES))
    print(f"microseconds a row, {REPETITIONS} repetitions, {FEATURES} features\n")
    print(f"{'':<58} {'ours':>10} {'min':>10} {'theirs':>10} {'min':>10} {'ratio':>8} {'lowest':>8}")
    half_space_trees(rows)
    isolation_forest(rows)


if __name__ == "__main__":
    main()

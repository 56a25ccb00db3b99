"""The adapter gives River's own scores, squashed, and rebuilds a detector from its recent rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from river import anomaly

from models.half_space_trees import HalfSpaceTrees
from models.river_adapter import ColumnScorer, RiverAdapter


class Fixed:
    """Scores each row with the row's own value and remembers in which order it was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[int, float]]] = []

    def score_one(self, x: dict[int, float], /) -> float:
        self.calls.append(("score", x))
        return x.get(0, math.nan)

    def learn_one(self, x: dict[int, float], /) -> None:
        self.calls.append(("learn", x))


def test_equals_our_half_space_trees() -> None:
    rows = np.random.default_rng(0).random((700, 3))
    adapter = RiverAdapter(lambda: anomaly.HalfSpaceTrees(seed=5), bounded=True, warm_up=250)
    assert adapter.score_learn(rows).tolist() == HalfSpaceTrees(seed=5).score_learn(rows).tolist()


def test_scores_then_learns_and_leaves_out_what_is_not_finite() -> None:
    detector = Fixed()
    adapter = RiverAdapter(lambda: detector, warm_up=1)
    adapter.score_learn(np.array([[1.0, 2.0], [np.nan, 3.0], [4.0, np.inf]]))
    assert detector.calls == [
        ("learn", {0: 1.0, 1: 2.0}),
        ("score", {1: 3.0}),
        ("learn", {1: 3.0}),
        ("score", {0: 4.0}),
        ("learn", {0: 4.0}),
    ]


def test_squashing_keeps_ranks() -> None:
    raw = np.array([-1e9, -27.6, -1.0, -0.04, 0.0, 0.05, 1.0, 27.6, 1e9])
    scores = RiverAdapter(Fixed, warm_up=0).score_learn(raw[:, np.newaxis])
    assert (np.diff(scores) > 0).all()
    assert scores[[2, 4, 6]].tolist() == [0.25, 0.5, 0.75]


def test_bounded_scores_are_only_cut() -> None:
    scores = RiverAdapter(Fixed, bounded=True, warm_up=0).score_learn(np.array([[-0.1], [0.3], [1.2], [np.nan]]))
    assert scores.tolist() == [0.0, 0.3, 1.0, 0.0]


class Infinite(Fixed):
    def score_one(self, x: dict[int, float], /) -> float:
        return math.copysign(math.inf, x[0])


def test_infinite_scores() -> None:
    assert RiverAdapter(Infinite, warm_up=0).score_learn(np.array([[1.0], [-1.0]])).tolist() == [1.0, 0.0]


def test_restored_detector_has_learned_the_recent_rows() -> None:
    rows = np.random.default_rng(0).random((500, 2))
    adapter = RiverAdapter(lambda: anomaly.LODA(n_random_cuts=5, seed=1), warm_up=10, memory=50)
    adapter.score_learn(rows)
    restored = RiverAdapter(lambda: anomaly.LODA(n_random_cuts=5, seed=1), warm_up=10, memory=50)
    restored.restore(adapter.snapshot())
    only_recent = RiverAdapter(lambda: anomaly.LODA(n_random_cuts=5, seed=1), warm_up=10, memory=50)
    only_recent.score_learn(rows[-50:])
    asked = np.random.default_rng(1).random((20, 2))
    assert restored.score_learn(asked).tolist() == only_recent.score_learn(asked).tolist()


def test_memory_covers_the_warm_up() -> None:
    with pytest.raises(ValueError, match="warm_up"):
        RiverAdapter(Fixed, warm_up=10, memory=9)


class Difference:
    """A scorer that reports what it was given."""

    def __init__(self) -> None:
        self.learned: list[tuple[dict[int, float], float]] = []

    def score_one(self, x: dict[int, float], y: float, /) -> float:
        return y - x[0]

    def learn_one(self, x: dict[int, float], y: float, /) -> None:
        self.learned.append((x, y))


def test_column_scorer_judges_one_column() -> None:
    scorer = Difference()
    detector = ColumnScorer(scorer, column=1)
    assert detector.score_one({0: 2.0, 1: 5.0}) == 3.0
    detector.learn_one({0: 2.0, 1: 5.0})
    assert scorer.learned == [({0: 2.0}, 5.0)]
    assert detector.score_one({0: 2.0}) == 0.0
    detector.learn_one({0: 2.0})
    assert len(scorer.learned) == 1


def gaussian() -> anomaly.GaussianScorer:
    return anomaly.GaussianScorer()  # type: ignore[no-untyped-call]  # River's is untyped


def test_rivers_gaussian_scorer() -> None:
    values = np.random.default_rng(0).normal(10, 1, size=(300, 1))
    adapter = RiverAdapter(lambda: ColumnScorer(gaussian(), column=0), bounded=True)
    adapter.score_learn(values)
    usual, far = adapter.score_learn(np.array([[10.0], [15.0]]))
    assert usual < 0.3
    assert far > 0.999

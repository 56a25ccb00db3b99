"""Half-Space Trees against River itself, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from river import anomaly

from models.api import Matrix
from models.half_space_trees import HalfSpaceTrees


def river_scores(detector: anomaly.HalfSpaceTrees, rows: Matrix) -> list[float]:
    scores = []
    for row in rows.tolist():
        features = dict(enumerate(row))
        scores.append(float(detector.score_one(features)))  # type: ignore[no-untyped-call]  # River's is untyped
        detector.learn_one(features)  # type: ignore[no-untyped-call]  # likewise
    return scores


@st.composite
def streams(draw: st.DrawFn) -> tuple[Matrix, list[int]]:
    """Rows of several kinds, and where to cut them into batches."""
    n, width = draw(st.integers(0, 120)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["uniform", "narrow", "lumps", "outside"]))
    rows: Matrix = {
        "uniform": rng.random((n, width)),
        "narrow": rng.normal(0.5, 0.01, size=(n, width)),
        "lumps": rng.integers(0, 3, size=(n, width)) / 2.0,
        "outside": rng.normal(0.0, 1e6, size=(n, width)),
    }[kind]
    odd_values = draw(st.sampled_from([0.0, 0.1]))
    strange = rng.random((n, width)) < odd_values
    rows[strange] = rng.choice([np.nan, np.inf, -np.inf, -0.0, 5e-324], size=int(strange.sum()))
    return rows, sorted(draw(st.lists(st.integers(0, n), max_size=6)))


@settings(deadline=None, max_examples=300)
@given(
    stream=streams(),
    n_trees=st.integers(1, 12),
    height=st.integers(1, 9),
    window_size=st.integers(1, 40),
    seed=st.integers(-5, 2**40),
    limited=st.booleans(),
)
def test_equals_river(
    *, stream: tuple[Matrix, list[int]], n_trees: int, height: int, window_size: int, seed: int, limited: bool
) -> None:
    rows, cuts = stream
    limits = {0: (-3.0, 0.5), rows.shape[1] - 1: (0.25, 7.0)} if limited else None
    ours = HalfSpaceTrees(n_trees, height, window_size, limits, seed)
    theirs = anomaly.HalfSpaceTrees(n_trees, height, window_size, limits, seed)
    scores = [score for batch in np.split(rows, cuts) for score in ours.score_learn(batch).tolist()]
    assert scores == river_scores(theirs, rows)


def test_equals_river_with_default_parameters() -> None:
    rows = np.random.default_rng(0).beta(2, 5, size=(1200, 15))
    scores = HalfSpaceTrees(seed=7).score_learn(rows)
    assert scores.tolist() == river_scores(anomaly.HalfSpaceTrees(seed=7), rows)
    assert not scores[:250].any()
    assert (scores[250:] > 0).all()


def test_warm_after_one_window() -> None:
    model = HalfSpaceTrees(window_size=10, seed=1)
    model.score_learn(np.zeros((9, 2)))
    assert not model.is_warm
    model.score_learn(np.zeros((1, 2)))
    assert model.is_warm


def test_score_by_hand() -> None:
    """One tree of height 1, window 2, both rows left: score 1 - (2*1 + 2*2) / (1*2*3) = 0 left, 1 - 2/6 right."""
    model = HalfSpaceTrees(n_trees=1, height=1, window_size=2, seed=1)
    model.score_learn(np.zeros((2, 1)))
    assert model.score_learn(np.array([[0.0], [1.0]])).tolist() == [0.0, 1 - 2 / 6]


def test_seed_is_drawn_once_if_none_is_given() -> None:
    rows = np.random.default_rng(0).random((600, 3))
    model, other = HalfSpaceTrees(), HalfSpaceTrees()
    restored = HalfSpaceTrees()
    restored.restore(model.snapshot())
    scores = model.score_learn(rows).tolist()
    assert restored.score_learn(rows).tolist() == scores
    assert other.score_learn(rows).tolist() != scores


def test_limits_survive_a_snapshot_before_the_first_row() -> None:
    rows = np.random.default_rng(0).random((600, 3)) * 10
    limited, restored = HalfSpaceTrees(limits={1: (0, 10)}, seed=3), HalfSpaceTrees(seed=4)
    restored.restore(limited.snapshot())
    assert restored.score_learn(rows).tolist() == limited.score_learn(rows).tolist()
    assert restored.score_learn(rows).tolist() != HalfSpaceTrees(seed=3).score_learn(rows).tolist()


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_trees": 0},
        {"height": 0},
        {"height": 17},
        {"window_size": 0},
        {"limits": {0: (1.0, 1.0)}},
        {"limits": {0: (0.0, float("nan"))}},
        {"window_size": 2**45},
    ],
)
def test_parameters_out_of_range(parameters: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"."):
        HalfSpaceTrees(**parameters)  # type: ignore[arg-type]  # one table for parameters of several types


def test_snapshot_of_other_parameters_is_refused() -> None:
    with pytest.raises(ValueError, match="another height"):
        HalfSpaceTrees(height=5).restore(HalfSpaceTrees(height=6).snapshot())


@pytest.mark.parametrize("field", ["feature", "current", "reference"])
def test_snapshot_out_of_range_is_refused(field: str) -> None:
    model = HalfSpaceTrees(window_size=10, seed=1)
    model.score_learn(np.random.default_rng(0).random((15, 2)))
    snapshot = model.snapshot()
    damaged = snapshot[field]
    assert isinstance(damaged, np.ndarray)
    damaged[0, 0] += 2
    with pytest.raises(ValueError, match="damaged"):
        HalfSpaceTrees(window_size=10).restore(snapshot)

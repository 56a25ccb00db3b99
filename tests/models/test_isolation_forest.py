"""The flattened forest against scikit-learn's own scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import IsolationForest  # type: ignore[import-untyped]  # scikit-learn ships no types

from models.isolation_forest import FlatForest


@settings(deadline=None, max_examples=40)
@given(
    n=st.integers(2, 400),
    width=st.integers(1, 8),
    n_trees=st.integers(1, 20),
    max_features=st.sampled_from([1.0, 0.5]),
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["uniform", "lumps", "heavy"]),
)
def test_equals_scikit_learn(*, n: int, width: int, n_trees: int, max_features: float, seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    rows = {
        "uniform": rng.random((n, width)),
        "lumps": rng.integers(0, 3, size=(n, width)).astype(np.float64),
        "heavy": rng.standard_cauchy((n, width)),
    }[kind]
    forest = IsolationForest(n_estimators=n_trees, max_features=max_features, random_state=seed).fit(rows)
    asked = np.concatenate([rows, rng.standard_cauchy((50, width)), np.full((1, width), np.inf)])
    scores = FlatForest.from_scikit_learn(forest).score(asked)
    assert np.abs(scores + forest.score_samples(asked)).max() <= 1e-9


def test_compares_in_float32_as_scikit_learn_does() -> None:
    """Rows one float64 step beside each threshold: in float32 they fall on it."""
    rows = np.random.default_rng(0).random((300, 1))
    forest = IsolationForest(n_estimators=10, random_state=0).fit(rows)
    thresholds = np.concatenate([each.tree_.threshold for each in forest.estimators_])
    asked = np.concatenate([np.nextafter(thresholds, step) for step in (-np.inf, 0, np.inf)])[:, np.newaxis]
    scores = FlatForest.from_scikit_learn(forest).score(asked)
    assert np.abs(scores + forest.score_samples(asked)).max() <= 1e-9


def test_training_is_scikit_learns() -> None:
    rows = np.random.default_rng(0).normal(size=(1000, 5))
    forest = IsolationForest(n_estimators=30, max_samples=128, random_state=9).fit(rows)
    scores = FlatForest.train(rows, seed=9, n_trees=30, subsample=128).score(rows)
    assert np.abs(scores + forest.score_samples(rows)).max() <= 1e-9


def test_missing_values_count_as_the_median() -> None:
    rows = np.array([[1.0, 10.0], [2.0, np.nan], [3.0, 30.0], [np.nan, 20.0]] * 20)
    model = FlatForest.train(rows, seed=1)
    with_missing = model.score(np.array([[np.nan, 10.0], [1.0, np.nan]]))
    assert with_missing.tolist() == model.score(np.array([[2.0, 10.0], [1.0, 20.0]])).tolist()


def test_column_that_is_never_there() -> None:
    rows = np.column_stack([np.arange(50.0), np.full(50, np.nan)])
    assert FlatForest.train(rows, seed=1).fill.tolist() == [24.5, 0.0]


@pytest.mark.parametrize(("n", "subsample"), [(1, 256), (10, 1), (10, 2**17)])
def test_training_out_of_range(n: int, subsample: int) -> None:
    with pytest.raises(ValueError, match="isolation forest needs"):
        FlatForest.train(np.zeros((n, 2)), seed=1, subsample=subsample)


def test_too_high_a_tree_is_refused() -> None:
    rows = np.random.default_rng(0).random((70_000, 1))
    forest = IsolationForest(n_estimators=1, max_samples=70_000, random_state=0).fit(rows)
    with pytest.raises(ValueError, match="height 17"):
        FlatForest.from_scikit_learn(forest)


def damaged(**changes: Any) -> dict[str, Any]:
    return {**FlatForest.train(np.random.default_rng(0).random((50, 2)), seed=1, n_trees=3).snapshot(), **changes}


@pytest.mark.parametrize(
    "snapshot",
    [
        damaged(feature=np.full((3, 63), 2, dtype=np.uint32)),
        damaged(path_length=np.full((3, 64), np.nan)),
        damaged(path_length=np.full((3, 64), -1.0)),
        damaged(path_length=np.zeros((3, 63))),
        damaged(expected=0.0),
        damaged(expected=float("nan")),
    ],
)
def test_damaged_forest_is_refused(snapshot: dict[str, Any]) -> None:
    assert FlatForest.restore(damaged()).n_features == 2
    with pytest.raises(ValueError, match=r"damaged|shape"):
        FlatForest.restore(snapshot)

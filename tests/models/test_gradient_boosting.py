"""The flattened trees against scikit-learn's own probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]  # ships no types

from models.gradient_boosting import FlatBoosting
from models.snapshots import pack, unpack


@settings(deadline=None, max_examples=20)
@given(
    n=st.integers(40, 400),
    width=st.integers(1, 6),
    n_trees=st.integers(1, 12),
    depth=st.integers(1, 8),
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["uniform", "lumps", "heavy"]),
)
def test_equals_scikit_learn(*, n: int, width: int, n_trees: int, depth: int, seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    rows = {
        "uniform": rng.random((n, width)),
        "lumps": rng.integers(0, 3, size=(n, width)).astype(np.float64),
        "heavy": rng.standard_cauchy((n, width)),
    }[kind]
    labels = rows[:, 0] + rng.normal(0, 0.3, n) > np.median(rows[:, 0])
    labels[:2] = (True, False)
    theirs: Any = HistGradientBoostingClassifier(
        max_iter=n_trees, max_depth=depth, min_samples_leaf=3, early_stopping=False, random_state=seed
    ).fit(rows, labels)
    asked = np.concatenate([rows, rng.standard_cauchy((50, width)), np.full((1, width), np.inf)])
    scores = FlatBoosting.from_scikit_learn(theirs).score(asked)
    assert np.abs(scores - theirs.predict_proba(asked)[:, 1]).max() <= 1e-9


def test_rows_on_a_threshold_go_left_as_in_scikit_learn() -> None:
    rows = np.repeat(np.arange(8.0), 40)[:, np.newaxis]
    theirs: Any = HistGradientBoostingClassifier(max_iter=5, early_stopping=False).fit(rows, rows[:, 0] > 3)
    thresholds = np.concatenate([tree[0].nodes["num_threshold"] for tree in theirs._predictors])
    asked = np.concatenate([thresholds, np.nextafter(thresholds, np.inf)])[:, np.newaxis]
    scores = FlatBoosting.from_scikit_learn(theirs).score(asked)
    assert np.abs(scores - theirs.predict_proba(asked)[:, 1]).max() <= 1e-9


def test_deep_trees_are_refused() -> None:
    rows = np.random.default_rng(0).random((2_000, 2))
    deep: Any = HistGradientBoostingClassifier(max_iter=1, max_leaf_nodes=None, min_samples_leaf=1, max_depth=9)
    with pytest.raises(ValueError, match="depth 9"):
        FlatBoosting.from_scikit_learn(deep.fit(rows, rows[:, 0] * 64 % 1 > rows[:, 1]))


def test_missing_values_count_as_the_median() -> None:
    rows = np.array([[1.0, 10.0], [2.0, np.nan], [3.0, 30.0], [np.nan, 20.0]] * 40)
    model = FlatBoosting.train(rows, np.array([0.0, 0.0, 1.0, 0.0] * 40), seed=1)
    with_missing = model.score(np.array([[np.nan, 10.0], [3.0, np.nan]]))
    assert with_missing.tolist() == model.score(np.array([[2.0, 10.0], [3.0, 20.0]])).tolist()
    assert model.score(np.array([[3.0, 30.0]]))[0] > 0.9


@pytest.mark.parametrize(
    ("field", "value"),
    [("baseline", float("nan")), ("value", np.full((150, 4), np.inf)), ("feature", 9), ("fill", np.zeros(0))],
)
def test_damaged_snapshots_are_refused(field: str, value: Any) -> None:
    rows = np.random.default_rng(1).random((80, 2))
    snapshot = unpack(pack(FlatBoosting.train(rows, (rows[:, 0] > 0.5).astype(float), seed=1, max_leaves=3).snapshot()))
    feature = snapshot["feature"]
    assert isinstance(feature, np.ndarray)
    snapshot[field] = np.full_like(feature, value) if field == "feature" else value
    with pytest.raises(ValueError, match=r"damaged|snapshot field"):
        FlatBoosting.restore(snapshot)

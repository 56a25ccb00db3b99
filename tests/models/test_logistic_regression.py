"""Learning from verdicts: River's numbers, and what River does not promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from river import linear_model, optim, preprocessing

from models.logistic_regression import FARTHEST, LogisticRegression


@pytest.mark.parametrize("rate", [0.01, 0.5])
def test_equals_river(rate: float) -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(400, 3)) * (1.0, 50.0, 0.01) + (0.0, 1_000.0, 5.0)
    rows[:, 2] = np.round(rows[:, 2], 2)
    confirmed = (rows[:, 0] + rng.normal(size=400) > 1).astype(np.float64)
    theirs: Any = preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.SGD(rate))
    ours = LogisticRegression(rate)
    for row, verdict in zip(rows, confirmed, strict=True):
        features = dict(enumerate(row.tolist()))
        if ours.is_warm:
            assert ours.score(row[np.newaxis])[0] == pytest.approx(theirs.predict_proba_one(features)[True], abs=1e-9)
        theirs.learn_one(features, bool(verdict))
        ours.learn(row[np.newaxis], np.array([verdict]))


def test_the_first_verdict_by_hand() -> None:
    """One row has no deviation: only the intercept learns, 0.01 times the error of one half."""
    model = LogisticRegression(rate=0.5)
    model.learn(np.array([[4.0]]), np.ones(1))
    assert model.score(np.array([[4.0]]))[0] == pytest.approx(1 / (1 + np.exp(-0.005)))


def test_a_wild_row_is_cut() -> None:
    """The mean is 0 and the deviation 1: what is 1,000 deviations out counts as `FARTHEST`."""
    model = LogisticRegression(rate=0.1)
    model.learn(np.array([[1.0], [-1.0]] * 50), np.array([1.0, 0.0] * 50))
    assert model.score(np.array([[1_000.0]])) == pytest.approx(model.score(np.array([[FARTHEST]])), rel=1e-9)


def test_wrong_parameters_are_refused() -> None:
    for rate in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="above 0"):
            LogisticRegression(rate)

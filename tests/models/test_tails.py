"""Tail chances column by column: scores by hand, what stands out, and a burst that does not become ordinary."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # scikit-learn ships no types

from models import ONLINE
from models.tails import LEAST_SHARE, ORDINARY, TailProbabilities


def excess(chance: float) -> float:
    surprise = -math.log(chance)
    return max(surprise - ORDINARY, LEAST_SHARE * surprise)


def test_the_score_of_a_row_by_hand() -> None:
    model = TailProbabilities()
    model.score_learn(np.column_stack([np.arange(32.0), np.arange(32.0)]))
    # Against 0 to 31 in both columns: 100 has none as high (half a row of 33), all as low; 3 has 4 as low, 29 as high.
    high_first, low_first = excess(0.5 / 33), excess(32 / 33)
    low_second, high_second = excess(4 / 33), excess(29 / 33)
    total = max(low_first + low_second, high_first + high_second) + high_first + low_second
    (score,) = model.score_learn(np.array([[100.0, 3.0]]))
    assert score == pytest.approx(total / (total + 2))
    assert model.excesses(np.array([[100.0, 3.0]])) == pytest.approx(np.array([[high_first, low_second]]))


def test_nothing_stands_out_before_anything_is_known() -> None:
    assert TailProbabilities().excesses(np.ones((2, 3))).tolist() == [[0.0] * 3] * 2


def test_an_attack_that_comes_as_a_burst_is_still_seen() -> None:
    """The trap of KDD http in natural order: a burst became the scale, and the whole window of the trees."""
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(8_000, 3)) * (1.0, 50.0, 0.01)
    attack = np.zeros(8_000, dtype=bool)
    attack[4_000:4_600] = True
    rows[attack] = rng.normal(size=(600, 3)) * (0.1, 5.0, 0.001) + (9.0, 400.0, 0.1)
    assert roc_auc_score(attack[1_000:], TailProbabilities().score_learn(rows)[1_000:]) > 0.95
    forgetful = ONLINE["half_space_trees"](seed=1).score_learn((rows - rows.min(axis=0)) / np.ptp(rows, axis=0))
    assert roc_auc_score(attack[1_000:], forgetful[1_000:]) < 0.95, "otherwise this attack proves nothing"

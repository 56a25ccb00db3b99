"""Two models as one: the same evidence as from both apart, and what each alone does not see."""

from __future__ import annotations

import numpy as np
import pytest

from models.calibration import Calibrator
from models.half_space_trees import HalfSpaceTrees
from models.tails import TailProbabilities
from models.trees_and_tails import TreesAndTails


def test_evidence_is_that_of_both() -> None:
    rows = np.random.default_rng(0).random((700, 3))
    trees, tails, calibrator = HalfSpaceTrees(seed=4), TailProbabilities(seed=4), Calibrator()
    model = TreesAndTails(seed=4)
    for each in (model, trees, tails):
        each.score_learn(rows[:250])
    p = [
        calibrator.score_learn([name] * 450, each.score_learn(rows[250:]))
        for name, each in (("a", trees), ("b", tails))
    ]
    evidence = -np.log(p[0] * p[1])
    assert model.score_learn(rows[250:]) == pytest.approx(evidence / (evidence + 10), rel=1e-9)


def test_sees_what_is_odd_in_a_column_and_what_is_odd_as_a_combination() -> None:
    """Two columns that are always alike: 0.9 beside 0.1 is odd though neither is. 0.6 in the third is far out."""
    rng = np.random.default_rng(1)
    alike = rng.choice([0.1, 0.9], 4_000)
    rows = np.column_stack([alike, alike, rng.beta(2, 60, 4_000)]) + rng.normal(0, 0.01, (4_000, 3))
    model = TreesAndTails(n_trees=25, seed=1)
    model.score_learn(rows)
    ordinary = np.quantile(model.score(rows), 0.98)
    combination, column = model.score(np.array([[0.9, 0.1, 0.03], [0.9, 0.9, 0.6]]))
    assert combination > ordinary
    assert column > ordinary

"""Credits by hand, and whether the column that was made odd gets the most of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from models import BATCH, ONLINE
from models.api import Matrix, Vector
from models.attribution import column_credits
from models.tails import TailProbabilities

CASES, WIDTH = 200, 8


def test_by_hand() -> None:
    """The score is the first column plus the product of the other two; ordinary is 0.

    The row (1, 1, 1) scores 2. Without the first column 1, with it alone 1: a credit of (1 + 1) / 2. Without the second
    1, with it alone 0: (1 + 0) / 2, and so the third.
    """

    def score(rows: Matrix) -> Vector:
        result: Vector = rows[:, 0] + rows[:, 1] * rows[:, 2]
        return result

    credit = column_credits(score, np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]), np.zeros(3))
    assert credit.tolist() == [[1.0, 0.5, 0.5], [0.0, 0.0, 0.0]]


def test_what_makes_a_row_more_ordinary_gets_none() -> None:
    credit = column_credits(lambda rows: rows[:, 0] - rows[:, 1], np.array([[1.0, 1.0]]), np.zeros(2))
    assert credit.tolist() == [[1.0, 0.0]]


def test_of_columns_that_hide_each_other_both_get_credit() -> None:
    """Either alone makes the row as odd as both: taking one away changes nothing, which says nothing of it."""
    credit = column_credits(lambda rows: rows.max(axis=1), np.array([[1.0, 1.0, 0.0]]), np.zeros(3))
    assert credit.tolist() == [[0.5, 0.5, 0.0]]


def test_no_rows() -> None:
    assert column_credits(lambda rows: rows[:, 0], np.zeros((0, 3)), np.zeros(3)).shape == (0, 3)


def ordinary_rows(n: int, seed: int) -> Matrix:
    """Correlated rows in the unit cube, as features of work are."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(0, 0.02, size=(WIDTH, WIDTH))
    return np.clip(0.3 + rng.normal(size=(n, WIDTH)) @ mixing + rng.normal(0, 0.03, size=(n, WIDTH)), 0, 1)


def injected(seed: int) -> tuple[Matrix, npt.NDArray[np.intp]]:
    """Ordinary rows, each with one column made odd, and which."""
    rows, column = ordinary_rows(CASES, seed), np.arange(CASES) % WIDTH
    rows[np.arange(CASES), column] = np.random.default_rng(seed).uniform(0.75, 1.0, CASES)
    return rows, column


def trained(name: str, seed: int) -> Callable[[Matrix], Vector]:
    """Return the scores of a model that has learned ordinary rows."""
    learned = ordinary_rows(4_000, seed)
    if name in BATCH:
        return BATCH[name].train(learned, seed=seed).score
    model = ONLINE[name](seed=seed)
    model.score_learn(learned)
    return model.score


@pytest.mark.parametrize("name", ["half_space_trees", "scaled_half_space_trees", "isolation_forest", "tails"])
def test_the_injected_column_gets_the_largest_credit(name: str) -> None:
    """In at least 90 % of 600 cases, three seeds; by chance it would be 12.5 %."""
    hits = []
    for seed in (1, 2, 3):
        rows, column = injected(seed)
        credit = column_credits(trained(name, seed), rows, ordinary_rows(4_000, seed).mean(axis=0))
        hits.append(np.mean(credit.argmax(axis=1) == column))
    assert np.mean(hits) >= 0.9


def test_excesses_of_tails_agree() -> None:
    """What each column adds to the score of `tails` is known exactly; its largest is the injected column too."""
    rows, column = injected(1)
    model = TailProbabilities(seed=1)
    model.score_learn(ordinary_rows(4_000, 1))
    assert np.mean(model.excesses(rows).argmax(axis=1) == column) >= 0.9

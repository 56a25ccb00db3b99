"""The judges of `tests.bench.quality` by hand, and loose bounds on a part of the public data."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from models import BATCH, ONLINE, VERDICT_BATCH
from tests.bench.quality_parts import adbench, credit_card, nab
from tests.bench.quality_parts.handbook_data import Transactions
from tests.bench.quality_parts.handbook_protocol import TOP, card_precision, split
from tests.bench.quality_parts.measure import figures
from tests.bench.quality_parts.nab_score import Profile, Series, best_score, normalised, value_at, worth_of
from tests.bench.quality_parts.windows import DAY, History

STANDARD = Profile(hit=1.0, miss=1.0, false_alarm=0.11)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_nab_sigmoid_by_hand() -> None:
    """NAB's own examples: 0.98661 at the left edge, 0.84828 in the middle, 0 at the right edge, -0.98661 past it."""
    assert [round(value_at(at), 5) for at in (-1.0, -0.5, 0.0, 1.0)] == [0.98661, 0.84828, 0.0, -0.98661]
    assert value_at(3.0) == -1.0


def test_nab_worth_of_every_row_by_hand() -> None:
    """Twenty rows, three of probation (15 %), a window from row 10 to 13: four wide."""
    worth = worth_of(Series(np.zeros(20), [(10, 13)]), STANDARD)
    assert len(worth.worth) == 17
    before, within, behind = worth.worth[:7], worth.worth[7:11], worth.worth[11:]
    assert before.tolist() == [-0.11] * 7
    expected = [(2 * sigmoid(5 * left / 4) - 1) / (2 * sigmoid(5) - 1) for left in (4, 3, 2, 1)]
    assert within.tolist() == pytest.approx(expected)
    assert within[0] == 1.0
    expected = [0.11 * (2 * sigmoid(-5 * past / 3) - 1) for past in (1, 2, 3, 4, 5, 6)]
    assert behind.tolist() == pytest.approx(expected)
    assert worth.window.tolist() == [-1.0] * 7 + [0.0] * 4 + [-1.0] * 6


def test_nab_takes_the_best_threshold_and_the_earliest_alarm_of_a_window() -> None:
    scores = np.zeros(20)
    scores[[5, 11, 12, 18]] = (0.2, 0.6, 0.9, 0.3)
    # At 0.6 the window is found on its second row, which is worth more than the third; below that come false alarms.
    found, threshold = best_score([Series(scores, [(10, 13)])], STANDARD)
    second_row = (2 * sigmoid(5 * 3 / 4) - 1) / (2 * sigmoid(5) - 1)
    assert threshold == 0.6
    assert found == pytest.approx(100 * (second_row + 1) / 2)


def test_nab_one_threshold_for_all_series() -> None:
    """Two missed windows cost 2; what finds the second window raises 30 false alarms in the first series, 3.3."""
    noisy, quiet = np.zeros(100), np.zeros(100)
    noisy[50:80] = 0.5
    quiet[40] = 0.5
    found, threshold = best_score([Series(noisy, [(90, 95)]), Series(quiet, [(40, 45)])], STANDARD)
    assert (found, threshold) == (0.0, math.inf)
    assert normalised(2.0, STANDARD, 2) == 100.0


def test_the_published_sums_give_back_the_published_order() -> None:
    assert normalised(-25.0, STANDARD, 25) == 0.0
    shown = {name: round(normalised(score, STANDARD, 25), 1) for name, score in nab.SAME_SERIES.items()}
    assert shown == {"Windowed Gaussian": 6.6, "Random Cut Forest": 36.5, "Numenta HTM": 66.5}


def test_news_is_what_tops_the_last_rows() -> None:
    scores = np.array([1.0, 3.0, 2.0, 3.0, 4.0] + [0.0] * nab.NEWS + [0.5])
    assert np.flatnonzero(nab.news(scores)).tolist() == [0, 1, 4, 5 + nab.NEWS]


def test_card_precision_by_hand() -> None:
    """Of 100 places a day: two of the three frauds of day one are found; day two asks no more about these two cards."""
    cards = np.concatenate([np.arange(200), np.arange(200)])
    days = np.repeat([1, 2], 200)
    fraud, scores = np.zeros(400), np.tile(np.linspace(1, 0, 200), 2)
    fraud[[0, 99, 100]] = 1.0
    fraud[200:302] = 1.0
    # On day two cards 0 and 99 are gone: the first 100 of the rest are 1..98, 100, 101, all compromised.
    assert card_precision(days, cards, fraud, scores) == pytest.approx((2 / TOP + 100 / TOP) / 2)


def test_a_card_counts_once_a_day_with_its_highest_score() -> None:
    cards = np.concatenate([np.zeros(150, dtype=np.int64), np.arange(1, 100), [100]])
    scores = np.concatenate([np.full(150, 0.1), np.full(99, 0.5), [0.01]])
    fraud = np.zeros(250)
    fraud[[3, 249]] = 1.0
    assert card_precision(np.zeros(250, dtype=np.int64), cards, fraud, scores) == 1 / TOP


def test_split_leaves_out_cards_known_to_be_compromised() -> None:
    """One customer a row of each day 0..21, training week 0..6: test days are 14..20."""
    day = np.repeat(np.arange(22), 4)
    customer = np.tile(np.arange(4), 22)
    fraud = np.zeros(88)
    fraud[(customer == 1) & (day == 3)] = 1.0
    fraud[(customer == 2) & (day == 8)] = 1.0  # known on day 16: the day before is day 8 plus the delay of 7
    fraud[(customer == 3) & (day == 14)] = 1.0
    empty = np.zeros(88, dtype=np.int64)
    known = Transactions(customer, empty, empty.astype(float), day, empty, empty, empty.astype(float), fraud)
    part = split(known, 0)
    tested = set(zip(day[part.test].tolist(), customer[part.test].tolist(), strict=True))
    assert tested == {(d, c) for d in range(14, 21) for c in (0, 2, 3) if c != 2 or d < 16}
    assert sorted(set(day[part.train].tolist())) == list(range(7))


def test_sums_over_the_past_by_hand() -> None:
    history = History(np.array([1, 2, 1, 1]), np.array([0.0, 0.0, 1 * DAY, 9 * DAY]))
    values = np.array([1.0, 10.0, 100.0, 1_000.0])
    assert history.sums(values, 2).tolist() == [1.0, 10.0, 101.0, 1_000.0]
    # At day 9 with a delay of 7 the window (0, 2] holds the second row of the key, not the first.
    assert history.sums(values, 2, delay=7).tolist() == [0.0, 0.0, 0.0, 100.0]
    assert history.counts(30).tolist() == [1.0, 1.0, 2.0, 3.0]


def needs(path: Path) -> None:
    if not path.exists():
        pytest.skip(f"the public data are not here: {path.name}")


def test_credit_card_part() -> None:
    """The first 30,000 rows, prequentially: 94 frauds, base rate 0.3 %."""
    needs(credit_card.FILE)
    rows, labels = credit_card.read()
    measured = figures(labels[:30_000], ONLINE["tails"](seed=1).score_learn(rows[:30_000]))
    assert measured.auc > 0.92
    assert measured.precision > 0.2


@pytest.mark.parametrize(("name", "auc", "precision"), [("mammography", 0.86, 0.25), ("thyroid", 0.9, 0.3)])
def test_adbench_part(name: str, auc: float, precision: float) -> None:
    needs(adbench.FOLDER)
    rows, labels = adbench.read(name)
    measured = figures(labels, ONLINE["tails"](seed=1).score_learn(rows))
    assert measured.auc > auc
    assert measured.precision > precision
    forest = figures(labels, BATCH["isolation_forest"].train(rows, seed=1).score(rows))
    assert forest.auc > auc - 0.05


def test_boosting_part() -> None:
    """Trained on every other row of mammography, judged on the rest: base rate 2.3 %."""
    needs(adbench.FOLDER)
    rows, labels = adbench.read("mammography")
    model = VERDICT_BATCH["gradient_boosting"].train(rows[::2], labels[::2], seed=1)
    measured = figures(labels[1::2], model.score(rows[1::2]))
    assert measured.auc > 0.9
    assert measured.precision > 0.6

"""How the Handbook splits and judges: its test week without cards known to be compromised, and card precision@100.

References:
    Le Borgne et al. (2022), chapter 5.3, `get_train_test_set`, and chapter 4.4, `card_precision_top_k`, rewritten from
    their description: every day the 100 cards with the highest score are checked; what was found is not asked again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.api import Vector
from tests.bench.quality_parts.handbook_data import DELAY, Transactions

TRAIN_DAYS = TEST_DAYS = 7
TOP = 100

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """Which transactions are for training and which for the test."""

    train: Mask
    test: Mask


def split(known: Transactions, first_day: int, *, history_days: int = 0) -> Split:
    """Split as the book does.

    From each test day the customers are removed that are known to be compromised: by a fraud in the training week, or
    after it but long enough ago to be known on the day before.

    Args:
        known: all transactions.
        first_day: of the training week.
        history_days: train on so many days before the training week too; the test stays the same.
    """
    week = (known.day >= first_day) & (known.day < first_day + TRAIN_DAYS)
    compromised = set(known.customer[week & (known.fraud == 1)].tolist())
    test = np.zeros(len(known.day), dtype=bool)
    for number in range(TEST_DAYS):
        newly_known = known.day == first_day + TRAIN_DAYS + number - 1
        compromised |= set(known.customer[newly_known & (known.fraud == 1)].tolist())
        today = known.day == first_day + TRAIN_DAYS + DELAY + number
        test |= today & ~np.isin(known.customer, sorted(compromised))
    before = (known.day >= first_day - history_days) & (known.day < first_day)
    return Split(week | before, test)


def card_precision(days: npt.NDArray[np.int64], cards: npt.NDArray[np.int64], fraud: Vector, scores: Vector) -> float:
    """Return the mean over the days of the share of compromised cards among the day's `TOP` highest.

    A card's score is the highest of its transactions of that day, and it is compromised if one of them was a fraud.
    Cards found compromised on an earlier day are left out.
    """
    found: set[int] = set()
    precisions = []
    for day in np.unique(days):
        today = (days == day) & ~np.isin(cards, sorted(found))
        names, card = np.unique(cards[today], return_inverse=True)
        highest, compromised = np.full(len(names), -np.inf), np.zeros(len(names))
        np.maximum.at(highest, card, scores[today])
        np.maximum.at(compromised, card, fraud[today])
        top = np.argsort(-highest, kind="stable")[:TOP]
        hits = names[top][compromised[top] == 1]
        precisions.append(len(hits) / TOP)
        found |= set(hits.tolist())
    return float(np.mean(precisions))

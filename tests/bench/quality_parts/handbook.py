"""The Handbook's test week, supervised and unsupervised, beside the book's figures; then the whole stream."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence

import numpy as np

from models import BATCH, ONLINE, VERDICT_BATCH, VERDICT_ONLINE
from models.api import Vector
from tests.bench.quality_parts.handbook_data import (
    DELAY,
    Columns,
    Transactions,
    book_features,
    matrix,
    more_features,
    read,
)
from tests.bench.quality_parts.handbook_protocol import Mask, Split, card_precision, split
from tests.bench.quality_parts.measure import DATA, SEEDS, figures, seeds_of, show

FIRST_DAY = 51
"""2018-07-25, counted from 2018-06-04: first day of the training week."""

WITHOUT_LABELS_OF_THE_ROW = (
    *("terminal_risk_1", "terminal_risk_7", "terminal_risk_30", "customer_risk_7", "customer_risk_30"),
    *("amount", "amount_beside_others", "customer_large_7", "customer_large_14"),
)
"""What the unsupervised models see. Like the book's features these hold frauds known for a week: the models themselves
are told no label."""

Scoring = Callable[[int], Vector]
"""Scores the test rows with a seed."""


def report() -> None:
    """Print the tables."""
    known = read()
    columns = more_features(known)
    book = list(book_features(known))
    week, longer = split(known, FIRST_DAY), split(known, FIRST_DAY, history_days=30)
    header = ["model", "AUC", "average precision", "card precision@100"]
    base = known.fraud[week.test].mean()
    count = f"{week.train.sum():,} rows train, {week.test.sum():,} test, base rate {base:.4f}"
    table = [[f"{name} (book)", *values] for name, *values in published("fraud_handbook_test_2018-08-08_14.csv")]
    for name, names, part in (
        ("gradient boosting, features of the book", book, week),
        ("gradient boosting, more features", list(columns), week),
        ("gradient boosting, more features, 30 more days", list(columns), longer),
    ):
        table.append([name, *judged(known, week, boosting(known, columns, names, part))])
    show(f"Handbook 2018-08-08..14, supervised: {count}, seeds 1 2 3", header, table)
    table = [["Isolation Forest, features of the book (measured)", "0.828", "0.244", "0.223"]]
    for name in ("isolation_forest", "tails"):
        table.append([name, *judged(known, week, unsupervised(name, columns, week))])
    show(f"Handbook 2018-08-08..14, unsupervised: {count}, seeds 1 2 3", header, table)
    prequential(known, columns)


def published(file: str) -> list[list[str]]:
    """Read a published table: name, AUC, average precision, card precision."""
    with (DATA / "published" / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened))[1:]


def judged(known: Transactions, part: Split, scoring: Scoring) -> list[str]:
    """Return the three figures of a model over the seeds."""
    test, each = part.test, [scoring(seed) for seed in SEEDS]
    measured = [figures(known.fraud[test], scores) for scores in each]
    cards = [card_precision(known.day[test], known.customer[test], known.fraud[test], scores) for scores in each]
    return [
        seeds_of([one.auc for one in measured]),
        seeds_of([one.precision for one in measured]),
        seeds_of(cards),
    ]


def boosting(known: Transactions, columns: Columns, names: Sequence[str], part: Split) -> Scoring:
    """Train on the verdicts of the training rows."""
    train, test = matrix(columns, names, part.train), matrix(columns, names, part.test)
    kind = VERDICT_BATCH["gradient_boosting"]
    return lambda seed: kind.train(train, known.fraud[part.train], seed=seed).score(test)


def unsupervised(name: str, columns: Columns, part: Split) -> Scoring:
    """Train a batch model on the training rows, or let an online one go from there through the test rows."""
    train, test = (matrix(columns, WITHOUT_LABELS_OF_THE_ROW, rows) for rows in (part.train, part.test))
    if name in BATCH:
        return lambda seed: BATCH[name].train(train, seed=seed).score(test)
    return lambda seed: ONLINE[name](seed=seed).score_learn(np.concatenate([train, test]))[len(train) :]


def prequential(known: Transactions, columns: Columns, *, first_day: int = 21, history_days: int = 14) -> None:
    """Score every day from `first_day` by what is known then: labels a week late, boosting trained anew every week."""
    names = list(columns)
    online = VERDICT_ONLINE["logistic_regression"]()
    boosted = None
    scores: dict[str, list[Vector]] = {
        "logistic regression, verdict by verdict": [],
        "gradient boosting, trained weekly": [],
    }
    for day in range(DELAY, int(known.day.max()) + 1):
        told = known.day == day - DELAY
        online.learn(matrix(columns, names, told), known.fraud[told])
        if day < first_day:
            continue
        if (day - first_day) % 7 == 0:
            window = _between(known, day - DELAY - history_days + 1, day - DELAY)
            rows, verdicts = matrix(columns, names, window), known.fraud[window]
            boosted = VERDICT_BATCH["gradient_boosting"].train(rows, verdicts, seed=SEEDS[0])
        today = matrix(columns, names, known.day == day)
        for name, model in zip(scores, (online, boosted), strict=True):
            if model is not None:
                scores[name].append(model.score(today))
    judged_days = _between(known, first_day, int(known.day.max()))
    table = []
    for name, each in scores.items():
        whole, labels = np.concatenate(each), known.fraud[judged_days]
        measured = figures(labels, whole)
        cards = card_precision(known.day[judged_days], known.customer[judged_days], labels, whole)
        table.append([name, f"{measured.auc:.3f}", f"{measured.precision:.3f}", f"{cards:.3f}"])
    title = f"Handbook, whole stream from day {first_day}, labels {DELAY} days late: {judged_days.sum():,} rows"
    base = f"base rate {known.fraud[judged_days].mean():.4f}"
    show(f"{title}, {base}, seed 1", ["model", "AUC", "average precision", "card precision@100"], table)


def _between(known: Transactions, first: int, last: int) -> Mask:
    return (known.day >= first) & (known.day <= last)

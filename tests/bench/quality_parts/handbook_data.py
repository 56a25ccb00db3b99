"""The simulated card transactions of the Fraud Detection Handbook, and what is known about each when it happens.

References:
    Le Borgne, Siblini, Lebichot, Bontempi (2022), Reproducible Machine Learning for Credit Card Fraud Detection -
    Practical Handbook, chapter 3: the data, the 15 features of the book, a week of training, of delay and of test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.api import Matrix, Vector
from tests.bench.quality_parts.measure import DATA
from tests.bench.quality_parts.windows import History

FILE = DATA / "fraud-handbook" / "tx_2018-06-04_2018-08-14.csv.xz"

DELAY = 7
"""Days after which it is known whether a transaction was a fraud."""

NIGHT_ENDS, WEEKEND, LARGE = 6, 5, 2.5
"""The book's: up to six o'clock, from Saturday. Ours: an amount above 2.5 times the customer's own mean is large."""


@dataclass(frozen=True)
class Transactions:
    """Transactions in the order of time, one array a column."""

    customer: npt.NDArray[np.int64]
    terminal: npt.NDArray[np.int64]
    seconds: Vector
    day: npt.NDArray[np.int64]
    hour: npt.NDArray[np.int64]
    weekday: npt.NDArray[np.int64]
    amount: Vector
    fraud: Vector


Columns = dict[str, Vector]
"""Feature columns by name."""


def read() -> Transactions:
    """Read all transactions; days are counted from the first."""
    table = pd.read_csv(FILE, parse_dates=["TX_DATETIME"]).sort_values(["TX_DATETIME", "TRANSACTION_ID"])
    when = table["TX_DATETIME"]
    start = when.iloc[0].normalize()
    return Transactions(
        customer=table["CUSTOMER_ID"].to_numpy(dtype=np.int64),
        terminal=table["TERMINAL_ID"].to_numpy(dtype=np.int64),
        seconds=(when - start).dt.total_seconds().to_numpy(),
        day=((when - start).dt.days).to_numpy(dtype=np.int64),
        hour=when.dt.hour.to_numpy(dtype=np.int64),
        weekday=when.dt.weekday.to_numpy(dtype=np.int64),
        amount=table["TX_AMOUNT"].to_numpy(dtype=np.float64),
        fraud=table["TX_FRAUD"].to_numpy(dtype=np.float64),
    )


def book_features(known: Transactions) -> Columns:
    """Return the 15 features of the book: how the customer spends, and the terminal's frauds up to a week ago."""
    customers, terminals = _histories(known)
    columns = {
        "amount": known.amount,
        "weekend": (known.weekday >= WEEKEND).astype(np.float64),
        "night": (known.hour <= NIGHT_ENDS).astype(np.float64),
    }
    for days in (1, 7, 30):
        columns[f"customer_count_{days}"], columns[f"customer_mean_{days}"] = _mean(customers, known.amount, days)
        columns[f"terminal_count_{days}"], columns[f"terminal_risk_{days}"] = _mean(terminals, known.fraud, days, DELAY)
    return columns


def more_features(known: Transactions) -> Columns:
    """Return the features of the book and ours: more windows, customers' frauds, amounts beside the own mean."""
    customers, terminals = _histories(known)
    columns = book_features(known)
    for days in (3, 14, 60):
        columns[f"customer_count_{days}"], columns[f"customer_mean_{days}"] = _mean(customers, known.amount, days)
    for days in (1, 2, 3, 7, 14, 30):
        columns[f"terminal_use_{days}"], columns[f"terminal_mean_{days}"] = _mean(terminals, known.amount, days)
    for days in (2, 3, 4, 14, 21, 40):
        columns[f"terminal_risk_{days}"] = _mean(terminals, known.fraud, days, DELAY)[1]
        columns[f"terminal_frauds_{days}"] = terminals.sums(known.fraud, days, DELAY)
    for days in (1, 3, 7, 14, 30, 60):
        columns[f"customer_risk_{days}"] = _mean(customers, known.fraud, days, DELAY)[1]
        columns[f"customer_frauds_{days}"] = customers.sums(known.fraud, days, DELAY)
    own_mean = np.maximum(columns["customer_mean_60"], 0.1)
    for days in (1, 3, 7, 14):
        columns[f"customer_shift_{days}"] = columns[f"customer_mean_{days}"] / own_mean
    columns["amount_share_30"] = known.amount / np.maximum(columns["customer_mean_30"], 0.1)
    columns["amount_share_60"] = known.amount / own_mean
    columns["amount_beside_others"] = _beside_others(known.amount, columns)
    large = (columns["amount_share_60"] > LARGE).astype(np.float64)
    for days in (3, 7, 14):
        columns[f"customer_large_{days}"] = customers.sums(large, days)
    return columns


def matrix(columns: Columns, names: Sequence[str], rows: npt.NDArray[np.bool_]) -> Matrix:
    """Return some rows of some columns as a matrix."""
    return np.column_stack([columns[name][rows] for name in names])


def _histories(known: Transactions) -> tuple[History, History]:
    return History(known.customer, known.seconds), History(known.terminal, known.seconds)


def _mean(history: History, values: Vector, days: float, delay: float = 0.0) -> tuple[Vector, Vector]:
    """Return how many rows are in the window, and the mean of their values; 0 where there is none."""
    counts = history.counts(days, delay)
    return counts, history.sums(values, days, delay) / np.maximum(counts, 1.0)


def _beside_others(amount: Vector, columns: Columns) -> Vector:
    """Return the amount as a multiple of the mean of the customer's other amounts; 1 where there are too few."""
    count = columns["customer_count_60"]
    others = (columns["customer_mean_60"] * count - amount) / np.maximum(count - 1, 1.0)
    beside: Vector = np.where(count > 3, amount / np.maximum(others, 0.1), 1.0)
    return beside

"""Real card transactions of one day (ULB/Worldline 2013), strictly prequential: each row is scored, then learned.

References:
    Dal Pozzolo, Caelen, Johnson, Bontempi (2015), Calibrating Probability with Undersampling for Unbalanced
    Classification, CIDM: the data. River's Half-Space Trees behind `MinMaxScaler`, measured: AUC 0.932, AP 0.275.
"""

from __future__ import annotations

import numpy as np

from models import ONLINE
from models.api import Matrix, Vector
from tests.bench.quality_parts.measure import DATA, SEEDS, figures, seeds_of, show

FILE = DATA / "creditcard-ulb" / "day1.npz"


def read() -> tuple[Matrix, Vector]:
    """Read V1 to V28 and the logarithm of the amount, shape (n, 29), in the order of time; and the labels."""
    with np.load(FILE) as data:
        amounts = np.log1p(data["amount_cents"] / 100.0)
        return np.column_stack([data["V_e4"] / 1e4, amounts]), data["y"].astype(np.float64)


def report() -> None:
    """Print the table."""
    rows, labels = read()
    table = [["River Half-Space Trees, min-max (measured)", "0.932", "0.275", f"{labels.mean():.5f}"]]
    for name in ("tails", "scaled_half_space_trees"):
        each = [figures(labels, ONLINE[name](seed=seed).score_learn(rows)) for seed in SEEDS]
        auc, precision = seeds_of([one.auc for one in each]), seeds_of([one.precision for one in each])
        table.append([name, auc, precision, f"{labels.mean():.5f}"])
    title = f"Credit card, day 1: {len(rows):,} rows, {int(labels.sum())} frauds, prequential, seeds 1 2 3"
    show(title, ["model", "AUC", "average precision", "base rate"], table)

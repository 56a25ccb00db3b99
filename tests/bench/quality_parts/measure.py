"""Figures of a ranking, exactly, and the table that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score  # type: ignore[import-untyped]  # ships no types

from models.api import Vector

DATA = Path(__file__).parents[4] / "shared" / "data"
"""Public reference data, kept beside this repository (see its README); where it is absent, what needs it says so."""

SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Figures:
    """Area under the ROC curve and average precision of one ranking (scikit-learn, exact)."""

    auc: float
    precision: float


def figures(labels: Vector, scores: Vector) -> Figures:
    """Measure a ranking against labels of 0 and 1."""
    return Figures(float(roc_auc_score(labels, scores)), float(average_precision_score(labels, scores)))


def mean(each: Sequence[Figures]) -> Figures:
    """Return the mean of several figures."""
    return Figures(float(np.mean([one.auc for one in each])), float(np.mean([one.precision for one in each])))


def seeds_of(values: Sequence[float], digits: int = 3) -> str:
    """Show the mean of the seeds and each of them."""
    return f"{np.mean(values):.{digits}f} ({' '.join(f'{value:.{digits}f}' for value in values)})"


def show(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table as Markdown."""
    print(f"\n## {title}\n")
    print("| " + " | ".join(header) + " |")
    print("|---|" + "---:|" * (len(header) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)

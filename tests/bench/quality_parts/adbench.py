"""Six sets of ADBench: online models in file order and shuffled, beside an Isolation Forest fitted on all rows.

References:
    Han, Hu, Huang, Jiang, Zhao (2022), ADBench: Anomaly Detection Benchmark, NeurIPS. Published figures (AUC only,
    fitted and scored on all rows): `dte_adbench_aucroc_unsup.csv`, Livernoche et al. (2024), On Diffusion Modeling for
    Anomaly Detection, ICLR.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping

import numpy as np

from models import BATCH, ONLINE
from models.api import Matrix, Vector
from tests.bench.quality_parts.measure import DATA, SEEDS, Figures, figures, mean, show

FOLDER = DATA / "adbench"
SETS = {
    "mammography": "23_mammography",
    "pendigits": "28_pendigits",
    "satellite": "30_satellite",
    "shuttle": "32_shuttle",
    "thyroid": "38_thyroid",
    "campaign": "5_campaign",
}
MODELS = ("tails", "scaled_half_space_trees")


def read(name: str) -> tuple[Matrix, Vector]:
    """Read the rows and labels of a set."""
    with np.load(FOLDER / f"{SETS[name]}.npz", allow_pickle=False) as data:
        return data["X"].astype(np.float64), data["y"].astype(np.float64)


def published() -> dict[str, Mapping[str, str]]:
    """Read the published AUC (in percent) of every method on every set."""
    with (DATA / "published" / "dte_adbench_aucroc_unsup.csv").open(encoding="utf-8", newline="") as file:
        return {row["dataset"]: row for row in csv.DictReader(file)}


def online(name: str, rows: Matrix, labels: Vector, *, shuffled: bool) -> Figures:
    """Score a set prequentially with three seeds; each seed has a shuffle of its own."""
    each = []
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(len(rows)) if shuffled else np.arange(len(rows))
        each.append(figures(labels[order], ONLINE[name](seed=seed).score_learn(rows[order])))
    return mean(each)


def report() -> None:
    """Print the tables."""
    theirs = published()
    by_model: dict[str, list[Figures]] = {}
    table = []
    for name in SETS:
        rows, labels = read(name)
        forest = BATCH["isolation_forest"]
        words = {
            "Isolation Forest, batch": mean([figures(labels, forest.train(rows, seed=s).score(rows)) for s in SEEDS])
        }
        for model in MODELS:
            words[f"{model}, file order"] = online(model, rows, labels, shuffled=False)
            words[f"{model}, shuffled"] = online(model, rows, labels, shuffled=True)
        for model, word in words.items():
            by_model.setdefault(model, []).append(word)
        quoted = [f"{float(theirs[name][method]) / 100:.3f}" for method in ("IForest", "ECOD")]
        shown = [f"{word.auc:.3f} / {word.precision:.3f}" for word in words.values()]
        table.append([f"{name} ({len(rows):,} x {rows.shape[1]})", f"{labels.mean():.4f}", *quoted, *shown])
    means = [mean(each) for each in by_model.values()]
    quoted_means = [f"{np.mean([float(row[column]) for row in table]):.3f}" for column in (2, 3)]
    table.append(["mean", "", *quoted_means, *(f"{word.auc:.3f} / {word.precision:.3f}" for word in means)])
    header = ["set", "base rate", "published IForest AUC", "published ECOD AUC", *by_model]
    show("ADBench, AUC / average precision, means of seeds 1 2 3", header, table)

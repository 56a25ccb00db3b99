"""What learns from numbers: models, calibration, fusion, alert budget and the model store.

Knows matrices, not events, and imports none of the other packages. Adding a model costs one file and one line below;
`tests/checks.py` then holds it to the contract of its family.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.gradient_boosting import FlatBoosting
from models.half_space_trees import HalfSpaceTrees
from models.isolation_forest import FlatForest
from models.logistic_regression import LogisticRegression
from models.river_models import loda
from models.scaled import ScaledHalfSpaceTrees
from models.tails import TailProbabilities
from models.trees_and_tails import TreesAndTails

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.api import BatchModel, OnlineModel, Scorer, VerdictBatchModel, VerdictModel

ONLINE: dict[str, Callable[..., OnlineModel]] = {
    "half_space_trees": HalfSpaceTrees,
    "loda": loda,
    "scaled_half_space_trees": ScaledHalfSpaceTrees,
    "tails": TailProbabilities,
    "trees_and_tails": TreesAndTails,
}
"""Models that score each row before they learn it: `ONLINE["half_space_trees"](seed=1).score_learn(rows)`."""

BATCH: dict[str, type[BatchModel]] = {
    "isolation_forest": FlatForest,
}
"""Models that are trained once: `BATCH["isolation_forest"].train(rows, seed=1).score(rows)`, kept by `models.store`."""

VERDICT_ONLINE: dict[str, Callable[..., VerdictModel]] = {
    "logistic_regression": LogisticRegression,
}
"""Models that learn from one verdict after the other."""

VERDICT_BATCH: dict[str, type[VerdictBatchModel]] = {
    "gradient_boosting": FlatBoosting,
}
"""Models that are trained on verdicts once: `VERDICT_BATCH["gradient_boosting"].train(rows, confirmed, seed=1)`."""

KINDS: dict[str, type[Scorer]] = {**BATCH, **VERDICT_BATCH}
"""What `models.store` can keep."""

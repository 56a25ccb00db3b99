"""Half-Space Trees and tails as one model: what is odd as a combination, and what is odd in a column.

Each sees what the other does not. Their scores have nothing in common but their ranks, so each becomes a tail
probability first; the product of the two is the evidence (Fisher 1925, Statistical Methods for Research Workers:
combining probabilities). It is not read as a probability itself, for the two are not independent: whoever uses the
score calibrates it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models import snapshots
from models.api import Matrix, Vector, as_matrix
from models.calibration import Calibrator
from models.half_space_trees import HalfSpaceTrees
from models.tails import TailProbabilities

if TYPE_CHECKING:
    from models.api import Snapshot

_HALF = 10.0
"""Evidence, -log of the product, that scores one half: two chances of 1 in 150."""


class TreesAndTails:
    """Half-Space Trees (columns in [0, 1], River's defaults) and `TailProbabilities`, each calibrated by its past.

    score = e / (e + 10), e = -log(p of the trees) - log(p of the tails).

    Args:
        n_trees: see `HalfSpaceTrees`, as are the next two.
        height: halvings per tree.
        window_size: rows per window; scores are 0 during the first one.
        size: rows of the reservoir, see `TailProbabilities`.
        seed: of both.
    """

    def __init__(
        self, n_trees: int = 10, height: int = 8, window_size: int = 250, size: int = 2_000, seed: int = 1
    ) -> None:
        self._parameters = (n_trees, height, window_size, size, seed)
        self._trees, self._tails, self._calibrator = self._new()
        self._learned = 0

    @property
    def is_warm(self) -> bool:
        """Whether the trees have a full window, and calibration knows enough of what both say since then."""
        return self._learned >= self._trees.window_size + Calibrator.FIRST

    def score_learn(self, rows: Matrix) -> Vector:
        """Score every row by what came before, then learn it (see `OnlineModel`)."""
        rows = as_matrix(rows, self._tails.width)
        scores = np.zeros(len(rows))
        cold = min(max(self._trees.window_size - self._learned, 0), len(rows))
        for model in (self._trees, self._tails):
            model.score_learn(rows[:cold])
        rest = rows[cold:]
        evidence = np.zeros(len(rest))
        for name, model in (("trees", self._trees), ("tails", self._tails)):
            evidence -= np.log(self._calibrator.score_learn([name] * len(rest), model.score_learn(rest)))
        scores[cold:] = evidence / (evidence + _HALF)
        self._learned += len(rows)
        return scores

    def score(self, rows: Matrix) -> Vector:
        """Score rows by what was learned so far, without learning (see `OnlineModel`)."""
        rows = as_matrix(rows, self._tails.width)
        if not self.is_warm:
            return np.zeros(len(rows))
        evidence = np.zeros(len(rows))
        for name, model in (("trees", self._trees), ("tails", self._tails)):
            evidence -= np.log(self._calibrator.score(name, model.score(rows)))
        score: Vector = evidence / (evidence + _HALF)
        return score

    def snapshot(self) -> Snapshot:
        """Copy the state out; `restore` continues exactly."""
        parts = (self._trees.snapshot(), self._tails.snapshot(), self._calibrator.snapshot())
        return {**parts[0], **parts[1], **parts[2], "rows": self._learned}

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of a snapshot of a model with the same parameters.

        Raises:
            ValueError: if it is damaged or of other parameters; nothing is then changed.
        """
        learned = snapshots.integer(snapshot, "rows")
        parts = self._new()
        for part in parts:
            part.restore(snapshot)
        self._trees, self._tails, self._calibrator = parts
        self._learned = learned

    def _new(self) -> tuple[HalfSpaceTrees, TailProbabilities, Calibrator]:
        n_trees, height, window_size, size, seed = self._parameters
        return HalfSpaceTrees(n_trees, height, window_size, seed=seed), TailProbabilities(size, seed), Calibrator()

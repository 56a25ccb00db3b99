"""The rank of a finding: its risk, moved by what verdicts on findings like it have been."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from alerting.feedback.features import rows_of
from detectors.finding import Finding
from models import VERDICT_ONLINE, snapshots
from models.api import Snapshot, VerdictModel

ENOUGH_OF_EACH = 10
"""Confirmed and cleared cases from which the model has a say."""
FULL_SAY = 100
"""Cases after which its say is full."""
SHARE = 0.5
"""Its full say: half the rank, the risk the other half (docs/evaluation.md: what was measured)."""


class Ranking(Struct):
    """The model with the number of cases that it has learned from, confirmed and cleared.

    Ranks decide which findings the alert budget lets through first; risk, severity and what is critical stay as they
    are.
    """

    model: VerdictModel
    confirmed: int = 0
    cleared: int = 0

    @property
    def share(self) -> float:
        """How much of a rank is the model's, 0 to `SHARE`."""
        if min(self.confirmed, self.cleared) < ENOUGH_OF_EACH:
            return 0.0
        return SHARE * min(1.0, (self.confirmed + self.cleared) / FULL_SAY)

    def ranks(self, findings: Sequence[Finding]) -> list[float]:
        """Return the rank of each finding, 0 to 100."""
        if not findings or self.share == 0.0:
            return [finding.risk for finding in findings]
        likely = self.model.score(rows_of(findings))
        risks = np.array([finding.risk for finding in findings])
        ranked: list[float] = ((1 - self.share) * risks + self.share * 100 * likely).tolist()
        return ranked

    def learn(self, findings: Sequence[Finding], *, is_confirmed: bool) -> None:
        """Learn from the verdict on one case, by the findings that speak for it."""
        if findings:
            self.model.learn(rows_of(findings), np.full(len(findings), float(is_confirmed)))
            self.confirmed += is_confirmed
            self.cleared += not is_confirmed

    def snapshot(self) -> Snapshot:
        """Copy the state out."""
        return {**self.model.snapshot(), "confirmed": self.confirmed, "cleared": self.cleared}

    @staticmethod
    def of(snapshot: Snapshot | None) -> Ranking:
        """Return the ranking of a snapshot, a fresh one without."""
        ranking = Ranking(VERDICT_ONLINE["logistic_regression"]())
        if snapshot is not None:
            counts = {name: snapshots.integer(snapshot, name) for name in ("confirmed", "cleared")}
            ranking.model.restore({name: value for name, value in snapshot.items() if name not in counts})
            ranking.confirmed, ranking.cleared = counts["confirmed"], counts["cleared"]
        return ranking

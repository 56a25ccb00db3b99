"""What the desk needs of an alert budget; `models.budget.AlertBudget` is one."""

from typing import Protocol

from models.api import Snapshot
from models.budget import Decision


class Budget(Protocol):
    """Decides which findings may ask for attention. Its state is kept in the store, with the findings it decided."""

    @property
    def threshold(self) -> float:
        """Risk from which a finding is certain to alert at the moment."""
        ...

    def decide(self, at: float, risk: float, critical: bool = False) -> Decision:
        """Decide on one finding at event time `at`, of a finite time and a risk from 0 to 100."""
        ...

    def snapshot(self) -> Snapshot:
        """Copy the state out."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of a snapshot."""
        ...

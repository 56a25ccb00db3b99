"""What the desk needs of an alert budget; `models.daily_budget.DailyBudget` is one."""

from typing import Protocol

from models.api import Snapshot
from models.budget import Decision


class Budget(Protocol):
    """Decides which findings may ask for attention. Its state is kept in the store, with the findings it decided."""

    @property
    def threshold(self) -> float:
        """Risk from which a finding is certain to alert at the moment."""
        ...

    @property
    def waiting(self) -> frozenset[str]:
        """Names of the findings that were held back and may still be released."""
        ...

    def decide(self, at: float, risk: float, critical: bool = False, *, subject: str = "", name: str = "") -> Decision:
        """Decide on one finding at event time `at`, of a finite time and a risk from 0 to 100."""
        ...

    def spent(self) -> None:
        """Note that a finding that was decided on, or released, alerts."""
        ...

    def charge(self, at: float) -> None:
        """Note an alert that was not asked for."""
        ...

    def is_due(self, at: float) -> bool:
        """Return whether `due` may name a finding at this event time."""
        ...

    def due(self, at: float) -> str | None:
        """Return the name of a finding that may alert after all; None where there is none (any more)."""
        ...

    def snapshot(self) -> Snapshot:
        """Copy the state out."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Replace the state by that of a snapshot."""
        ...

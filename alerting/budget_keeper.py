"""Keeps the alert budget in step with the store, so that workers share one and a crash forgets no decision."""

from sqlalchemy import Connection

from alerting.budget import Budget
from alerting.store.guard_rows import budget_version, load_budget, save_budget
from detectors.finding import Finding
from models.budget import Decision
from models.snapshots import pack, unpack


class BudgetKeeper:
    """The budget of one desk. Without a budget everything alerts.

    Every transaction calls `load`, any number of times `decide`, then `save`; after it is committed, `committed`. What
    a transaction that failed had decided is undone at the next `load`, as is being overtaken by another desk.
    """

    def __init__(self, budget: Budget | None) -> None:
        self._budget = budget
        self._untouched = pack(budget.snapshot()) if budget else b""
        self._in_step_with: int | None = 0
        self._saved = 0

    @property
    def threshold(self) -> float | None:
        """Risk from which a finding is certain to alert at the moment; None without a budget."""
        return self._budget.threshold if self._budget else None

    def load(self, connection: Connection) -> None:
        """Bring the budget to what the store holds."""
        if self._budget is None:
            return
        version = budget_version(connection)
        if version != self._in_step_with:
            self._budget.restore(unpack(load_budget(connection) if version else self._untouched))
        self._in_step_with = None
        self._saved = version

    def decide(self, finding: Finding) -> Decision:
        """Decide whether a sound finding may ask for attention."""
        if self._budget is None:
            return Decision.ALERT
        return self._budget.decide(finding.at, finding.risk, critical=finding.severity == "critical")

    def save(self, connection: Connection) -> None:
        """Put the budget into the store."""
        if self._budget is None:
            return
        self._saved += 1
        save_budget(connection, self._saved, pack(self._budget.snapshot()))

    def committed(self) -> None:
        """Note that what was saved is in the store for good."""
        self._in_step_with = self._saved

"""Keeps the alert budget in step with the store, so that workers share one and a crash forgets no decision."""

from sqlalchemy import Connection

from alerting.budget import Budget
from alerting.store.guard_rows import budget_version, load_budget, save_budget
from detectors.finding import Finding
from models.budget import Decision
from models.snapshots import pack, unpack


def is_certain(finding: Finding) -> bool:
    """Return whether a finding alerts whatever is left of the budget: what is critical, and rules that are high.

    "Rank, take top-k/day, plus all C/H hard rules" (domain.md §3.3).
    """
    return finding.severity == "critical" or (finding.kind == "rule" and finding.severity == "high")


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

    @property
    def waiting(self) -> frozenset[str]:
        """Ids of the findings that were held back and may still be released."""
        return self._budget.waiting if self._budget else frozenset()

    def decide(self, finding: Finding, subject: str, rank: float) -> Decision:
        """Decide if a sound finding of a rank (0 to 100) may ask for attention; of one subject only the first waits."""
        if self._budget is None:
            return Decision.ALERT
        return self._budget.decide(finding.at, rank, critical=is_certain(finding), subject=subject, name=finding.id)

    def spent(self) -> None:
        """Note that a finding that was decided on, or released, alerts."""
        if self._budget is not None:
            self._budget.spent()

    def charge(self, at: float) -> None:
        """Note that a finding alerts on which `decide` was not asked."""
        if self._budget is not None:
            self._budget.charge(at)

    def is_due(self, at: float) -> bool:
        """Return whether findings may be released at this event time."""
        return self._budget is not None and self._budget.is_due(at)

    def due(self, at: float) -> str | None:
        """Return the id of a finding to release at this event time; ask until there is none."""
        return self._budget.due(at) if self._budget is not None else None

    def save(self, connection: Connection) -> None:
        """Put the budget into the store."""
        if self._budget is None:
            return
        self._saved += 1
        save_budget(connection, self._saved, pack(self._budget.snapshot()))

    def committed(self) -> None:
        """Note that what was saved is in the store for good."""
        self._in_step_with = self._saved

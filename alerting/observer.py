"""What the desk and the sender tell whoever measures them. Labels are rule, severity, channel and outcome only."""

from typing import Protocol

from alerting.incidents import IncidentKind
from alerting.severity import IncidentSeverity
from detectors.finding import Severity


class Observer(Protocol):
    """Called after the transaction; must not raise and must not block."""

    def finding(self, rule: str, severity: Severity, *, alert: bool) -> None:
        """A new finding was stored; `alert` says whether it is part of a case."""

    def held(self, reason: str) -> None:
        """A finding or notice was held back, for a reason of `alerting.store.finding_rows.Held`."""

    def released(self, rule: str, severity: Severity) -> None:
        """A finding that the budget had held back alerts after all."""

    def withdrawn(self, outcome: str, n: int) -> None:
        """Findings were withdrawn (`withdrawn`), or would have been if the store held them (`unknown`)."""

    def incident(self, kind: IncidentKind, severity: IncidentSeverity, change: str) -> None:
        """An incident was opened, reopened, escalated, or moved to another status."""

    def notice(self, channel: str, outcome: str) -> None:
        """An attempt to send a notice ended: `sent`, `retry`, `failed`, `blocked`."""


class Unobserved:
    """Measures nothing."""

    def finding(self, rule: str, severity: Severity, *, alert: bool) -> None:
        """Ignore it."""

    def held(self, reason: str) -> None:
        """Ignore it."""

    def released(self, rule: str, severity: Severity) -> None:
        """Ignore it."""

    def withdrawn(self, outcome: str, n: int) -> None:
        """Ignore it."""

    def incident(self, kind: IncidentKind, severity: IncidentSeverity, change: str) -> None:
        """Ignore it."""

    def notice(self, channel: str, outcome: str) -> None:
        """Ignore it."""

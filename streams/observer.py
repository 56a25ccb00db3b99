"""What the engine tells about itself, for whoever keeps the metrics (`monitor/`)."""

from collections.abc import Sequence
from typing import Protocol

from detectors.finding import Finding


class Observer(Protocol):
    """Receives figures, once a batch or once a second, in the worker's event loop: it must be quick and not raise.

    `agent` is `intake`, the name of a stage, `response` or `ledger`. Nothing here names an entity.
    """

    def events(self, agent: str, outcome: str, n: int) -> None:
        """Count events that came to `outcome` (`alerting.ledger.LedgerRow`, or `onward`)."""

    def step(self, agent: str, seconds: float, events: int) -> None:
        """Tell how long one batch took, from its first look to its acknowledgements, and how many events it held."""

    def found(self, findings: Sequence[Finding], seconds: Sequence[float]) -> None:
        """Tell of findings, and for each the seconds from the broker's timestamp of its event to now."""

    def failure(self, agent: str, kind: str, n: int) -> None:
        """Count what failed and was gone around: a detector by its id, or a dead letter's reason, or `desk_away`, …."""

    def unknown_fields(self, n: int) -> None:
        """Count fields that the intake kept out."""

    def masked_texts(self, n: int) -> None:
        """Count events in whose free text something was masked."""

    def lag(self, topic: str, partition: int, records: int) -> None:
        """Tell how many records of an assigned partition are not yet processed."""

    def commit_age(self, seconds: float) -> None:
        """Tell how long processed records have been waiting for their commit; 0 where none is."""

    def rebalanced(self, partitions: int) -> None:
        """Tell of a new assignment, with so many partitions."""

    def ready(self, is_ready: bool) -> None:
        """Tell whether events are being processed: partitions assigned, tables recovered, no rebalance going on."""


class NullObserver:
    """Looks away."""

    def events(self, agent: str, outcome: str, n: int) -> None:
        """Ignore."""

    def step(self, agent: str, seconds: float, events: int) -> None:
        """Ignore."""

    def found(self, findings: Sequence[Finding], seconds: Sequence[float]) -> None:
        """Ignore."""

    def failure(self, agent: str, kind: str, n: int) -> None:
        """Ignore."""

    def unknown_fields(self, n: int) -> None:
        """Ignore."""

    def masked_texts(self, n: int) -> None:
        """Ignore."""

    def lag(self, topic: str, partition: int, records: int) -> None:
        """Ignore."""

    def commit_age(self, seconds: float) -> None:
        """Ignore."""

    def rebalanced(self, partitions: int) -> None:
        """Ignore."""

    def ready(self, is_ready: bool) -> None:
        """Ignore."""

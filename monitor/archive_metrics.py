"""What Prometheus sees of `wardwatch archive`."""

from prometheus_client import CollectorRegistry

from monitor.health import Heartbeat
from monitor.metric_set import MetricSet

PATIENCE_SECONDS = 300.0
"""A database that is away is waited for; one write of many accesses may take minutes on a slow disk."""


class ArchiveMetrics(MetricSet):
    """The metrics of the archive; it is the observer of `streams.archive`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(registry)
        self.heartbeat = Heartbeat(PATIENCE_SECONDS)
        self._archived = self._counter("archive_accesses", "Accesses written, those that were known already too.")
        self._strange = self._counter("archive_undecodable", "Records or events that are none of ours.")
        self._failures = self._counter("archive_failures", "Batches that are tried again, by error.", "kind")
        lost = "Records that the broker deleted before the archive read them: it was away for too long."
        self._waiting = self._gauge("archive_waiting", "Records that wait to be archived.")
        self._missed = self._counter("archive_missed_records", lost)

    def archived(self, accesses: int) -> None:
        """Count accesses."""
        self._archived.inc(accesses)
        self.heartbeat.beat()

    def undecodable(self, n: int) -> None:
        """Count what cannot be read."""
        self._strange.inc(n)

    def failed(self, kind: str) -> None:
        """Count a batch that is tried again."""
        self._failures.labels(kind).inc()
        self.heartbeat.beat()

    def gap(self, records: int) -> None:
        """Count what was missed."""
        self._missed.inc(records)

    def waiting(self, records: int) -> None:
        """Show how many records wait."""
        self._waiting.set(records)

    def alive(self) -> None:
        """Note that it goes round."""
        self.heartbeat.beat()

"""What Prometheus sees of `wardwatch listen`: what came, what the broker has, what was refused or dropped, and why."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry

from monitor.metric_set import MetricSet


class FeedMetrics(MetricSet):
    """The metrics of a listener and of its feed.

    It is the observer of both (`streams.sources.listening.Observer`, `streams.feed.Observer`). The only names among its
    labels are that of the source, which the operator gave, and reasons.
    """

    def __init__(self, registry: CollectorRegistry, source: str) -> None:
        super().__init__(registry)
        self._source = source
        self._received = self._counter("feed_received", "Messages that a listener took from its senders.", "source")
        self._published = self._counter("feed_published", "Records that the broker acknowledged.", "source")
        told = "Records among them that become dead letters, by reason."
        self._refused = self._counter("feed_refused", told, "source", "reason")
        dropped = "Datagrams that were dropped, by reason; what the system drops is not among them."
        self._dropped = self._counter("feed_dropped_datagrams", dropped, "source", "reason")
        away = "Senders that were turned away, for there were too many."
        self._turned_away = self._counter("feed_turned_away", away, "source")
        refusals = "Times that the broker did not take a batch, by error; it is sent again."
        self._failures = self._counter("feed_failures", refusals, "source", "kind")
        self._connections = self._gauge("feed_connections", "Senders that are connected.", "source")
        self._waiting = self._gauge("feed_waiting", "Records that wait for the broker.", "source")
        for metric in (self._received, self._published, self._turned_away):
            metric.labels(source)  # shown from the beginning, so that a rate over it is 0 and not absent

    def received(self, n: int) -> None:
        """Count messages that came."""
        self._received.labels(self._source).inc(n)

    def published(self, n: int, refused: Mapping[str, int]) -> None:
        """Count records that the broker acknowledged, and those that will become dead letters."""
        self._published.labels(self._source).inc(n)
        for reason, count in refused.items():
            self._refused.labels(self._source, reason).inc(count)

    def failed(self, kind: str) -> None:
        """Count a batch that the broker did not take."""
        self._failures.labels(self._source, kind).inc()

    def waiting(self, n: int) -> None:
        """Show how many records wait."""
        self._waiting.labels(self._source).set(n)

    def connections(self, n: int) -> None:
        """Show how many senders are connected."""
        self._connections.labels(self._source).set(n)

    def turned_away(self) -> None:
        """Count a sender that was turned away."""
        self._turned_away.labels(self._source).inc()

    def dropped(self, reason: str, n: int) -> None:
        """Count datagrams that were dropped."""
        self._dropped.labels(self._source, reason).inc(n)

"""Metrics on a registry of their own, which can be listed for people."""

from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

LATENCY_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""5 ms to 10 s; the promise is a 99th percentile of event to finding under 1 s."""


class Listed(Struct, frozen=True):
    """What people need to know of a metric to use it."""

    name: str
    kind: str
    about: str
    labels: tuple[str, ...]


class MetricSet:
    """The metrics of one kind of process; each is declared by one of the methods."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.listed: list[Listed] = []

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(self._listed(name, "counter", about, labels), about, labels, registry=self.registry)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(self._listed(name, "gauge", about, labels), about, labels, registry=self.registry)

    def _histogram(self, name: str, about: str, *labels: str) -> Histogram:
        full = self._listed(name, "histogram", about, labels)
        return Histogram(full, about, labels, registry=self.registry, buckets=LATENCY_BUCKETS)

    def _listed(self, name: str, kind: str, about: str, labels: tuple[str, ...]) -> str:
        """Put a metric on the list and return its full name."""
        full = f"wardwatch_{name}"
        self.listed.append(Listed(f"{full}_total" if kind == "counter" else full, kind, about, labels))
        return full

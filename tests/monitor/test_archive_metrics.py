"""What Prometheus sees of the archive."""

from prometheus_client import CollectorRegistry

from monitor.archive_metrics import ArchiveMetrics


def test_everything_is_counted() -> None:
    registry = CollectorRegistry()
    metrics = ArchiveMetrics(registry)
    metrics.archived(25)
    metrics.undecodable(2)
    metrics.failed("OperationalError")
    metrics.gap(7)
    metrics.waiting(40)
    metrics.alive()
    assert registry.get_sample_value("wardwatch_archive_waiting") == 40.0
    assert metrics.heartbeat.check().ok
    shown = {
        name: registry.get_sample_value(f"wardwatch_archive_{name}_total")
        for name in ("accesses", "undecodable", "missed_records")
    }
    assert shown == {"accesses": 25.0, "undecodable": 2.0, "missed_records": 7.0}
    assert registry.get_sample_value("wardwatch_archive_failures_total", {"kind": "OperationalError"}) == 1.0

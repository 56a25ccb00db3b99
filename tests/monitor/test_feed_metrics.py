"""Metrics of listeners: what they count, and that only source and reasons are their labels."""

from prometheus_client import CollectorRegistry

import streams.feed
import streams.sources.listening
from monitor.feed_metrics import FeedMetrics

SOURCE = "urn:test:ehr"


def test_every_metric_counts_and_names_only_source_and_reason() -> None:
    metrics = FeedMetrics(CollectorRegistry(), SOURCE)
    feed: streams.feed.Observer = metrics
    listener: streams.sources.listening.Observer = metrics
    assert metrics.registry.get_sample_value("wardwatch_feed_received_total", {"source": SOURCE}) == 0
    feed.received(5)
    feed.published(4, {"not_xml": 1, "too_deep": 2})
    feed.failed("KafkaTimeoutError")
    feed.waiting(7)
    listener.connections(3)
    listener.turned_away()
    listener.dropped("rate_limited", 6)
    samples = {
        (sample.name, *(value for label, value in sorted(sample.labels.items()) if label != "source")): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }
    assert samples == {
        ("wardwatch_feed_received_total",): 5,
        ("wardwatch_feed_published_total",): 4,
        ("wardwatch_feed_refused_total", "not_xml"): 1,
        ("wardwatch_feed_refused_total", "too_deep"): 2,
        ("wardwatch_feed_failures_total", "KafkaTimeoutError"): 1,
        ("wardwatch_feed_waiting",): 7,
        ("wardwatch_feed_connections",): 3,
        ("wardwatch_feed_turned_away_total",): 1,
        ("wardwatch_feed_dropped_datagrams_total", "rate_limited"): 6,
    }
    assert {row.name for row in metrics.listed} == {name for name, *_ in samples}

"""Metrics: what they count, and that no label can name a person or grow without bound."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

import alerting.observer
import alerting.vault
import streams.observer
from alerting.ledger import LedgerEntry, LedgerRow
from alerting.store import Totals
from detectors.finding import Entity, Finding
from monitor.health import Heartbeat
from monitor.metric_table import metrics_document
from monitor.metrics import MOST_SOURCES, Metrics

ALLOWED_LABELS = {
    "source", "outcome", "agent", "reason", "kind", "rule", "severity", "channel", "change", "stage", "topic",
    "partition", "model", "version", "le",
}  # fmt: skip
TOKEN = "u1:abcdefghij0123456789_-"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry(), clock=lambda: 1_000.0)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def touch_everything(metrics: Metrics) -> None:
    """Call every method once, the engine's and the desk's as their protocols declare them."""
    engine: streams.observer.Observer = metrics
    desk: alerting.observer.Observer = metrics
    finding = Finding(
        id="f", event_id="e", at=0.0, kind="rule", detector="A09", version=1, severity="high", risk=70.0,
        entity=Entity("user", TOKEN), reasons=[f"{TOKEN} opened 212 charts"],
    )  # fmt: skip
    engine.events("intake", "received", 3)
    engine.step("user", 0.02, 3)
    engine.found([finding], [0.3])
    engine.failure("user", "A19", 1)
    engine.unknown_fields(2)
    engine.masked_texts(1)
    engine.lag("stage.user", 3, 12)
    engine.commit_age(1.5)
    engine.rebalanced(4)
    engine.lag("stage.user", 3, 12)
    engine.ready(True)
    desk.finding("A09", "high", alert=True)
    desk.held("budget")
    desk.released("A01", "low")
    desk.withdrawn("unknown", 1)
    desk.incident("case", "SEV2", "opened")
    desk.notice("slack", "sent")
    vault: alerting.vault.VaultObserver = metrics
    vault.vault_wrote(3)
    vault.vault_failed()
    vault.vault_waits(2)
    vault.vault_gave_up(1)
    metrics.judged("user", 0.01)
    metrics.desk_took(0.004)
    metrics.accounted([LedgerEntry("t", 0, [LedgerRow(0, 0, "ehr", 1, "dead_letter:not_json", 1)])])
    metrics.model_loaded("user-stage", 400.0)
    metrics.ledger({"ehr": Totals(received=10, scored=6, duplicates=1)})
    metrics.outbox(2)
    metrics.waiting_cases({"silence": 3})


def test_every_metric_can_be_counted_and_is_listed(metrics: Metrics) -> None:
    touch_everything(metrics)
    sampled = {sample.name for family in metrics.registry.collect() for sample in family.samples}
    assert {row.name for row in metrics.listed} <= {name.removesuffix("_count") for name in sampled}
    assert all(row.name.startswith("wardwatch_") and row.about.endswith(".") for row in metrics.listed)


def test_no_label_is_an_entity(metrics: Metrics) -> None:
    touch_everything(metrics)
    for family in metrics.registry.collect():
        for sample in family.samples:
            assert set(sample.labels) <= ALLOWED_LABELS, sample.name
            assert TOKEN not in sample.labels.values()


def test_values(metrics: Metrics) -> None:
    touch_everything(metrics)
    assert value(metrics, "wardwatch_agent_events_total", agent="intake", outcome="received") == 3
    assert value(metrics, "wardwatch_event_to_finding_seconds_bucket", le="0.2") == 0
    assert value(metrics, "wardwatch_event_to_finding_seconds_bucket", le="0.5") == 1
    assert value(metrics, "wardwatch_findings_total", rule="A09", severity="high") == 1
    assert value(metrics, "wardwatch_alerts_total", rule="A09", severity="high") == 1
    assert value(metrics, "wardwatch_events_total", source="ehr", outcome="dead_letter") == 1
    assert value(metrics, "wardwatch_dead_letters_total", reason="not_json") == 1
    assert value(metrics, "wardwatch_ready") == 1


def test_the_age_of_a_model_grows_with_the_clock() -> None:
    now = [1_000.0]
    metrics = Metrics(CollectorRegistry(), clock=lambda: now[0])
    metrics.model_loaded("user-stage", 400.0)
    assert value(metrics, "wardwatch_model_age_seconds", model="user-stage") == 600.0
    now[0] = 1_500.0
    assert value(metrics, "wardwatch_model_age_seconds", model="user-stage") == 1_100.0


def test_the_ledger_shows_what_is_in_flight(metrics: Metrics) -> None:
    totals = Totals(received=20, scored=9, applied=4, duplicates=1, dead_letters={"not_json": 2}, filtered={"x": 1})
    metrics.ledger({"ehr": totals})
    assert value(metrics, "wardwatch_ledger", source="ehr", outcome="in_flight") == 20 - (9 + 4 + 1 + 2 + 1)
    assert value(metrics, "wardwatch_ledger", source="ehr", outcome="dead_letter") == 2


def test_partitions_that_went_elsewhere_have_no_lag_here(metrics: Metrics) -> None:
    metrics.lag("stage.user", 3, 12)
    metrics.rebalanced(2)
    assert value(metrics, "wardwatch_consumer_lag", topic="stage.user", partition="3") is None


@pytest.mark.parametrize("source", [TOKEN, "mail:jane@example.org", "x" * 65, "two\nlines", "219-09-9999"])
def test_a_source_that_may_hold_more_than_a_name_is_other(metrics: Metrics, source: str) -> None:
    metrics.accounted([LedgerEntry("t", 0, [LedgerRow(0, 0, source, 1, "received", 5)])])
    assert value(metrics, "wardwatch_events_total", source="other", outcome="received") == 5


def test_invented_sources_do_not_grow_without_bound(metrics: Metrics) -> None:
    for number in range(MOST_SOURCES + 20):
        metrics.ledger({f"urn:source:{number}": Totals(received=1)})
    sources = {
        sample.labels["source"]
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "wardwatch_ledger"
    }
    assert len(sources) == MOST_SOURCES + 1
    assert "other" in sources


def test_readiness_is_a_heartbeat_of_the_event_loop() -> None:
    now = [0.0]
    heart = Heartbeat(5.0, clock=lambda: now[0])
    metrics = Metrics(CollectorRegistry(), heartbeat=heart)
    now[0] = 6.0
    assert not heart.check().ok
    metrics.ready(False)
    assert heart.check().ok
    assert not metrics.is_ready


def test_the_document_is_current() -> None:
    committed = Path(__file__).parents[2] / "docs" / "metrics.md"
    assert committed.read_text() == metrics_document(), "run `make golden`"

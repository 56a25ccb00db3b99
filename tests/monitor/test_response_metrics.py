"""What Prometheus sees of the response: what is over is shown no more, and no label is anybody's name."""

import math
import threading
from pathlib import Path

import pytest
from msgspec import structs
from prometheus_client import CollectorRegistry

from alerting.plan import Plan
from alerting.standing.counting import Standing
from monitor.response import opened_store
from monitor.response_metrics import MOST_READERS, OTHER, ResponseMetrics, StandingWatch
from monitor.settings import Settings

TOKEN = "u1:abcdefghij0123456789_-"
QUIET = Standing(
    open_cases={}, about_wardwatch={}, overdue={}, climbs={}, climb_steps=0, digest_items=0, breach_days={},
    review_overdue=0.0, verdicts={}, feedback_waiting=0, slack_waiting=0, checkpoint_at=None, siem_behind={},
)  # fmt: skip
BUSY = Standing(
    open_cases={("SEV1", "new"): 2}, about_wardwatch={"nobody_reached": 1}, overdue={"act": 3}, climbs={"climbing": 1},
    climb_steps=4, digest_items=5, breach_days={"hhs": -1}, review_overdue=60.0, verdicts={("A09", "cleared"): 7},
    feedback_waiting=6, slack_waiting=8, checkpoint_at=900.0, siem_behind={"siem": 9.0},
)  # fmt: skip


@pytest.fixture
def metrics() -> ResponseMetrics:
    return ResponseMetrics(CollectorRegistry())


def shown(metrics: ResponseMetrics) -> dict[str, list[tuple[dict[str, str], float]]]:
    return {
        family.name.removeprefix("wardwatch_"): [(sample.labels, sample.value) for sample in family.samples]
        for family in metrics.registry.collect()
    }


def test_every_figure_is_shown(metrics: ResponseMetrics) -> None:
    metrics.show(BUSY, now=1_000.0)
    assert shown(metrics) == {
        "open_incidents": [({"severity": "SEV1", "status": "new"}, 2)],
        "own_incidents": [({"kind": "nobody_reached"}, 1)],
        "overdue_incidents": [({"clock": "act"}, 3)],
        "escalations": [({"state": "climbing"}, 1)],
        "escalation_steps": [({}, 4)],
        "digest_items": [({}, 5)],
        "breach_days_left": [({"duty": "hhs"}, -1)],
        "review_overdue_seconds": [({}, 60)],
        "verdicts": [({"rule": "A09", "outcome": "cleared"}, 7)],
        "feedback_waiting": [({}, 6)],
        "slack_requests_waiting": [({}, 8)],
        "audit_checkpoint_age_seconds": [({}, 100)],
        "siem_behind_seconds": [({"reader": "siem"}, 9)],
    }
    assert {row.name for row in metrics.listed} == {f"wardwatch_{name}" for name in shown(metrics)}


def test_what_is_over_is_shown_no_more(metrics: ResponseMetrics) -> None:
    metrics.show(BUSY, now=1_000.0)
    metrics.show(QUIET, now=1_000.0)
    after = shown(metrics)
    ((_, age),) = after.pop("audit_checkpoint_age_seconds")
    assert math.isnan(age)
    assert [samples for samples in after.values() if samples not in ([], [({}, 0)])] == []


def test_readers_that_may_be_more_than_a_name_are_other(metrics: ResponseMetrics) -> None:
    many = {f"reader-{number:03}": 1.0 for number in range(MOST_READERS + 5)}
    metrics.show(structs.replace(QUIET, siem_behind={**many, TOKEN: 5.0, "x" * 65: 3.0}), now=0.0)
    readers = {labels["reader"]: value for labels, value in shown(metrics)["siem_behind_seconds"]}
    assert len(readers) == MOST_READERS + 1
    assert readers[OTHER] == 5.0


def test_the_store_is_looked_at(metrics: ResponseMetrics, tmp_path: Path) -> None:
    stop = threading.Event()

    def clock() -> float:
        stop.set()
        return 1_000.0

    metrics.show(BUSY, now=1_000.0)
    with opened_store(Settings(data_dir=tmp_path)) as store:
        StandingWatch(store, Plan(), metrics, clock).run(stop)
    assert shown(metrics)["open_incidents"] == []

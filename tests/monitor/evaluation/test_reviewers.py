"""Reviewers of a backtest judge a case once, when it is time, by its labels."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerting.commands import RecordFindings, RetractFindings
from alerting.desk import Desk
from alerting.feedback.rows import RuleRecord, rule_records
from alerting.incident_ids import random_ids
from alerting.store import Store, create_schema, open_engine
from detectors.finding import Finding
from detectors.retraction import Retraction
from monitor.evaluation import Collected, Reviewers
from tests.alerting.building import DAY, MONDAY, a_finding


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    engine = open_engine(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    create_schema(engine)
    yield Store(engine)
    engine.dispose()


def reviewed(store: Store, labelled: set[str]) -> tuple[Reviewers, Desk]:
    reviewers = Reviewers(Collected(), labelled, 2 * DAY)
    desk = Desk(store, clock=reviewers.clock, incident_ids=random_ids(random.Random(1)))
    reviewers.meet(desk)
    return reviewers, desk


def told(reviewers: Reviewers, desk: Desk, *findings: Finding) -> None:
    reviewers.findings(desk.handle(RecordFindings(list(findings))).findings)


def test_every_case_gets_its_true_verdict_when_it_is_due(store: Store) -> None:
    reviewers, desk = reviewed(store, {"labelled"})
    told(reviewers, desk, a_finding("A09", ref="u1:a", ground="labelled"), a_finding("A01", ref="u1:b"))
    told(reviewers, desk, a_finding("B22", ref="u1:c", at=MONDAY + 2 * DAY - 1))
    assert reviewers.judged == 0
    told(reviewers, desk, a_finding("B22", ref="u1:d", at=MONDAY + 2 * DAY))
    assert reviewers.judged == 2
    with store.reading() as connection:
        records = rule_records(connection)
    assert records == [RuleRecord("A01", "rule", "2026-03", 0, 1), RuleRecord("A09", "rule", "2026-03", 1, 0)]
    assert {incident.status for incident in store.incidents()} == {"resolved", "new"}
    assert reviewers.clock() == MONDAY + 2 * DAY


def test_a_case_that_resolved_itself_is_left_alone(store: Store) -> None:
    reviewers, desk = reviewed(store, set())
    finding = a_finding("A01", ref="u1:a")
    told(reviewers, desk, finding)
    retraction = Retraction(finding_id=finding.id, at=finding.at, entity=finding.entity, reason="an order came late")
    desk.handle(RetractFindings([retraction]))
    told(reviewers, desk, a_finding("B22", ref="u1:d", at=MONDAY + 3 * DAY))
    assert reviewers.judged == 0

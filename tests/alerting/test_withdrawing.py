"""Findings whose ground has fallen away: the desk marks them, their cases say so, and people are told once."""

from collections.abc import Sequence

import pytest
from msgspec import structs

from alerting.commands import Acknowledge, RecordFindings, RetractFindings, StartInvestigation
from alerting.policy import Policy
from alerting.routes import Route
from alerting.store import Case, Store, create_schema
from alerting.store.metadata import METADATA
from alerting.store.schema import WITHDRAWALS
from alerting.timeline import first_break
from detectors.finding import Finding
from detectors.retraction import Retraction
from models.daily_budget import DailyBudget
from tests.alerting.building import CONSOLE, HOUR, MONDAY, Clock, a_desk, a_finding

VOIDED = "The claim was voided."
CHAT = Policy(routes=(Route("SEV4", ("slack",)),), console_url=CONSOLE)


def taking_back(findings: Sequence[Finding], reason: str = VOIDED) -> RetractFindings:
    return RetractFindings(
        [Retraction(finding_id=one.id, at=MONDAY + HOUR, entity=one.entity, reason=reason) for one in findings]
    )


def only_case(store: Store) -> Case:
    (incident,) = store.incidents()
    case = store.incident(incident.id)
    assert case is not None
    assert first_break(case.timeline) is None
    return case


def test_a_case_of_which_nothing_is_left_is_resolved(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=CHAT)
    findings = [a_finding("B01"), a_finding("B16")]
    desk.handle(RecordFindings(findings))
    answer = desk.handle(taking_back(findings))
    assert ([one.detector for one in answer.findings], answer.unknown) == (["B01", "B16"], 0)
    case = only_case(store)
    assert (case.incident.status, case.incident.findings) == ("resolved", 0)
    assert (case.incident.verdict, case.incident.reason) == ("benign_explained", VOIDED)
    assert case.incident.resolved_at == MONDAY
    assert [(entry.action, entry.actor, entry.note) for entry in case.timeline[1:]] == [
        ("finding_withdrawn", "wardwatch", VOIDED),
        ("resolve", "wardwatch", VOIDED),
    ]
    assert case.timeline[1].detail == {"withdrawn": 2, "left": 0, "rules": "B01,B16"}
    assert {one: (gone.at, gone.reason) for one, gone in case.withdrawn.items()} == {
        one.id: (MONDAY + HOUR, VOIDED) for one in findings
    }
    assert store.ledger().withdrawn == 2
    assert store.outbox() == {"slack": {"pending": 2}}  # that it was opened, that it is resolved


def test_delivered_again_it_changes_nothing(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=CHAT)
    findings = [a_finding("B01")]
    desk.handle(RecordFindings(findings))
    desk.handle(taking_back(findings))
    before = only_case(store), store.outbox(), store.ledger()
    desk.handle(RecordFindings(findings))
    again = desk.handle(taking_back([*findings, *findings]))
    assert (again.findings, again.unknown, again.changed) == ([], 0, [])
    assert before == (only_case(store), store.outbox(), store.ledger())


def test_what_is_left_keeps_the_case_open_and_tells_nobody(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=CHAT)
    findings = [a_finding("B01"), a_finding("B01"), a_finding("B01")]
    desk.handle(RecordFindings(findings))
    desk.handle(taking_back(findings[:2]))
    case = only_case(store)
    assert (case.incident.status, case.incident.findings) == ("new", 1)
    assert [entry.action for entry in case.timeline] == ["opened", "finding_withdrawn"]
    assert store.outbox() == {"slack": {"pending": 1}}


def test_a_case_that_somebody_works_on_stays_open_and_its_people_are_told(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=CHAT)
    finding = a_finding("B01")
    (case_id,) = desk.handle(RecordFindings([finding])).opened
    desk.handle(Acknowledge(incident_id=case_id, actor="ana"))
    desk.handle(StartInvestigation(incident_id=case_id, actor="ana"))
    desk.handle(taking_back([finding]))
    assert only_case(store).incident.status == "investigating"
    assert store.outbox() == {"slack": {"pending": 4}}
    desk.handle(RecordFindings([a_finding("B01")]))
    assert only_case(store).timeline[-1].action == "more_evidence"


def test_what_was_resolved_so_is_reopened_by_a_new_finding(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    finding = a_finding("B01")
    desk.handle(RecordFindings([finding]))
    desk.handle(taking_back([finding]))
    desk.handle(RecordFindings([a_finding("B01", at=MONDAY + 2 * HOUR)]))
    case = only_case(store)
    assert (case.incident.status, case.incident.findings, case.incident.verdict) == ("investigating", 1, None)


def test_an_unknown_finding_is_counted_and_withdrawn_if_it_comes(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    late = a_finding("B01")
    answer = desk.handle(taking_back([late]))
    assert (answer.findings, answer.unknown) == ([], 1)
    assert desk.handle(taking_back([late])).unknown == 0
    recorded = desk.handle(RecordFindings([late]))
    assert (recorded.held, recorded.opened) == ({"withdrawn": 1}, ())
    assert recorded.findings[0].alert is False


def test_an_older_store_gets_the_table_it_lacks(store: Store, clock: Clock) -> None:
    finding = a_finding("B01")
    a_desk(store, clock).handle(RecordFindings([finding]))
    WITHDRAWALS.drop(store.engine)
    create_schema(store.engine)
    assert set(METADATA.tables) >= {"withdrawals"}
    a_desk(store, clock).handle(taking_back([finding]))
    assert only_case(store).incident.status == "resolved"


@pytest.mark.parametrize("queue", ["billing_quality", "data_quality"])
def test_other_queues_need_no_budget_and_wake_nobody(store: Store, clock: Clock, queue: str) -> None:
    policy = Policy(routes=(Route("SEV2", ("pagerduty",)), Route("SEV4", ("slack",))), console_url=CONSOLE)
    budget = DailyBudget(30)
    desk = a_desk(store, clock, policy=policy, budget=budget)
    untouched = budget.snapshot()["started"]
    mistake = structs.replace(a_finding("B16", severity="critical", risk=90), queue=queue)
    recorded = desk.handle(RecordFindings([mistake]))
    case = only_case(store)
    assert (case.incident.queue, case.incident.severity) == (queue, "SEV3")
    assert recorded.findings[0].alert is False
    assert recorded.findings[0].incident_id == case.incident.id
    assert budget.snapshot()["started"] == untouched
    assert store.outbox() == {"log": {"pending": 1}}

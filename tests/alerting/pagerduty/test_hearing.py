"""What people do in PagerDuty, and what happens with the case."""

from typing import Any

import pytest
from sqlalchemy import select

from alerting.act import Act
from alerting.changing import change
from alerting.commands import Acknowledge, IncidentCommand, Merge, RecordFindings, Resolve
from alerting.desk import Desk
from alerting.incidents import Incident
from alerting.pagerduty.commands import Heard, HearPagerDuty
from alerting.pagerduty.events import PagerDutyEvent
from alerting.pagerduty.tables import PAGERDUTY_WEBHOOKS
from alerting.people import Person
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.refusal import Refused
from alerting.routes import Route
from alerting.store import Store
from alerting.store.audit_rows import audit_entries
from alerting.store.schema import AUDIT_LOG
from tests.alerting.building import CONSOLE, DAY, MONDAY, Clock, ObedientChannel, a_desk, a_finding, case_of
from tests.alerting.sending import a_sender

ONE = "INC-T0000001"
ANA = Person(name="ana", roles=("responder",), pagerduty="PANA")
BEN = Person(name="ben", roles=("analyst",), pagerduty="PBEN")
EVE = Person(name="eve", roles=("auditor",), pagerduty="PEVE")
DOT = Person(name="dot", roles=("responder",), pagerduty="PDOT")
"""Whose own account is `u1:dot`."""


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    plan = Plan(people=(ANA, BEN, EVE, DOT))
    routes = (Route("SEV4", ("chat",)),)
    policy = Policy(routes=routes, console_url=CONSOLE, plan=plan, subjects={"u1:dot": "dot"})
    desk = a_desk(store, clock, policy=policy)
    desk.handle(RecordFindings([a_finding()]))
    return desk


def hear(desk: Desk, did: Any, *, webhook: str = "w1", **fields: Any) -> Heard:
    usual: dict[str, Any] = {"alert": "PGR0VU2", "key": ONE, "user": "PANA"}
    event = PagerDutyEvent(did=did, **(usual | fields))
    return desk.handle(HearPagerDuty(actor="pagerduty:x", webhook_id=webhook, event=event))


def lines(store: Store) -> list[tuple[str, str, dict[str, str | int]]]:
    return [(entry.action, entry.actor, entry.detail) for entry in case_of(store, ONE).timeline[1:]]


def test_acknowledging_there_takes_the_case_on(desk: Desk, store: Store) -> None:
    assert hear(desk, "acknowledged") == "done"
    case = case_of(store, ONE)
    assert (case.incident.status, case.incident.revision) == ("triaged", 2)
    assert lines(store) == [("acknowledge", "ana", {})]


def test_a_webhook_that_comes_again_changes_nothing(desk: Desk, store: Store) -> None:
    assert hear(desk, "annotated", note="I am on it") == "done"
    assert hear(desk, "annotated", note="I am on it") == "repeated"
    assert hear(desk, "annotated", note="I am on it", webhook="w2") == "done"
    assert [entry.note for entry in case_of(store, ONE).timeline[1:]] == ["I am on it", "I am on it"]


def test_who_is_not_in_the_directory_may_nothing_and_it_is_written_down(desk: Desk, store: Store) -> None:
    assert hear(desk, "acknowledged", user="PXYZ") == "refused"
    assert hear(desk, "annotated", user="PXYZ", note="hello", webhook="w2") == "refused"
    assert hear(desk, "reassigned", user="PXYZ", assignees=("PANA",), webhook="w3") == "refused"
    assert hear(desk, "escalated", user="PXYZ", webhook="w4") == "noted"
    case = case_of(store, ONE)
    assert (case.incident.status, case.incident.assignee) == ("new", "")
    assert lines(store) == [
        ("refused", "pagerduty:PXYZ", {"command": "acknowledge", "by": "pagerduty"}),
        ("refused", "pagerduty:PXYZ", {"command": "comment", "by": "pagerduty"}),
        ("refused", "pagerduty:PXYZ", {"command": "assign", "by": "pagerduty"}),
        ("pagerduty_escalated", "pagerduty:PXYZ", {}),
    ]
    assert {entry.note for entry in case.timeline[1:]} == {
        "Whoever this is has no rights: nobody in the response plan has this id. To let them, give the person "
        "`pagerduty: PXYZ` and a role under `people`."
    }
    with store.reading() as connection:
        refused = [entry for entry in audit_entries(connection, AUDIT_LOG) if entry.outcome == "refused"]
    assert [(entry.actor, entry.action, entry.incident) for entry in refused] == [
        ("pagerduty:PXYZ", "acknowledge", ONE), ("pagerduty:PXYZ", "comment", ONE), ("pagerduty:PXYZ", "assign", ONE),
    ]  # fmt: skip


def test_without_the_right_it_is_refused_and_noted(desk: Desk, store: Store) -> None:
    assert hear(desk, "acknowledged", user="PEVE") == "refused"
    assert case_of(store, ONE).incident.status == "new"
    assert lines(store) == [("refused", "eve", {"command": "acknowledge", "by": "pagerduty"})]
    with store.reading() as connection:
        entries = [(entry.actor, entry.action, entry.outcome) for entry in audit_entries(connection, AUDIT_LOG)]
    assert entries == [("eve", "acknowledge", "refused"), ("pagerduty:x", "hear_pager_duty", "done")]


def test_the_subject_of_a_case_may_nothing_and_is_given_nothing(desk: Desk, store: Store) -> None:
    (theirs,) = desk.handle(RecordFindings([a_finding(ref="u1:dot")])).opened
    assert hear(desk, "acknowledged", key=theirs, user="PDOT") == "refused"
    assert hear(desk, "annotated", key=theirs, user="PDOT", note="nothing to see", webhook="w2") == "refused"
    assert hear(desk, "reassigned", key=theirs, user="PDOT", assignees=("PBEN",), webhook="w3") == "refused"
    assert hear(desk, "reassigned", key=theirs, assignees=("PDOT",), webhook="w4") == "noted"
    case = case_of(store, theirs)
    assert (case.incident.status, case.incident.assignee) == ("new", "")
    assert [(entry.action, entry.actor) for entry in case.timeline[1:]] == [
        ("refused", "dot"), ("refused", "dot"), ("refused", "dot"), ("pagerduty_reassigned", "ana"),
    ]  # fmt: skip
    assert hear(desk, "acknowledged", user="PDOT", webhook="w5") == "done"


def test_resolving_there_never_ends_a_case(desk: Desk, store: Store, clock: Clock) -> None:
    assert hear(desk, "resolved") == "noted"
    assert case_of(store, ONE).incident.status == "new"
    assert lines(store) == [("pagerduty_resolved", "ana", {})]
    chat = ObedientChannel()
    a_sender(desk, {"chat": chat}, clock).run_once(clock.now)
    assert chat.news == [(ONE, "opened", "new"), (ONE, "reminder", "new")]


def test_the_echo_of_our_own_events_is_nothing(desk: Desk, store: Store) -> None:
    assert hear(desk, "acknowledged", user="") == "nothing"
    desk.handle(Acknowledge(incident_id=ONE, actor="ana"))
    assert hear(desk, "acknowledged", webhook="w2") == "nothing"
    desk.handle(Resolve(incident_id=ONE, actor="ana", verdict="benign_explained", reason="on call"))
    assert hear(desk, "resolved", user="", webhook="w3") == "nothing"
    assert [action for action, _, _ in lines(store)] == ["acknowledge", "resolve"]


def test_giving_it_to_somebody_else(desk: Desk, store: Store) -> None:
    assert hear(desk, "reassigned", assignees=("PBEN",)) == "done"
    assert case_of(store, ONE).incident.assignee == "ben"
    assert hear(desk, "reassigned", assignees=("PBEN",), webhook="w2") == "nothing"
    assert hear(desk, "delegated", assignees=("PANA", "PBEN"), webhook="w3") == "noted"
    assert hear(desk, "reassigned", assignees=("PXYZ",), webhook="w4") == "noted"
    assert lines(store) == [
        ("assign", "ana", {"assignee": "ben"}), ("pagerduty_delegated", "ana", {}), ("pagerduty_reassigned", "ana", {}),
    ]  # fmt: skip


@pytest.mark.parametrize("did", ["reopened", "unacknowledged", "escalated"])
def test_other_deeds_are_written_down(desk: Desk, store: Store, did: str) -> None:
    assert hear(desk, did) == "noted"
    assert hear(desk, did, user="", webhook="w2") == "nothing"
    assert lines(store) == [(f"pagerduty_{did}", "ana", {})]


def test_a_note_finds_its_case_by_what_came_before_or_by_the_title(desk: Desk, store: Store) -> None:
    assert hear(desk, "annotated", alert="POTHER", key="", note="which one?") == "unknown"
    assert hear(desk, "annotated", alert="POTHER", key="", named=ONE, note="this one", webhook="w2") == "done"
    assert hear(desk, "triggered", webhook="w3") == "nothing"
    assert hear(desk, "annotated", key="", note="as before", webhook="w4") == "done"
    assert [entry.note for entry in case_of(store, ONE).timeline[1:]] == ["this one", "as before"]


def test_an_alert_of_a_later_call_is_about_the_same_case(desk: Desk, store: Store) -> None:
    assert hear(desk, "acknowledged", alert="PSECOND", key=f"{ONE}.2") == "done"
    assert hear(desk, "annotated", alert="PSECOND", key="", note="at last", webhook="w2") == "done"
    assert lines(store) == [("acknowledge", "ana", {}), ("comment", "ana", {})]


def test_an_alert_of_others_is_unknown(desk: Desk, store: Store) -> None:
    assert hear(desk, "acknowledged", key="d3640fbd41094207a1c11e58e46b1662") == "unknown"
    assert lines(store) == []


def test_what_the_case_itself_forbids_is_refused_and_undone(
    desk: Desk, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbids(act: Act, command: IncidentCommand) -> Incident:
        changed = change(act, command)
        message = f"not {changed.id}"
        raise Refused(message)

    monkeypatch.setattr("alerting.pagerduty.handling.change", forbids)
    assert hear(desk, "acknowledged") == "refused"
    assert case_of(store, ONE).incident.status == "new"
    assert lines(store) == [("refused", "ana", {"command": "acknowledge", "by": "pagerduty"})]


def test_a_merged_case_is_heard_where_it_went(desk: Desk, store: Store) -> None:
    (two,) = desk.handle(RecordFindings([a_finding(ref="u1:other")])).opened
    for incident_id in (ONE, two):
        desk.handle(Acknowledge(incident_id=incident_id, actor="ana"))
    desk.handle(Merge(incident_id=two, actor="ana", into=ONE))
    assert hear(desk, "annotated", key=two, note="both are one") == "done"
    assert case_of(store, ONE).timeline[-1].note == "both are one"


def test_webhooks_of_long_ago_are_forgotten(desk: Desk, store: Store, clock: Clock) -> None:
    for day, webhook in ((0, "w1"), (2, "w1"), (31, "w2")):
        clock.now = MONDAY + day * DAY
        hear(desk, "triggered", webhook=webhook)
    with store.reading() as connection:
        assert list(connection.scalars(select(PAGERDUTY_WEBHOOKS.c.id))) == ["w2"]

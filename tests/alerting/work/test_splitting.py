"""Splitting a case: which findings go, what each of the two is then, and that nothing gets lost."""

import pytest

from alerting.commands import Acknowledge, Merge, RecordFindings, RetractFindings
from alerting.policy import Policy
from alerting.refusal import Refused
from alerting.routes import Route
from alerting.store import Store
from alerting.work.commands import Split
from detectors.retraction import Retraction
from tests.alerting.building import HOUR, MONDAY, Clock, a_desk, a_finding, case_of, numbered_ids


def test_findings_become_a_case_of_their_own(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=Policy(routes=(Route("SEV4", ("slack",)),)))
    findings = [
        a_finding("A09", severity="high", risk=80, at=MONDAY),
        a_finding("A01", severity="high", risk=40, at=MONDAY + HOUR),
        a_finding("B22", severity="medium", risk=30, at=MONDAY + 2 * HOUR),
    ]
    (one,) = desk.handle(RecordFindings(findings)).opened
    new = desk.handle(
        Split(incident_id=one, actor="ana", findings=(findings[1].id, findings[2].id), reason="another matter")
    )
    assert (new.status, new.severity, new.rules, new.findings, new.risk) == ("new", "SEV2", ("A01", "B22"), 2, 40)
    assert (new.first_at, new.last_at, new.key) == (MONDAY + HOUR, MONDAY + 2 * HOUR, "user:u1:clerk")
    left = case_of(store, one).incident
    assert (left.severity, left.rules, left.findings, left.risk) == ("SEV2", ("A09",), 1, 80)
    assert (left.first_at, left.last_at) == (MONDAY, MONDAY)
    assert [finding.id for finding in case_of(store, new.id).findings] == [findings[1].id, findings[2].id]
    last, first = case_of(store, one).timeline[-1], case_of(store, new.id).timeline[0]
    assert (last.action, last.detail) == ("split", {"into": new.id, "findings": 2, "left": 1})
    assert (first.action, first.actor, first.detail) == ("split_off", "ana", {"from": one, "added": 2})
    assert (first.note, first.to_status) == ("another matter", "new")
    assert store.outbox() == {"slack": {"pending": 3}}


def test_what_came_by_merging_is_about_whom_it_was_about(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    mine, theirs = a_finding(ref="u1:a"), a_finding(ref="u1:b", risk=60)
    one, other = desk.handle(RecordFindings([mine, theirs])).opened
    desk.handle(Acknowledge(incident_id=other, actor="ana"))
    desk.handle(Merge(incident_id=other, actor="ana", into=one))
    new = desk.handle(Split(incident_id=one, actor="ana", findings=(theirs.id,)))
    assert new.entity == theirs.entity
    assert new.key == "user:u1:b"


def test_ids_that_are_taken_are_drawn_again(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    findings = [a_finding(), a_finding()]
    (one,) = desk.handle(RecordFindings(findings)).opened
    another = a_desk(store, clock, incident_ids=numbered_ids())
    new = another.handle(Split(incident_id=one, actor="ana", findings=(findings[0].id,)))
    assert (one, new.id) == ("INC-T0000001", "INC-T0000002")


def test_what_cannot_be_split(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    one, two, withdrawn = a_finding(), a_finding(), a_finding()
    stranger = a_finding(ref="u1:other")
    case, _ = desk.handle(RecordFindings([one, two, withdrawn, stranger])).opened
    desk.handle(
        RetractFindings(
            [Retraction(finding_id=withdrawn.id, at=MONDAY, entity=withdrawn.entity, reason="a late roster")]
        )
    )
    for findings, says in [
        ((), "name findings that are part of"),
        ((one.id, stranger.id), "name findings that are part of"),
        ((one.id, withdrawn.id), "were not withdrawn"),
        ((one.id, two.id), "nothing would be left"),
    ]:
        with pytest.raises(Refused, match=says):
            desk.handle(Split(incident_id=case, actor="ana", findings=findings))
    desk.handle(Acknowledge(incident_id=case, actor="ana"))
    desk.handle(Merge(incident_id=case, actor="ana", into="INC-T0000002"))
    with pytest.raises(Refused, match="it is no open case"):
        desk.handle(Split(incident_id=case, actor="ana", findings=(one.id,)))

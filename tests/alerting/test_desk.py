"""What the desk does with findings and with the commands of people, on both databases."""

from collections import Counter
from typing import Any

import pytest
from msgspec import structs

from alerting.commands import (
    Acknowledge,
    Assign,
    Close,
    Comment,
    Contain,
    IncidentCommand,
    Merge,
    RecordFindings,
    Reopen,
    Resolve,
    StartInvestigation,
    Suppress,
)
from alerting.desk import Desk
from alerting.refusal import UnknownIncident
from alerting.store import Case, Store
from alerting.transitions import IllegalTransition
from alerting.work.commands import DecideOverpayment
from detectors.finding import Finding
from models.daily_budget import DailyBudget
from tests.alerting.building import DAY, HOUR, MONDAY, PAGER_THEN_CHAT, Clock, a_desk, a_finding, case_of


def only_case(store: Store) -> Case:
    (incident,) = store.incidents()
    return case_of(store, incident.id)


def test_a_finding_opens_an_incident(store: Store, clock: Clock) -> None:
    finding = a_finding(at=MONDAY - 60)
    recorded = a_desk(store, clock).handle(RecordFindings([finding]))
    assert recorded.findings == [structs.replace(finding, alert=True, incident_id="INC-T0000001")]
    assert (recorded.new, recorded.held, recorded.opened) == (1, Counter(), ("INC-T0000001",))
    assert finding.incident_id is None  # what is given is not changed
    case = only_case(store)
    assert case.findings == recorded.findings
    incident = case.incident
    assert (incident.status, incident.severity, incident.kind) == ("new", "SEV2", "case")
    assert (incident.first_at, incident.last_at, incident.opened_at) == (MONDAY - 60, MONDAY - 60, MONDAY)
    (entry,) = case.timeline
    assert (entry.action, entry.actor, entry.from_status, entry.to_status) == ("opened", "wardwatch", None, "new")
    assert entry.detail == {"added": 1, "rules": "A09", "severity": "SEV2"}


def test_no_findings_change_nothing(store: Store, clock: Clock) -> None:
    recorded = a_desk(store, clock).handle(RecordFindings([]))
    assert (recorded.findings, recorded.new, store.incidents()) == ([], 0, [])


def test_one_case_for_money_and_records_of_one_actor(store: Store, clock: Clock) -> None:
    findings = [a_finding("A09"), a_finding("B22", at=MONDAY + HOUR), a_finding("A09", ref="u1:other")]
    recorded = a_desk(store, clock).handle(RecordFindings(findings))
    assert [finding.incident_id for finding in recorded.findings] == ["INC-T0000001", "INC-T0000001", "INC-T0000002"]
    case = case_of(store, "INC-T0000001")
    assert case.incident.rules == ("A09", "B22")
    assert case.incident.touches_records


def test_known_findings_change_nothing(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, budget=DailyBudget(1000))
    findings = [a_finding("A09"), a_finding("B22"), a_finding("A01", risk=1)]
    first = desk.handle(RecordFindings(findings))
    before = [*store.incidents()], store.outbox(), store.held(), only_case(store).timeline
    again = desk.handle(RecordFindings([*reversed(findings), findings[0]]))
    assert again.new == 0
    assert again.findings == [*reversed(first.findings), first.findings[0]]
    assert before == ([*store.incidents()], store.outbox(), store.held(), only_case(store).timeline)


def test_a_finding_that_comes_twice_in_a_batch_counts_once(store: Store, clock: Clock) -> None:
    finding = a_finding()
    recorded = a_desk(store, clock).handle(RecordFindings([finding, finding]))
    assert recorded.new == 1
    assert [one.incident_id for one in recorded.findings] == ["INC-T0000001"] * 2
    assert only_case(store).incident.findings == 1


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_incidents_do_not_depend_on_how_findings_are_cut_into_batches(store: Store, clock: Clock, size: int) -> None:
    findings = [
        a_finding(
            ("A09", "B22", "A13")[number % 3],
            ref=f"u1:{number % 2}",
            at=MONDAY + number * 9 * HOUR * (number % 4),
            severity=("low", "high", "medium", "critical")[number % 4],
        )
        for number in range(12)
    ]
    desk = a_desk(store, clock)
    for start in range(0, 12, size):
        desk.handle(RecordFindings(findings[start : start + size]))
    found = {
        (case.key, case.first_at, case.last_at, case.findings, case.severity, case.rules, case.notified_findings)
        for case in store.incidents()
    }
    whole = a_desk(store, clock, incident_ids=iter(f"INC-W{number}" for number in range(99)).__next__)
    shifted = [structs.replace(finding, id=f"{finding.id}w", entity=_other(finding)) for finding in findings]
    whole.handle(RecordFindings(shifted))
    expected = {
        (case.key.replace("whole", ""), case.first_at, case.last_at, case.findings, case.severity, case.rules,
         case.notified_findings)
        for case in store.incidents() if "whole" in case.key
    }  # fmt: skip
    assert found == expected
    assert len(found) > 2


def _other(finding: Finding) -> Any:
    return structs.replace(finding.entity, ref=f"whole{finding.entity.ref}")


def test_evidence_a_day_later_starts_another_case(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding()]))
    assert desk.handle(RecordFindings([a_finding(at=MONDAY + DAY + 1)])).opened == ("INC-T0000002",)
    assert desk.handle(RecordFindings([a_finding(at=MONDAY + 10)])).findings[0].incident_id == "INC-T0000001"


def test_people_hear_of_opening_escalation_and_doubling_only(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=PAGER_THEN_CHAT)
    pending: list[dict[str, int]] = []
    for severity in ("medium", "medium", "medium", "critical", "low"):
        desk.handle(RecordFindings([a_finding("A01", severity=severity)]))
        pending.append({channel: fates["pending"] for channel, fates in store.outbox().items()})
    assert pending == [
        {"slack": 1},  # opened, SEV3: chat only
        {"slack": 2},  # evidence doubled: 1 to 2
        {"slack": 2},  # 3 is less than twice 2
        {"slack": 3, "pagerduty": 1},  # escalated to SEV1: the pager too
        {"slack": 3, "pagerduty": 1},
    ]


def test_the_whole_life_of_a_case(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=PAGER_THEN_CHAT)
    desk.handle(RecordFindings([a_finding("B22")]))
    about: dict[str, Any] = {"incident_id": "INC-T0000001", "actor": "ana"}
    commands: list[IncidentCommand] = [
        Acknowledge(**about),
        Assign(**about, assignee="ben"),
        StartInvestigation(**about),
        Comment(**about, note="called the clerk"),
        Contain(**about, note="payment held"),
        Resolve(**about, verdict="true_positive_malicious", reason="refunds to own card", note="see file 7"),
    ]
    for command in commands:
        clock.advance(60)
        desk.handle(command)
    clock.advance(60)
    desk.handle(DecideOverpayment(**about, decision="no_overpayment", reason="the payment was held"))
    clock.advance(60)
    desk.handle(Close(**about))
    case = case_of(store, "INC-T0000001")
    assert [(entry.action, entry.from_status, entry.to_status, entry.note, entry.detail) for entry in case.timeline][
        1:
    ] == [
        ("acknowledge", "new", "triaged", "", {}),
        ("assign", "triaged", "triaged", "", {"assignee": "ben"}),
        ("start_investigation", "triaged", "investigating", "", {}),
        ("comment", "investigating", "investigating", "called the clerk", {}),
        ("contain", "investigating", "contained", "payment held", {}),
        (
            "resolve", "contained", "resolved", "refunds to own card\nsee file 7",
            {"verdict": "true_positive_malicious"},
        ),
        (
            "decide_overpayment", "resolved", "resolved", "the payment was held", {"decision": "no_overpayment"},
        ),
        ("close", "resolved", "closed", "", {}),
    ]  # fmt: skip
    assert [entry.at for entry in case.timeline] == [MONDAY + 60 * number for number in range(9)]
    assert {entry.actor for entry in case.timeline[1:]} == {"ana"}
    assert (case.incident.status, case.incident.assignee) == ("closed", "ben")
    assert case.incident.verdict == "true_positive_malicious"
    # opened, ack, start, contain, resolve, close are told; assignment and comment in Slack alone
    assert store.outbox() == {"slack": {"pending": 8}, "pagerduty": {"pending": 6}}


def test_an_illegal_command_changes_nothing(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding()]))
    before = only_case(store), store.outbox()
    with pytest.raises(IllegalTransition):
        desk.handle(Close(incident_id="INC-T0000001", actor="ana"))
    assert (only_case(store), store.outbox()) == before


@pytest.mark.parametrize("incident_id", ["", "INC-NONE", "' OR 1=1 --"])
def test_unknown_incidents(store: Store, clock: Clock, incident_id: str) -> None:
    with pytest.raises(UnknownIncident):
        a_desk(store, clock).handle(Acknowledge(incident_id=incident_id, actor="ana"))


def resolve(desk: Desk, incident_id: str) -> None:
    desk.handle(Acknowledge(incident_id=incident_id, actor="ana"))
    desk.handle(Resolve(incident_id=incident_id, actor="ana", verdict="benign_explained", reason="on call"))


def test_another_rule_as_grave_is_kept_and_told_to_nobody(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding("A09") for _ in range(5)]))
    recorded = desk.handle(RecordFindings([a_finding("B22")]))
    assert recorded.findings[0].alert  # it would have asked for attention by itself
    assert store.outbox() == {"log": {"pending": 1}}
    case = only_case(store)
    assert (case.incident.rules, case.incident.notified_findings) == (("A09", "B22"), 4)
    assert (case.timeline[-1].action, case.timeline[-1].detail["rules"]) == ("new_ground", "B22")
    desk.handle(RecordFindings([a_finding("B22") for _ in range(4)]))
    assert store.outbox() == {"log": {"pending": 2}}  # ten are twice as many as people know of


def test_new_evidence_reopens_a_case_resolved_lately(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding()]))
    resolve(desk, "INC-T0000001")
    findings = [a_finding(at=MONDAY + 6 * DAY), a_finding(at=MONDAY + 6 * DAY + 1)]
    recorded = desk.handle(RecordFindings(findings))
    assert {finding.incident_id for finding in recorded.findings} == {"INC-T0000001"}
    case = only_case(store)
    assert (case.incident.status, case.incident.verdict, case.incident.findings) == ("investigating", None, 3)
    assert [entry.action for entry in case.timeline[3:]] == ["reopened", "more_evidence"]
    assert (case.timeline[3].from_status, case.timeline[3].to_status) == ("resolved", "investigating")
    assert (case.timeline[4].from_status, case.timeline[4].to_status) == ("investigating", "investigating")
    assert case.timeline[4].detail["added"] == 2


def test_a_case_resolved_long_ago_or_closed_stays(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding()]))
    resolve(desk, "INC-T0000001")
    assert desk.handle(RecordFindings([a_finding(at=MONDAY + 7 * DAY + 1)])).opened == ("INC-T0000002",)
    desk.handle(Close(incident_id="INC-T0000001", actor="ana"))
    assert desk.handle(RecordFindings([a_finding(at=MONDAY)])).opened == ("INC-T0000003",)


def test_reopening_by_hand(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding()]))
    resolve(desk, "INC-T0000001")
    reopened = desk.handle(Reopen(incident_id="INC-T0000001", actor="ana", reason="roster was wrong"))
    assert (reopened.status, reopened.verdict) == ("investigating", None)


def test_suppressed_cases_take_no_evidence(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding(severity="medium")]))
    desk.handle(Suppress(incident_id="INC-T0000001", actor="ana", note="a test"))
    assert desk.handle(RecordFindings([a_finding()])).opened == ("INC-T0000002",)


def test_a_merged_case_hands_its_findings_on_also_those_to_come(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    people = [a_finding("A09", ref=f"u1:{name}", severity="medium") for name in ("one", "two", "three")]
    desk.handle(RecordFindings([*people[:2], structs.replace(people[2], severity="critical")]))
    for merged, into in (("INC-T0000001", "INC-T0000002"), ("INC-T0000002", "INC-T0000003")):
        desk.handle(Acknowledge(incident_id=merged, actor="ana"))
        desk.handle(Merge(incident_id=merged, actor="ana", into=into))
    assert desk.handle(RecordFindings([a_finding("B22", ref="u1:one")])).findings[0].incident_id == "INC-T0000003"
    case = case_of(store, "INC-T0000003")
    assert len(case.findings) == case.incident.findings == 4
    assert (case.incident.severity, set(case.incident.rules)) == ("SEV1", {"A09", "B22"})
    assert [entry.action for entry in case.timeline] == ["opened", "took_over", "joined"]
    assert case.timeline[1].detail == {"from": "INC-T0000002", "added": 2}
    merged_case = case_of(store, "INC-T0000001")
    assert (merged_case.incident.status, merged_case.findings) == ("merged", [])


def test_merging_something_graver_escalates(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=PAGER_THEN_CHAT)
    desk.handle(RecordFindings([a_finding(ref="u1:one"), a_finding("A01", ref="u1:two", severity="medium")]))
    desk.handle(Acknowledge(incident_id="INC-T0000001", actor="ana"))
    before = store.outbox()
    desk.handle(Merge(incident_id="INC-T0000001", actor="ana", into="INC-T0000002"))
    after = store.outbox()
    assert case_of(store, "INC-T0000002").incident.severity == "SEV2"
    # Both channels hear the end of the first case and the escalation of the second.
    assert {channel: after[channel]["pending"] - before[channel]["pending"] for channel in after} == {
        "pagerduty": 2, "slack": 2,
    }  # fmt: skip


def test_what_took_over_another_case_is_not_suppressed(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    findings = [a_finding(ref="u1:one", severity="medium"), a_finding(ref="u1:two", severity="medium")]
    known, unseen = desk.handle(RecordFindings(findings)).opened
    desk.handle(Acknowledge(incident_id=known, actor="ana"))
    desk.handle(Merge(incident_id=known, actor="ana", into=unseen))
    with pytest.raises(IllegalTransition, match="has taken over another case"):
        desk.handle(Suppress(incident_id=unseen, actor="ana", note="a test"))


@pytest.mark.parametrize("into", ["INC-NONE", "INC-T0000002"])
def test_nothing_is_merged_into_what_is_not_open(store: Store, clock: Clock, into: str) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding(ref="u1:one"), a_finding(ref="u1:two", severity="medium")]))
    desk.handle(Suppress(incident_id="INC-T0000002", actor="ana", note="a test"))
    desk.handle(Acknowledge(incident_id="INC-T0000001", actor="ana"))
    with pytest.raises(IllegalTransition, match="only be merged into an open incident"):
        desk.handle(Merge(incident_id="INC-T0000001", actor="ana", into=into))
    assert case_of(store, "INC-T0000001").incident.status == "triaged"

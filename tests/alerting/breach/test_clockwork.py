"""The whole path of a breach, and warnings as time passes, through the desk, on both databases."""

from datetime import date

import pytest
from sqlalchemy import select

from alerting.breach.commands import RecordDiscovery
from alerting.breach.duties import duties
from alerting.breach.records import Discovered, first_break, missing_records
from alerting.breach.rows import lines_of
from alerting.commands import (
    Acknowledge,
    AssessRisk,
    Close,
    FinishNotifying,
    Merge,
    RecordFindings,
    Resolve,
    RuleOutBreach,
)
from alerting.desk import Desk
from alerting.refusal import Refused
from alerting.store import Store
from alerting.store.schema import OUTBOX
from alerting.work.commands import Split
from tests.alerting.breach.building import (
    OFFICER,
    POLICY,
    a_breach_in_notification,
    a_case_under_assessment,
    an_assessment,
    approved,
    record,
    the_file,
)
from tests.alerting.building import DAY, Clock, a_desk, a_finding, case_of


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return a_desk(store, clock, policy=POLICY)


def test_the_whole_path_of_a_breach(desk: Desk, store: Store, clock: Clock) -> None:
    incident_id = a_breach_in_notification(desk, NY=600, NJ=40)
    with pytest.raises(Refused, match=r"individual \(0 of 640 made.*media:NY \(0 of 1.*hhs \(0 of 1"):
        desk.handle(FinishNotifying(incident_id=incident_id, actor=OFFICER))
    clock.advance(20 * DAY)  # 2026-03-22, day 20 after discovery
    record(desk, incident_id, made_on=date(2026, 3, 20), count=640, document="ab" * 32)
    record(desk, incident_id, kind="media", method="press_release", state="NY", made_on=date(2026, 3, 20), count=600)
    with pytest.raises(Refused, match=r"notices are missing: hhs \(0 of 1 made, 164.408\(b\)\)$"):
        desk.handle(FinishNotifying(incident_id=incident_id, actor=OFFICER))
    record(desk, incident_id, kind="hhs", method="portal", made_on=date(2026, 3, 21), count=640)
    assert desk.handle(FinishNotifying(incident_id=incident_id, actor=OFFICER)).status == "notified"
    desk.handle(Resolve(incident_id=incident_id, actor=OFFICER, verdict="true_positive_policy", reason="access ended"))
    assert desk.handle(Close(incident_id=incident_id, actor=OFFICER)).status == "closed"
    case = case_of(store, incident_id)
    assert case.incident.breach == "notified"
    assert [entry.action for entry in case.timeline][3:] == [
        "assess_risk", "assess_breach", "approve_assessment", "count_affected", "confirm_breach", "start_notifying",
        "record_notice", "record_notice", "record_notice", "finish_notifying", "resolve", "close",
    ]  # fmt: skip
    with store.reading() as connection:
        assert first_break(lines_of(connection, incident_id)) is None


def times_told(store: Store, incident_id: str) -> int:
    """How often people were told of a clock of an incident."""
    with store.reading() as connection:
        bodies = list(connection.scalars(select(OUTBOX.c.body).where(OUTBOX.c.about == incident_id)))
    return sum(b'"breach_due"' in body for body in bodies)


def warnings(store: Store, incident_id: str) -> list[tuple[str, str, str]]:
    """Clock, stage and due date of every entry of the timeline about a clock."""
    return [
        (str(entry.detail["clock"]), str(entry.detail["stage"]), str(entry.detail["due"]))
        for entry in case_of(store, incident_id).timeline
        if entry.action == "breach_clock"
    ]


def pass_days(desk: Desk, clock: Clock, days: int) -> None:
    """Let days pass, the worker looking once in each."""
    for _ in range(days):
        clock.advance(DAY)
        desk.pass_time()


def test_every_stage_is_told_once(desk: Desk, store: Store, clock: Clock) -> None:
    incident_id = a_breach_in_notification(desk, NY=2)  # discovered 2026-03-02: day 60 is 2026-05-01
    pass_days(desk, clock, 29)
    assert warnings(store, incident_id) == []
    pass_days(desk, clock, 34)
    desk.pass_time()
    assert warnings(store, incident_id) == [
        ("individual", stage, "2026-05-01") for stage in ("30_days_left", "15_days_left", "5_days_left", "overdue")
    ]
    assert times_told(store, incident_id) == 4
    with store.reading() as connection:
        assert first_break(lines_of(connection, incident_id)) is None


def test_two_workers_tell_once(desk: Desk, store: Store, clock: Clock) -> None:
    incident_id = a_breach_in_notification(desk, NY=2)
    other = a_desk(store, clock, policy=POLICY)
    clock.advance(31 * DAY)
    for one in (desk, other, desk):
        one.pass_time()
    assert len(warnings(store, incident_id)) == 1


def test_what_is_done_is_not_warned_of(desk: Desk, store: Store, clock: Clock) -> None:
    incident_id = a_breach_in_notification(desk, NY=2)
    record(desk, incident_id, made_on=date(2026, 3, 2), count=2)
    clock.advance(62 * DAY)
    desk.pass_time()
    assert warnings(store, incident_id) == []


def test_what_was_ruled_out_is_not_warned_of(desk: Desk, store: Store, clock: Clock) -> None:
    incident_id = a_case_under_assessment(desk)
    approved(desk, incident_id, an_assessment(conclusion="low_probability"))
    desk.handle(RuleOutBreach(incident_id=incident_id, actor=OFFICER, reason="low probability"))
    clock.advance(62 * DAY)
    desk.pass_time()
    assert warnings(store, incident_id) == []


def test_an_earlier_discovery_is_warned_of_at_once(desk: Desk, store: Store, clock: Clock) -> None:
    incident_id = a_breach_in_notification(desk, NY=2)
    discovered = Discovered(on=date(2025, 12, 1), basis="known")  # due 2026-01-30
    desk.handle(RecordDiscovery(actor=OFFICER, incident_id=incident_id, discovered=discovered))
    desk.pass_time()
    assert warnings(store, incident_id) == [
        ("individual", "overdue", "2026-01-30"), ("hhs_yearly", "overdue", "2026-03-01"),
    ]  # fmt: skip
    assert the_file(store, incident_id).discovered_on == date(2025, 12, 1)


def test_a_grave_case_that_nobody_assesses_is_told_of(desk: Desk, store: Store, clock: Clock) -> None:
    (grave,) = desk.handle(RecordFindings([a_finding(severity="critical")])).opened
    (mild,) = desk.handle(RecordFindings([a_finding(severity="low", ref="u1:b")])).opened
    (money,) = desk.handle(RecordFindings([a_finding("B22", severity="critical", ref="u1:c")])).opened
    desk.handle(Acknowledge(incident_id=grave, actor=OFFICER))
    for days in (29, 1, 14, 1, 9, 1, 5, 1, 9):
        clock.advance(days * DAY)
        desk.pass_time()
    assert warnings(store, grave) == [
        ("no_assessment", stage, "2026-05-01") for stage in ("30_days_left", "15_days_left", "5_days_left", "overdue")
    ]
    assert warnings(store, mild) == warnings(store, money) == []


def test_a_case_that_becomes_grave_late_is_told_of(desk: Desk, store: Store, clock: Clock) -> None:
    (incident_id,) = desk.handle(RecordFindings([a_finding("A10", severity="medium")])).opened
    pass_days(desk, clock, 70)
    assert warnings(store, incident_id) == []
    desk.handle(RecordFindings([a_finding("A10", severity="critical")]))
    pass_days(desk, clock, 3)
    assert warnings(store, incident_id) == [("no_assessment", "overdue", "2026-05-01")]


def test_a_case_of_money_that_comes_to_be_about_records_is_told_of(desk: Desk, store: Store, clock: Clock) -> None:
    (incident_id,) = desk.handle(RecordFindings([a_finding("B22", severity="critical")])).opened
    pass_days(desk, clock, 40)
    desk.handle(RecordFindings([a_finding("A10", severity="critical")]))
    pass_days(desk, clock, 1)
    assert warnings(store, incident_id) == [("no_assessment", "30_days_left", "2026-05-01")]


def test_what_is_split_off_is_as_old_as_its_findings(desk: Desk, store: Store, clock: Clock) -> None:
    part, rest = a_finding("A10", severity="critical"), a_finding("A09", severity="critical")
    (old,) = desk.handle(RecordFindings([part, rest])).opened
    clock.advance(58 * DAY)
    new = desk.handle(Split(actor=OFFICER, incident_id=old, findings=(part.id,), reason="another matter"))
    desk.pass_time()
    for incident_id in (old, new.id):
        assert warnings(store, incident_id) == [("no_assessment", "5_days_left", "2026-05-01")]


@pytest.mark.parametrize(
    ("discovered", "due"),
    [
        (None, "2026-05-01"),
        (Discovered(on=date(2026, 4, 21), basis="known"), "2026-05-01"),  # said of another alert
        (Discovered(on=date(2026, 2, 20), basis="known"), "2026-04-21"),
    ],
)
def test_a_merge_into_a_file_brings_its_first_alert_along(
    desk: Desk, store: Store, clock: Clock, discovered: Discovered | None, due: str
) -> None:
    (older,) = desk.handle(RecordFindings([a_finding("A10", ref="u1:other")])).opened
    desk.handle(Acknowledge(incident_id=older, actor=OFFICER))
    clock.advance(50 * DAY)  # 2026-04-21
    incident_id = a_breach_in_notification(desk, NY=2)
    if discovered:
        desk.handle(RecordDiscovery(actor=OFFICER, incident_id=incident_id, discovered=discovered))
    desk.handle(Merge(incident_id=older, actor=OFFICER, into=incident_id))
    file = the_file(store, incident_id)
    assert (file.first_alert_on, file.decision) == (date(2026, 3, 2), "breach")
    assert [duty.due.isoformat() for duty in duties(file) if duty.kind == "individual"] == [due]
    assert case_of(store, incident_id).timeline[-1].detail["first_alert_on"] == "2026-03-02"
    with store.reading() as connection:
        lines = lines_of(connection, incident_id)
    assert first_break(lines) is None
    desk.pass_time()
    assert ("individual", "15_days_left" if due == "2026-05-01" else "5_days_left", due) in warnings(store, incident_id)


def test_a_younger_case_that_is_merged_changes_no_clock(desk: Desk, store: Store, clock: Clock) -> None:
    incident_id = a_breach_in_notification(desk, NY=2)
    clock.advance(9 * DAY)
    (younger,) = desk.handle(RecordFindings([a_finding("A10", ref="u1:other")])).opened
    desk.handle(Acknowledge(incident_id=younger, actor=OFFICER))
    desk.handle(Merge(incident_id=younger, actor=OFFICER, into=incident_id))
    assert the_file(store, incident_id).first_alert_on == date(2026, 3, 2)
    assert "breach_alert_earlier" not in [entry.action for entry in case_of(store, incident_id).timeline]


def test_many_cases_are_told_of_in_portions(
    desk: Desk, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerting.breach.clockwork.MOST_AT_ONCE", 2)
    findings = [a_finding(severity="critical", ref=f"u1:{n}") for n in range(5)]
    opened = desk.handle(RecordFindings(findings)).opened
    clock.advance(30 * DAY)
    told = []
    for _ in range(5):
        desk.pass_time()
        told.append(sum(len(warnings(store, incident_id)) for incident_id in opened))
    assert told == [2, 4, 5, 5, 5]


def test_days_that_no_worker_saw_are_made_up_for(desk: Desk, store: Store, clock: Clock) -> None:
    (grave,) = desk.handle(RecordFindings([a_finding(severity="critical")])).opened
    desk.pass_time()
    clock.advance(10 * DAY)
    (later,) = desk.handle(RecordFindings([a_finding(severity="critical", ref="u1:b")])).opened
    clock.advance(47 * DAY)  # the first is 57 days old, the second 47; nobody looked for as long
    desk.pass_time()
    assert [stage for _, stage, _ in warnings(store, grave)] == ["5_days_left"]
    assert [stage for _, stage, _ in warnings(store, later)] == ["15_days_left"]


def test_the_clocks_run_again_when_a_ruled_out_case_is_reopened_by_new_findings(
    desk: Desk, store: Store, clock: Clock
) -> None:
    incident_id = a_case_under_assessment(desk)
    approved(desk, incident_id, an_assessment(conclusion="low_probability"))
    desk.handle(RuleOutBreach(incident_id=incident_id, actor=OFFICER, reason="low probability"))
    desk.handle(Resolve(incident_id=incident_id, actor=OFFICER, verdict="true_positive_policy", reason="warned"))
    clock.advance(DAY)
    desk.handle(RecordFindings([a_finding(at=clock())]))
    desk.pass_time()
    desk.pass_time()
    case, file = case_of(store, incident_id), the_file(store, incident_id)
    assert case.incident.status == "investigating"
    assert (file.round, file.is_running, file.decision) == (2, True, "")
    assert [entry.action for entry in case.timeline].count("breach_clocks_resumed") == 1
    desk.handle(AssessRisk(incident_id=incident_id, actor=OFFICER))
    assert the_file(store, incident_id).round == 2


def test_the_timeline_holds_the_hash_of_every_record(desk: Desk, store: Store) -> None:
    incident_id = a_breach_in_notification(desk, NY=2)
    noted = [str(entry.detail["record"]) for entry in case_of(store, incident_id).timeline if "record" in entry.detail]
    with store.reading() as connection:
        lines = lines_of(connection, incident_id)
    assert noted == [line.hash for line in lines]
    assert [missing_records(lines[:n], noted) for n in (5, 4, 3)] == [0, 1, 2]

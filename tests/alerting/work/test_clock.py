"""The clocks of a case: what starts, meets, rests, restarts and stops them, and who hears that one has run out."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from alerting.commands import Acknowledge, AwaitContext, RecordFindings, Resolve, StartInvestigation
from alerting.incidents import Status
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.routes import Route
from alerting.severity import IncidentSeverity
from alerting.store import Store
from alerting.work.clock import Clock, changed, found, started
from alerting.work.clock_rows import clocks_of
from alerting.work.hours import BusinessHours
from alerting.work.sla import Allowance, Promise, Target, Targets
from tests.alerting import building
from tests.alerting.building import DAY, HOUR, MONDAY, a_desk, a_finding, an_incident, case_of

MINUTE = 60.0
OFFICE = Promise()
"""UTC, 08:00 to 17:00: Monday 09:14:03 lies within it."""


@pytest.mark.parametrize(
    ("severity", "acknowledge", "act"),
    [
        # domain.md §4.4; MONDAY is a Monday, 09:14:03 in UTC.
        ("SEV1", 15 * MINUTE, HOUR),
        ("SEV2", HOUR, 4 * HOUR),
        ("SEV3", DAY, DAY),  # one business day: Tuesday, the same time
        ("SEV4", 7 * DAY, 7 * DAY),  # five: the Monday after
    ],
)
def test_deadlines_by_severity(severity: IncidentSeverity, acknowledge: float, act: float) -> None:
    clock = started(an_incident(severity=severity), OFFICE)
    assert (clock.acknowledge_due, clock.act_due) == (MONDAY + acknowledge, MONDAY + act)
    assert clock.resolve_due is None
    assert clock.due_at == MONDAY + acknowledge


def test_holidays_and_the_zone_move_deadlines() -> None:
    holiday = structs.replace(OFFICE, holidays=(datetime.date(2026, 3, 3),))
    assert started(an_incident(severity="SEV3"), holiday).act_due == MONDAY + 2 * DAY
    # 09:14:03 in UTC is 03:14:03 in Chicago, before work: the day ends at 17:00 there, which is 23:00 in UTC.
    chicago = structs.replace(OFFICE, zone="America/Chicago")
    due = datetime.datetime(2026, 3, 2, 23, tzinfo=datetime.UTC).timestamp()
    assert started(an_incident(severity="SEV3"), chicago).act_due == due


def test_acknowledging_and_acting_meet_their_clocks() -> None:
    new = an_incident(severity="SEV2")
    triaged = structs.replace(new, status="triaged", updated_at=MONDAY + 5)
    seen = changed(started(new, OFFICE), new, triaged, OFFICE)
    assert (seen.acknowledged_at, seen.acted_at, seen.due_at) == (MONDAY + 5, None, MONDAY + 4 * HOUR)
    investigating = structs.replace(triaged, status="investigating", updated_at=MONDAY + 9)
    acted = changed(seen, triaged, investigating, OFFICE)
    assert (acted.acted_at, acted.due_at, acted.overdue(MONDAY + 99 * DAY)) == (MONDAY + 9, None, ())


def test_a_graver_case_is_due_earlier_never_later() -> None:
    mild = an_incident(severity="SEV3")
    clock = started(mild, OFFICE)
    grave = structs.replace(mild, severity="SEV1", updated_at=MONDAY + HOUR)
    assert changed(clock, mild, grave, OFFICE).acknowledge_due == MONDAY + HOUR + 15 * MINUTE
    late = structs.replace(mild, severity="SEV2", updated_at=clock.acknowledge_due - 1)
    assert changed(clock, mild, late, OFFICE).acknowledge_due == clock.acknowledge_due


PROMISING = structs.replace(
    OFFICE,
    targets=Targets(
        SEV2=Target(acknowledge=Allowance(minutes=60), act=Allowance(minutes=240), resolve=Allowance(minutes=24 * 60)),
        SEV3=Target(
            acknowledge=Allowance(business_days=1), act=Allowance(business_days=1), resolve=Allowance(business_days=3)
        ),
    ),
)


@pytest.mark.parametrize(
    ("severity", "waited", "expected"),
    [
        # By the clock, what is left is the same after the pause.
        ("SEV2", 5 * HOUR, MONDAY + 29 * HOUR),
        # Three business days are due on Thursday, 09:14:03; from Monday 10:14:03 a whole day of waiting takes one more.
        ("SEV3", DAY, MONDAY + 4 * DAY),
        # Waiting through the night alone, from 10:14:03 to 03:14:03, takes from 10:14:03 to 17:00, and no night.
        ("SEV3", 17 * HOUR, MONDAY + 3 * DAY + (6 * 60 + 45) * MINUTE + 57),
    ],
)
def test_clocks_rest_while_an_answer_is_awaited(severity: IncidentSeverity, waited: float, expected: float) -> None:
    new = an_incident(severity=severity)
    begun = structs.replace(new, status="investigating", updated_at=MONDAY + 9)
    clock = changed(started(new, PROMISING), new, begun, PROMISING)
    waiting = structs.replace(begun, status="awaiting_context", updated_at=MONDAY + HOUR)
    resting = changed(clock, begun, waiting, PROMISING)
    assert (resting.paused_at, resting.due_at, resting.tell_at) == (MONDAY + HOUR, None, None)
    answered = structs.replace(waiting, status="investigating", updated_at=MONDAY + HOUR + waited)
    assert changed(resting, waiting, answered, PROMISING).due_at == pytest.approx(expected)


def test_resolving_stops_and_reopening_starts_anew() -> None:
    new = an_incident(severity="SEV2")
    resolved = structs.replace(new, status="resolved", updated_at=MONDAY + 9)
    stopped = changed(started(new, PROMISING), new, resolved, PROMISING)
    assert (stopped.stopped_at, stopped.due_at) == (MONDAY + 9, None)
    reopened = structs.replace(resolved, status="investigating", updated_at=MONDAY + DAY)
    again = changed(structs.replace(stopped, told=("act",)), resolved, reopened, PROMISING)
    assert again.running == {"act": MONDAY + DAY + 4 * HOUR, "resolve": MONDAY + 2 * DAY}
    assert again.told == ()
    taken = structs.replace(reopened, assignee="ana", updated_at=MONDAY + DAY + 1)
    assert changed(again, reopened, taken, PROMISING).running == {"resolve": MONDAY + 2 * DAY}


@given(
    st.lists(
        st.tuples(st.sampled_from(building.STATUSES), st.sampled_from(building.SEVERITIES), st.floats(0, 10 * DAY)),
        max_size=8,
    )
)
def test_clocks_make_sense_whatever_happens(steps: list[tuple[Status, IncidentSeverity, float]]) -> None:
    before = an_incident(severity="SEV3")
    clock = started(before, PROMISING)
    for status, severity, later in steps:
        after = structs.replace(before, status=status, severity=severity, updated_at=before.updated_at + later)
        clock = changed(clock, before, after, PROMISING)
        before = after
        assert (clock.stopped_at is not None) == (not after.is_open)
        assert (clock.paused_at is not None) == (after.status == "awaiting_context")
        assert clock.severity == after.severity
        assert clock.tell_at is None or clock.due_at is not None


def test_people_hear_once_that_a_clock_has_run_out(store: Store) -> None:
    clock = building.Clock()
    policy = Policy(routes=(Route("SEV4", ("slack",)),))
    desk = a_desk(store, clock, policy=policy)
    (incident_id,) = desk.handle(RecordFindings([a_finding()])).opened  # SEV2
    clock.advance(HOUR - 1)
    desk.pass_time()
    assert [entry.action for entry in case_of(store, incident_id).timeline] == ["opened"]
    clock.advance(1)
    desk.pass_time()
    desk.pass_time()
    clock.advance(4 * HOUR)
    desk.pass_time()
    timeline = case_of(store, incident_id).timeline
    assert [(entry.action, entry.detail.get("clocks")) for entry in timeline[1:]] == [
        ("overdue", "acknowledge"), ("overdue", "act"),
    ]  # fmt: skip
    assert store.outbox() == {"slack": {"pending": 3}}
    assert clock_of(store, incident_id).overdue(clock.now) == ("acknowledge", "act")


def clock_of(store: Store, incident_id: str) -> Clock:
    with store.reading() as connection:
        return clocks_of(connection, [incident_id])[incident_id]


def test_a_case_in_good_hands_is_never_overdue(store: Store) -> None:
    clock = building.Clock()
    desk = a_desk(store, clock)
    (incident_id,) = desk.handle(RecordFindings([a_finding()])).opened
    for command in (Acknowledge, StartInvestigation, AwaitContext):
        clock.advance(60)
        desk.handle(command(incident_id=incident_id, actor="ana"))
    clock.advance(99 * DAY)
    desk.pass_time()
    desk.handle(StartInvestigation(incident_id=incident_id, actor="ana"))
    desk.handle(Resolve(incident_id=incident_id, actor="ana", verdict="benign_explained", reason="covering"))
    desk.pass_time()
    assert "overdue" not in [entry.action for entry in case_of(store, incident_id).timeline]
    kept = clock_of(store, incident_id)
    assert (kept.acknowledged_at, kept.acted_at) == (MONDAY + 60, MONDAY + 120)
    assert kept.stopped_at == clock.now
    desk.handle(RecordFindings([a_finding(at=clock.now)]))  # reopens it
    assert clock_of(store, incident_id).running == {"act": clock.now + 4 * HOUR}


def test_an_incident_of_an_older_version_gets_its_clocks_when_it_changes(store: Store) -> None:
    clock = building.Clock()
    desk = a_desk(store, clock)
    (incident_id,) = desk.handle(RecordFindings([a_finding()])).opened
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM work_clocks")
    clock.advance(60)
    desk.handle(Acknowledge(incident_id=incident_id, actor="ana"))
    kept = clock_of(store, incident_id)
    assert (kept.started_at, kept.acknowledged_at) == (MONDAY, MONDAY + 60)


@pytest.mark.parametrize(
    ("status", "known"),
    [
        # SEV2, opened on Monday and changed 100 s later: one hour to acknowledge, four to act.
        ("new", (None, None, None, {"acknowledge": MONDAY + HOUR, "act": MONDAY + 4 * HOUR})),
        ("triaged", (MONDAY + 100, None, None, {"act": MONDAY + 4 * HOUR})),
        ("investigating", (MONDAY + 100, MONDAY + 100, None, {})),
        ("awaiting_context", (MONDAY + 100, MONDAY + 100, MONDAY + 100, {})),
    ],
)
def test_clocks_that_are_found_late(status: Status, known: tuple[object, ...]) -> None:
    clock = found(an_incident(status=status, opened_at=MONDAY, updated_at=MONDAY + 100, assignee="ana"), OFFICE)
    assert clock.started_at == MONDAY
    assert (clock.acknowledged_at, clock.acted_at, clock.paused_at, clock.running) == known


def test_open_incidents_of_an_older_version_are_caught_up_with(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bit by bit, once, whoever does it; what is late by then is told, and what is finished gets none."""
    monkeypatch.setattr("alerting.work.timekeeping.MISSING_AT_ONCE", 2)
    clock = building.Clock()
    desk, other = a_desk(store, clock), a_desk(store, clock)
    findings = [a_finding(ref=f"u1:{number}", at=MONDAY + number) for number in range(4)]
    opened = desk.handle(RecordFindings(findings)).opened
    for command in (Acknowledge, StartInvestigation):
        desk.handle(command(incident_id=opened[1], actor="ana"))
    desk.handle(Acknowledge(incident_id=opened[3], actor="ana"))
    desk.handle(Resolve(incident_id=opened[3], actor="ana", verdict="benign_explained", reason="covering"))
    with store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM work_clocks")
    clock.advance(2 * HOUR)
    assert [desk.catch_up(), other.catch_up(), desk.catch_up()] == [False, True, True]
    with store.reading() as connection:
        kept = clocks_of(connection, opened)
    assert sorted(kept) == sorted(opened[:3])
    assert {name: one.overdue(clock.now) for name, one in kept.items()} == {
        opened[0]: ("acknowledge",), opened[1]: (), opened[2]: ("acknowledge",),
    }  # fmt: skip
    for _ in range(2):
        desk.pass_time()
    told = [[entry.action for entry in case_of(store, one).timeline].count("overdue") for one in opened]
    assert told == [1, 0, 1, 0]


def test_a_database_that_is_away_is_caught_up_with_later(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = a_desk(store, building.Clock())

    def away(*_: object) -> bool:
        raise OSError

    monkeypatch.setattr("alerting.desk.start_missing_clocks", away)
    assert not desk.catch_up()
    monkeypatch.undo()
    assert desk.catch_up()


def test_a_plan_says_what_is_wrong_with_hours_and_targets() -> None:
    nothing = Target(acknowledge=Allowance(), act=Allowance(minutes=-1))
    plan = Plan(zone="Mars", business_hours=BusinessHours(monday="9-5"), sla=Targets(SEV1=nothing))
    assert plan.problems() == [
        "zone: there is no time zone 'Mars'; give a name such as America/Chicago",
        "business_hours: monday: '9-5' is no span of hours; write 08:00-17:00",
        "sla: SEV1: acknowledge: give minutes or business_days above zero",
        "sla: SEV1: act: give minutes or business_days above zero",
    ]

"""The decision about an overpayment: 60 days, reminders, and that nothing is closed without it (42 CFR 401.305)."""

import datetime
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from alerting.commands import Acknowledge, Close, Merge, RecordFindings, Resolve
from alerting.desk import Desk
from alerting.muting.commands import AddSilence
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.refusal import Refused
from alerting.routing.receivers import Receiver
from alerting.routing.tree import RouteNode
from alerting.store import Store
from alerting.store.schema import OUTBOX
from alerting.transitions import IllegalTransition
from alerting.work.commands import DecideOverpayment, ReturnOverpayment
from alerting.work.overpayment_rows import overpayment_of
from tests.alerting.building import CONSOLE, DAY, Clock, a_desk, a_finding, case_of

THE_SECOND = datetime.date(2026, 3, 2)
"""The day of `MONDAY`."""


def resolved(desk: Desk, detector: str, verdict: Any) -> str:
    (incident_id,) = desk.handle(RecordFindings([a_finding(detector)])).opened
    desk.handle(Acknowledge(incident_id=incident_id, actor="ana"))
    desk.handle(Resolve(incident_id=incident_id, actor="ana", verdict=verdict, reason="upcoding"))
    return incident_id


def test_a_true_positive_about_billing_is_closed_with_its_decision_alone(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    incident_id = resolved(desk, "B22", "true_positive_policy")
    close = Close(incident_id=incident_id, actor="ana")
    with pytest.raises(IllegalTransition, match=r"needs the decision about an overpayment first \(42 CFR 401.305\)"):
        desk.handle(close)
    decision = DecideOverpayment(
        incident_id=incident_id, actor="ana", decision="overpayment", identified_on=THE_SECOND, cents=1_234_56
    )
    decided = desk.handle(decision)
    assert decided.due_on == datetime.date(2026, 5, 1)  # 29 days of March, 30 of April, 1 of May
    assert case_of(store, incident_id).timeline[-1].detail == {
        "decision": "overpayment", "identified_on": "2026-03-02", "due_on": "2026-05-01", "cents": 123_456,
    }  # fmt: skip
    assert desk.handle(close).status == "closed"


@pytest.mark.parametrize(
    ("detector", "verdict"),
    [("B22", "benign_explained"), ("B22", "false_positive_rule"), ("half_space_trees", "true_positive_policy")],
)
def test_others_need_none(store: Store, clock: Clock, detector: str, verdict: str) -> None:
    desk = a_desk(store, clock)
    incident_id = resolved(desk, detector, verdict)
    assert desk.handle(Close(incident_id=incident_id, actor="ana")).status == "closed"


def test_that_there_is_none_is_a_decision_too(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    incident_id = resolved(desk, "B22", "true_positive_malicious")
    desk.handle(
        DecideOverpayment(incident_id=incident_id, actor="ana", decision="no_overpayment", reason="stopped in time")
    )
    assert desk.handle(Close(incident_id=incident_id, actor="ana")).status == "closed"
    clock.advance(400 * DAY)
    revision = case_of(store, incident_id).incident.revision
    desk.pass_time()
    assert case_of(store, incident_id).incident.revision == revision


def merged(desk: Desk, detector: str, into: str) -> None:
    (other,) = desk.handle(RecordFindings([a_finding(detector, ref="u1:other")])).opened
    desk.handle(Acknowledge(incident_id=other, actor="ana"))
    desk.handle(Merge(incident_id=other, actor="ana", into=into))


def joined(desk: Desk, detector: str, into: str) -> None:
    (finding,) = desk.handle(RecordFindings([a_finding(detector)])).findings
    assert finding.incident_id == into


@pytest.mark.parametrize("grow", [merged, joined])
@pytest.mark.parametrize(("detector", "is_closed"), [("B22", False), ("half_space_trees", True)])
def test_a_decision_does_not_speak_of_findings_that_came_later(
    store: Store, clock: Clock, grow: Callable[..., None], detector: str, is_closed: bool
) -> None:
    desk = a_desk(store, clock)
    (incident_id,) = desk.handle(RecordFindings([a_finding("B22")])).opened
    decision = DecideOverpayment(
        incident_id=incident_id, actor="ana", decision="overpayment", identified_on=THE_SECOND, cents=1
    )
    desk.handle(Acknowledge(incident_id=incident_id, actor="ana"))
    desk.handle(decision)
    desk.handle(ReturnOverpayment(incident_id=incident_id, actor="ana", returned_on=THE_SECOND))
    grow(desk, detector, incident_id)
    desk.handle(Resolve(incident_id=incident_id, actor="ana", verdict="true_positive_policy", reason="upcoding"))
    close = Close(incident_id=incident_id, actor="ana")
    if not is_closed:
        with pytest.raises(IllegalTransition, match="first again, for findings have joined"):
            desk.handle(close)
        desk.handle(decision)  # though what was known before was returned
    assert desk.handle(close).status == "closed"


def test_people_are_reminded_and_told_once_it_is_late(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=Policy(plan=Plan(zone="America/Chicago")))
    incident_id = resolved(desk, "B22", "true_positive_policy")
    desk.handle(
        DecideOverpayment(
            incident_id=incident_id, actor="ana", decision="overpayment", identified_on=THE_SECOND, cents=1
        )
    )
    noted: list[tuple[int, str]] = []
    for day in range(64):
        desk.pass_time()
        timeline = case_of(store, incident_id).timeline
        noted += [(day, entry.action) for entry in timeline[4:][len(noted) :]]
        clock.advance(DAY)
    # Due on May 1, day 60: fifteen days before is day 45, the day after it is day 61.
    assert noted == [(45, "overpayment_due_soon"), (61, "overpayment_overdue")]


def told(store: Store) -> list[tuple[str, str]]:
    """Channel and word of every notice about the money."""
    with store.reading() as connection:
        rows = connection.execute(select(OUTBOX.c.channel, OUTBOX.c.body).order_by(OUTBOX.c.created_at)).all()
    found = [(row.channel, msgspec.json.decode(row.body).get("told", "")) for row in rows]
    return [one for one in found if one[1].startswith("overpayment")]


@pytest.mark.parametrize("digest", ["", "daily 08:00"])
def test_no_silence_and_no_digest_keeps_the_days_of_an_overpayment(store: Store, clock: Clock, digest: Any) -> None:
    route = RouteNode(receivers=(Receiver(channel="chat"),), digest=digest)
    desk = a_desk(store, clock, policy=Policy(console_url=CONSOLE, plan=Plan(routes=(route,))))
    (incident_id,) = desk.handle(RecordFindings([a_finding("B22", severity="low")])).opened
    desk.handle(Acknowledge(incident_id=incident_id, actor="ana"))
    desk.handle(
        DecideOverpayment(
            incident_id=incident_id, actor="ana", decision="overpayment", identified_on=THE_SECOND, cents=1
        )
    )
    clock.advance(40 * DAY)
    desk.handle(AddSilence(actor="ana", matchers=("rule=B22",), reason="known", ends_at=clock() + 28 * DAY))
    for _ in range(27):  # day 45 and day 61 are among these
        clock.advance(DAY)
        desk.pass_time()
    assert told(store) == [("chat", "overpayment_due"), ("chat", "overpayment_overdue")]


def test_what_was_returned_is_at_rest(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    incident_id = resolved(desk, "B22", "true_positive_policy")
    decision = DecideOverpayment(
        incident_id=incident_id, actor="ana", decision="overpayment", identified_on=THE_SECOND, cents=1
    )
    giving_back = ReturnOverpayment(incident_id=incident_id, actor="ana", returned_on=THE_SECOND)
    with pytest.raises(Refused, match="no overpayment is known"):
        desk.handle(giving_back)
    desk.handle(decision)
    with pytest.raises(Refused, match="not in the future"):
        desk.handle(
            ReturnOverpayment(incident_id=incident_id, actor="ana", returned_on=THE_SECOND + datetime.timedelta(days=1))
        )
    returned = desk.handle(giving_back)
    with store.reading() as connection:
        assert overpayment_of(connection, incident_id) == returned
    for command in (decision, giving_back):
        with pytest.raises(Refused, match="was returned already"):
            desk.handle(command)
    clock.advance(99 * DAY)
    desk.pass_time()
    assert case_of(store, incident_id).timeline[-1].action == "return_overpayment"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"decision": "overpayment", "cents": 5}, "needs the day"),
        ({"decision": "overpayment", "identified_on": THE_SECOND}, "and its amount"),
        ({"decision": "overpayment", "identified_on": THE_SECOND, "cents": -5}, "and its amount"),
        ({"decision": "overpayment", "identified_on": datetime.date(2026, 3, 3), "cents": 5}, "not identified in the"),
        ({"decision": "no_overpayment", "reason": " "}, "needs a reason"),
        ({"decision": "no_overpayment", "reason": "x", "cents": 5}, "neither a day nor an amount"),
    ],
)
def test_decisions_that_cannot_be(store: Store, clock: Clock, fields: dict[str, Any], says: str) -> None:
    desk = a_desk(store, clock)
    (incident_id,) = desk.handle(RecordFindings([a_finding("B22")])).opened
    with pytest.raises(Refused, match=says):
        desk.handle(DecideOverpayment(incident_id=incident_id, actor="ana", **fields))

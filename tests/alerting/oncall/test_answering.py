"""What counts as an answer to an escalation that climbs again: work on the case, by anybody but its subject."""

import re

import pytest
from msgspec import structs

from alerting.act import Act
from alerting.breach.handling import HANDLERS as BREACH
from alerting.commands import Acknowledge, Assign, Comment
from alerting.desk import Desk
from alerting.oncall.climbing import DEEDS
from alerting.oncall.climbs import climbs_of
from alerting.policy import Policy
from alerting.routing.tree import RouteNode
from alerting.store import Store
from alerting.transitions import TRANSITIONS
from tests.acceptance.response.hospital import CHAIN, CHAT, policy
from tests.alerting.building import Clock, a_desk, numbered_ids
from tests.alerting.sending import ONE, see

LAPSES = structs.replace(CHAIN, ack_timeout=30.0)
SITE = policy(RouteNode(receivers=(CHAT,), escalation="security"), escalations=(LAPSES,), subjects={"u1:one": "ben"})


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    """A desk with a case about ben's account whose acknowledgement has lapsed, so that it climbs again."""
    desk = a_desk(store, clock, policy=SITE)
    see(desk)
    desk.handle(Acknowledge(incident_id=ONE, actor="ana"))
    clock.advance(30 * 60)
    desk.pass_time()
    assert state_of(store) == "climbing"
    clock.advance(1)
    return desk


def state_of(store: Store) -> str:
    with store.reading() as connection:
        return climbs_of(connection, [ONE])[ONE].state


def note(store: Store, now: float, action: str, actor: str) -> None:
    with store.writing() as connection:
        act = Act(connection, now, Policy(), numbered_ids())
        act.note(act.incident(ONE), action=action, actor=actor)


def test_every_step_of_a_case_and_of_its_breach_file_is_work_on_it() -> None:
    steps = {kind for _, kind in TRANSITIONS} | {Comment, Assign} | set(BREACH)
    assert {re.sub(r"(?<!^)(?=[A-Z])", "_", step.__name__).lower() for step in steps} <= DEEDS


@pytest.mark.parametrize(
    ("action", "actor", "state"),
    [
        ("comment", "ana", "answered"),
        ("start_investigation", "eva", "answered"),
        ("comment", "ben", "climbing"),  # the subject
        ("subject_refused", "ben", "climbing"),
        ("refused", "eva", "climbing"),
        ("answered", "asked user", "climbing"),
        ("answer_refused", "asked manager", "climbing"),
        ("verdict_elsewhere", "elsewhere", "climbing"),
        ("pagerduty_resolved", "pagerduty", "climbing"),
        ("pagerduty_escalated", "eva", "climbing"),
        ("pagerduty_unacknowledged", "eva", "climbing"),
        ("pagerduty_reopened", "eva", "climbing"),
        ("pagerduty_reassigned", "eva", "climbing"),
        ("pagerduty_delegated", "eva", "climbing"),
        ("escalation_step", "wardwatch", "climbing"),
        ("add_evidence", "eva", "answered"),
        ("approve_assessment", "eva", "answered"),
        ("watch_incident", "eva", "climbing"),
        ("unwatch_incident", "eva", "climbing"),
        ("exported", "auditor", "climbing"),
        ("of_a_newer_version", "eva", "climbing"),
    ],
)
def test_work_on_the_case_is_an_answer(desk: Desk, clock: Clock, action: str, actor: str, state: str) -> None:
    note(desk.store, clock.now, action, actor)
    clock.advance(60)
    desk.pass_time()
    assert state_of(desk.store) == state

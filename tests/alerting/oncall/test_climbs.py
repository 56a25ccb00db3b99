"""When an escalation begins, rests and ends; and how long its waits are."""

import pytest
from msgspec import structs

from alerting.incidents import Status
from alerting.notification import Told
from alerting.oncall.climbs import NEVER, Climb, answered, begun, ended
from alerting.oncall.escalations import Escalation, Step, escalation_problems
from alerting.people import Directory, Person
from alerting.routing.receivers import Receiver
from tests.alerting.building import an_incident

TO_ANA = (Receiver(person="ana"),)
CHAIN = Escalation(
    name="up", steps=(Step(receivers=TO_ANA, after=1), Step(receivers=TO_ANA, after=10)),
    patience=20, repeat=1, ack_timeout=30,
)  # fmt: skip
CLIMB = Climb(
    incident_id="INC-F73K9Q2M", escalation="up", state="climbing", position=1, began_at=0.0, from_new=True, next_at=5.0
)


def test_waits_of_two_rounds() -> None:
    assert [CHAIN.wait(position) / 60 for position in range(5)] == [1, 10, 21, 10, 20]
    assert CHAIN.length == 4
    assert CHAIN.step(3) is CHAIN.steps[1]


@pytest.mark.parametrize(
    ("told", "status", "known", "state"),
    [
        ("opened", "new", None, "climbing"),
        ("opened", "resolved", None, None),
        ("unmuted", "new", None, "climbing"),
        ("more_evidence", "new", None, None),
        ("overdue", "new", None, None),
        ("escalated", "new", CLIMB, None),  # it climbs already
        ("escalated", "new", structs.replace(CLIMB, escalation="other"), "climbing"),
        ("escalated", "new", ended(CLIMB), "climbing"),
        ("escalated", "triaged", None, "answered"),
        ("escalated", "investigating", None, "ended"),
        ("reopened", "investigating", ended(CLIMB), "climbing"),
        ("reopened", "investigating", CLIMB, "climbing"),
    ],
)
def test_news_with_which_it_begins(told: Told, status: Status, known: Climb | None, state: str | None) -> None:
    climb = begun(an_incident(status=status), CHAIN, told, known, 100.0)
    assert (climb and climb.state) == state
    if climb and climb.state == "climbing":
        assert (climb.position, climb.began_at, climb.next_at) == (0, 100.0, 160.0)
        assert climb.from_new == (status == "new")


def test_that_nobody_was_reached_begins_none() -> None:
    assert begun(an_incident(kind="nobody_reached"), CHAIN, "opened", None, 0.0) is None


def test_an_acknowledgement_holds_for_its_time_where_there_is_one() -> None:
    acknowledged = an_incident(status="triaged")
    assert answered(CLIMB, CHAIN, acknowledged, 50.0) == structs.replace(CLIMB, state="answered", next_at=1850.0)
    for_ever = structs.replace(CHAIN, ack_timeout=0.0)
    over = structs.replace(CLIMB, state="ended", next_at=NEVER)
    assert answered(CLIMB, for_ever, acknowledged, 50.0) == over
    assert answered(CLIMB, CHAIN, an_incident(status="contained"), 50.0) == over


def test_an_escalation_tells_what_is_wrong_with_it() -> None:
    wrong = (
        Escalation(name="a", steps=(), ack_timeout=-1),
        Escalation(name="a", steps=(Step(receivers=(), after=-1), Step(receivers=(Receiver(person="zoe"),)))),
    )
    assert list(escalation_problems(wrong, Directory([Person(name="ana")]), frozenset())) == [
        "escalations: 'a' is there more than once",
        "escalations: a: it has no steps",
        "escalations: a: times and repeat are not below zero",
        "escalations: a: times and repeat are not below zero",
        "escalations: a: step 1: it has no receivers",
        "escalations: a: step 2: person 'zoe' is nobody in `people`",
    ]

"""What on-call and routing keep, on both databases."""

import random
import threading

import pytest

from alerting.channels.api import Failed
from alerting.commands import Acknowledge, Assign
from alerting.desk import Desk
from alerting.oncall.climbs import climbs_of, due_climbs
from alerting.oncall.commands import OverrideShift, RemoveOverride
from alerting.oncall.override_rows import overrides_during
from alerting.places import Place
from alerting.refusal import Refused
from alerting.routing.rows import (
    Collected,
    Knowledge,
    LeftOut,
    collect,
    forget_knowledge,
    knowledge_of,
    note_knowledge,
    note_left_out,
    take_collected,
    take_left_out,
)
from alerting.sender import Sender
from alerting.store import Store
from alerting.tripwire import Tripwire
from tests.acceptance.response.hospital import WITH_CHAIN
from tests.alerting.building import CONSOLE, MONDAY, Clock, ObedientChannel, a_desk, an_incident, case_of
from tests.alerting.sending import ONE, see

ANA, BEN = Place("slack", "UANA"), Place("slack", "UBEN")


def test_overrides_are_kept_when_they_are_removed(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=WITH_CHAIN)
    for first, person in ((0, "ben"), (50, "ana")):
        made = desk.handle(
            OverrideShift(
                actor="eva", schedule="security", person=person,
                first=MONDAY + first, last=MONDAY + 100, reason="swap",
            )
        )  # fmt: skip
        assert made.author == "eva"
    with store.reading() as connection:
        assert [one.person for one in overrides_during(connection, MONDAY, MONDAY)] == ["ben"]
        assert [one.person for one in overrides_during(connection, MONDAY, float("inf"))] == ["ben", "ana"]
        assert overrides_during(connection, MONDAY + 100, float("inf")) == []
    assert desk.handle(RemoveOverride(actor="eva", override=1)).person == "ben"
    with store.reading() as connection:
        assert [one.id for one in overrides_during(connection, MONDAY, float("inf"))] == [2]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"schedule": "nights"}, "there is no such schedule"),
        ({"last": MONDAY}, "ends after it begins"),
        ({"first": float("nan")}, "ends after it begins"),
        ({"last": float("inf")}, "ends after it begins"),
        ({"first": MONDAY - 9, "last": MONDAY - 5}, "has passed"),
    ],
)
def test_an_override_that_means_nothing_is_refused(sqlite_store: Store, changed: dict[str, object], why: str) -> None:
    usual: dict[str, object] = {
        "actor": "eva", "schedule": "security", "person": "ben", "first": MONDAY, "last": MONDAY + 9, "reason": "swap",
    }  # fmt: skip
    with pytest.raises(Refused, match=why):
        a_desk(sqlite_store, Clock(), policy=WITH_CHAIN).handle(OverrideShift(**(usual | changed)))  # type: ignore[arg-type]  # as the table has them


def test_what_recipients_know_is_replaced_and_forgotten(store: Store, clock: Clock) -> None:
    see(a_desk(store, clock))
    incident = an_incident(id=ONE, findings=2)
    larger = an_incident(id=ONE, findings=4, severity="SEV1", rules=("A09", "A13"))
    with store.writing() as connection:
        note_knowledge(connection, [(incident, ANA), (incident, BEN)])
        note_knowledge(connection, [(larger, ANA)])
        forget_knowledge(connection, ONE, BEN)
        known = knowledge_of(connection, [ONE])
    assert {place: what for (_, place), what in known.items() if place.channel == "slack"} == {
        ANA: Knowledge("SEV1", 4)
    }


def test_what_is_collected_is_taken_once_when_it_is_due(store: Store, clock: Clock) -> None:
    see(a_desk(store, clock))
    soon, late = (Collected(ANA, (BEN,), at, ONE) for at in (10.0, 20.0))
    with store.writing() as connection:
        collect(connection, [soon, late, soon])
        collect(connection, [soon])
        assert take_collected(connection, 9.0) == []
        assert take_collected(connection, 10.0) == [soon]
        assert take_collected(connection, 99.0) == [late]
        assert take_collected(connection, 99.0) == []


def test_who_was_left_out_is_noted_once(store: Store, clock: Clock) -> None:
    see(a_desk(store, clock))
    with store.writing() as connection:
        note_left_out(connection, ONE, ["ana", "ben"], to_officers=False)
        assert take_left_out(connection, 9) == {ONE: LeftOut(2, to_officers=False)}
        note_left_out(connection, ONE, ["ana", "cho"], to_officers=True)
        assert take_left_out(connection, 9) == {ONE: LeftOut(1, to_officers=True)}
        assert take_left_out(connection, 9) == {}


def test_a_case_climbs_until_somebody_answers(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=WITH_CHAIN)
    see(desk)
    for _ in range(3):
        desk.pass_time()
    assert store.outbox() == {"slack": {"pending": 1}, "pagerduty": {"pending": 1}}
    clock.advance(600)
    desk.pass_time()
    assert store.outbox() == {"slack": {"pending": 2}, "pagerduty": {"pending": 1}}
    desk.handle(Assign(incident_id=ONE, actor="eva", assignee="ben"))
    with store.reading() as connection:
        assert [climb.position for climb in due_climbs(connection, clock.now + 1200, 9)] == [2]
    desk.handle(Acknowledge(incident_id=ONE, actor="ben"))
    with store.reading() as connection:
        assert climbs_of(connection, [ONE])[ONE].state == "ended"
        assert due_climbs(connection, 1e12, 9) == []


def test_a_page_that_reaches_nobody_hurries_the_next_step(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=WITH_CHAIN)
    see(desk)
    desk.pass_time()
    refuses = ObedientChannel(usual=Failed("no such recipient"))
    channels = dict.fromkeys(("pagerduty", "email"), refuses) | {"slack": ObedientChannel()}
    sender = Sender(desk, channels, clock=clock, source=random.Random(1), tripwire=Tripwire(allowed=(CONSOLE,)))
    for _ in range(3):
        sender.run_once(clock.now)
    with store.reading() as connection:
        (climb,) = [one for one in due_climbs(connection, clock.now, 9) if one.incident_id == ONE]
    assert (climb.position, climb.next_at) == (1, MONDAY)


def test_workers_at_once_make_each_step_once(store: Store, clock: Clock) -> None:
    desks = [a_desk(store, clock, policy=WITH_CHAIN) for _ in range(3)]
    see(desks[0])
    start = threading.Barrier(len(desks))

    def work(desk: Desk) -> None:
        start.wait()
        desk.pass_time()

    threads = [threading.Thread(target=work, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.action for entry in case_of(store, ONE).timeline] == ["opened", "escalation_step"]
    assert store.outbox() == {"slack": {"pending": 1}, "pagerduty": {"pending": 1}}

"""A digest names many cases: nobody reads in it of the one that is about them, wherever it goes."""

import msgspec
from sqlalchemy import select

from alerting.commands import GiveUpNotice, RecordFindings
from alerting.desk import Desk
from alerting.notification import Body, Digest
from alerting.people import Person
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.routing.receivers import Receiver
from alerting.routing.tree import RouteNode
from alerting.store import Store
from alerting.store.schema import OUTBOX
from detectors.finding import Entity
from tests.alerting.building import CONSOLE, HOUR, Clock, a_desk, a_finding

BOB = Person(name="bob", email="bob@h.example", slack="UBOB", user_ids=("clerk",), backup="sec")
SEC = Person(name="sec", email="sec@h.example", slack="USEC", roles=("security_officer",))
ONE, TWO = "INC-T0000001", "INC-T0000002"


def a_desk_with_digests(store: Store, clock: Clock, *receivers: Receiver, **options: str) -> Desk:
    plan = Plan(people=(BOB, SEC), routes=(RouteNode(name="all", receivers=receivers, digest="hourly"),))
    policy = Policy(console_url=CONSOLE, plan=plan, subjects={"u1:clerk": "bob"}, places=options)
    return a_desk(store, clock, policy=policy)


def digests(store: Store) -> list[tuple[str, str, str, list[str]]]:
    """Of every digest its channel, recipient, fate and the incidents that it names."""
    with store.reading() as connection:
        rows = connection.execute(select(OUTBOX).order_by(OUTBOX.c.fate, OUTBOX.c.created_at)).all()
    bodies = [(row, msgspec.json.decode(row.body, type=Body)) for row in rows]
    return [
        (row.channel, row.recipient, row.fate, [line.incident_id for line in body.lines])
        for row, body in bodies
        if isinstance(body, Digest)
    ]


def id_of_digest(store: Store) -> str:
    with store.reading() as connection:
        return str(connection.scalar(select(OUTBOX.c.notice_id).where(OUTBOX.c.about.startswith("DIG-"))))


def test_a_digest_is_not_handed_to_the_subject_of_any_of_its_cases(store: Store) -> None:
    clock = Clock()
    shared = Receiver(channel="slack", to="C1", fallback=("email",))
    desk = a_desk_with_digests(store, clock, shared, email="bob@h.example")
    findings = [a_finding(ref="u1:else", severity="medium"), a_finding(ref="u1:clerk", severity="medium")]
    assert desk.handle(RecordFindings(findings)).opened == (ONE, TWO)
    clock.advance(HOUR)
    desk.pass_time()
    assert digests(store) == [("slack", "C1", "pending", [ONE, TWO])]
    desk.handle(GiveUpNotice(id_of_digest(store), "http 503"))
    assert digests(store) == [("slack", "C1", "failed", [ONE, TWO]), ("log", "", "pending", [ONE, TWO])]


def test_a_digest_without_a_case_about_the_reader_is_handed_on(sqlite_store: Store) -> None:
    clock = Clock()
    shared = Receiver(channel="slack", to="C1", fallback=("email",))
    desk = a_desk_with_digests(sqlite_store, clock, shared, email="bob@h.example")
    desk.handle(RecordFindings([a_finding(ref="u1:else", severity="medium")]))
    clock.advance(HOUR)
    desk.pass_time()
    desk.handle(GiveUpNotice(id_of_digest(sqlite_store), "http 503"))
    assert digests(sqlite_store) == [("slack", "C1", "failed", [ONE]), ("email", "", "pending", [ONE])]


def becomes_a_subject(desk: Desk, about: str) -> None:
    """A finding about somebody else in which bob acted, too."""
    finding = a_finding(ref=about, severity="medium")
    finding.entities.append(Entity("user", "u1:clerk"))
    assert desk.handle(RecordFindings([finding])).opened == ()


def test_a_case_is_struck_from_the_digest_that_is_on_its_way_to_its_subject(store: Store) -> None:
    clock = Clock()
    desk = a_desk_with_digests(store, clock, Receiver(person="bob", channel="slack"))
    desk.handle(RecordFindings([a_finding(ref=ref, severity="medium") for ref in ("u1:x", "u1:y")]))
    clock.advance(HOUR)
    desk.pass_time()
    assert digests(store) == [("slack", "UBOB", "pending", [ONE, TWO])]
    becomes_a_subject(desk, "u1:x")
    assert digests(store) == [("slack", "UBOB", "pending", [TWO])]
    clock.advance(HOUR)
    desk.pass_time()
    assert digests(store)[1:] == [("slack", "USEC", "pending", [ONE])]


def test_a_digest_of_which_nothing_is_left_does_not_leave(sqlite_store: Store) -> None:
    clock = Clock()
    desk = a_desk_with_digests(sqlite_store, clock, Receiver(person="bob", channel="slack"))
    desk.handle(RecordFindings([a_finding(ref="u1:x", severity="medium")]))
    clock.advance(HOUR)
    desk.pass_time()
    becomes_a_subject(desk, "u1:x")
    assert [fate for _, _, fate, _ in digests(sqlite_store)] == ["failed"]

"""What the archive takes of the stages' topics, and what becomes of it when things fail."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition  # type: ignore[import-untyped]  # no py.typed
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete  # type: ignore[import-untyped]  # no py.typed
from msgspec import Raw
from sqlalchemy.exc import OperationalError

from alerting.archive import Access, Archive, Gap, Merge, create_archive
from alerting.store import open_engine
from streams import archive as archiving
from streams.archive import GROUP, Archivist, taken_from
from streams.intake import Intake
from streams.parcels import from_intake
from streams.security import KafkaSecurity
from streams.topic_admin import create_topics
from streams.topics import TopicPlan
from tests.services.kafka import KafkaServer
from tests.streams.archived import AT, a_merge, a_parcel, an_access
from tests.streams.samples import BILLING, SOURCE, access, line, payment, record, tokeniser

SAVED = Access(
    event_id="e1",
    patient="p1:jane",
    actor="u1:clerk",
    actor_type="human",
    at=AT,
    action="read",
    department="ICU",
    role="nurse",
    outcome="success",
    purpose="TREAT",
    resource="chart",
    source="urn:ehr",
)


def test_accesses_become_rows_without_what_nobody_needs() -> None:
    taken = taken_from([a_parcel(an_access())])
    assert taken.accesses == [SAVED]
    assert (taken.merges, taken.strange) == ([], 0)


def test_what_the_intake_sends_is_archived() -> None:
    whole = access(action="disclose", purpose={"code": "HRESCH"}, outcome="minor_failure")
    merge = {"patient_ref": "MRN0012345", "merged_into": "MRN0099999"}
    records = [
        record(line(whole)),
        record(line(access(action="login", patient=None), id="e2"), offset=1),
        record(line(payment(), type_name=BILLING, id="e3"), offset=2),
        record(line(merge, type_name=archiving.PATIENT_CONTEXT, id="e4"), offset=3),
    ]
    admitted = Intake(tokeniser()).admit(records)
    assert admitted.dead_letters == []
    parcels = [outgoing.value for outgoing in from_intake(admitted.visits, TopicPlan())]
    taken = taken_from(parcels)
    patient, survivor = (tokeniser().token("p", number) for number in ("MRN0012345", "MRN0099999"))
    assert taken.strange == 0
    assert taken.accesses == [
        Access(
            event_id=admitted.visits[0].id,
            patient=patient,
            actor=tokeniser().token("u", "u1001"),
            actor_type="human",
            at=AT,
            action="disclose",
            department="ICU",
            role="nurse",
            outcome="minor_failure",
            purpose="HRESCH",
            resource="chart",
            source=SOURCE,
            disclosed=True,
        )
    ]
    assert taken.merges == [Merge(patient=patient, into=survivor, at=AT)]


@pytest.mark.parametrize(
    ("notes", "explained"),
    [
        ({"rel.context_ok": True, "rel.explained": True}, True),
        ({"rel.context_ok": True}, False),
        ({"rel.explained": True}, None),  # the context was too old to tell
        ({}, None),
    ],
)
def test_at_the_users_stage_it_is_known_what_explains_it(notes: dict[str, bool], explained: bool | None) -> None:
    (access,) = taken_from([a_parcel(an_access(at_user=True, notes=notes))]).accesses
    assert access.explained is explained
    (early,) = taken_from([a_parcel(an_access(notes=notes))]).accesses
    assert early.explained is None


@pytest.mark.parametrize(("action", "disclosed"), [("disclose", True), ("transmit", True), ("print", False)])
def test_what_leaves_is_a_disclosure(action: str, disclosed: bool) -> None:
    (access,) = taken_from([a_parcel(an_access(action=action))]).accesses
    assert access.disclosed is disclosed


def test_logins_payments_and_records_are_no_accesses_to_a_patient() -> None:
    login = an_access("l", action="login")
    login.data = Raw(msgspec.msgpack.encode({"action": "login", "actor": {"id": "u1:clerk"}}))
    other = an_access("b")
    other.type = "org.wardwatch.billing.transaction.v1"
    other.data = Raw(msgspec.msgpack.encode(payment()))
    taken = taken_from([a_parcel(login, other)])
    assert (taken.accesses, taken.strange) == ([], 0)


def test_merges_are_taken_and_strange_things_counted() -> None:
    broken = an_access("e2")
    broken.data = Raw(b"\x80")
    values = [a_parcel(a_merge("p1:a", "p1:b"), a_merge("p1:c", None), broken, an_access()), b"what", None]
    taken = taken_from(values)
    assert taken.merges == [Merge(patient="p1:a", into="p1:b", at=AT), Merge(patient="p1:c", into="", at=AT)]
    assert taken.accesses == [SAVED]
    assert taken.strange == 3


@dataclass
class Watched:
    """An observer that notes what it is told, and stops the archive when it has enough."""

    wanted: int
    stop: asyncio.Event
    accesses: int = 0
    failures: list[str] = field(default_factory=list)
    missed: int = 0
    most_waiting: int = 0

    def archived(self, accesses: int) -> None:
        self.accesses += accesses
        if self.accesses >= self.wanted:
            self.stop.set()

    def undecodable(self, n: int) -> None:
        raise AssertionError(n)

    def failed(self, kind: str) -> None:
        self.failures.append(kind)

    def gap(self, records: int) -> None:
        self.missed += records

    def waiting(self, records: int) -> None:
        self.most_waiting = max(self.most_waiting, records)

    def alive(self) -> None:
        return


class Shaky:
    """An archive whose database is away at first."""

    def __init__(self, archive: Archive, failures: int) -> None:
        self._archive = archive
        self._failures = failures

    def add(self, accesses: Sequence[Access], merges: Sequence[Merge] = ()) -> None:
        if self._failures:
            self._failures -= 1
            raise OperationalError("INSERT", {}, Exception("gone"))
        self._archive.add(accesses, merges)

    def note_gap(self, gap: Gap) -> None:
        self._archive.note_gap(gap)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    engine = open_engine(f"sqlite:///{tmp_path / 'archive.sqlite'}")
    create_archive(engine)
    yield Archive(engine)
    engine.dispose()


async def _send(bootstrap: str, topic: str, parcels: Sequence[bytes]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for parcel in parcels:
            await producer.send_and_wait(topic, parcel, partition=0)


async def _archived(broker: KafkaServer, plan: TopicPlan, archive: Archive | Shaky, wanted: int) -> Watched:
    """Run the archive until it has written so many accesses."""
    watched = Watched(wanted, asyncio.Event())
    archivist = Archivist(broker.bootstrap, plan, archive, observer=watched, clock=lambda: AT, security=KafkaSecurity())
    await asyncio.wait_for(archivist.run(watched.stop), 60)
    return watched


async def test_rows_are_written_before_offsets(
    kafka_broker: KafkaServer, topics_prefix: str, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archiving, "FIRST_PAUSE_SECONDS", 0.01)
    plan = TopicPlan(prefix=topics_prefix, partitions=1)
    await asyncio.to_thread(create_topics, kafka_broker.bootstrap, plan.topics())
    await _send(kafka_broker.bootstrap, plan.stage("patient"), [a_parcel(an_access("e1")), a_parcel(an_access("e2"))])
    notes = {"rel.context_ok": True, "rel.explained": True}
    await _send(kafka_broker.bootstrap, plan.stage("user"), [a_parcel(an_access("e1", at_user=True, notes=notes))])
    watched = await _archived(kafka_broker, plan, Shaky(archive, 2), 3)
    assert watched.failures == ["OperationalError", "OperationalError"]
    assert [(one.event_id, one.explained) for one in archive.accesses(["p1:jane"], 0, 2 * AT, limit=9)] == [
        ("e1", True),
        ("e2", None),
    ]
    # It goes on where it was.
    await _send(kafka_broker.bootstrap, plan.stage("patient"), [a_parcel(an_access("e3"))])
    again = await _archived(kafka_broker, plan, archive, 1)
    assert (again.accesses, again.most_waiting) == (1, 0)
    assert archive.gaps() == []


async def test_what_was_deleted_before_it_was_read_is_a_gap(
    kafka_broker: KafkaServer, topics_prefix: str, archive: Archive
) -> None:
    plan = TopicPlan(prefix=topics_prefix, partitions=1)
    await asyncio.to_thread(create_topics, kafka_broker.bootstrap, plan.topics())
    topic = plan.stage("patient")
    await _send(kafka_broker.bootstrap, topic, [a_parcel(an_access("e1"))])
    await _archived(kafka_broker, plan, archive, 1)
    await _send(kafka_broker.bootstrap, topic, [a_parcel(an_access(f"e{n}")) for n in range(2, 6)])
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_broker.bootstrap)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=4)})
    finally:
        await admin.close()
    watched = await _archived(kafka_broker, plan, archive, 1)
    assert watched.missed == 3
    assert [(gap.topic, gap.first_offset, gap.records) for gap in archive.gaps()] == [(topic, 1, 3)]
    assert [one.event_id for one in archive.accesses(["p1:jane"], 0, 2 * AT, limit=9)] == ["e1", "e5"]
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka_broker.bootstrap, group_id=plan.name(GROUP), enable_auto_commit=False
    ) as consumer:
        assert await consumer.committed(TopicPartition(topic, 0)) == 5

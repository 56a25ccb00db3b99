"""Ingest: every line reaches its topic and arrives at the intake as if its own system had sent it."""

import itertools
import json
import random
from typing import Any

import pytest

from detectors.events import DATA_TYPES
from detectors.events.envelope import MAXIMUM_BYTES
from streams.ingest import IN_FLIGHT, IN_FLIGHT_BYTES, IngestError, IngestSummary, chunks, ingest, message_of
from streams.intake import KEPT_BYTES, Intake
from streams.items import TOPIC_OF
from streams.publisher import BATCH_BYTES, Message
from streams.records import SourceRecord
from streams.topic_admin import create_topics
from streams.topics import SOURCES, TopicPlan
from tests.conftest import Broker
from tests.streams.kafka_records import everything, topics
from tests.streams.samples import ACCESS, AT, BILLING, SOURCE, access, line, payment, tokeniser

PLAN = TopicPlan(prefix="x-", partitions=2)
PAN = "4111111111111111"


def message(raw: bytes) -> Message:
    return message_of(raw, Intake(tokeniser()), PLAN)


def as_record(sent: Message, offset: int = 0) -> SourceRecord:
    return SourceRecord(sent.topic, 0, offset, AT, sent.value, dict(sent.headers))


def test_every_type_has_a_source_topic() -> None:
    assert set(TOPIC_OF) == set(DATA_TYPES)
    assert set(TOPIC_OF.values()) == set(SOURCES)


def test_an_event_goes_in_binary_mode_under_the_token_of_its_first_entity() -> None:
    sent = message(line(access(), subject="MRN0012345"))
    patient = tokeniser().token("p", "MRN0012345")
    assert sent == Message(
        "x-access.events",
        patient,
        json.dumps(access()).encode(),
        [
            ("ce_specversion", b"1.0"),
            ("ce_id", b"e1"),
            ("ce_source", SOURCE.encode()),
            ("ce_type", ACCESS.encode()),
            ("content-type", b"application/json"),
            ("ce_time", b"2026-03-02T09:14:03+00:00"),
            ("ce_subject", patient.encode()),
        ],
    )
    assert repr(sent) == "<Message x-access.events>"


def test_a_session_event_is_keyed_by_its_user_and_a_login_by_its_address() -> None:
    assert message(line(access(patient=None, action="logout"))).key == tokeniser().token("u", "u1001")
    address = tokeniser().token("i", "10.2.3.4")
    assert message(line(access(patient=None, action="login"))).key == f"ip:{address}", "spraying is seen there (A17)"


def test_what_concerns_nobody_has_no_key() -> None:
    verdict = {"verdict": "duplicate", "by": "pat", "at": "2026-03-02T09:14:03Z"}
    sent = message(line(verdict, type_name="org.wardwatch.feedback.v1"))
    assert (sent.topic, sent.key, sent.refused) == ("x-feedback", None, "")


@pytest.mark.parametrize("raw", [line(access()), line(payment(), type_name=BILLING)])
def test_the_intake_sees_the_same_event_as_in_the_file(raw: bytes) -> None:
    intake = Intake(tokeniser())
    (from_file,) = intake.admit([SourceRecord("file", 0, 0, AT, raw)]).visits
    (from_topic,) = intake.admit([as_record(message(raw))]).visits
    assert from_topic.place != from_file.place, "they are two records of one event"
    from_topic.place = from_file.place
    assert from_topic == from_file


LARGE = line(access(), padding="x" * MAXIMUM_BYTES)


@pytest.mark.parametrize(
    ("raw", "topic", "reason"),
    [
        (b"junk", "x-access.events", "not_json"),
        (line({"kind": "?"}, type_name=BILLING), "x-billing.transactions", "wrong_type"),
        (line({}, type_name="org.other.v1"), "x-access.events", "unknown_type"),
        (line(access(raw_ref=PAN)), "x-access.events", "pan_found"),
        (LARGE, "x-access.events", "too_large"),
    ],
)
def test_what_the_intake_will_refuse_is_sent_all_the_same(raw: bytes, topic: str, reason: str) -> None:
    sent = message(raw)
    assert (sent.topic, sent.key, sent.refused) == (topic, None, reason)
    result = Intake(tokeniser()).admit([as_record(sent)])
    assert [letter.reason for letter in result.dead_letters] == [reason]
    assert PAN.encode() not in sent.value


def test_of_a_line_too_large_the_beginning_is_sent() -> None:
    sent = message(LARGE)
    assert sent.value == LARGE[:KEPT_BYTES]
    assert Intake(tokeniser()).admit([as_record(sent)]).dead_letters[0].cut_from == len(LARGE)


async def test_a_file_reaches_the_broker_to_the_line(broker: Broker, topics_prefix: str) -> None:
    plan = topics(broker.bootstrap, topics_prefix, SOURCES)
    accesses = [line(access(patient={"ref": f"MRN{n % 7}"}), id=f"a{n}") for n in range(60)]
    payments = [line(payment(), type_name=BILLING, id=f"b{n}") for n in range(5)]
    staff = [line({"user_ref": "u1001"}, type_name="org.wardwatch.context.staff.v1", id="s1")]
    seen: list[IngestSummary] = []
    summary = await ingest(
        [*staff, *accesses, b"junk", *payments], Intake(tokeniser()), broker.bootstrap, plan, progress=seen.append
    )
    assert (summary.read, summary.published, summary.dead_letters) == (67, 67, {"not_json": 1})
    assert seen == [summary]

    stored = await everything(broker.bootstrap, *plan.sources)
    by_topic = {name: [record for _, record in stored if record.topic == plan.name(name)] for name in SOURCES}
    assert {name: len(records) for name, records in by_topic.items() if records} == {
        "access.events": 61,
        "billing.transactions": 5,
        "context.user": 1,
    }
    assert all(key is None or key[:3] in (b"p1:", b"u1:") for key, _ in stored)
    result = Intake(tokeniser()).admit([record for _, record in stored])
    assert len(result.visits) == 66
    order: dict[str, list[int]] = {}
    for visit in result.visits:
        if visit.type == ACCESS:
            order.setdefault(visit.stop.ref, []).append(int(visit.id[1:]))
    assert len(order) == 7
    assert all(ids == sorted(ids) for ids in order.values())


async def test_a_broker_that_is_gone_is_told_with_how_far_it_came() -> None:
    from streams.embedded import LOOPBACK, free_port  # noqa: PLC0415

    with pytest.raises(IngestError, match="after 0 of 0 lines were published"):
        await ingest([line(access())], Intake(tokeniser()), f"{LOOPBACK}:{free_port()}", PLAN)


async def test_missing_topics_are_named_at_once(broker: Broker, topics_prefix: str) -> None:
    plan = topics(broker.bootstrap, topics_prefix, SOURCES[1:])
    with pytest.raises(IngestError, match=f"no topic {topics_prefix}billing.transactions; create"):
        await ingest([line(access())], Intake(tokeniser()), broker.bootstrap, plan)


async def test_records_that_the_broker_refuses_stop_with_the_count(kafka_broker: Broker, topics_prefix: str) -> None:
    plan = TopicPlan(prefix=topics_prefix, partitions=1, maximum_source_bytes=2_000)
    create_topics(kafka_broker.bootstrap, [topic for topic in plan.topics() if topic.name in plan.sources])
    incompressible = random.Random(1).randbytes(4_000).hex()
    large = line(payment(surprise=incompressible), type_name=BILLING)
    with pytest.raises(IngestError, match="MessageSizeTooLargeError after 2 of 3 lines were published"):
        await ingest([line(access()), large, line(access())], Intake(tokeniser()), kafka_broker.bootstrap, plan)
    assert len(await everything(kafka_broker.bootstrap, plan.name("access.events"))) == 2


async def test_batches_are_closed_when_they_are_full(broker: Broker, topics_prefix: str) -> None:
    plan = topics(broker.bootstrap, topics_prefix, SOURCES, partitions=1)
    padding = "x" * (BATCH_BYTES // 3)
    lines = [line(access(surprise=padding), id=f"e{n}") for n in range(10)]
    lines.insert(4, line(access(surprise=padding * 4), id="large"))
    summary = await ingest(lines, Intake(tokeniser()), broker.bootstrap, plan)
    assert (summary.read, summary.published) == (11, 11)
    stored = [record for _, record in await everything(broker.bootstrap, plan.name("access.events"))]
    names = [record.headers["ce_id"].decode() for record in stored]
    assert names == ["e0", "e1", "e2", "e3", "large", "e4", "e5", "e6", "e7", "e8", "e9"]


def sizes(values: list[int]) -> list[int]:
    return [len(some) for some in chunks(Message("t", None, bytes(size), []) for size in values)]


def test_what_is_in_flight_is_bounded_in_number_and_bytes() -> None:
    assert sizes([1] * (2 * IN_FLIGHT + 1)) == [IN_FLIGHT, IN_FLIGHT, 1]
    assert sizes([IN_FLIGHT_BYTES // 2] * 5) == [2, 2, 1]
    assert sizes([]) == []


def test_no_more_is_read_than_is_in_flight() -> None:
    numbers = itertools.count()
    next(chunks(Message("t", None, b"", []) for _ in numbers))
    assert next(numbers) == IN_FLIGHT


def never(*_: Any) -> None:
    raise AssertionError


async def test_nothing_to_send_is_no_error(broker: Broker, topics_prefix: str) -> None:
    plan = topics(broker.bootstrap, topics_prefix, SOURCES)
    assert await ingest([], Intake(tokeniser()), broker.bootstrap, plan, progress=never) == IngestSummary()

"""Dead letters: looking at what was refused, and sending it again (`wardwatch deadletters list|replay`).

A letter that was sent again is marked by a further record on the same topic, keyed `replayed:<id>`, written after the
broker acknowledged the letter. A crash between the two sends the letter twice at most; the event's id tells.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiokafka  # type: ignore[import-untyped]  # has no py.typed
import msgspec
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed
from msgspec import Struct

from streams.records import CUT_HEADER, PAN_HEADER, REFUSED_HEADER, DeadLetter
from streams.topics import DEADLETTERS, TopicPlan

MARKER_PREFIX = b"replayed:"

QUIET_MS = 500
"""The topic is read to the end when its end is reached and this long nothing more came."""

PATIENCE = 20
"""Empty answers in a row, each after `QUIET_MS`, before the end of the topic is reached: then the broker is stuck."""


ANSWERS_BEYOND = 3
"""Answers with records that are taken after the end."""


class StoredLetter(Struct):
    """A dead letter, and how often it was sent again."""

    letter: DeadLetter
    replayed: int


class DeadLetterList(Struct):
    """What the dead-letter topic holds: the letters that were asked for, oldest first, and the number by reason of all.

    `unreadable` counts records that are no dead letters. Where there are more than the limit, the newest are given.
    """

    letters: list[StoredLetter] = []
    by_reason: dict[str, int] = {}
    unreadable: int = 0


class ReplayReport(Struct):
    """What became of the letters that were asked for.

    `already` were sent again before. `not_replayable` are those of which only the beginning was kept, that are no
    source records (a detector that failed), or that a source adapter could not map: those are mended in their file.
    """

    replayed: int = 0
    already: int = 0
    not_replayable: int = 0


class DeadLettersError(Exception):
    """The broker does not deliver the dead-letter topic, or does not take a letter; the text says why."""


async def read_letters(
    bootstrap: str,
    plan: TopicPlan,
    *,
    reasons: Collection[str] = (),
    ids: Collection[str] = (),
    limit: int = 10_000,
    security: Mapping[str, Any] | None = None,
) -> DeadLetterList:
    """Read the dead-letter topic to its present end, without a consumer group: nothing is committed.

    Args:
        bootstrap: broker addresses, `host:port`, separated by commas.
        plan: the topics.
        reasons: only letters with one of these reasons; all without.
        ids: only letters with one of these ids; all without.
        limit: how many letters are kept; one has up to a megabyte.
        security: further arguments of `AIOKafkaConsumer`, such as `ssl_context`.

    Raises:
        DeadLettersError: where the broker does not deliver.
    """
    found = DeadLetterList()
    kept: dict[str, DeadLetter] = {}
    markers: dict[str, int] = {}
    reason_of: dict[str, str] = {}
    async for record in _records(bootstrap, plan.name(DEADLETTERS), security or {}):
        if (record.key or b"").startswith(MARKER_PREFIX):
            name = record.key.removeprefix(MARKER_PREFIX).decode(errors="replace")
            markers[name] = markers.get(name, 0) + 1
            continue
        try:
            letter = DeadLetter.decode(record.value or b"")
        except msgspec.MsgspecError:
            found.unreadable += 1
            continue
        reason_of[letter.id] = letter.reason
        if (not reasons or letter.reason in reasons) and (not ids or letter.id in ids):
            kept[letter.id] = letter
            if len(kept) > 2 * limit:
                kept = _newest(kept, limit)
    for reason in sorted(reason_of.values()):
        found.by_reason[reason] = found.by_reason.get(reason, 0) + 1
    found.letters = [StoredLetter(letter, markers.get(name, 0)) for name, letter in _newest(kept, limit).items()]
    return found


async def replay_letters(
    bootstrap: str,
    plan: TopicPlan,
    *,
    reasons: Collection[str] = (),
    ids: Collection[str] = (),
    force: bool = False,
    limit: int = 10_000,
    security: Mapping[str, Any] | None = None,
) -> ReplayReport:
    """Send dead letters to their source topic again, each to its old partition, and wait for the acknowledgements.

    A letter in which a card number was masked is sent with the mask, and passes if nothing else is wrong with it.

    Args:
        bootstrap: broker addresses, `host:port`, separated by commas.
        plan: the topics.
        reasons: only letters with one of these reasons; all without.
        ids: only letters with one of these ids; all without.
        force: send also what was sent again before.
        limit: how many letters at most, the newest; run it again for the others.
        security: further arguments of the Kafka clients, such as `ssl_context`.

    Raises:
        DeadLettersError: where the broker does not deliver, or does not take a letter.
    """
    report = ReplayReport()
    found = await read_letters(bootstrap, plan, reasons=reasons, ids=ids, limit=limit, security=security)
    producer = aiokafka.AIOKafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        client_id="wardwatch-deadletters",
        acks="all",
        max_request_size=plan.maximum_bytes,
        **(security or {}),
    )
    try:
        await producer.start()
        for stored in found.letters:
            letter = stored.letter
            if letter.cut_from or REFUSED_HEADER in letter.headers or letter.topic not in plan.sources:
                report.not_replayable += 1
            elif stored.replayed and not force:
                report.already += 1
            else:
                await producer.send_and_wait(
                    letter.topic, letter.payload, partition=letter.partition, headers=_headers_of(letter)
                )
                await producer.send_and_wait(plan.name(DEADLETTERS), b"", key=MARKER_PREFIX + letter.key)
                report.replayed += 1
    except KafkaError as error:
        message = f"{type(error).__name__} after {report.replayed} letters were sent"
        raise DeadLettersError(message) from error
    finally:
        await producer.stop()
    return report


def _headers_of(letter: DeadLetter) -> list[tuple[str, bytes]]:
    return [(name, text) for name, text in letter.headers.items() if name not in (CUT_HEADER, PAN_HEADER)]


def _newest(letters: dict[str, DeadLetter], limit: int) -> dict[str, DeadLetter]:
    """Return the newest letters by the time of their record, oldest first."""
    in_order = sorted(letters.items(), key=lambda item: (item[1].timestamp, item[0]))
    return dict(in_order[-limit:] if limit > 0 else ())


async def _records(bootstrap: str, topic: str, security: Mapping[str, Any]) -> AsyncIterator[aiokafka.ConsumerRecord]:
    """Yield the records of a topic up to its present end."""
    try:
        async with _consumer(bootstrap, security) as consumer:
            existing = await consumer.topics()
        if topic not in existing:  # a consumer of it would wait long
            message = f"there is no topic {topic}; create it with `wardwatch topics create`"
            raise DeadLettersError(message)
        async with _consumer(bootstrap, security, topic) as consumer:
            async for record in _to_the_end(consumer):
                yield record
    except KafkaError as error:
        message = f"{type(error).__name__} while the dead-letter topic was read"
        raise DeadLettersError(message) from error


@asynccontextmanager
async def _consumer(
    bootstrap: str, security: Mapping[str, Any], *topics: str
) -> AsyncIterator[aiokafka.AIOKafkaConsumer]:
    """Give a consumer of all partitions of some topics; it belongs to no group."""
    consumer = aiokafka.AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap.split(","),
        client_id="wardwatch-deadletters",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **security,
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def _to_the_end(consumer: aiokafka.AIOKafkaConsumer) -> AsyncIterator[aiokafka.ConsumerRecord]:
    """Yield the records up to the present end.

    A broker may report an end that lies before the last batch's (Tansu, engines.md §1.11), so a few more answers are
    taken there; but only a few, for new letters may come without end.
    """
    ends = await consumer.end_offsets(consumer.assignment())
    empty = beyond = 0
    while True:
        some = await consumer.getmany(timeout_ms=QUIET_MS)
        for records in some.values():
            for record in records:
                yield record
        empty = 0 if some else empty + 1
        if all([await consumer.position(place) >= end for place, end in ends.items()]):
            beyond += 1
            if empty or beyond > ANSWERS_BEYOND:
                return
        elif empty >= PATIENCE:
            raise DeadLettersError("the broker does not deliver the dead-letter topic to its end")

"""From Faust's messages to records, and from records that cannot be processed to dead letters."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, cast

import msgspec
from faust.types import EventT

from detectors.visit import Visit
from streams.pan import masked
from streams.records import DeadLetter, SourceRecord

Events = Sequence[EventT[Any]]
Headers = Sequence[tuple[str, bytes | None]]

KEPT_BYTES = 65_536
"""Of a record that cannot be read a dead letter keeps this much: enough to see what it was."""

_encoder = msgspec.msgpack.Encoder()


def records_of(events: Events) -> list[SourceRecord]:
    """Return the records of Faust's events, in their order."""
    return [
        SourceRecord(
            message.topic,
            message.partition,
            message.offset,
            message.timestamp,
            message.value,
            {name: value or b"" for name, value in cast(Headers, message.headers or ())},
        )
        for message in (event.message for event in events)
    ]


def by_partition(records: Iterable[SourceRecord]) -> dict[int, list[SourceRecord]]:
    """Return the records of one topic by partition, in their order."""
    grouped: dict[int, list[SourceRecord]] = defaultdict(list)
    for record in records:
        grouped[record.partition].append(record)
    return grouped


def letter_of_record(record: SourceRecord, reason: str, detail: str) -> DeadLetter:
    """Return the dead letter of a record of one of our own topics that cannot be read."""
    value = record.value or b""
    return DeadLetter(
        f"{record.topic}:{record.partition}:{record.offset}",
        reason,
        detail,
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        masked(value[:KEPT_BYTES]),
        record.headers,
        len(value) if len(value) > KEPT_BYTES else 0,
    )


def letter_of_visit(visit: Visit, record: SourceRecord, reason: str, who: str, detail: str) -> DeadLetter:
    """Return the dead letter of one event that `who` could not look at; its payload is the visit in MessagePack."""
    return DeadLetter(
        f"{visit.id}:{who}",
        reason,
        detail,
        record.topic,
        record.partition,
        record.offset,
        visit.received,
        _encoder.encode(visit),
        {"ce_type": visit.type.encode(), "ce_source": visit.source.encode()},
    )

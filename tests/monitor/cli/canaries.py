"""Identifiers that are planted in events, and a look at every byte that was written anywhere."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import aiokafka  # type: ignore[import-untyped]  # has no py.typed

SSN, EMAIL, PHONE, RECORD, CARD = (
    "219-09-9999",
    "jane.canary@example.org",
    "(212) 555-0187",
    "MRN-77001234",
    "4111111111111111",
)
CANARIES = (SSN, "219099999", EMAIL, "555-0187", "77001234", CARD)

_SOURCE = "urn:wardwatch:src:canaries"
_AT = "2026-03-02T09:14:03Z"


def planted() -> list[str]:
    """Return events with canaries in free text, in their names, and in what makes dead letters."""
    access = {
        "action": "read",
        "occurred_at": _AT,
        "actor": {"id": "U99001", "dept": f"ICU, {EMAIL}"},
        "client": {"workstation": f"WS {SSN}", "location": f"bed 3, call {PHONE}", "user_agent": f"bot ({RECORD})"},
        "patient": {"ref": "P-CANARY-1"},
        "src": {"system": "ehr", "file_id": f"doe_{SSN}_{CARD}.csv"},
    }
    refund = {
        "kind": "refund",
        "occurred_at": _AT,
        "patient": {"ref": "P-CANARY-1"},
        "amounts": {"paid": 2500},
        "adjustment": {"reason": f"for SSN {SSN}, mail {EMAIL}"},
    }
    refused = {**access, "outcome": "nobody knows"}
    with_card = {**refund, "adjustment": {"reason": f"card {CARD}, {EMAIL}"}}
    return [
        _line("canary-1", "phi.access", access),
        _line("canary-2", "billing.transaction", refund),
        _line(f"refund-{SSN}", "billing.transaction", refund),
        _line("canary-3", "phi.access", refused),
        _line("canary-4", "billing.transaction", with_card),
        f'{{"broken": "{EMAIL} {SSN} {CARD}"',
    ]


def _line(event_id: str, kind: str, data: Mapping[str, object]) -> str:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": _SOURCE,
            "type": f"org.wardwatch.{kind}.v1",
            "time": _AT,
            "data": data,
        }
    )


def written_to_topics(bootstrap: str, prefix: str) -> dict[str, bytes]:
    """Return all that the topics of an installation hold, keys, values and headers, by topic without the prefix."""
    return asyncio.run(_read(bootstrap, prefix))


async def _read(bootstrap: str, prefix: str) -> dict[str, bytes]:
    consumer = aiokafka.AIOKafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        topics = [topic for topic in await consumer.topics() if topic.startswith(prefix)]
        places = [
            aiokafka.TopicPartition(topic, number)
            for topic in topics
            for number in consumer.partitions_for_topic(topic) or ()
        ]
        consumer.assign(places)
        found = {topic.removeprefix(prefix): bytearray() for topic in topics}
        quiet = 0
        while quiet < 3:
            some = await consumer.getmany(timeout_ms=500)
            quiet = 0 if some else quiet + 1
            for place, records in some.items():
                for record in records:
                    parts = [record.key or b"", record.value or b"", *(value or b"" for _, value in record.headers)]
                    found[place.topic.removeprefix(prefix)] += b"\n".join(parts)
    finally:
        await consumer.stop()
    return {topic: bytes(held) for topic, held in found.items()}


def written_to_files(folder: Path) -> dict[Path, bytes]:
    """Return all files of a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def canaries_in(held: bytes) -> list[str]:
    """Return the canaries that bytes hold, as they were planted or with JSON's escapes."""
    return [canary for canary in CANARIES if canary.encode() in held]

"""The feed with the real client on a broker that goes away and comes back: nothing acknowledged or taken is lost."""

import asyncio
import datetime
from collections.abc import Mapping

from streams.embedded import EmbeddedBroker, free_port
from streams.feed import Feed
from streams.items import message_of_item
from streams.publisher import Publisher
from streams.sources.api import Item, Refused
from streams.sources.atna import parse_syslog
from streams.sources.hl7 import Listener
from streams.tokens import Tokeniser
from tests.streams.kafka_records import everything, topics
from tests.streams.sources.atna.samples import ORIGIN, message
from tests.streams.sources.hl7.adt import ZONE, adt

NAMES = ("access.events", "context.patient")


class Silent:
    """An observer that forgets."""

    def received(self, n: int) -> None:
        """Forget it."""

    def published(self, n: int, refused: Mapping[str, int]) -> None:
        """Forget it."""

    def failed(self, kind: str) -> None:
        """Forget it."""

    def waiting(self, n: int) -> None:
        """Forget it."""


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, control: str) -> list[str]:
    """Send a message and return the acknowledgement in its answer."""
    writer.write(b"\x0b" + adt(control=control) + b"\x1c\r")
    async with asyncio.timeout(60):
        answer = (await reader.readuntil(b"\x1c\r")).decode()
    return next(line for line in answer.split("\r") if line.startswith("MSA")).split("|")


async def test_senders_wait_or_are_told_to_send_again_while_the_broker_is_away() -> None:
    port = free_port()
    with EmbeddedBroker(port) as first:
        plan = topics(first.bootstrap, "", NAMES)
        publisher = Publisher(first.bootstrap, {}, plan.maximum_source_bytes)
        await publisher.start()
        tokeniser = Tokeniser({1: bytes(32)}, 1)
        feed = Feed(publisher.publish, lambda item: message_of_item(item, tokeniser, plan, ORIGIN), Silent())
        publishing = asyncio.create_task(feed.run())

        async def deliver(items: list[Item]) -> str:
            return await feed.deliver(items, patience)

        listener = Listener(ORIGIN, ZONE, deliver, lambda: datetime.datetime.now(datetime.UTC))
        _, mllp = await listener.start("127.0.0.1", 0)
        patience = 10.0
        reader, writer = await asyncio.open_connection("127.0.0.1", mllp)
        assert await asked(reader, writer, "M1") == ["MSA", "AA", "M1"]
    patience = 0.3
    assert await asked(reader, writer, "M2") == ["MSA", "AR", "M2"]
    assert await reader.read() == b""  # to be sent again, on a new connection
    writer.close()
    taken = [parse_syslog(message(at=f"2026-03-02T09:14:{second:02}Z"), ORIGIN) for second in range(20)]
    for items in taken:
        await feed.take(items)
    with EmbeddedBroker(port) as second:
        # Memory storage: what the first had is gone with it, and the topics are made again.
        topics(second.bootstrap, "", NAMES)
        patience = 60.0
        reader, writer = await asyncio.open_connection("127.0.0.1", mllp)
        assert await asked(reader, writer, "M2") == ["MSA", "AA", "M2"]
        assert await feed.drained(60) == 0
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
        writer.close()
        await listener.stop()
        await publisher.stop()
        records = [record for _, record in await everything(second.bootstrap, *NAMES)]
    accesses = [record.headers["ce_id"] for record in records if record.topic == "access.events"]
    assert sorted(accesses) == sorted(
        item.id.encode() for items in taken for item in items if not isinstance(item, Refused)
    )
    assert any(record.topic == "context.patient" for record in records)

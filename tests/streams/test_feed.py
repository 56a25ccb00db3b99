"""The feed: batches, room, patience, and what an acknowledgement means."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError  # type: ignore[import-untyped]  # has no py.typed

from streams.feed import Feed, FeedLimits
from streams.publisher import Message
from streams.sources.api import Item, Refused

QUICK = FeedLimits(first_pause=0.001, longest_pause=0.004)


class Broker:
    """Takes what is published while it is open, and objects to what is not."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.objections: list[tuple[int, KafkaError]] = []
        """How many of the next batch are taken, and what is said of the rest."""

    async def publish(self, messages: Sequence[Message]) -> tuple[list[Message], KafkaError | None]:
        await self.open.wait()
        await asyncio.sleep(0)
        taken, failure = self.objections.pop(0) if self.objections else (len(messages), None)
        self.batches.append([message.value.decode() for message in messages[:taken]])
        return list(messages[:taken]), failure

    @property
    def values(self) -> list[str]:
        return [value for batch in self.batches for value in batch]


class Told:
    """What the observer heard."""

    def __init__(self) -> None:
        self.received_n = self.published_n = self.waits = 0
        self.refused: dict[str, int] = {}
        self.failures: list[str] = []

    def received(self, n: int) -> None:
        self.received_n += n

    def published(self, n: int, refused: Mapping[str, int]) -> None:
        self.published_n += n
        for reason, count in refused.items():
            self.refused[reason] = self.refused.get(reason, 0) + count

    def failed(self, kind: str) -> None:
        self.failures.append(kind)

    def waiting(self, n: int) -> None:
        self.waits = n


def record(*names: str) -> list[Item]:
    """Return items; their place is what the broker will see."""
    return [Refused("no_reason", name, b"") for name in names]


def message_of(item: Item) -> Message:
    assert isinstance(item, Refused)
    if item.place == "faulty":
        raise ZeroDivisionError
    return Message("t", None, item.place.encode(), [], "" if item.reason == "no_reason" else item.reason)


@asynccontextmanager
async def running(broker: Broker, told: Told, limits: FeedLimits = QUICK) -> AsyncIterator[Feed]:
    feed = Feed(broker.publish, message_of, told, limits)
    task = asyncio.create_task(feed.run())
    try:
        async with asyncio.timeout(10):
            yield feed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_waits_goes_together_in_its_order() -> None:
    broker, told = Broker(), Told()
    broker.open.clear()
    async with running(broker, told) as feed:
        first = await feed.accept(record("1"))
        await asyncio.sleep(0.01)  # the feed is at the broker's door with the first
        rest = [await feed.accept(record(str(number), f"{number}b")) for number in range(2, 5)]
        assert not first.done()
        broker.open.set()
        assert await asyncio.gather(first, *rest) == ["", "", "", ""]
        assert await feed.drained(5) == 0
    assert broker.batches == [["1"], ["2", "2b", "3", "3b", "4", "4b"]]
    assert (told.received_n, told.published_n, told.waits) == (4, 7, 0)


async def test_a_batch_has_its_bound() -> None:
    broker, told = Broker(), Told()
    async with running(broker, told, FeedLimits(batch=2)) as feed:
        await asyncio.gather(*(feed.deliver(record(str(number)), 5) for number in range(5)))
    assert [len(batch) for batch in broker.batches] == [2, 2, 1]


async def test_what_the_broker_does_not_take_is_sent_again_until_it_does() -> None:
    broker, told = Broker(), Told()
    broker.objections = [(2, KafkaConnectionError()), (0, KafkaConnectionError())]
    async with running(broker, told) as feed:
        records = [await feed.accept(record(name)) for name in ("a", "b", "c", "d")]
        await records[1]
        assert [one.done() for one in records] == [True, True, False, False]
        assert feed.trouble == "KafkaConnectionError"
        await asyncio.gather(*records)
        assert feed.trouble == ""
    assert broker.batches == [["a", "b"], [], ["c", "d"]]
    assert told.failures == ["KafkaConnectionError", "KafkaConnectionError"]
    assert told.published_n == 4


@pytest.mark.parametrize("limits", [FeedLimits(waiting=3), FeedLimits(waiting_bytes=3)])
async def test_who_brings_more_than_there_is_room_for_waits(limits: FeedLimits) -> None:
    broker, told = Broker(), Told()
    broker.open.clear()
    async with running(broker, told, limits) as feed:
        await feed.take(record("0"))
        await asyncio.sleep(0.01)
        for name in ("1", "2", "3"):
            await feed.take(record(name))
        late = asyncio.create_task(feed.take(record("4")))
        await asyncio.sleep(0.01)
        assert not late.done()
        broker.open.set()
        await late
        assert await feed.drained(5) == 0
    assert broker.values == ["0", "1", "2", "3", "4"]


async def test_who_loses_patience_is_told_and_what_was_not_sent_is_withdrawn() -> None:
    broker, told = Broker(), Told()
    broker.open.clear()
    async with running(broker, told) as feed:
        await feed.take(record("first"))
        await asyncio.sleep(0.01)
        with pytest.raises(TimeoutError):
            await feed.deliver(record("impatient"), 0.01)
        await feed.take(record("last"))
        broker.open.set()
        assert await feed.drained(5) == 0
    assert broker.values == ["first", "last"]


async def test_a_refusal_is_safe_too_and_its_reason_is_told() -> None:
    broker, told = Broker(), Told()
    async with running(broker, told) as feed:
        assert await feed.deliver([*record("x"), Refused("bad_segment", "y", b"")], 5) == "bad_segment"
        assert await feed.deliver([], 5) == ""
    assert broker.values == ["x", "y"]
    assert told.refused == {"bad_segment": 1}


async def test_an_item_that_no_message_can_be_made_of_is_a_refusal() -> None:
    broker, told = Broker(), Told()
    async with running(broker, told) as feed:
        assert await feed.deliver(record("faulty"), 5) == "feed_error"
    assert broker.values == ["ZeroDivisionError"]


async def test_the_end_says_what_is_left() -> None:
    broker, told = Broker(), Told()
    broker.open.clear()
    async with running(broker, told) as feed:
        await feed.take(record("sent"))
        await asyncio.sleep(0.01)
        await feed.take(record("waits", "too"))
        assert await feed.drained(0.01) == 3

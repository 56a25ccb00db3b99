"""What may be fetched when: nothing for the agents before the seek that ends a recovery is done and the flow is on."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import faust
import pytest
from aiokafka import TopicPartition  # type: ignore[import-untyped]  # no py.typed
from faust.tables.manager import TableManager
from faust.types import TP, Message
from faust.types.tuples import ConsumerMessage

from streams.transport import CarefulConsumer, CarefulTransport, FastConsumer, FastTransport

SOURCE, RECOVERING, STANDBY = TP("access.events", 0), TP("table.patient", 0), TP("table.patient", 1)
EVERYTHING = {SOURCE, RECOVERING, STANDBY}


class FakeThread:
    """Stands for the thread that talks to the broker: one record lies on every partition that is asked for."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.committed: dict[TP, int | None] = {}

    async def getmany(self, active_partitions: set[TP], timeout: float) -> dict[TP, list[str]]:  # noqa: ASYNC109
        await self.may_answer.wait()
        self.done.append("fetched")
        return {tp: ["record"] for tp in active_partitions}

    async def seek_to_committed(self) -> dict[TP, int | None]:
        self.done.append("sought")
        return self.committed

    async def seek_to_beginning(self, *partitions: TP) -> None:
        self.done.append(f"to the beginning: {[tuple(tp) for tp in partitions]}")

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        self.done.append("sought changelogs")

    def assignment(self) -> set[TP]:
        return EVERYTHING


class Fetching:
    """A consumer with its fake thread, asked to fetch all partitions."""

    def __init__(self, consumer: CarefulConsumer) -> None:
        self.consumer = consumer
        self.thread = FakeThread()
        consumer._thread.thread_loop.close()
        consumer._thread = cast(Any, self.thread)

    async def fetched(self) -> set[TP]:
        """Return the partitions whose records come when all are active."""
        return set(await self.consumer._getmany(set(EVERYTHING), timeout=0.0))


async def nothing(*_: object) -> None:
    return None


@pytest.fixture(params=[CarefulTransport, FastTransport])
async def fetching(request: pytest.FixtureRequest, tmp_path: Path) -> Fetching:
    app = faust.App("test", broker="kafka://127.0.0.1:1", datadir=tmp_path, web_enabled=False)
    app.transport = request.param(app.conf.broker_consumer, app)
    tables = cast(TableManager, app.tables)
    tables.recovery.active_tps.add(RECOVERING)
    tables._changelogs[RECOVERING.topic] = cast(Any, None)
    consumer = app.transport.create_consumer(nothing, on_partitions_revoked=nothing, on_partitions_assigned=nothing)
    return Fetching(cast(CarefulConsumer, consumer))


async def test_a_new_consumer_fetches_what_is_recovered_and_nothing_else(fetching: Fetching) -> None:
    assert await fetching.fetched() == {RECOVERING}
    fetching.consumer.resume_flow()
    assert await fetching.fetched() == {RECOVERING}


async def test_all_is_fetched_when_the_seek_is_done_and_the_flow_goes_on(fetching: Fetching) -> None:
    await fetching.consumer.perform_seek()
    assert await fetching.fetched() == {RECOVERING}, "the queues have not been cleared yet"
    fetching.consumer.resume_flow()
    assert await fetching.fetched() == EVERYTHING


async def test_a_rebalance_holds_the_partitions_again(fetching: Fetching) -> None:
    consumer = fetching.consumer
    await consumer.perform_seek()
    consumer.resume_flow()
    consumer.stop_flow()
    await consumer.perform_seek()  # the fetcher's own, for want of flow; it ends no recovery
    consumer.resume_flow()
    assert await fetching.fetched() == {RECOVERING}
    await consumer.perform_seek()
    consumer.resume_flow()
    assert await fetching.fetched() == EVERYTHING


async def test_where_nothing_may_be_fetched_the_broker_is_not_asked(fetching: Fetching) -> None:
    """To aiokafka an empty set of partitions means all of them."""
    cast(TableManager, fetching.consumer.app.tables).recovery.active_tps.clear()
    assert await fetching.fetched() == set()


async def test_a_fetch_begun_before_a_rebalance_brings_nothing_and_the_seek_waits_for_it(fetching: Fetching) -> None:
    """Its records are taken from the new positions; dropping them after the seek would lose them."""
    consumer, thread = fetching.consumer, fetching.thread
    await consumer.perform_seek()
    consumer.resume_flow()
    thread.done.clear()
    thread.may_answer.clear()
    fetch = asyncio.create_task(fetching.fetched())
    await asyncio.sleep(0)
    consumer.stop_flow()
    consumer.resume_flow()
    changelogs = asyncio.create_task(consumer.seek_wait({RECOVERING: 0}))
    seek = asyncio.create_task(consumer.perform_seek())
    await asyncio.sleep(0.05)
    assert thread.done == []
    thread.may_answer.set()
    assert await fetch == set()
    await changelogs
    await seek
    assert thread.done[:3] == ["fetched", "sought changelogs", "sought"]


async def test_a_seek_that_a_rebalance_overtook_opens_nothing(fetching: Fetching) -> None:
    consumer, thread = fetching.consumer, fetching.thread
    thread.may_answer.clear()
    fetch = asyncio.create_task(fetching.fetched())
    await asyncio.sleep(0)
    seek = asyncio.create_task(consumer.perform_seek())
    await asyncio.sleep(0)
    consumer.stop_flow()
    consumer.resume_flow()
    thread.may_answer.set()
    await fetch
    await seek
    consumer.resume_flow()
    assert await fetching.fetched() == {RECOVERING}


@pytest.fixture
async def delivering(tmp_path: Path) -> "Delivering":
    return Delivering(tmp_path)


class Delivering:
    """A fast consumer and the queue of one agent; what goes the long way, through Faust's conductor, is taken down."""

    def __init__(self, folder: Path) -> None:
        app = faust.App(
            "test", broker="kafka://127.0.0.1:1", datadir=folder, web_enabled=False, key_serializer="raw",
            value_serializer="raw", stream_buffer_maxsize=10,
        )  # fmt: skip
        app.transport = FastTransport(app.conf.broker_consumer, app)
        app.flow_control.resume()
        self.app = app
        self.the_long_way: list[int] = []
        self.consumer = cast(
            FastConsumer,
            app.transport.create_consumer(self.conduct, on_partitions_revoked=nothing, on_partitions_assigned=nothing),
        )
        self.consumer._thread.thread_loop.close()
        app._consumer = self.consumer
        self.queue = self.add_reader()

    def add_reader(self) -> Any:
        """Have one more agent read the source."""
        channel = cast(Any, aiter(self.app.topic(SOURCE.topic)))
        cast(Any, self.app.topics)._tp_index[SOURCE].add(channel)
        return channel.queue

    async def conduct(self, message: Message) -> None:
        self.the_long_way.append(message.offset)

    async def deliver(self, *offsets: int) -> None:
        """Deliver records of these offsets, fetched at once."""
        source = cast(TP, TopicPartition(*SOURCE))  # what the broker's client calls it
        messages = [
            ConsumerMessage(*SOURCE, offset, 7.5, 1, [("ce_id", b"1")], b"key", b"value", None, 3, 5, source)
            for offset in offsets
        ]
        fetched = [(source, cast(Message, message)) for message in messages]
        await self.consumer._deliver(fetched, self.consumer._rebalances)

    def waiting(self) -> list[int]:
        """Return the offsets of what waits for the agent, and empty its queue."""
        return [self.queue.get_nowait().message.offset for _ in range(self.queue.qsize())]


async def test_what_is_fetched_lies_in_the_agents_queue_in_order(delivering: Delivering) -> None:
    await delivering.deliver(0, 1, 2)
    event = delivering.queue.get_nowait()
    assert (event.key, event.value, event.headers) == (b"key", b"value", {"ce_id": b"1"})
    assert (event.message.offset, event.message.refcount, event.message.acked) == (0, 1, False)
    assert delivering.waiting() == [1, 2]
    assert (delivering.consumer._read_offset[SOURCE], delivering.the_long_way) == (2, [])


async def test_what_was_delivered_before_is_not_delivered_again(delivering: Delivering) -> None:
    delivering.consumer._read_offset[SOURCE] = 5
    await delivering.deliver(3, 4, 5, 6)
    assert delivering.waiting() == [5, 6]


async def test_a_rebalance_drops_the_rest(delivering: Delivering) -> None:
    delivering.consumer.stop_flow()
    await delivering.consumer._deliver([(SOURCE, cast(Message, object()))], delivering.consumer._rebalances - 1)
    assert delivering.waiting() == []


async def test_where_two_read_or_the_flow_is_suspended_faust_conducts(delivering: Delivering) -> None:
    delivering.app.flow_control.suspend()
    await delivering.deliver(0)
    delivering.app.flow_control.resume()
    await delivering.deliver(1)
    assert delivering.waiting() == [1]
    delivering.add_reader()
    await delivering.deliver(2)
    assert (delivering.waiting(), delivering.the_long_way) == ([], [0, 2])


async def test_a_full_queue_stops_the_fetching_of_its_partition_until_there_is_room(delivering: Delivering) -> None:
    """A queue of ten is full at eight, and has room again at four."""
    consumer = delivering.consumer
    consumer._set_active_tps({SOURCE})
    await delivering.deliver(*range(8))
    assert consumer._active_partitions == {SOURCE}
    await delivering.deliver(8)
    assert consumer._active_partitions == set()
    await delivering.deliver(9, 10)
    assert delivering.the_long_way == [10], "Faust waits for room"
    for _ in range(6):
        delivering.queue.get_nowait()
    assert consumer._active_partitions == set()
    delivering.queue.get_nowait()
    assert consumer._get_active_partitions() == {SOURCE}


async def test_what_has_no_committed_offset_is_sought_to_its_beginning(fetching: Fetching) -> None:
    fetching.thread.committed = {SOURCE: None}
    await fetching.consumer.perform_seek()
    assert fetching.thread.done == ["sought", "to the beginning: [('access.events', 0)]"]
    fetching.thread.done.clear()
    fetching.thread.committed = {SOURCE: 7}
    await fetching.consumer.perform_seek()
    assert fetching.thread.done == ["sought"]

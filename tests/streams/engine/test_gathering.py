"""What an agent takes from its queue, what it leaves, and what a commit may go beyond."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import faust
import pytest
from faust.streams import Stream
from faust.types import TP, EventT
from faust.types.tuples import ConsumerMessage

from streams.agents.gathering import Gathering, Portions
from streams.agents.received import Events
from streams.transport import CarefulConsumer, FastTransport

TOPIC = "access.events"
GENERATION = 3


class Waiting:
    """An agent's queue, put into by hand, in an app that has joined its group for the third time."""

    def __init__(self, folder: Path) -> None:
        app = faust.App(
            "test", broker="kafka://127.0.0.1:1", datadir=folder, web_enabled=False, key_serializer="raw",
            value_serializer="raw",
        )  # fmt: skip
        app.transport = FastTransport(app.conf.broker_consumer, app)
        app.consumer_generation_id = GENERATION
        app.flow_control.resume()
        self.app = app
        self.consumer = cast(CarefulConsumer, app.consumer)
        self.consumer._thread.thread_loop.close()
        self.stream = cast("Stream[Any]", app.stream(app.topic(TOPIC)))

    def put(self, offset: int, *, partition: int = 0, generation: int = GENERATION) -> None:
        tp = TP(TOPIC, partition)
        message = ConsumerMessage(
            TOPIC, partition, offset, 0.0, 1, None, None, b"", None, 0, 0, tp, generation_id=generation
        )
        message.incref()
        event = self.app.create_event(None, b"", None, message)
        cast(Any, self.stream.channel).queue.put_nowait(event)

    def gathering(self, at_most: int = 10, within: float = 0.0) -> Gathering:
        return Gathering(self.stream, Portions(at_most, within, buffered=100))


@pytest.fixture
async def waiting(tmp_path: Path) -> Waiting:
    return Waiting(tmp_path)


def offsets(events: Sequence[EventT[Any]]) -> list[int]:
    return [event.message.offset for event in events]


async def test_a_batch_is_what_waits_in_its_order_and_no_more_than_asked(waiting: Waiting) -> None:
    for offset in (4, 5, 6):
        waiting.put(offset)
    gathering = waiting.gathering(at_most=2)
    assert offsets(await gathering.take()) == [4, 5]
    assert offsets(await gathering.take()) == [6]


async def test_behind_the_first_it_waits_for_others(waiting: Waiting) -> None:
    take = asyncio.create_task(waiting.gathering(within=0.05).take())
    waiting.put(1)
    await asyncio.sleep(0.01)
    waiting.put(2)
    assert offsets(await take) == [1, 2]


async def test_a_full_batch_does_not_wait(waiting: Waiting) -> None:
    waiting.put(1)
    waiting.put(2)
    assert offsets(await asyncio.wait_for(waiting.gathering(at_most=2, within=3600.0).take(), 5.0)) == [1, 2]


async def test_what_was_fetched_before_a_rebalance_is_dropped_and_nobody_waits_for_it(waiting: Waiting) -> None:
    waiting.put(1, generation=GENERATION - 1)
    waiting.put(2, generation=GENERATION)
    waiting.put(3, generation=GENERATION - 1)
    taken = await waiting.gathering().take()
    assert offsets(taken) == [2]
    waiting.put(4, generation=GENERATION - 1)
    assert await waiting.gathering().take() == []
    assert list(waiting.consumer.unacked) == [taken[0].message]


async def test_while_partitions_move_nothing_is_taken(waiting: Waiting) -> None:
    waiting.put(1)
    take = asyncio.create_task(waiting.gathering(within=0.05).take())
    await asyncio.sleep(0.01)
    waiting.app.flow_control.suspend()
    assert await take == []
    assert not waiting.consumer.unacked
    waiting.app.flow_control.resume()
    waiting.put(1)
    assert offsets(await waiting.gathering().take()) == [1]


async def test_a_rebalance_waits_for_a_batch_until_it_is_acknowledged(waiting: Waiting) -> None:
    waiting.put(1)
    waiting.put(2)
    gathering = waiting.gathering()
    events: Events = await gathering.take()
    assert waiting.consumer.unacked
    gathering.acknowledge(events)
    assert not waiting.consumer.unacked
    assert all(event.message.acked for event in events)


async def test_a_commit_goes_up_to_what_was_acknowledged_in_each_partition(waiting: Waiting) -> None:
    consumer = waiting.consumer
    consumer._committed_offset[TP(TOPIC, 1)] = 7
    for partition, offset in ((0, 0), (1, 7), (0, 1), (1, 8)):
        waiting.put(offset, partition=partition)
    gathering = waiting.gathering()
    events = await gathering.take()
    assert not consumer._filter_committable_offsets([TP(TOPIC, 0), TP(TOPIC, 1)])
    gathering.acknowledge(events)
    assert consumer._filter_committable_offsets([TP(TOPIC, 0), TP(TOPIC, 1)]) == {TP(TOPIC, 0): 2, TP(TOPIC, 1): 9}


async def test_what_is_acknowledged_again_or_was_committed_counts_for_nothing(waiting: Waiting) -> None:
    consumer = waiting.consumer
    consumer._committed_offset[TP(TOPIC, 0)] = 5
    for offset in (3, 5, 5):
        waiting.put(offset)
    gathering = waiting.gathering()
    gathering.acknowledge(await gathering.take())
    assert consumer._acked[TP(TOPIC, 0)] == [5]


async def test_an_agent_that_is_to_end_ends(waiting: Waiting) -> None:
    take = asyncio.create_task(waiting.gathering().take())
    await asyncio.sleep(0.01)
    cast(Any, waiting.stream.channel)._throw(StopAsyncIteration())  # what Faust's actors do to be rid of an agent
    with pytest.raises(StopAsyncIteration):
        await take

"""The messages of one agent: taken from its queue in batches, acknowledged as a whole when their work is done.

Faust's `take_events` leads every message through an iterator, a processor and a task of its own, looks fifty times a
second for what is not there, and acknowledges what was not processed where a body raises (engines.md §1.2). The queue
that it reads from is public; this reads it directly.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, cast

from faust.streams import Stream
from faust.types import TP, EventT
from mode.utils.queues import ThrowableQueue

from streams.agents.received import Events
from streams.transport import CarefulConsumer


@dataclass(frozen=True)
class Portions:
    """How much an agent takes: messages in one batch at most, and for how many seconds others are waited for.

    `buffered` messages may wait in its queue; then the fetcher leaves its partitions alone.
    """

    at_most: int
    within: float
    buffered: int


class Gathering:
    """Takes what waits for one agent. What it has taken and not handed out yet nobody misses: it comes again."""

    def __init__(self, stream: Stream[Any], portions: Portions) -> None:
        """Read the queue of a stream that nobody iterates over."""
        self._app = stream.app
        self._queue: ThrowableQueue[EventT[Any]] = cast(Any, stream.channel).queue
        self._portions = portions

    async def take(self) -> Events:
        """Wait for messages and return them, in their order; an empty batch where a rebalance came between.

        From here on a rebalance, or a stop, waits until they are acknowledged.

        Raises:
            StopAsyncIteration: the agent is to end.
        """
        queue, at_most = self._queue, self._portions.at_most
        events = [await queue.get()]
        if queue.qsize() + 1 < at_most:
            await asyncio.sleep(self._portions.within)
        while len(events) < at_most and not queue.empty():
            events.append(queue.get_nowait())
        generation = self._app.consumer_generation_id
        if not self._app.flow_control.is_active():
            return []
        current = [event for event in events if event.message.generation_id == generation]
        if current:
            self._consumer.track(current[-1].message)
            self._heard_of(current)
        return current

    def acknowledge(self, events: Events) -> None:
        """Say that all of a batch is done."""
        self._consumer.acknowledge([event.message for event in events])

    @property
    def _consumer(self) -> CarefulConsumer:
        return cast(CarefulConsumer, self._app.consumer)

    def _heard_of(self, events: Events) -> None:
        """Take down when each partition was last heard of: Faust's own watch over stalled streams asks for it."""
        inbound: dict[TP, float] = self._app.monitor.stream_inbound_time
        now = time.monotonic()
        for tp in {event.message.tp for event in events}:
            inbound[tp] = now

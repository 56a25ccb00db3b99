"""What `wardwatch listen` runs: a listener, the feed behind it and a publisher, until it is told to stop."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed

from monitor.failure import Failure
from monitor.feed_metrics import FeedMetrics
from monitor.health import Check, Heartbeat
from monitor.settings import Settings
from monitor.topics import topic_plan
from monitor.vault import Door
from streams.feed import Feed
from streams.items import message_of_item
from streams.publisher import Publisher
from streams.sources.api import Origin
from streams.sources.listening import Address

_log = logging.getLogger(__name__)

DRAIN_SECONDS = 20.0
"""How long the end waits for the broker to take what waits; with the listener's own end and the publisher's it stays
under the 30 s that Kubernetes gives a process."""

STOP_SECONDS = 3.0
"""For the publisher's end: nothing waits then, or the broker is gone."""

LOOP_PATIENCE_SECONDS = 60.0
"""The loop beats every second; after a minute without a beat it hangs."""

OnReady = Callable[[Mapping[str, Address]], None]
"""Is told, once it listens, at which addresses: kind to address."""

Receive = Callable[[Origin, Feed, FeedMetrics, OnReady], Coroutine[Any, Any, None]]
"""Receives from senders and hands over to the feed, until cancelled."""


@dataclass
class Listening:
    """One listener with all that is behind it; `run` it in an event loop of the main thread."""

    settings: Settings
    origin: Origin
    door: Door
    kafka: Mapping[str, Any]
    receive: Receive
    metrics: FeedMetrics
    drain_seconds: float = DRAIN_SECONDS
    heartbeat: Heartbeat = field(default_factory=lambda: Heartbeat(LOOP_PATIENCE_SECONDS))
    feed: Feed | None = None
    listens: bool = False

    def alive(self) -> dict[str, Callable[[], Check]]:
        """Return the checks that call for a restart when they fail."""
        return {"event_loop": self.heartbeat.check}

    def ready(self) -> dict[str, Callable[[], Check]]:
        """Return the checks that say whether messages are taken and safe."""
        return {"listener": lambda: Check(ok=self.listens), "broker": self._broker}

    def _broker(self) -> Check:
        trouble = self.feed.trouble if self.feed else "not connected yet"
        return Check(ok=not trouble, detail=trouble)

    async def run(self) -> None:
        """Listen until SIGTERM or SIGINT; then stop listening first, and end when the broker has what was taken.

        Raises:
            Failure: where an address cannot be had, the broker is not there at the start, or did not take everything
                in time at the end.
        """
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        plan = topic_plan(self.settings)
        publisher = Publisher(self.settings.broker, self.kafka, plan.maximum_source_bytes)
        try:
            await _started(publisher)
            self.feed = Feed(
                self.door.publisher(publisher).publish,
                lambda item: message_of_item(item, self.door.tokeniser, plan, self.origin),
                self.metrics,
            )
            left = await self._serve(self.feed, stop)
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await publisher.stop()
        if left:
            message = f"{left} records that were taken are lost: the broker did not acknowledge them in time"
            raise Failure(message)

    async def _serve(self, feed: Feed, stop: asyncio.Event) -> int:
        """Listen and publish until told to stop or one of them fails; return how many records the broker has not."""
        publishing = asyncio.create_task(feed.run())
        receiving = asyncio.create_task(self.receive(self.origin, feed, self.metrics, self._begun))
        others = [asyncio.create_task(self._beat()), asyncio.create_task(stop.wait())]
        try:
            await asyncio.wait((publishing, receiving, others[1]), return_when=asyncio.FIRST_COMPLETED)
            self.listens = False
            await _ended(receiving)
            left = 0 if publishing.done() else await feed.drained(self.drain_seconds)
        finally:
            await _ended(receiving, publishing, *others)
        for task in (receiving, publishing):
            if not task.cancelled():
                _retell(task.exception())
        return left

    def _begun(self, addresses: Mapping[str, Address]) -> None:
        self.listens = True
        where = {name: f"{host}:{port}" for name, (host, port) in addresses.items()}
        _log.info("Listener starts", extra={"source": self.origin.source, **where})

    async def _beat(self) -> None:
        while True:
            self.heartbeat.beat()
            await asyncio.sleep(1)


async def _started(publisher: Publisher) -> None:
    try:
        await publisher.start()
    except KafkaError as error:
        message = f"the broker cannot be used: {type(error).__name__}"
        raise Failure(message) from None


async def _ended(*tasks: "asyncio.Task[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _retell(error: BaseException | None) -> None:
    """Raise what ended a task; an address that is taken is told to people, everything else is a fault of ours."""
    if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError):
        message = f"cannot listen: {error.strerror}; another process may have the address"
        raise Failure(message) from None
    if error is not None:
        raise error

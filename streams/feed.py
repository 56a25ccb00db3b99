"""The way from the listeners to the broker: a bounded queue, batches, and patience while the broker is away.

Records wait in memory, up to `FeedLimits`; when that is full, who brings more waits, and so do the senders. There is no
spool on disk: a record is safe when the broker has acknowledged it, and a sender that needs to know is told only then.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed
from msgspec import Struct

from streams.publisher import Message
from streams.sources.api import Item, Refused

_log = logging.getLogger(__name__)

Publish = Callable[[Sequence[Message]], Awaitable[tuple[list[Message], KafkaError | None]]]
"""`streams.publisher.Publisher.publish`."""


class FeedLimits(Struct, frozen=True):
    """What a feed holds and how patient it is.

    Args:
        waiting: messages that may wait for the broker.
        waiting_bytes: all of them together.
        batch: messages that are published at once.
        first_pause: seconds before a refused batch is sent again; each further pause is twice as long.
        longest_pause: seconds.
    """

    waiting: int = 10_000
    waiting_bytes: int = 64 * 1024 * 1024
    batch: int = 1_000
    first_pause: float = 0.2
    longest_pause: float = 10.0


class Observer(Protocol):
    """Is told what a feed does, once a batch."""

    def received(self, n: int) -> None:
        """Records came from the listeners."""

    def published(self, n: int, refused: Mapping[str, int]) -> None:
        """The broker acknowledged `n` messages; `refused` of them, by reason, will become dead letters."""

    def failed(self, kind: str) -> None:
        """The broker did not take a batch; it is sent again."""

    def waiting(self, n: int) -> None:
        """So many messages wait."""


class _Record:
    """One record of a sender: its messages that are not acknowledged yet, and who waits for them."""

    __slots__ = ("done", "left", "reason")

    def __init__(self, messages: Sequence[Message], done: asyncio.Future[str]) -> None:
        self.left = len(messages)
        self.reason = next((message.refused for message in messages if message.refused), "")
        self.done = done

    def acknowledged(self) -> None:
        """Note that one more message is safe; with the last, the record is."""
        self.left -= 1
        if self.left == 0 and not self.done.done():
            self.done.set_result(self.reason)


class Feed:
    """Publishes what listeners hand over. `run` it beside them; all of it belongs to one event loop.

    Args:
        publish: hands messages to the broker.
        message_of: turns an item into a message (`streams.items.message_of_item`).
        observer: is told what happens.
        limits: what may wait.
    """

    def __init__(
        self,
        publish: Publish,
        message_of: Callable[[Item], Message],
        observer: Observer,
        limits: FeedLimits | None = None,
    ) -> None:
        self._publish = publish
        self._message_of = message_of
        self._observer = observer
        self._limits = limits or FeedLimits()
        self._queue: deque[tuple[Message, _Record]] = deque()
        self._bytes = 0
        self._sending = 0
        self._received = 0
        self._filled, self._roomy, self._idle = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._roomy.set()
        self._idle.set()
        self.trouble = ""
        """What the broker last objected to, the name of an error; empty while it acknowledges."""

    async def accept(self, items: Sequence[Item]) -> asyncio.Future[str]:
        """Take the items of one record, as soon as there is room.

        Returns:
            A future that is done when all are acknowledged: with the reason for which the record becomes a dead
            letter, or "". Cancelling it withdraws what was not sent yet.
        """
        self._received += 1
        messages = [self._made(item) for item in items]
        while not self._roomy.is_set():
            await self._roomy.wait()
        done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        record = _Record(messages, done)
        if not messages:
            done.set_result("")
        for message in messages:
            self._queue.append((message, record))
            self._bytes += len(message.value)
        self._note_size()
        return done

    async def take(self, items: Sequence[Item]) -> None:
        """Take the items of one record from a sender that gets no answer: it only waits for room."""
        await self.accept(items)

    async def deliver(self, items: Sequence[Item], patience: float) -> str:
        """Take the items of one record and return when they are safe.

        Returns:
            The reason for which the record becomes a dead letter, or "".

        Raises:
            TimeoutError: after `patience` seconds; what was not sent by then will not be.
        """
        async with asyncio.timeout(patience):
            return await (await self.accept(items))

    async def run(self) -> None:
        """Publish what waits, until cancelled. Never gives up on a message.

        Raises:
            Exception: what `publish` raises; an objection of the broker is returned and not raised.
        """
        while True:
            await self._filled.wait()
            batch = self._next()
            if batch:
                await self._send(batch)

    async def drained(self, seconds: float) -> int:
        """Wait until nothing waits, but no longer than that; return how many messages are left."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            pass
        return len(self._queue) + self._sending

    def _made(self, item: Item) -> Message:
        # The feed's guard: an item that no message can be made of must not end the listener; the ledger counts it.
        try:
            return self._message_of(item)
        except Exception as fault:  # noqa: BLE001
            _log.error("An item became no message", extra={"kind": type(fault).__name__})
            return self._message_of(Refused("feed_error", type(fault).__name__, b""))

    def _next(self) -> list[tuple[Message, _Record]]:
        """Take the next batch out of the queue, without what was withdrawn."""
        batch: list[tuple[Message, _Record]] = []
        while self._queue and len(batch) < self._limits.batch:
            message, record = self._queue.popleft()
            self._bytes -= len(message.value)
            if not record.done.cancelled():
                batch.append((message, record))
        self._sending = len(batch)
        self._note_size()
        self._observer.received(self._received)
        self._received = 0
        return batch

    async def _send(self, batch: list[tuple[Message, _Record]]) -> None:
        """Publish a batch, again and again where the broker does not take it."""
        pause = self._limits.first_pause
        while batch:
            acknowledged, failure = await self._publish([message for message, _ in batch])
            safe = {id(message) for message in acknowledged}
            refused = Counter(message.refused for message in acknowledged if message.refused)
            self._observer.published(len(acknowledged), refused)
            for message, record in batch:
                if id(message) in safe:
                    record.acknowledged()
            batch = [(message, record) for message, record in batch if id(message) not in safe]
            self._tell(failure)
            if batch:
                await asyncio.sleep(pause)
                pause = min(2 * pause, self._limits.longest_pause)
                batch = [(message, record) for message, record in batch if not record.done.cancelled()]
            self._sending = len(batch)
            self._observer.waiting(len(self._queue) + len(batch))
        self._note_size()

    def _tell(self, failure: KafkaError | None) -> None:
        """Log when trouble begins and when it ends, and count it every time."""
        kind = type(failure).__name__ if failure is not None else ""
        if kind:
            self._observer.failed(kind)
        if kind != self.trouble:
            if kind:
                _log.warning("The broker does not take records; they wait", extra={"kind": kind})
            else:
                _log.info("The broker takes records again")
        self.trouble = kind

    def _note_size(self) -> None:
        """Open and close the ways in and out by how much waits."""
        waiting = len(self._queue)
        is_full = waiting >= self._limits.waiting or self._bytes >= self._limits.waiting_bytes
        for event, so in (
            (self._filled, bool(waiting)),
            (self._roomy, not is_full),
            (self._idle, not waiting and not self._sending),
        ):
            if so:
                event.set()
            else:
                event.clear()

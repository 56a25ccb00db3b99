"""Receives audit messages by syslog: over TLS with octet counting (RFC 5425) and over UDP (RFC 5426)."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress

from msgspec import Struct

from detectors.events import BadRecord
from detectors.events.envelope import MAXIMUM_BYTES
from streams.sources.api import Item, Origin
from streams.sources.atna.reader import parse_syslog
from streams.sources.atna.values import refused

OnItem = Callable[[Item], Awaitable[None]]
"""Takes one item. While it runs nothing more is read from that sender: TCP then slows the sender down."""

Address = tuple[str, int]
"""Host and port; port 0 lets the system choose."""

SYSLOG_TLS_PORT = 6514
"""RFC 5425, section 4.1."""

_MOST_DIGITS = 7
"""Of MSG-LEN: 1 MiB has seven."""


class Endpoints(Struct, frozen=True):
    """Where a listener listens, as soon as it does."""

    tls: Address | None = None
    udp: Address | None = None


class Limits(Struct, frozen=True):
    """What a listener puts up with.

    Args:
        connections: senders at a time; more are turned away.
        frame_seconds: in which a frame that began must be complete, and a TLS handshake done.
        datagrams: that wait to be read; more are dropped and reported.
    """

    connections: int = 256
    frame_seconds: float = 30.0
    datagrams: int = 10_000


async def listen(
    origin: Origin,
    on_item: OnItem,
    *,
    tls: tuple[Address, ssl.SSLContext] | None = None,
    udp: Address | None = None,
    limits: Limits | None = None,
    on_ready: Callable[[Endpoints], None] | None = None,
) -> None:
    """Receive audit messages until cancelled.

    Args:
        origin: the source of the events.
        on_item: takes every event, and every refusal: of a message that cannot be read, of a frame that is none
            (its connection is closed: there is no finding the next one), and of datagrams that were dropped.
        tls: address and server context of the TLS receiver; demand client certificates in the context.
        udp: address of the UDP receiver. Datagrams may be lost or cut on their way: prefer TLS.
        limits: what senders may do.
        on_ready: is told the addresses once both are bound.

    Raises:
        OSError: where an address cannot be bound.
        Exception: whatever `on_item` raises ends the listener.
    """
    limits = limits or Limits()
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with AsyncExitStack() as stack:
        bound_tls = bound_udp = None
        if tls:
            bound_tls = await _serve_tls(stack, _Connections(origin, on_item, limits, failed), *tls)
        if udp:
            bound_udp = await _serve_udp(stack, _Datagrams(origin, on_item, limits.datagrams), udp, failed)
        if on_ready:
            on_ready(Endpoints(tls=bound_tls, udp=bound_udp))
        await failed


class _Connections:
    """Serves TLS senders."""

    def __init__(self, origin: Origin, on_item: OnItem, limits: Limits, failed: asyncio.Future[None]) -> None:
        self._origin = origin
        self._on_item = on_item
        self._limits = limits
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read the frames of one sender until it hangs up or sends what is no frame."""
        task = asyncio.current_task()
        try:
            if len(self._tasks) >= self._limits.connections or task is None:
                return
            self._tasks.add(task)
            while await self._frame(reader):
                pass
        except (ConnectionError, ssl.SSLError):
            # The sender is gone; what was complete has been handed over.
            return
        except Exception as error:  # noqa: BLE001 - a guard: what on_item raises must end the listener, not one sender
            _fail(self._failed, error)
        finally:
            if task:
                self._tasks.discard(task)
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def close(self) -> None:
        """Hang up on every sender."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _frame(self, reader: asyncio.StreamReader) -> bool:
        """Hand over one frame, `MSG-LEN SP SYSLOG-MSG`; False at the end of what can be read."""
        first = await reader.read(1)
        if not first:
            return False
        try:
            async with asyncio.timeout(self._limits.frame_seconds):
                length = await _length(first, reader)
                frame = await reader.readexactly(length)
        except TimeoutError:
            await self._refuse("frame_timeout", b"")
            return False
        except asyncio.IncompleteReadError as cut:
            await self._refuse("truncated", cut.partial)
            return False
        except BadRecord as why:
            await self._refuse(why.reason, b"")
            return False
        for item in parse_syslog(frame, self._origin):
            await self._on_item(item)
        return True

    async def _refuse(self, reason: str, payload: bytes) -> None:
        await self._on_item(refused(BadRecord(reason), "frame", payload))


async def _length(digits: bytes, reader: asyncio.StreamReader) -> int:
    """Return MSG-LEN, of which the first digit is read: digits without a leading zero, and a space.

    Raises:
        BadRecord: `bad_frame`, `too_large`.
    """
    while digits.isdigit() and not digits.startswith(b"0") and len(digits) <= _MOST_DIGITS:
        following = await reader.readexactly(1)
        if following == b" ":
            if int(digits) > MAXIMUM_BYTES:
                raise BadRecord("too_large")
            return int(digits)
        digits += following
    raise BadRecord("bad_frame")


class _Datagrams(asyncio.DatagramProtocol):
    """Takes UDP datagrams into a queue of bounded length."""

    def __init__(self, origin: Origin, on_item: OnItem, most: int) -> None:
        self._origin = origin
        self._on_item = on_item
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(most)
        self._dropped = 0

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Queue a datagram, or count it where the queue is full."""
        try:
            self._waiting.put_nowait(data)
        except asyncio.QueueFull:
            self._dropped += 1

    async def work(self) -> None:
        """Hand over what was received, and how much was dropped."""
        while True:
            datagram = await self._waiting.get()
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                await self._on_item(refused(BadRecord("overload"), f"{dropped} datagrams", b""))
            for item in parse_syslog(datagram, self._origin):
                await self._on_item(item)


async def _serve_tls(
    stack: AsyncExitStack, connections: _Connections, address: Address, context: ssl.SSLContext
) -> Address:
    server = await asyncio.start_server(
        connections.serve, *address, ssl=context, ssl_handshake_timeout=connections._limits.frame_seconds
    )
    stack.push_async_callback(connections.close)
    stack.callback(server.close)
    return _bound(server.sockets[0].getsockname())


async def _serve_udp(
    stack: AsyncExitStack, datagrams: _Datagrams, address: Address, failed: asyncio.Future[None]
) -> Address:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: datagrams, local_addr=address)
    stack.callback(transport.close)
    worker = asyncio.create_task(datagrams.work())

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            _fail(failed, error)

    worker.add_done_callback(ended)
    stack.push_async_callback(_cancelled, worker)
    return _bound(transport.get_extra_info("sockname"))


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _bound(name: tuple[object, ...]) -> Address:
    return str(name[0]), int(str(name[1]))


def _fail(failed: asyncio.Future[None], error: BaseException) -> None:
    if not failed.done():
        failed.set_exception(error)

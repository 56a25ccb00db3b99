"""Receives audit messages by syslog: over TLS with octet counting (RFC 5425) and over UDP (RFC 5426).

Syslog has no acknowledgement: what was read is handed over, and a sender is slowed down where it comes too fast. Where
the listener ends, it hangs up, and hands over what had arrived by then.
"""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress

from msgspec import Struct

from detectors.events import BadRecord
from streams.sources.api import Origin
from streams.sources.atna.datagrams import Datagrams
from streams.sources.atna.reception import OnRecord, Reception
from streams.sources.limits import Rate, SourceLimits
from streams.sources.listening import Address, Observer, Unobserved, bound_address, keep_alive

_MOST_DIGITS = 7
"""Of MSG-LEN: 1 MiB has seven."""


class Endpoints(Struct, frozen=True):
    """Where a listener listens, as soon as it does."""

    tls: Address | None = None
    udp: Address | None = None


class Limits(Struct, frozen=True):
    """What a listener puts up with.

    Args:
        source: size, depth and rate of the messages, of all senders together.
        connections: senders at a time; more are turned away.
        frame_seconds: in which a frame that began must be complete, and a TLS handshake done.
        datagrams: that wait to be read; more are dropped and reported.
        close_seconds: for what had arrived when the listener ends.
    """

    source: SourceLimits = SourceLimits()
    connections: int = 256
    frame_seconds: float = 30.0
    datagrams: int = 10_000
    close_seconds: float = 5.0


async def listen(
    origin: Origin,
    on_record: OnRecord,
    *,
    tls: tuple[Address, ssl.SSLContext] | None = None,
    udp: Address | None = None,
    limits: Limits | None = None,
    rate: Rate | None = None,
    observer: Observer | None = None,
    on_ready: Callable[[Endpoints], None] | None = None,
) -> None:
    """Receive audit messages until cancelled.

    Args:
        origin: the source of the events.
        on_record: takes the events of every message, and every refusal: of a message that cannot be read, of a frame
            that is none (its connection is closed: there is no finding the next one), and of datagrams that were
            dropped.
        tls: address and server context of the TLS receiver; demand client certificates in the context.
        udp: address of the UDP receiver. Datagrams may be lost or cut on their way: prefer TLS.
        limits: what senders may do.
        rate: keeps the rate of `limits.source`; one of its own where none is given.
        observer: is told of connections and of dropped datagrams.
        on_ready: is told the addresses once both are bound.

    Raises:
        OSError: where an address cannot be bound.
        Exception: whatever `on_record` raises ends the listener.
    """
    limits = limits or Limits()
    reception = Reception(origin, on_record, limits.source, rate or Rate(limits.source), observer or Unobserved())
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with AsyncExitStack() as stack:
        bound_tls = bound_udp = None
        if tls:
            bound_tls = await _serve_tls(stack, _Connections(reception, limits, failed), *tls)
        if udp:
            datagrams = Datagrams(reception, limits.datagrams)
            bound_udp = await _serve_udp(stack, datagrams, udp, limits.close_seconds, failed)
        if on_ready:
            on_ready(Endpoints(tls=bound_tls, udp=bound_udp))
        await failed


class _Connections:
    """Serves TLS senders."""

    def __init__(self, reception: Reception, limits: Limits, failed: asyncio.Future[None]) -> None:
        self._reception = reception
        self._limits = limits
        self._failed = failed
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read the frames of one sender until it hangs up or sends what is no frame."""
        task = asyncio.current_task()
        try:
            if len(self._open) >= self._limits.connections or task is None:
                self._reception.observer.turned_away()
                return
            self._open[task] = writer
            self._reception.observer.connections(len(self._open))
            keep_alive(writer)
            await self._receive(reader)
        except asyncio.CancelledError:
            # Only `close` cancels, and a task that ended so would be a fault to asyncio's eyes (Python 3.11).
            return
        except Exception as error:  # noqa: BLE001 - a guard: what on_record raises must end the listener, not one sender
            _fail(self._failed, error)
        finally:
            if task and self._open.pop(task, None):
                self._reception.observer.connections(len(self._open))
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def close(self) -> None:
        """Hang up on every sender, and hand over what it had sent."""
        for writer in self._open.values():
            writer.close()
        tasks = list(self._open)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._limits.close_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self, reader: asyncio.StreamReader) -> None:
        """Hand over frame after frame, until one is none, or there are no more."""
        while True:
            try:
                frame, reason = await self._frame(reader)
            except OSError:
                # The sender is gone; what was complete has been handed over.
                return
            if reason:
                await self._reception.refuse(reason, "frame", frame)
            if reason or not frame:
                return
            await self._reception.rate.keep()
            await self._reception.take(frame)

    async def _frame(self, reader: asyncio.StreamReader) -> tuple[bytes, str]:
        """Return one frame, `MSG-LEN SP SYSLOG-MSG`, b"" at the end, or what is wrong with it."""
        first = await reader.read(1)
        if not first:
            return b"", ""
        try:
            async with asyncio.timeout(self._limits.frame_seconds):
                length = await _length(first, reader, self._limits.source.record_bytes)
                return await reader.readexactly(length), ""
        except TimeoutError:
            return b"", "frame_timeout"
        except asyncio.IncompleteReadError as cut:
            return cut.partial, "truncated"
        except BadRecord as why:
            return b"", why.reason


async def _length(digits: bytes, reader: asyncio.StreamReader, most: int) -> int:
    """Return MSG-LEN, of which the first digit is read: digits without a leading zero, and a space.

    Raises:
        BadRecord: `bad_frame`, `too_large`.
    """
    while digits.isdigit() and not digits.startswith(b"0") and len(digits) <= _MOST_DIGITS:
        following = await reader.readexactly(1)
        if following == b" ":
            if int(digits) > most:
                raise BadRecord("too_large")
            return int(digits)
        digits += following
    raise BadRecord("bad_frame")


async def _serve_tls(
    stack: AsyncExitStack, connections: _Connections, address: Address, context: ssl.SSLContext
) -> Address:
    server = await asyncio.start_server(
        connections.serve,
        *address,
        ssl=context,
        ssl_handshake_timeout=connections._limits.frame_seconds,
        ssl_shutdown_timeout=connections._limits.close_seconds,
    )
    stack.push_async_callback(connections.close)
    stack.callback(server.close)
    return bound_address(server.sockets[0].getsockname())


async def _serve_udp(
    stack: AsyncExitStack, datagrams: Datagrams, address: Address, close_seconds: float, failed: asyncio.Future[None]
) -> Address:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: datagrams, local_addr=address)
    worker = asyncio.create_task(datagrams.work())

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            _fail(failed, error)

    async def end() -> None:
        transport.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(close_seconds):
                await datagrams.settled(worker)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)

    worker.add_done_callback(ended)
    stack.push_async_callback(end)
    return bound_address(transport.get_extra_info("sockname"))


def _fail(failed: asyncio.Future[None], error: BaseException) -> None:
    if not failed.done():
        failed.set_exception(error)

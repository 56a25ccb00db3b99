"""An MLLP listener: ADT messages come in over TCP, and each is answered when it is safe, not before.

Answers are those of the original acknowledgement mode (HL7 2.5.1, 2.9.2), and tell a sender what to do: AA, the message
was mapped and is safe; AE, it was refused and the refusal is safe, so that sending it again helps nobody; AR, it is not
safe ("reasons unrelated to its content"): the connection is closed, and the message is to be sent again.
"""

import asyncio
import contextlib
import datetime
import ssl
from collections.abc import Awaitable, Callable

from msgspec import Struct

from detectors.events import BadRecord
from streams.sources.api import Item, Origin, Refused
from streams.sources.hl7.message import Message
from streams.sources.hl7.reading import END_BLOCK, START_BLOCK, read_message
from streams.sources.limits import Rate, SourceLimits
from streams.sources.listening import Address, Observer, Unobserved, bound_address, keep_alive

Deliver = Callable[[list[Item]], Awaitable[str]]
"""Takes the items of one message and returns when they are safe: the reason for which they are refused, or ""; what it
raises is answered with AR."""

NOT_DELIVERED = "not_delivered"
"""Why a message is to be sent again."""

CLOSE_SECONDS = 2.0
"""For a sender's part of the end of TLS; many do not care to play it."""

CONDITIONS: dict[str, str] = {
    "unsupported_message_type": "200",
    "unsupported_trigger": "201",
    "bad_encoding_characters": "102",
    "no_message_header": "100",
    "bad_segment": "100",
    "nul_character": "102",
    "unknown_character_set": "103",
    "missing_field": "101",
    "impossible_date": "102",
    "wrong_type": "102",
}
"""Reason of a refusal to error condition (table 0357)."""

_INTERNAL_ERROR = "207"


class Limits(Struct, frozen=True):
    """What senders may do.

    Args:
        source: size and rate of the messages, of all senders together.
        message_seconds: in which a message that began must be complete, a TLS handshake done, and an answer taken.
        idle_seconds: between two messages.
        connections: senders at a time; more are turned away.
    """

    source: SourceLimits = SourceLimits()
    message_seconds: float = 30.0
    idle_seconds: float = 600.0
    connections: int = 64


class Listener:
    """Receives messages on any number of connections, one at a time on each.

    Args:
        origin: names the feed.
        zone: of times without offset.
        deliver: makes the items of a message safe.
        clock: the present, for MSH-7 of the answers.
        limits: what senders may do.
        rate: keeps the rate of `limits.source`; one of its own where none is given.
        observer: is told of connections.
    """

    def __init__(
        self,
        origin: Origin,
        zone: datetime.tzinfo,
        deliver: Deliver,
        clock: Callable[[], datetime.datetime],
        *,
        limits: Limits | None = None,
        rate: Rate | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._origin = origin
        self._zone = zone
        self._deliver = deliver
        self._clock = clock
        self._limits = limits or Limits()
        self._rate = rate or Rate(self._limits.source)
        self._observer = observer or Unobserved()
        self._received = 0
        self._tasks: set[asyncio.Task[None] | None] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> Address:
        """Begin to listen, and return the address (of port 0, the one that the system chose).

        Raises:
            OSError: where the address cannot be had.
        """
        self._server = await asyncio.start_server(
            self._converse,
            host,
            port,
            limit=self._limits.source.record_bytes + 2,
            ssl=tls,
            ssl_handshake_timeout=self._limits.message_seconds if tls else None,
            ssl_shutdown_timeout=CLOSE_SECONDS if tls else None,
        )
        return bound_address(self._server.sockets[0].getsockname())

    async def stop(self) -> None:
        """Stop listening, and end all conversations; a message without an answer is sent again by its sender."""
        if self._server is not None:
            self._server.close()
            tasks = [task for task in self._tasks if task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._server.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        try:
            if len(self._tasks) >= self._limits.connections:
                self._observer.turned_away()
                return
            self._tasks.add(task)
            self._observer.connections(len(self._tasks))
            keep_alive(writer)
            await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # The sender went away or fell silent, or we stop: it sends again what was not answered. Only `stop`
            # cancels, and a conversation that ended so would be a fault to asyncio's eyes (Python 3.11).
            pass
        finally:
            self._tasks.discard(task)
            self._observer.connections(len(self._tasks))
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take messages and answer them, until the sender leaves or one of them ends the conversation."""
        reason = ""
        while reason not in (NOT_DELIVERED, "too_large", "bad_frame"):
            raw, reason = await self._message(reader)
            await self._rate.keep()
            reason = await self._delivered(raw, reason)
            await self._answer(writer, raw, reason)

    async def _message(self, reader: asyncio.StreamReader) -> tuple[bytes, str]:
        """Return the next message, and "" or what is wrong with its frame; then there is no finding the next one."""
        try:
            async with asyncio.timeout(self._limits.idle_seconds):
                await reader.readuntil(START_BLOCK)
        except asyncio.LimitOverrunError:
            return await reader.read(self._limits.source.record_bytes), "bad_frame"
        try:
            async with asyncio.timeout(self._limits.message_seconds):
                return (await reader.readuntil(END_BLOCK))[:-1], ""
        except asyncio.LimitOverrunError:
            return await reader.read(self._limits.source.record_bytes), "too_large"

    async def _delivered(self, raw: bytes, reason: str) -> str:
        """Map and deliver one message; return the reason that goes into its answer, "" where all is well."""
        self._received += 1
        place = f"message {self._received}"
        items: list[Item] = (
            [Refused(reason, place, raw)] if reason else read_message(raw, self._origin, self._zone, place)
        )
        # The listener's guard: whatever keeps a message from being safe, its sender must learn it and send again.
        try:
            return await self._deliver(items)
        except Exception:  # noqa: BLE001
            return NOT_DELIVERED

    async def _answer(self, writer: asyncio.StreamWriter, raw: bytes, reason: str) -> None:
        text = acknowledgement(raw, reason, self._clock())
        writer.write(START_BLOCK + text + END_BLOCK + b"\r")
        async with asyncio.timeout(self._limits.message_seconds):
            await writer.drain()


def acknowledgement(raw: bytes, reason: str, now: datetime.datetime) -> bytes:
    """Return the answer to a message: MSH, MSA, and ERR where it was not accepted.

    Args:
        raw: the message; where its header cannot be read, the answer names no message.
        reason: why it was refused, or "".
        now: for MSH-7.
    """
    code = "AR" if reason == NOT_DELIVERED else "AE" if reason else "AA"
    names = _names(raw)
    field, encoding = names.field, names.encoding
    stamp = now.astimezone(datetime.UTC).strftime("%Y%m%d%H%M%S+0000")
    component = encoding[0]
    kind = component.join(("ACK", names.trigger, "ACK")) if names.trigger else "ACK"
    # The sender is answered by the name that it wrote to, and the control id is its own: both are copied as they stand.
    header = (
        encoding,
        *names.receiver,
        *names.sender,
        stamp,
        "",
        kind,
        names.control_id,
        names.processing,
        names.version,
    )
    segments = ["MSH" + field + field.join(header), field.join(("MSA", code, names.control_id))]
    if reason:
        condition = CONDITIONS.get(reason, _INTERNAL_ERROR)
        segments.append(field.join(("ERR", "", "", condition, "E", "", "", "", reason)))
    return "".join(segment + "\r" for segment in segments).encode("utf-8", "replace")


class _Names(Struct, frozen=True):
    """What an answer repeats of the message that it answers."""

    field: str = "|"
    encoding: str = "^~\\&"
    sender: tuple[str, str] = ("", "")
    receiver: tuple[str, str] = ("", "")
    trigger: str = ""
    control_id: str = ""
    processing: str = "P"
    version: str = "2.5.1"


_LONGEST_NAME = 199
"""Characters of a field that are repeated; MSH-10 has 20 in version 2.5, 199 in 2.7."""


def _names(raw: bytes) -> _Names:
    header = raw.lstrip(b"\r\n ").replace(b"\n", b"\r").split(b"\r", 1)[0][:4096]
    try:
        message = Message(header)
    except BadRecord:
        return _Names()
    several = [message.field("MSH", number)[:_LONGEST_NAME] for number in (3, 4, 5, 6, 10, 11, 12)]
    return _Names(
        message.separators.field,
        message.separators.encoding,
        (several[0], several[1]),
        (several[2], several[3]),
        message.value("MSH", 9, 2)[:3] if message.value("MSH", 9, 2).isalnum() else "",
        several[4],
        several[5],
        several[6],
    )

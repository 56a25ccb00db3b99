"""An MLLP listener: ADT messages come in over TCP, and each is answered when it is safe, not before.

Answers are those of the original acknowledgement mode (HL7 2.5.1, 2.9.2): AA where the message was mapped and
delivered, AR where its type, trigger or header is not for us, AE where it lacks something or could not be delivered. A
refused message is delivered too, as a refusal, so that a sender that drops what is not accepted loses nothing.
"""

import asyncio
import contextlib
import datetime
import ssl
from collections.abc import Awaitable, Callable

from msgspec import Struct

from detectors.events import BadRecord
from streams.sources.api import Item, Origin, Refused
from streams.sources.hl7.message import LARGEST_BYTES, Message
from streams.sources.hl7.reading import END_BLOCK, START_BLOCK, read_message

Deliver = Callable[[list[Item]], Awaitable[None]]
"""Takes the items of one message and returns when they are safe; what it raises is answered with AE."""

CONDITIONS: dict[str, tuple[str, str]] = {
    "unsupported_message_type": ("AR", "200"),
    "unsupported_trigger": ("AR", "201"),
    "unsupported_merge": ("AR", "201"),
    "bad_encoding_characters": ("AR", "102"),
    "no_message_header": ("AR", "100"),
    "bad_segment": ("AR", "100"),
    "too_many_segments": ("AR", "207"),
    "too_large": ("AR", "207"),
    "nul_character": ("AR", "102"),
    "unknown_character_set": ("AR", "103"),
    "missing_field": ("AE", "101"),
    "impossible_date": ("AE", "102"),
    "wrong_type": ("AE", "102"),
}
"""Reason of a refusal to acknowledgement code (table 0008) and error condition (table 0357)."""

_OTHERWISE = ("AE", "207")


class Limits(Struct, frozen=True):
    """What one sender may use. Seconds and bytes; `connections` at once, all senders together."""

    message_bytes: int = LARGEST_BYTES
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
        limits: what a sender may use.
    """

    def __init__(
        self,
        origin: Origin,
        zone: datetime.tzinfo,
        deliver: Deliver,
        clock: Callable[[], datetime.datetime],
        limits: Limits | None = None,
    ) -> None:
        self._origin = origin
        self._zone = zone
        self._deliver = deliver
        self._clock = clock
        self._limits = limits or Limits()
        self._open = 0
        self._received = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Begin to listen, and return the port (asked for as 0, the system chooses).

        Raises:
            OSError: where the address cannot be had.
        """
        self._server = await asyncio.start_server(
            self._converse, host, port, limit=self._limits.message_bytes + 2, ssl=tls
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening, and end all conversations; a message without an answer is sent again by its sender."""
        if self._server is not None:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._server.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._open += 1
        try:
            if self._open <= self._limits.connections:
                await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # The sender went away or fell silent: it sends again what was not answered.
        finally:
            self._open -= 1
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(self._limits.idle_seconds):
                await reader.readuntil(START_BLOCK)
            try:
                async with asyncio.timeout(self._limits.message_seconds):
                    raw = (await reader.readuntil(END_BLOCK))[:-1]
            except asyncio.LimitOverrunError:
                beginning = await reader.read(self._limits.message_bytes)
                await self._answer(writer, beginning, await self._received_whole(beginning, too_large=True))
                return
            await self._answer(writer, raw, await self._received_whole(raw))

    async def _received_whole(self, raw: bytes, *, too_large: bool = False) -> str:
        """Map and deliver one message; return the reason that goes into its answer, "" where all is well."""
        self._received += 1
        place = f"message {self._received}"
        items: list[Item] = (
            [Refused("too_large", place, raw)] if too_large else read_message(raw, self._origin, self._zone, place)
        )
        # The listener's guard: whatever keeps a message from being safe, its sender must learn it and send again.
        try:
            await self._deliver(items)
        except Exception:  # noqa: BLE001
            return "not_delivered"
        return next((item.reason for item in items if isinstance(item, Refused)), "")

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
    code, condition = CONDITIONS.get(reason, _OTHERWISE) if reason else ("AA", "")
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

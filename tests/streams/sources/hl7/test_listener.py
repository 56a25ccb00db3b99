"""The MLLP listener over 127.0.0.1: answers, limits, silence, damage."""

import asyncio
import contextlib
import datetime
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from streams.sources.api import Item, Refused
from streams.sources.hl7.listener import Limits, Listener, acknowledgement
from streams.sources.limits import SourceLimits
from tests.streams.sources.hl7.adt import ORIGIN, ZONE, adt, encounter

NOW = datetime.datetime(2026, 3, 2, 15, 20, tzinfo=datetime.UTC)
Sent = list[list[Item]]


def refusal(items: list[Item]) -> str:
    return next((item.reason for item in items if isinstance(item, Refused)), "")


async def keep_nothing(items: list[Item]) -> str:
    await asyncio.sleep(0)
    return refusal(items)


@asynccontextmanager
async def listening(
    deliver: Callable[[list[Item]], Awaitable[str]], limits: Limits | None = None
) -> AsyncIterator[int]:
    listener = Listener(ORIGIN, ZONE, deliver, lambda: NOW, limits=limits)
    _, port = await listener.start("127.0.0.1", 0)
    try:
        yield port
    finally:
        await listener.stop()


async def said(reader: asyncio.StreamReader) -> list[list[str]]:
    """Return the segments of the next answer."""
    async with asyncio.timeout(10):
        frame = await reader.readuntil(b"\x1c\r")
    assert frame.startswith(b"\x0b")
    return [segment.split("|") for segment in frame[1:-2].decode().split("\r") if segment]


def frame(message: bytes) -> bytes:
    return b"\x0b" + message + b"\x1c\r"


async def test_a_message_is_answered_when_it_is_delivered() -> None:
    delivered: Sent = []
    gate = asyncio.Event()

    async def deliver(items: list[Item]) -> str:
        await gate.wait()
        delivered.append(items)
        return refusal(items)

    async with listening(deliver) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(adt(control="M7")))
        answer = asyncio.create_task(said(reader))
        await asyncio.sleep(0.05)
        assert not answer.done()
        gate.set()
        header, verdict = await answer
        writer.close()
    assert verdict == ["MSA", "AA", "M7"]
    assert header == [
        "MSH", "^~\\&", "WARDWATCH", "HOSP", "ADT1", "HOSP", "20260302152000+0000", "", "ACK^A01^ACK", "M7", "P",
        "2.5.1",
    ]  # fmt: skip
    assert encounter(delivered[0][0]).encounter_id == "V1"


async def test_many_messages_and_pieces_on_one_connection() -> None:
    delivered: Sent = []

    async def deliver(items: list[Item]) -> str:
        delivered.append(items)
        return refusal(items)

    async with listening(deliver) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        stream = b"\r\n" + frame(adt(control="M1")) + frame(adt(control="M2")) + frame(adt("A31", control="M3"))
        for begin in range(0, len(stream), 100):
            writer.write(stream[begin : begin + 100])
            await writer.drain()
        answers = [await said(reader) for _ in range(3)]
        writer.close()
    assert [answer[1] for answer in answers] == [["MSA", "AA", "M1"], ["MSA", "AA", "M2"], ["MSA", "AE", "M3"]]
    assert answers[2][2] == ["ERR", "", "", "201", "E", "", "", "", "unsupported_trigger"]
    assert [type(items[0]).__name__ for items in delivered] == ["Event", "Event", "Refused"]


async def test_what_cannot_be_delivered_is_to_be_sent_again() -> None:
    async def deliver(_: list[Item]) -> str:
        raise ConnectionError

    async with listening(deliver) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(adt()))
        answer = await said(reader)
        assert await reader.read() == b""
        writer.close()
    assert answer[1:] == [["MSA", "AR", "M1"], ["ERR", "", "", "207", "E", "", "", "", "not_delivered"]]


async def test_a_message_that_is_too_large_is_refused_and_the_connection_ends() -> None:
    delivered: Sent = []

    async def deliver(items: list[Item]) -> str:
        delivered.append(items)
        return refusal(items)

    async with listening(deliver, Limits(source=SourceLimits(record_bytes=2_000))) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x0b" + adt(control="M9") + b"NTE|" + b"x" * 5_000)
        answer = await said(reader)
        assert answer[1] == ["MSA", "AE", "M9"]
        assert await reader.read() == b""
        writer.close()
    assert isinstance(delivered[0][0], Refused)
    assert len(delivered[0][0].payload) <= 2_000


async def test_who_falls_silent_is_cut_off() -> None:
    async with listening(keep_nothing, Limits(idle_seconds=0.05, message_seconds=0.05)) as port:
        for beginning in (b"", b"\x0bMSH|"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(beginning)
            async with asyncio.timeout(10):
                assert await reader.read() == b""
            writer.close()


async def test_what_is_no_frame_is_refused_and_the_connection_ends() -> None:
    delivered: Sent = []

    async def deliver(items: list[Item]) -> str:
        delivered.append(items)
        return refusal(items)

    async with listening(deliver, Limits(source=SourceLimits(record_bytes=2_000))) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n" * 500)
        answer = await said(reader)
        with contextlib.suppress(ConnectionResetError):  # what it sent and nobody read may end the connection so
            assert await reader.read() == b""
        writer.close()
    assert answer[1] == ["MSA", "AE", ""]
    assert [refusal(items) for items in delivered] == ["bad_frame"]


async def test_a_sender_that_comes_too_fast_is_slowed_down_and_gets_every_answer() -> None:
    async with listening(keep_nothing, Limits(source=SourceLimits(per_second=50, burst=1))) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"".join(frame(adt(control=f"M{number}")) for number in range(5)))
        answers = [await said(reader) for _ in range(5)]
        writer.close()
    assert [answer[1] for answer in answers] == [["MSA", "AA", f"M{number}"] for number in range(5)]


async def test_no_more_connections_than_allowed() -> None:
    async with listening(keep_nothing, Limits(connections=1)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(adt()))
        await said(reader)
        second, other = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(10):
            assert await second.read() == b""
        other.close()
        writer.write(frame(adt(control="M2")))
        assert (await said(reader))[1] == ["MSA", "AA", "M2"]
        writer.close()


async def test_stopping_ends_open_conversations() -> None:
    async with listening(keep_nothing) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(frame(adt()))
        await said(reader)
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()


@pytest.mark.parametrize(
    ("raw", "reason", "verdict"),
    [
        (b"nothing", "no_message_header", "MSA|AE|"),
        (b"MSH|^~\\&|A|B|C|D|x||ADT^A01|77|T|2.3", "missing_field", "MSA|AE|77"),
        (b"MSH|^~\\&|A|B|C|D|x||ADT^A01|77|T|2.3", "not_delivered", "MSA|AR|77"),
        (b"MSH;!@#$;A;B;C;D;x;;ADT!A01;77;T;2.3", "", "MSA;AA;77"),
        (b"MSH|^~\\&|A|B|C|D|x||ADT^A01|" + b"7" * 500, "wrong_type", "MSA|AE|" + "7" * 199),
    ],
)
def test_acknowledgements(raw: bytes, reason: str, verdict: str) -> None:
    assert acknowledgement(raw, reason, NOW).decode().split("\r")[1] == verdict

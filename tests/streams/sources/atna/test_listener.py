"""The syslog receivers, over real sockets on the loopback."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from streams.sources.api import Item, Refused
from streams.sources.atna.listener import Endpoints, Limits, listen
from streams.sources.limits import SourceLimits
from tests.services.certificates import Authority
from tests.streams.sources.atna.samples import HEADER, ORIGIN, message, reasons

LOOPBACK = ("127.0.0.1", 0)


class Site:
    """A running listener and what it handed over."""

    def __init__(self, endpoints: Endpoints, items: "asyncio.Queue[Item]", trust: ssl.SSLContext) -> None:
        self.endpoints = endpoints
        self.items = items
        self.trust = trust

    async def received(self, count: int) -> list[str]:
        """Wait for that many items and return what they are."""
        async with asyncio.timeout(10):
            return reasons([await self.items.get() for _ in range(count)])

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        assert self.endpoints.tls
        return await asyncio.open_connection(*self.endpoints.tls, ssl=self.trust)

    def send_datagram(self, payload: bytes) -> None:
        assert self.endpoints.udp
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(payload, self.endpoints.udp)


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of its own, and a client's that trusts it."""
    folder: Path = tmp_path_factory.mktemp("tls")
    authority = Authority(folder)
    issued = authority.issue("server", "127.0.0.1")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(issued.certificate, issued.key)
    return server, ssl.create_default_context(cafile=authority.pem)


class Seen:
    """What the observer was told."""

    def __init__(self) -> None:
        self.open: list[int] = []
        self.away = 0
        self.drops: dict[str, int] = {}

    def connections(self, n: int) -> None:
        self.open.append(n)

    def turned_away(self) -> None:
        self.away += 1

    def dropped(self, reason: str, n: int) -> None:
        self.drops[reason] = self.drops.get(reason, 0) + n


@asynccontextmanager
async def running(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
    limits: Limits | None = None,
    on_record: Callable[[list[Item]], Awaitable[None]] | None = None,
    seen: Seen | None = None,
) -> AsyncIterator[Site]:
    """Listen on both ways until the end of the block."""
    ready: asyncio.Future[Endpoints] = asyncio.get_running_loop().create_future()
    items: asyncio.Queue[Item] = asyncio.Queue()

    async def put(record: list[Item]) -> None:
        for item in record:
            await items.put(item)

    task = asyncio.create_task(
        listen(
            ORIGIN,
            on_record or put,
            tls=(LOOPBACK, contexts[0]),
            udp=LOOPBACK,
            limits=limits,
            observer=seen,
            on_ready=ready.set_result,
        )
    )
    try:
        yield Site(await ready, items, contexts[1])
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def nowhere(_: list[Item]) -> None:
    await asyncio.sleep(0)


def frame(payload: bytes) -> bytes:
    return b"%d %s" % (len(payload), payload)


Contexts = tuple[ssl.SSLContext, ssl.SSLContext]


async def test_frames_over_tls_come_in_their_order_however_they_are_cut(contexts: Contexts) -> None:
    async with running(contexts) as site:
        _, writer = await site.connect()
        stream = frame(HEADER + message()) + frame(b"<34>1 - - - - - - su") + frame(message(at="2026-03-02T10:00:00Z"))
        for start in range(0, len(stream), 100):
            writer.write(stream[start : start + 100])
            await writer.drain()
        assert await site.received(3) == ["event", "not_an_audit_message", "event"]
        writer.close()


async def test_a_message_over_many_lines_is_one_frame(contexts: Contexts) -> None:
    async with running(contexts) as site:
        _, writer = await site.connect()
        writer.write(frame(message().replace(b"><", b">\n<")))
        assert await site.received(1) == ["event"]
        writer.close()


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"<85>1 no length", "bad_frame"),
        (b"012 " + b"x" * 12, "bad_frame"),
        (b"99999999 x", "bad_frame"),
        (b"9999999 x", "too_large"),
    ],
)
async def test_what_is_no_frame_is_reported_and_the_connection_closed(
    contexts: Contexts, sent: bytes, reason: str
) -> None:
    async with running(contexts) as site:
        reader, writer = await site.connect()
        writer.write(frame(message()) + sent)
        assert await site.received(2) == ["event", reason]
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()


async def test_a_sender_that_hangs_up_within_a_frame_is_reported(contexts: Contexts) -> None:
    async with running(contexts) as site:
        _, writer = await site.connect()
        writer.write(frame(message())[:200])
        writer.close()
        assert await site.received(1) == ["truncated"]


async def test_a_frame_that_does_not_come_to_its_end_is_given_up(contexts: Contexts) -> None:
    async with running(contexts, Limits(frame_seconds=0.2)) as site:
        _, writer = await site.connect()
        writer.write(b"500 <85>1 slowly")
        assert await site.received(1) == ["frame_timeout"]
        writer.close()


async def test_more_senders_than_allowed_are_turned_away(contexts: Contexts) -> None:
    seen = Seen()
    async with running(contexts, Limits(connections=1), seen=seen) as site:
        _, first = await site.connect()
        first.write(frame(message()))
        assert await site.received(1) == ["event"]
        reader, second = await site.connect()
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        first.write(frame(message()))
        assert await site.received(1) == ["event"]
        first.close()
        second.close()
    assert (seen.open[0], seen.open[-1], max(seen.open), seen.away) == (1, 0, 1, 1)


async def test_without_tls_nothing_is_heard(contexts: Contexts) -> None:
    async with running(contexts) as site:
        assert site.endpoints.tls
        reader, writer = await asyncio.open_connection(*site.endpoints.tls)
        writer.write(frame(message()))
        async with asyncio.timeout(10):
            # An alert or a reset, whichever comes first: in either case the connection ends.
            with suppress(ConnectionError):
                await reader.read()
        writer.close()
        site.send_datagram(message())
        assert await site.received(1) == ["event"]
        assert site.items.empty()


async def test_datagrams_are_messages_whole_or_cut(contexts: Contexts) -> None:
    async with running(contexts) as site:
        site.send_datagram(HEADER + message())
        assert await site.received(1) == ["event"]
        site.send_datagram(HEADER + message()[:300])
        assert await site.received(1) == ["truncated"]


async def test_datagrams_that_are_dropped_are_counted(contexts: Contexts) -> None:
    handed: list[Item] = []
    gate, first, all_four = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slowly(record: list[Item]) -> None:
        handed.extend(record)
        first.set()
        if len(handed) == 4:
            all_four.set()
        await gate.wait()

    async with running(contexts, Limits(datagrams=2), slowly) as site:
        site.send_datagram(message())
        async with asyncio.timeout(10):
            await first.wait()
        for _ in range(5):
            site.send_datagram(message())
        # All five are in the socket's buffer; two find a place in the queue.
        await asyncio.sleep(0.2)
        gate.set()
        async with asyncio.timeout(10):
            await all_four.wait()
    assert reasons(handed) == ["event", "datagrams_dropped", "event", "event"]
    assert isinstance(handed[1], Refused)
    assert handed[1].place == "3 datagrams"


@pytest.mark.parametrize("way", ["tls", "udp"])
async def test_what_the_taker_raises_ends_the_listener(contexts: Contexts, way: str) -> None:
    class BrokenTopicError(Exception):
        """The broker is gone."""

    async def broken(_: list[Item]) -> None:
        raise BrokenTopicError

    ready: asyncio.Future[Endpoints] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        listen(ORIGIN, broken, tls=(LOOPBACK, contexts[0]), udp=LOOPBACK, on_ready=ready.set_result)
    )
    site = Site(await ready, asyncio.Queue(), contexts[1])
    if way == "udp":
        site.send_datagram(message())
    else:
        _, writer = await site.connect()
        writer.write(frame(message()))
    async with asyncio.timeout(10):
        with pytest.raises(BrokenTopicError):
            await task
    if way == "tls":
        writer.close()


async def test_an_address_in_use_is_an_error_and_frees_the_other(contexts: Contexts) -> None:
    async with running(contexts) as site:
        assert site.endpoints.udp
        with pytest.raises(OSError, match=r"(?i)address"):
            await listen(ORIGIN, nowhere, tls=(LOOPBACK, contexts[0]), udp=site.endpoints.udp)


async def test_datagrams_that_come_too_fast_are_dropped_and_reported_at_the_end_at_the_latest(
    contexts: Contexts,
) -> None:
    handed: list[Item] = []

    async def take(record: list[Item]) -> None:
        handed.extend(record)

    class Counting(Seen):
        """Tells when three are dropped."""

        def dropped(self, reason: str, n: int) -> None:
            super().dropped(reason, n)
            if sum(self.drops.values()) == 3:
                all_three.set()

    all_three = asyncio.Event()
    seen = Counting()
    slow = Limits(source=SourceLimits(per_second=0.001, burst=2))
    async with running(contexts, slow, take, seen) as site:
        for _ in range(5):
            site.send_datagram(message())
        async with asyncio.timeout(10):
            await all_three.wait()
    assert seen.drops == {"rate_limited": 3}
    told = [item.place for item in handed if isinstance(item, Refused)]
    assert reasons(handed).count("event") == 2
    assert sum(int(place.removesuffix(" datagrams")) for place in told) == 3


async def test_a_sender_over_tls_that_comes_too_fast_is_slowed_down_and_loses_nothing(contexts: Contexts) -> None:
    async with running(contexts, Limits(source=SourceLimits(per_second=50, burst=1))) as site:
        _, writer = await site.connect()
        writer.write(frame(message()) * 5)
        assert await site.received(5) == ["event"] * 5
        writer.close()


async def test_limits_of_the_source_hold_for_both_ways(contexts: Contexts) -> None:
    deep = message(more="<a>" * 7 + "</a>" * 7)
    strict = Limits(source=SourceLimits(record_bytes=2_000, depth=8))
    async with running(contexts, strict) as site:
        site.send_datagram(deep)
        assert await site.received(1) == ["too_deep"]
        site.send_datagram(message(more=" " * 2_000))
        assert await site.received(1) == ["too_large"]
        _, writer = await site.connect()
        writer.write(frame(deep) + frame(message(more=" " * 2_000)))
        assert await site.received(2) == ["too_deep", "too_large"]
        writer.close()


async def test_what_had_arrived_is_handed_over_at_the_end(contexts: Contexts) -> None:
    handed: list[Item] = []
    gate, first = asyncio.Event(), asyncio.Event()

    async def slowly(record: list[Item]) -> None:
        first.set()
        await gate.wait()
        handed.extend(record)

    async with running(contexts, on_record=slowly) as site:
        reader, writer = await site.connect()
        writer.write(frame(message()) * 3 + frame(message())[:100])
        async with asyncio.timeout(10):
            await first.wait()
        await asyncio.sleep(0.1)  # all of it is in the listener's buffer
        asyncio.get_running_loop().call_later(0.1, gate.set)
    assert reasons(handed) == ["event", "event", "event", "truncated"]
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()

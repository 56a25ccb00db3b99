"""How fast audit messages go from a sender over TLS, through listener and feed, to the broker.

    python -m tests.bench.listen

The messages are those of `tests.bench.atna`. The sender is a process of its own, on connections of its own; the broker
is the embedded one. The rate of one core is messages by processor time of the listener's process alone, that by the
clock has the sender and the broker beside it on the same machine.
"""

import asyncio
import multiprocessing
import socket
import ssl
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from streams.embedded import EmbeddedBroker
from streams.feed import Feed
from streams.items import message_of_item
from streams.publisher import Publisher
from streams.sources.atna import Limits, listen
from streams.sources.limits import SourceLimits
from streams.sources.listening import Address
from streams.tokens import Tokeniser
from tests.bench.atna import LEAST, ORIGIN, messages
from tests.services.certificates import Authority
from tests.streams.kafka_records import topics

CONNECTIONS, REPEATS = 4, 10


class Count:
    """Knows when the broker has everything."""

    def __init__(self, wanted: int) -> None:
        self.left = wanted
        self.done = asyncio.Event()

    def received(self, n: int) -> None:
        """Not asked for."""

    def published(self, n: int, refused: Mapping[str, int]) -> None:
        """Count what the broker has."""
        assert not refused, refused
        self.left -= n
        if self.left <= 0:
            self.done.set()

    def failed(self, kind: str) -> None:
        """Not asked for."""

    def waiting(self, n: int) -> None:
        """Not asked for."""


def send(address: Address, authority: str, certificate: str, key: str, payload: bytes) -> None:
    """Send from a process of its own."""
    context = ssl.create_default_context(cafile=authority)
    context.load_cert_chain(certificate, key)
    with (
        socket.create_connection(address) as plain,
        context.wrap_socket(plain, server_hostname=address[0]) as secured,
    ):
        for _ in range(REPEATS):
            secured.sendall(payload)
        secured.unwrap()


async def measure(folder: Path, bootstrap: str) -> tuple[float, float]:
    """Return messages a second by the clock, and by the processor time of this process."""
    authority = Authority(folder)
    server, client = authority.issue("server", "127.0.0.1"), authority.issue("client")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate, server.key)
    context.load_verify_locations(authority.pem)
    context.verify_mode = ssl.CERT_REQUIRED
    plan = topics(bootstrap, "", ("access.events",), partitions=8)
    publisher = Publisher(bootstrap, {}, plan.maximum_source_bytes)
    await publisher.start()
    frames = [b"%d %s" % (len(one), one) for one in messages()]
    wanted = CONNECTIONS * REPEATS * len(frames)
    count = Count(wanted)
    tokeniser = Tokeniser({1: bytes(32)}, 1)
    feed = Feed(publisher.publish, lambda item: message_of_item(item, tokeniser, plan, ORIGIN), count)
    limits = Limits(source=SourceLimits(per_second=1_000_000, burst=1_000_000))
    ready: asyncio.Future[Address] = asyncio.get_running_loop().create_future()
    tasks = [
        asyncio.create_task(feed.run()),
        asyncio.create_task(
            listen(
                ORIGIN, feed.take, tls=(("127.0.0.1", 0), context), limits=limits,
                on_ready=lambda endpoints: ready.set_result(endpoints.tls or ("", 0)),
            )
        ),
    ]  # fmt: skip
    arguments = (await ready, str(authority.pem), str(client.certificate), str(client.key), b"".join(frames))
    senders = [multiprocessing.get_context("spawn").Process(target=send, args=arguments) for _ in range(CONNECTIONS)]
    for sender in senders:
        sender.start()
    while count.left == wanted:  # noqa: ASYNC110 - the clock starts when the first are through: processes start slowly
        await asyncio.sleep(0.001)
    begun, clock, processor = count.left, time.perf_counter(), time.process_time()
    await count.done.wait()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await publisher.stop()
    for sender in senders:
        sender.join()
    return begun / clock, begun / processor


def main() -> int:
    """Measure, print, and return 1 where the target is missed."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedBroker() as broker:
        by_clock, by_processor = asyncio.run(measure(Path(folder), broker.bootstrap))
    print(f"by the clock       {by_clock:>8,.0f} messages/s")
    print(f"on one core        {by_processor:>8,.0f} messages/s  (at least {LEAST:,.0f})")
    return 0 if by_processor >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())

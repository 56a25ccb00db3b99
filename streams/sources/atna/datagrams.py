"""Takes syslog datagrams (RFC 5426) into a queue of bounded length, and reports those that were dropped."""

import asyncio
import socket
from collections import Counter

from streams.sources.atna.reception import Reception

REPORT_SECONDS = 10.0
"""A flood is reported at most so often: one refusal for all datagrams that were dropped since the last."""

RECEIVE_BYTES = 4 * 1024 * 1024
"""Asked of the system for the socket, as it allows: what it drops itself nobody here can count."""


class Datagrams(asyncio.DatagramProtocol):
    """Takes datagrams, and hands over what they hold.

    Args:
        reception: what becomes of them.
        most: datagrams that may wait.
    """

    def __init__(self, reception: Reception, most: int) -> None:
        self._reception = reception
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(most)
        self._dropped: Counter[str] = Counter()
        self._reported = float("-inf")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a larger buffer; bursts come faster than they are read."""
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Queue a datagram, or count it where there are too many."""
        if self._waiting.full():
            self._drop("datagrams_dropped")
        elif not self._reception.rate.allows():
            self._drop("rate_limited")
        else:
            self._waiting.put_nowait(data)

    async def work(self) -> None:
        """Hand over what was received, and how much was dropped."""
        while True:
            datagram = await self._next()
            await self._report()
            if datagram is not None:
                await self._reception.take(datagram)
                self._waiting.task_done()

    async def settled(self, worker: "asyncio.Task[None]") -> None:
        """Wait until all that was received is handed over and reported, while the worker lives."""
        done = asyncio.create_task(self._waiting.join())
        await asyncio.wait((done, worker), return_when=asyncio.FIRST_COMPLETED)
        if done.done():
            self._reported = float("-inf")
            await self._report()
        done.cancel()

    async def _next(self) -> bytes | None:
        """Return the next datagram, or None where it is time for a report."""
        # Where many wait, the loop must still get to receive others.
        await asyncio.sleep(0)
        if not self._waiting.empty():
            return self._waiting.get_nowait()
        try:
            async with asyncio.timeout(REPORT_SECONDS):
                return await self._waiting.get()
        except TimeoutError:
            return None

    def _drop(self, reason: str) -> None:
        self._dropped[reason] += 1
        self._reception.observer.dropped(reason, 1)

    async def _report(self) -> None:
        now = asyncio.get_running_loop().time()
        if not self._dropped or now - self._reported < REPORT_SECONDS:
            return
        self._reported = now
        dropped, self._dropped = self._dropped, Counter()
        for reason, n in dropped.items():
            await self._reception.refuse(reason, f"{n} datagrams")

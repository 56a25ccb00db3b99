"""What one source may send: how large, how deep, how fast."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from msgspec import Struct

from detectors.events.envelope import MAXIMUM_BYTES, MAXIMUM_DEPTH

Clock = Callable[[], float]
"""Seconds that only go forward."""

Sleep = Callable[[float], Awaitable[None]]


class SourceLimits(Struct, frozen=True):
    """The limits of one source.

    Args:
        record_bytes: the largest record, as it is sent; a larger one is refused as `too_large`.
        depth: how deep the elements or objects of a record may nest; deeper ones are refused as `too_deep`.
        per_second: records a second in the long run. TCP senders are slowed down to it, datagrams over it are dropped
            and reported as `rate_limited`.
        burst: records that may come at once after a quiet time.
    """

    record_bytes: int = MAXIMUM_BYTES
    depth: int = MAXIMUM_DEPTH
    per_second: float = 5_000.0
    burst: int = 10_000


class Rate:
    """A token bucket: it holds up to `burst` tokens, gains `per_second`, and each record takes one.

    Args:
        limits: how fast.
        clock: the seconds.
        sleep: waits for some of them.
    """

    def __init__(self, limits: SourceLimits, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._tokens = float(limits.burst)
        self._filled = clock()

    def allows(self) -> bool:
        """Take a token if there is one."""
        self._fill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    async def keep(self) -> None:
        """Take a token, and wait until it is earned; who comes later waits for later ones."""
        self._fill()
        self._tokens -= 1
        if self._tokens < 0:
            await self._sleep(-self._tokens / self._limits.per_second)

    def _fill(self) -> None:
        now = self._clock()
        earned = (now - self._filled) * self._limits.per_second
        self._tokens = min(float(self._limits.burst), self._tokens + earned)
        self._filled = now

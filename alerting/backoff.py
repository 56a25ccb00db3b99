"""When to try again: exponential backoff with full jitter, and a circuit breaker. Pure, in seconds."""

import random

from msgspec import Struct

FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0
"""Upper bounds 1, 2, 4 … 60 s (domain.md §4.8)."""

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 60.0
"""Five failures in a row keep a channel from being called for 60 s (domain.md §4.8)."""


def delay(attempts: int, source: random.Random) -> float:
    """Return how long to wait after so many failed attempts (from 1): anything between 0 and the bound.

    Full jitter, see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    doublings = min(attempts - 1, 10)
    return source.uniform(0.0, min(LONGEST_DELAY, FIRST_DELAY * 2**doublings))


class Breaker(Struct, frozen=True):
    """A circuit breaker: how many calls failed in a row, and until when no call is made."""

    failures: int = 0
    open_until: float = 0.0

    def is_open(self, now: float) -> bool:
        """Whether the channel is to be left alone."""
        return now < self.open_until

    def after_failure(self, now: float) -> "Breaker":
        """Return the breaker after a call failed; when it was open before, one failure opens it again."""
        failures = self.failures + 1
        return Breaker(failures, now + OPEN_SECONDS if failures >= FAILURES_TO_OPEN else 0.0)

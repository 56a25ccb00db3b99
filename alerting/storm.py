"""The storm guard: a rule may open so many new incidents an hour and no more (domain.md §4.5).

A token bucket for every rule, in event time, so that a replay decides as the live run did.
"""

from msgspec import Struct

SECONDS_PER_HOUR = 3600.0


class StormLimit(Struct, frozen=True):
    """How many new incidents a rule may open in an hour (domain.md §4.5: 30), and at once."""

    per_hour: float = 30.0


class Bucket(Struct, frozen=True):
    """What a rule has left: `tokens` new incidents, as of event time `at` (seconds since the epoch)."""

    tokens: float
    at: float


def taken(bucket: Bucket | None, at: float, limit: StormLimit) -> tuple[Bucket, bool]:
    """Return the bucket after a wish to open an incident, and whether it is granted.

    A finding that comes late (with an event time before the last one) refills nothing.

    >>> taken(None, 0.0, StormLimit(per_hour=2))
    (Bucket(tokens=1.0, at=0.0), True)
    """
    if bucket is None:
        bucket = Bucket(limit.per_hour, at)
    refill = max(0.0, at - bucket.at) * limit.per_hour / SECONDS_PER_HOUR
    tokens = min(limit.per_hour, bucket.tokens + refill)
    granted = tokens >= 1.0
    return Bucket(tokens - 1.0 if granted else tokens, max(bucket.at, at)), granted

"""How records arrive: mostly in order, some late, a few twice, as real feeds deliver them."""

import heapq
import math
from collections.abc import Iterable, Iterator
from itertools import count

import numpy as np

from detectors.events import AccessEvent, BillingTransaction
from streams.simulator.parameters import (
    DUPLICATE_SHARE,
    LATE_MEDIAN_SECONDS,
    LATE_SHARE,
    LATE_SIGMA,
    VERY_LATE_DAYS,
    VERY_LATE_SHARE,
)
from streams.simulator.record import Simulated
from streams.simulator.timing import DAY, instant

_BLOCK = 4096
_AGAIN_MEAN_SECONDS = 60.0


def deliver(items: Iterable[Simulated], rng: np.random.Generator) -> Iterator[Simulated]:
    """Yield items in the order of arrival.

    Two in a hundred ordinary records bypass the feed's order (median 20 s, 99th percentile 30 min), one in two
    hundred comes one to three days late, three in a thousand come twice, under the same id. A late record says in
    `recorded_at` when it arrived. Context, and what belongs to incidents and decoys, come on time: the truth stays
    exact.
    """
    waiting: list[tuple[float, int, Simulated]] = []
    order = count()
    delays: Iterator[float] = iter(())
    repeats: Iterator[float] = iter(())
    for item in items:
        now = item.event.time
        while waiting and waiting[0][0] <= now:
            yield heapq.heappop(waiting)[2]
        data = item.event.data
        if item.prompt or not isinstance(data, AccessEvent | BillingTransaction):
            yield item
            continue
        delay = next(delays, None)
        if delay is None:
            delays, repeats = _draw(rng)
            delay = next(delays)
        again = next(repeats)
        if delay:
            data.recorded_at = instant(now + delay)
            heapq.heappush(waiting, (now + delay, next(order), item))
        else:
            yield item
        if again:
            heapq.heappush(waiting, (now + delay + again, next(order), Simulated(item.event, again=True)))
    while waiting:
        yield heapq.heappop(waiting)[2]


def _draw(rng: np.random.Generator) -> tuple[Iterator[float], Iterator[float]]:
    """Draw, for a block of records, how late each comes and after how long it comes again (0: it does not)."""
    kind = rng.random(_BLOCK)
    late = rng.lognormal(math.log(LATE_MEDIAN_SECONDS), LATE_SIGMA, _BLOCK)
    very_late = rng.uniform(*VERY_LATE_DAYS, _BLOCK) * DAY
    delays = np.where(kind < VERY_LATE_SHARE, very_late, np.where(kind < VERY_LATE_SHARE + LATE_SHARE, late, 0.0))
    again = np.where(rng.random(_BLOCK) < DUPLICATE_SHARE, 1.0 + rng.exponential(_AGAIN_MEAN_SECONDS, _BLOCK), 0.0)
    return iter(delays.tolist()), iter(again.tolist())

"""Whether the cost of an event stays the same with more events, and with more patients and users.

    python -m tests.bench.growth [--events N]

A hospital, the same for twice as many events, and one of four times the size with as many events: processor time and
calls of functions an event, and how they compare. Calls are counted by the interpreter, so they depend neither on the
machine nor on what else it does; `tests/streams/test_growth.py` holds them to these ratios in a small hospital.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from itertools import chain
from typing import NamedTuple

from alerting.desk import Desk
from alerting.incident_ids import random_ids
from alerting.store import Store, create_schema, open_engine
from streams.collector import settle_collector
from streams.replay import Replay
from tests.bench.pipeline_parts.corpus import PARTITIONS, Corpus, make_corpus, make_intake, make_stages

SCALE = 0.25
TIMES_EVENTS, TIMES_ENTITIES = 2, 4


class Cost(NamedTuple):
    """What an event of a replay cost: calls of functions, and microseconds of the processor; how many were replayed."""

    calls: float
    microseconds: float
    events: int


def cost_of(corpus: Corpus) -> Cost:
    """Replay the context, and then, once for each of the two, the events."""
    calls = Calls()
    counted = replay(corpus, calls.begin, calls.end)
    seconds = replay(corpus, time.process_time, time.process_time)
    return Cost(counted / len(corpus.events), seconds * 1e6 / len(corpus.events), len(corpus.events))


def replay(corpus: Corpus, begin: Callable[[], float], end: Callable[[], float]) -> float:
    """Replay the context and the events; return by how much what is read at the end is above what was read between."""
    engine = open_engine("sqlite://")
    create_schema(engine)
    desk = Desk(Store(engine), clock=lambda: 0.0, incident_ids=random_ids(random.Random(1)))
    read: list[float] = []

    def between() -> list[bytes]:
        read.append(begin())
        return corpus.events

    lines = chain(corpus.context, chain.from_iterable(part() for part in (between,)))
    Replay(make_intake(), make_stages({}), desk, PARTITIONS).run(lines)
    read.append(end())
    engine.dispose()
    return read[1] - read[0]


class Calls:
    """Counts the calls of functions, those of generators at each of their steps, between two moments."""

    def __init__(self) -> None:
        self._count = 0

    def begin(self) -> float:
        """Begin to count."""
        sys.setprofile(self._see)
        return 0.0

    def end(self) -> float:
        """Return how many there were."""
        sys.setprofile(None)
        return self._count

    def _see(self, frame: object, event: str, argument: object) -> None:
        self._count += event in ("call", "c_call")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000)
    asked = parser.parse_args()
    settle_collector()
    usual = cost_of(make_corpus(asked.events, scale=SCALE))
    more = {
        f"{TIMES_EVENTS} times the events": cost_of(make_corpus(TIMES_EVENTS * asked.events, scale=SCALE)),
        f"{TIMES_ENTITIES} times the hospital": cost_of(make_corpus(asked.events, scale=SCALE * TIMES_ENTITIES)),
    }
    print(f"{'':<26} {'events':>8} {'calls an event':>15} {'ratio':>6} {'us an event':>12} {'ratio':>6}")
    for name, cost in {"a hospital": usual, **more}.items():
        calls, microseconds = cost.calls / usual.calls, cost.microseconds / usual.microseconds
        print(
            f"{name:<26} {cost.events:>8,} {cost.calls:>15,.0f} {calls:>6.2f} "
            f"{cost.microseconds:>12.1f} {microseconds:>6.2f}"
        )


if __name__ == "__main__":
    main()

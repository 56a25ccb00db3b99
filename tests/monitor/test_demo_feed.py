"""The pace of the demo: all before the first incident at once, the rest at the speed that was asked for."""

import asyncio
import threading
from functools import cache

from detectors.events import AccessEvent, Event, event_type
from monitor.demo.feed import MOST_AT_ONCE, Pacer, _paced
from streams.simulator import Label, Simulated, simulate


@cache
def access() -> AccessEvent:
    """Any access: the pace looks at times and labels only."""
    found = (item.event.data for item in simulate(1, 3, 0.004))
    return next(data for data in found if isinstance(data, AccessEvent))


def at(time: float, *, labelled: bool = False) -> Simulated:
    event = Event(id="e", source="s", type=event_type(access()), time=time, data=access())
    return Simulated(event, (Label(scenario="A09", incident="A09-001"),) if labelled else ())


def test_time_begins_with_the_first_label() -> None:
    now = [50.0]
    pacer = Pacer(speed=60.0, clock=lambda: now[0])
    assert pacer.is_due(at(1_000_000.0))
    assert pacer.is_due(at(2_000.0, labelled=True))
    assert not pacer.is_due(at(2_061.0))
    now[0] = 51.0
    assert not pacer.is_due(at(2_061.0))
    assert pacer.is_due(at(2_060.0))
    now[0] = 52.0
    assert pacer.is_due(at(2_061.0))


def test_what_is_due_comes_in_chunks_and_in_order() -> None:
    async def gather() -> list[list[Simulated]]:
        many = (at(float(number)) for number in range(MOST_AT_ONCE + 5))
        return [some async for some in _paced(many, Pacer(1.0), threading.Event())]

    chunks = asyncio.run(gather())
    assert [len(some) for some in chunks] == [MOST_AT_ONCE, 5]
    assert [item.event.time for some in chunks for item in some] == [float(n) for n in range(MOST_AT_ONCE + 5)]


def test_a_stop_ends_the_wait() -> None:
    async def gather() -> list[list[Simulated]]:
        stop = threading.Event()
        waiting = [at(0.0, labelled=True), at(1e9)]
        found = []
        async for some in _paced(waiting, Pacer(1.0), stop):
            found.append(some)
            stop.set()
        return found

    assert [len(some) for some in asyncio.run(gather())] == [1]

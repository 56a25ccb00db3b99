"""What an event costs at each observer, rule and detector, so that a dear one is seen before it is shipped.

    python -m tests.bench.costs [--events N] [--rows N]

The events of `tests.bench.replay`, with a clock of the processor around every part of the stages; what a part calls
that has a clock of its own counts there alone, and the clocks themselves are taken out. Other work on the machine slows
such times only by the caches that it takes.
"""

import argparse
import dataclasses
import functools
import os
import random
import time
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

import msgspec
from msgspec import Struct

from alerting.desk import Desk
from alerting.incident_ids import random_ids
from alerting.store import Store, create_schema, open_engine
from detectors.agenda import Agenda
from detectors.profiles.entries import Codec
from detectors.stage import Stage
from detectors.visit import StageName
from models.daily_budget import DailyBudget
from streams.collector import settle_collector
from streams.replay import TOGETHER, Replay
from tests.bench.pipeline_parts.corpus import PARTITIONS, make_corpus, make_intake, make_stages, train_forests
from tests.bench.pipeline_parts.worker import ALERTS_A_DAY

CORE = 0
PROBES = 200_000


class Spent(Struct):
    """Nanoseconds of the processor spent in one part, how often it was entered, and how often another inside it."""

    nanoseconds: int = 0
    times: int = 0
    inner: int = 0


class Meter:
    """Takes the time of parts that call each other; each moment counts for the innermost."""

    def __init__(self) -> None:
        self.parts: dict[str, Spent] = {}
        self._open: list[Spent] = []
        self._since = 0
        self.is_on = False

    def around(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return what does the same and is timed."""
        spent = self.parts.setdefault(name, Spent())

        @functools.wraps(work)
        def timed(*given: Any, **named: Any) -> Any:
            if not self.is_on:
                return work(*given, **named)
            self._turn(spent)
            spent.times += 1
            try:
                return work(*given, **named)
            finally:
                self._turn(None)

        return timed

    def _turn(self, inner: Spent | None) -> None:
        """Let the clock run for a part that is entered, or again for the one outside."""
        now = time.thread_time_ns()
        if self._open:
            self._open[-1].nanoseconds += now - self._since
            self._open[-1].inner += inner is not None
        if inner is None:
            self._open.pop()
        else:
            self._open.append(inner)
        self._since = time.thread_time_ns()

    def costs(self) -> dict[str, float]:
        """Return the nanoseconds of each part without those that its clock, and the clocks inside it, took."""
        probe = Meter()
        probe.is_on = True
        nothing = probe.around("nothing", lambda: None)
        probe.around("nothings", lambda: [nothing() for _ in range(PROBES)])()
        own, inner = (probe.parts[name].nanoseconds / PROBES for name in ("nothing", "nothings"))
        return {
            name: max(spent.nanoseconds - own * spent.times - inner * spent.inner, 0.0)
            for name, spent in self.parts.items()
        }


def put_clocks(stages: Mapping[StageName, Stage], meter: Meter) -> None:
    """Put a clock around each observer, rule and detector of the stages, and around what is common to all."""
    for stage in stages.values():
        name, room = stage.name, stage._room
        observe = {
            kind: tuple(_watched(observer, name, meter) for observer in observers)
            for kind, observers in room.observe.items()
        }
        stage._room = dataclasses.replace(room, observe=observe, row=meter.around(f"{name}: feature row", room.row))
        agenda = stage._looking._agenda
        items = [
            msgspec.structs.replace(item, ask=meter.around(f"{name}: {item.speaker.name}", item.ask))
            for item in agenda._items
        ]
        stage._looking._agenda = timed_agenda = Agenda(items)
        timed_agenda.of = meter.around("which rules and detectors to ask", timed_agenda.of)  # type: ignore[method-assign]  # a clock
        stage._judge = meter.around(f"{name}: models and fusion", stage._judge)  # type: ignore[method-assign]  # a clock
        stage.step = meter.around(f"{name}: what is left of the step", stage.step)  # type: ignore[method-assign]  # a clock
        for codec in (stage._profiles, stage._days, stage._histograms):
            if codec is not None:
                _watch_codec(codec, meter)


def _watched(observer: Callable[..., None], stage: str, meter: Meter) -> Callable[..., None]:
    """Put a clock around an observer, or around each of those that see accesses at who acted only."""
    if isinstance(observer, functools.partial):
        inner = tuple(_watched(one, stage, meter) for one in observer.args[0])
        return functools.partial(observer.func, inner)
    module = observer.__module__.removeprefix("detectors.stages.")
    return meter.around(f"{stage}: {module}.{observer.__name__}", observer)


def _watch_codec(codec: Codec[Any], meter: Meter) -> None:
    codec.decode = meter.around("profiles: decode", codec.decode)  # type: ignore[method-assign]  # a clock
    codec.encode = meter.around("profiles: encode", codec.encode)  # type: ignore[method-assign]  # a clock


def show(meter: Meter, events: int, rows: int) -> None:
    """Print what each part costs, the dearest first; parts that were never entered are counted only."""
    costs = {name: nanoseconds / 1e3 / events for name, nanoseconds in meter.costs().items()}
    total = sum(costs.values())
    print(f"{total:.1f} us an event in the parts below; load {os.getloadavg()[0]:.1f}\n")
    print(f"{'part':<58} {'us an event':>12} {'entered':>10} {'us each':>8} {'share':>6}")
    ordered = sorted(costs, key=lambda name: -costs[name])
    for name in ordered[:rows]:
        times = meter.parts[name].times
        each = costs[name] * events / max(times, 1)
        print(f"{name:<58} {costs[name]:>12.2f} {times:>10,} {each:>8.2f} {costs[name] / total:>6.1%}")
    others = sum(costs[name] for name in ordered[rows:])
    idle = sum(spent.times == 0 for spent in meter.parts.values())
    print(f"{f'{max(len(ordered) - rows, 0)} others, of which {idle} were never asked':<58} {others:>12.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--rows", type=int, default=40, help="parts to show, the dearest first")
    asked = parser.parse_args()
    os.sched_setaffinity(0, {CORE})
    corpus = make_corpus(asked.events)
    stages = make_stages(train_forests(corpus))
    settle_collector()
    meter = Meter()
    put_clocks(stages, meter)
    engine = open_engine("sqlite://")
    create_schema(engine)
    ids = random_ids(random.Random(1))
    desk = Desk(Store(engine), clock=time.time, incident_ids=ids, budget=DailyBudget(ALERTS_A_DAY))

    def begin() -> list[bytes]:
        meter.is_on = True
        return []

    intake = make_intake()
    intake.admit = meter.around("intake", intake.admit)  # type: ignore[method-assign]  # a clock
    desk.handle = meter.around("desk", desk.handle)  # type: ignore[method-assign]  # a clock
    lines = chain(corpus.context, chain.from_iterable(part() for part in (begin, lambda: corpus.events)))
    Replay(intake, stages, desk, PARTITIONS, together=TOGETHER).run(lines)
    engine.dispose()
    show(meter, len(corpus.events), asked.rows)


if __name__ == "__main__":
    main()

"""Events per second of a replay on one core, and where the time goes.

    python -m tests.bench.replay [--events N] [--runs N] [--python-collector]

All rules, detectors and models over the same events as `tests.bench.pipeline`, context first. The clock runs over the
events alone; the desk keeps incidents and ledger in an SQLite in memory, as `wardwatch replay` does.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from msgspec import Struct

from alerting.commands import RecordFindings, RecordLedger, RetractFindings
from alerting.desk import Desk
from alerting.incident_ids import random_ids
from alerting.store import Store, create_schema, open_engine
from detectors.scoring import StageModels
from detectors.stage import Stage, StageResult
from detectors.visit import STAGES, Arrival, StageName
from models.daily_budget import DailyBudget
from streams.collector import settle_collector
from streams.emulation import Steps
from streams.intake import Intake, IntakeResult
from streams.records import SourceRecord
from streams.replay import TOGETHER, Replay
from tests.bench.pipeline_parts.corpus import (
    PARTITIONS,
    Corpus,
    Forests,
    make_corpus,
    make_intake,
    make_stages,
    train_forests,
)
from tests.bench.pipeline_parts.worker import ALERTS_A_DAY

Answer = TypeVar("Answer")
CORE = 0


class Spent(Struct):
    """Seconds of the processor spent in one part, over how many items."""

    seconds: float = 0.0
    items: int = 0


class Watch:
    """Adds up what each part costs."""

    def __init__(self) -> None:
        self.parts: dict[str, Spent] = {}

    def time(self, part: str, items: int, work: Callable[[], Answer]) -> Answer:
        """Do the work, and add its time to the part."""
        began = time.process_time()
        answer = work()
        spent = self.parts.setdefault(part, Spent())
        spent.seconds += time.process_time() - began
        spent.items += items
        return answer


class TimedIntake(Intake):
    """An intake whose time is taken."""

    def __init__(self, intake: Intake, watch: Watch) -> None:
        super().__init__(intake._tokeniser)
        self._watch = watch

    def admit(self, records: Sequence[SourceRecord]) -> IntakeResult:
        return self._watch.time("intake", len(records), lambda: super(TimedIntake, self).admit(records))


class TimedStage:
    """A stage whose time is taken; its items are visits."""

    def __init__(self, stage: Stage, watch: Watch) -> None:
        self._stage = stage
        self.peers = stage.peers
        self._watch = watch

    def new_models(self) -> StageModels:
        return self._stage.new_models()

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        visits = sum(len(arrival.batch.visits) for arrival in arrivals)
        return self._watch.time(
            f"{self._stage.name} stage", visits, lambda: self._stage.step(profiles, models, arrivals, now)
        )


class TimedDesk(Desk):
    """A desk whose time is taken; its items are commands."""

    watch: Watch

    def handle(self, command: RecordFindings | RetractFindings | RecordLedger) -> object:  # type: ignore[override]  # a replay knows no others
        return self.watch.time("desk", 1, lambda: super(TimedDesk, self).handle(command))


class Run(Struct):
    """One replay: seconds of the clock and of the processor, and what the parts took."""

    seconds: float
    cpu_seconds: float
    parts: dict[str, Spent]


def run(corpus: Corpus, forests: Forests) -> Run:
    """Replay context and events."""
    watch = Watch()
    engine = open_engine("sqlite://")
    create_schema(engine)
    desk = TimedDesk(
        Store(engine), clock=time.time, incident_ids=random_ids(random.Random(1)), budget=DailyBudget(ALERTS_A_DAY)
    )
    desk.watch = watch
    stages: dict[StageName, Steps] = {name: TimedStage(stage, watch) for name, stage in make_stages(forests).items()}
    begun: list[float] = []

    def begin() -> Sequence[bytes]:
        watch.parts.clear()
        begun.extend((time.perf_counter(), time.process_time()))
        return ()

    lines = chain(corpus.context, chain.from_iterable(part() for part in (begin, lambda: corpus.events)))
    replay = Replay(TimedIntake(make_intake(), watch), stages, desk, PARTITIONS, together=TOGETHER)
    result = replay.run(lines)
    wall, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
    engine.dispose()
    if not result.ledger.is_balanced or result.failures or result.ledger.dead_letters:
        message = f"the replay went wrong: {result.failures}, {result.ledger.dead_letters}"
        raise SystemExit(message)
    return Run(wall, cpu, watch.parts)


def show(events: int, runs: Sequence[Run]) -> None:
    """Print rates and the parts of the median run."""
    median = sorted(runs, key=lambda each: each.cpu_seconds)[len(runs) // 2]
    rates = ", ".join(f"{events / each.seconds:,.0f} ({events / each.cpu_seconds:,.0f})" for each in runs)
    print(
        f"events/s (per CPU-second): {rates}; median {events / statistics.median(each.seconds for each in runs):,.0f}"
    )
    parts = {**median.parts}
    rest = median.cpu_seconds - sum(spent.seconds for spent in parts.values())
    print(f"\n{'part':<18} {'us an event':>12} {'items':>9} {'us an item':>11} {'share':>7}")
    for name in ("intake", *(f"{stage} stage" for stage in STAGES), "desk"):
        spent = parts.get(name, Spent())
        print(
            f"{name:<18} {spent.seconds / events * 1e6:>12.1f} {spent.items:>9,} "
            f"{spent.seconds / max(spent.items, 1) * 1e6:>11.1f} {spent.seconds / median.cpu_seconds:>7.0%}"
        )
    print(f"{'everything else':<18} {rest / events * 1e6:>12.1f} {'':>9} {'':>11} {rest / median.cpu_seconds:>7.0%}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=120_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--python-collector", action="store_true", help="leave the garbage collector as Python sets it")
    asked = parser.parse_args()
    os.sched_setaffinity(0, {CORE})
    corpus = make_corpus(asked.events)
    forests = train_forests(corpus)
    if not asked.python_collector:
        settle_collector()
    print(f"{len(corpus.events):,} events, {corpus.transactions:,} of them transactions; load {os.getloadavg()[0]:.1f}")
    show(len(corpus.events), [run(corpus, forests) for _ in range(asked.runs)])


if __name__ == "__main__":
    main()

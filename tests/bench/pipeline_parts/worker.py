"""One worker as `monitor.build` composes it, pinned to a core, which takes the time.

python -m tests.bench.pipeline_parts.worker SETTINGS
"""

import logging
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import overload

import msgspec
from msgspec import Struct

from alerting.commands import RecordFindings, RecordLedger, RetractFindings
from alerting.desk import Desk
from alerting.feedback.teaching import TakeVerdict
from alerting.incident_ids import random_ids
from alerting.store import Store, create_schema, open_engine
from models.daily_budget import DailyBudget
from streams.app import create_app
from streams.collector import settle_collector
from streams.config import EngineConfig
from streams.observer import NullObserver
from streams.topics import TopicPlan
from streams.worker import run_worker
from tests.bench.pipeline_parts.corpus import make_intake, make_stages, unpack_forests

ALERTS_A_DAY = 25


class WorkerSettings(Struct):
    """What a worker is told. `expected` events, by ledger, are waited for before the report is written."""

    bootstrap: str
    prefix: str
    partitions: int
    folder: str
    forests: str
    report: str
    core: int
    expected: int


class Report(Struct):
    """From the first event consumed until the ledger was complete: seconds of the clock and of the processor.

    `mebibytes` are the most that were resident; `steps` holds per agent: batches, events, seconds from the first look
    at a batch until it was acknowledged.
    """

    seconds: float
    cpu_seconds: float
    mebibytes: float
    outcomes: dict[str, int]
    steps: dict[str, tuple[int, int, float]]


class Stopwatch(NullObserver):
    """Starts with the first batch of the intake, and stops when the desk has counted all events."""

    def __init__(self, desk: Desk, expected: int, finish: Callable[[Report], None], up: Path) -> None:
        self._desk = desk
        self._up = up
        self._expected = expected
        self._finish = finish
        self._began: tuple[float, float] | None = None
        self._outcomes: Counter[str] = Counter()
        self._steps: dict[str, tuple[int, int, float]] = {}

    def ready(self, is_ready: bool) -> None:
        """Say on the disk that the worker is up: its tables are recovered."""
        if is_ready:
            self._up.touch()

    def step(self, agent: str, seconds: float, events: int) -> None:
        """Begin, and add up."""
        if self._began is None:
            self._began = time.perf_counter() - seconds, time.process_time() - seconds
        batches, so_far, lasted = self._steps.get(agent, (0, 0, 0.0))
        self._steps[agent] = batches + 1, so_far + events, lasted + seconds

    @overload
    def handle(self, command: RecordFindings) -> object: ...
    @overload
    def handle(self, command: RetractFindings) -> object: ...
    @overload
    def handle(self, command: RecordLedger) -> object: ...
    @overload
    def handle(self, command: TakeVerdict) -> object: ...
    def handle(self, command: RecordFindings | RetractFindings | RecordLedger | TakeVerdict) -> object:
        """Hand a command to the desk, and finish when nothing is missing."""
        answer: object = self._desk.handle(command)
        if isinstance(command, RecordLedger):
            for entry in command.entries:
                for row in entry.rows:
                    self._outcomes[row.outcome] += row.n
            done = self._outcomes.total() - self._outcomes["received"]
            if self._began is not None and done >= self._expected:
                wall, cpu = time.perf_counter() - self._began[0], time.process_time() - self._began[1]
                mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                self._finish(Report(wall, cpu, mebibytes, dict(self._outcomes), dict(self._steps)))
        return answer


def main(settings: WorkerSettings) -> int:
    """Run until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    os.sched_setaffinity(0, {settings.core})
    folder = Path(settings.folder)
    config = EngineConfig(
        bootstrap=settings.bootstrap,
        datadir=folder / "tables",
        plan=TopicPlan(prefix=settings.prefix, partitions=settings.partitions),
        session_timeout=10.0,
        rebalance_timeout=10.0,
    )
    engine = open_engine(f"sqlite:///{folder / 'desk.sqlite'}")
    create_schema(engine)
    desk = Desk(
        Store(engine),
        clock=time.time,
        incident_ids=random_ids(random.Random(1)),
        budget=DailyBudget(ALERTS_A_DAY),
    )
    report = Path(settings.report)

    def finish(found: Report) -> None:
        written = report.with_suffix(".part")
        written.write_bytes(msgspec.json.encode(found))
        written.rename(report)

    settle_collector()
    stages = make_stages(unpack_forests(Path(settings.forests).read_bytes()))
    stopwatch = Stopwatch(desk, settings.expected, finish, report.with_suffix(".up"))
    app = create_app(config, make_intake(), stages, stopwatch, observer=stopwatch)
    return run_worker(app, stop_seconds=config.stop_seconds)


if __name__ == "__main__":
    sys.exit(main(msgspec.json.decode(sys.argv[1], type=WorkerSettings)))

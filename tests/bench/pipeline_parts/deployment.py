"""One deployment on a broker, for the benchmarks of the pipeline: topics, context, and workers on a core of theirs."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import msgspec

from alerting.store import Store, Totals, open_engine
from alerting.store.ledger_rows import ledger_totals
from streams.ingest import ingest
from streams.topic_admin import create_topics
from streams.topics import TopicPlan
from tests.bench.pipeline_parts.corpus import PARTITIONS, make_intake
from tests.bench.pipeline_parts.worker import Report, WorkerSettings
from tests.services.child import end, spawn, tail

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 600.0


def start(module: str, argument: str, log: Path) -> subprocess.Popen[bytes]:
    """Start a module of ours as a process that cannot outlive this one."""
    return spawn(["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", module, argument], log=log)


def wait_until(holds: Callable[[], bool], log: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait; where it takes too long, or the process ended, end with what the process said last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline or process.poll() not in (None, 0):
            message = f"{log.stem} did not do its work:\n{tail(log)}"
            raise SystemExit(message)
        time.sleep(0.05)


class Deployment:
    """Topics of a prefix of its own, and at most one worker at a time, on the given core."""

    def __init__(self, bootstrap: str, folder: Path, forests: Path, core: int) -> None:
        self.folder = folder
        self.folder.mkdir()
        self.plan = TopicPlan(prefix=f"{folder.name}.", partitions=PARTITIONS)
        self.bootstrap = bootstrap
        self._forests = forests
        self._core = core
        self._worker: subprocess.Popen[bytes] | None = None
        self._workers = 0
        create_topics(bootstrap, self.plan.topics())

    @property
    def log(self) -> Path:
        """What the worker says."""
        return self.folder / "worker.log"

    def ingest(self, lines: Sequence[bytes]) -> None:
        """Publish lines to the source topics."""
        asyncio.run(ingest(lines, make_intake(), self.bootstrap, self.plan))

    def start_worker(self, expected: int) -> None:
        """Start a worker that reports when the ledger has so many more events."""
        self._workers += 1
        settings = WorkerSettings(
            bootstrap=self.bootstrap,
            prefix=self.plan.prefix,
            partitions=self.plan.partitions,
            folder=str(self.folder),
            forests=str(self._forests),
            report=str(self._report),
            core=self._core,
            expected=expected,
        )
        self._worker = start("tests.bench.pipeline_parts.worker", msgspec.json.encode(settings).decode(), self.log)

    def wait_until_up(self) -> None:
        """Wait until the worker has recovered its tables and consumes."""
        assert self._worker is not None
        wait_until(self._report.with_suffix(".up").exists, self.log, self._worker)

    def wait_for_report(self) -> Report:
        """Wait until the worker has done what it was started for."""
        assert self._worker is not None
        wait_until(self._report.exists, self.log, self._worker)
        return msgspec.json.decode(self._report.read_bytes(), type=Report)

    def stop_worker(self) -> None:
        """End the worker as an operator would."""
        if self._worker is not None:
            end(self._worker, how=signal.SIGTERM)
            self._worker = None

    def apply(self, context: Sequence[bytes]) -> Report:
        """Publish context, and have a worker apply it."""
        self.ingest(context)
        self.start_worker(len(context))
        report = self.wait_for_report()
        self.stop_worker()
        return report

    def ledger(self) -> Totals:
        """Return what the desk's store says of all sources together."""
        engine = open_engine(f"sqlite:///{self.folder / 'desk.sqlite'}")
        totals = Totals()
        with Store(engine).reading() as connection:
            for each in ledger_totals(connection).values():
                totals.include(each)
        engine.dispose()
        return totals

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._worker is not None:
            end(self._worker, how=signal.SIGKILL)

    @property
    def _report(self) -> Path:
        return self.folder / f"report-{self._workers}.json"

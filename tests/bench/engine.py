"""What the engine itself costs: the chain intake → patient → user with stages that only count, stock and fast drain.

    python -m tests.bench.engine [--events 100000] [--partitions 4] [--broker kafka|embedded|HOST:PORT]

All events lie on the source topic before a worker starts, so nothing else runs beside it. `events/s` is from the first
batch admitted to the last event scored; `CPU µs` is the worker's own processor time for one event, both stages,
findings, ledger, changelogs and commits included.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaProducer  # type: ignore[import-untyped]  # no py.typed
from msgspec import Raw

from alerting.commands import RecordFindings, RecordLedger, RetractFindings
from alerting.feedback.teaching import TakeVerdict
from alerting.ledger import LedgerEntry, LedgerRow
from detectors.result import StageResult
from detectors.scoring import StageModels
from detectors.stage import Stage
from detectors.visit import Arrival, Batch, StageName, Stop, Visit, origin
from streams.app import create_app
from streams.config import EngineConfig
from streams.embedded import EmbeddedBroker
from streams.intake import IntakeResult
from streams.observer import NullObserver
from streams.records import SourceRecord
from streams.topic_admin import create_topics
from streams.topics import TopicPlan
from streams.worker import run_worker
from tests.services.kafka import KafkaServer
from tests.streams.engine.parts import CountingModels

PATIENTS, USERS = 20_000, 1_000


class Counting(Stage):
    """One small profile per entity: the least that a stage can do."""

    def __init__(self, name: StageName) -> None:
        self.name = name

    def new_models(self) -> CountingModels:
        return CountingModels()

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        result = StageResult()
        counts: dict[str, int] = {}
        for arrival in arrivals:
            onward: list[Visit] = []
            for visit in arrival.batch.visits:
                ref = visit.stop.ref
                counts[ref] = counts.get(ref, 0) + 1
                if not visit.is_last:
                    visit.at += 1
                    onward.append(visit)
            scored = len(arrival.batch.visits) - len(onward)
            if onward:
                result.onward.append(Batch(origin(self.name, arrival.partition), arrival.offset, onward))
            if scored:
                result.rows.append(LedgerRow(arrival.offset, arrival.offset, "bench", 0, "scored", scored))
        for ref, count in counts.items():
            before = profiles.get(ref)
            total = count + (msgspec.msgpack.decode(before, type=list[int])[0] if before else 0)
            result.profiles[ref] = msgspec.msgpack.encode([total] * 20)
        return result


class Reading:
    """The least that an intake can do."""

    def admit(self, records: Sequence[SourceRecord]) -> IntakeResult:
        result = IntakeResult()
        for record in records:
            patient, user = msgspec.json.decode(record.value or b"", type=dict[str, str | int])["refs"].split()  # type: ignore[union-attr]  # a text, as this script sent it
            stops = [Stop("patient", patient), Stop("user", user)]
            event_id = f"{record.partition}-{record.offset}"
            data = Raw(msgspec.msgpack.encode(record.value))
            result.visits.append(Visit(event_id, "bench", "bench", 0.0, record.timestamp, data, stops))
        first, last = records[0], records[-1]
        rows = [LedgerRow(first.offset, last.offset, "bench", 0, "received", len(records))]
        result.entries.append(LedgerEntry(first.topic, first.partition, rows))
        return result


class Nowhere:
    """A desk that forgets."""

    def handle(self, command: RecordFindings | RetractFindings | RecordLedger | TakeVerdict) -> object:
        return None


class Stopwatch(NullObserver):
    """Measures from the first batch to the last event, then stops the worker."""

    def __init__(self, events: int) -> None:
        self._events = events
        self._scored = 0
        self._began: tuple[float, float] | None = None

    def step(self, agent: str, seconds: float, events: int) -> None:
        if self._began is None:
            self._began = time.monotonic() - seconds, time.process_time()

    def events(self, agent: str, outcome: str, n: int) -> None:
        self._scored += n * (outcome == "scored")
        if self._scored == self._events and outcome == "scored" and self._began is not None:
            elapsed, cpu = time.monotonic() - self._began[0], time.process_time() - self._began[1]
            print(json.dumps({"elapsed": elapsed, "cpu": cpu}), flush=True)
            os.kill(os.getpid(), signal.SIGTERM)


def work(bootstrap: str, prefix: str, partitions: int, events: int, fast_drain: bool) -> int:
    plan = TopicPlan(prefix=prefix, partitions=partitions)
    with tempfile.TemporaryDirectory() as folder:
        config = EngineConfig(
            bootstrap=bootstrap,
            datadir=Path(folder),
            app_id=f"bench-{uuid.uuid4().hex[:8]}",
            plan=plan,
            fast_drain=fast_drain,
            session_timeout=6.0,
            rebalance_timeout=5.0,
            heartbeat_interval=1.0,
        )
        stages: dict[StageName, Stage] = {"patient": Counting("patient"), "user": Counting("user")}
        app = create_app(config, Reading(), stages, Nowhere(), observer=Stopwatch(events))
        return run_worker(app, stop_seconds=config.stop_seconds)


async def fill(bootstrap: str, topic: str, partitions: int, events: int) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, max_batch_size=131_072) as producer:
        for number in range(events):
            refs = f"pat-{number * 7919 % PATIENTS:032x} usr-{number * 104_729 % USERS:032x}"
            value = json.dumps({"refs": refs, "action": "open", "padding": "x" * 60}).encode()
            await producer.send(topic, value, partition=number % partitions)


@contextmanager
def broker(wanted: str) -> Iterator[str]:
    if ":" in wanted:
        yield wanted
    elif wanted == "embedded":
        with EmbeddedBroker() as embedded:
            yield embedded.bootstrap
    else:
        with KafkaServer() as kafka:
            yield kafka.bootstrap


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--broker", default="kafka")
    given = parser.parse_args()
    print(f"{'drain':6} {'events/s':>10} {'CPU µs an event':>16}")
    with broker(given.broker) as bootstrap:
        for fast_drain in (False, True):
            prefix = f"bench-{uuid.uuid4().hex[:8]}-"
            plan = TopicPlan(prefix=prefix, partitions=given.partitions)
            create_topics(bootstrap, plan.topics())
            asyncio.run(fill(bootstrap, plan.name("access.events"), given.partitions, given.events))
            arguments = [bootstrap, prefix, str(given.partitions), str(given.events), str(int(fast_drain))]
            ended = subprocess.run(
                [sys.executable, "-m", "tests.bench.engine", "--worker", *arguments],
                capture_output=True,
                text=True,
                check=True,
            )
            measured = json.loads(ended.stdout)
            rate, cost = given.events / measured["elapsed"], measured["cpu"] / given.events * 1e6
            print(f"{'fast' if fast_drain else 'stock':6} {rate:10,.0f} {cost:16.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        address, topics, partitions, events, fast = sys.argv[2:]
        with contextlib.suppress(KeyboardInterrupt):
            sys.exit(work(address, topics, int(partitions), int(events), fast == "1"))
    else:
        main()

"""A broker, workers as processes, inputs, and what must hold in the end."""

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition  # type: ignore[import-untyped]  # no py.typed

from detectors.visit import STAGES, StageName
from streams.records import DeadLetter
from streams.topic_admin import create_topics
from streams.topics import DEADLETTERS, TopicPlan
from tests.services.child import end, spawn, tail
from tests.streams.engine.parts import FileDesk, Tally, id_of_finding, is_reported

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 60.0

ITINERARIES: tuple[tuple[StageName, ...], ...] = (
    ("patient", "user"),
    ("patient", "provider"),
    ("patient", "instrument", "instrument", "user"),
    ("user",),
)

Input = tuple[str, bytes]
"""A source topic, without prefix, and a value."""


@dataclass
class Expected:
    """What the inputs must come to: events by entity, findings, and how many were received."""

    tallies: dict[StageName, dict[str, Counter[str]]] = field(default_factory=lambda: {name: {} for name in STAGES})
    findings: set[str] = field(default_factory=set)
    received: int = 0


def make_inputs(n: int, seed: int, first: int = 0) -> tuple[list[Input], Expected]:
    """Return `n` events with random itineraries through 50 entities of each stage, and what they must come to."""
    rng = random.Random(seed)
    expected = Expected(received=n)
    inputs: list[Input] = []
    for number in range(first, first + n):
        event_id = f"event-{number}"
        itinerary = rng.choice(ITINERARIES)
        refs = [f"{stage}-{place}-{rng.randrange(25)}" for place, stage in enumerate(itinerary)]
        for at, (stage, ref) in enumerate(zip(itinerary, refs, strict=True)):
            expected.tallies[stage].setdefault(ref, Counter())[event_id] += 1
            if is_reported(stage, event_id, at):
                expected.findings.add(id_of_finding(stage, event_id, at))
        value = json.dumps({"id": event_id, "stops": list(zip(itinerary, refs, strict=True))}).encode()
        inputs.append((rng.choice(("access.events", "billing.transactions")), value))
    return inputs, expected


class Rig:
    """One deployment on a broker: its topics, its desk's file, and its workers."""

    def __init__(self, bootstrap: str, prefix: str, folder: Path, *, partitions: int = 4, **settings: object) -> None:
        self.bootstrap = bootstrap
        self.plan = TopicPlan(prefix=prefix, partitions=partitions)
        self.folder = folder
        self.desk = FileDesk(folder / "desk.sqlite")
        self.settings: dict[str, object] = {
            "bootstrap": bootstrap,
            "prefix": prefix,
            "partitions": partitions,
            "desk": str(folder / "desk.sqlite"),
            "store": "memory://",
            "standby_replicas": 0,
            "consistency_check": True,
            "fast_drain": True,
            "session_timeout": 6.0,
            "snapshot_seconds": 0.5,
            "intake_records": 100,
            "seconds_per_step": 0.0,
            **settings,
        }
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self.exits: list[int] = []
        create_topics(bootstrap, self.plan.topics())

    def start(self, name: str = "worker", **settings: object) -> None:
        """Start a worker; its name is that of its data directory."""
        (self.folder / name / "ready").unlink(missing_ok=True)
        given = {**self.settings, "datadir": str(self.folder / name), **settings}
        command = [sys.executable, "-m", "tests.streams.engine.worker", json.dumps(given)]
        started = ["env", f"PYTHONPATH={ROOT}", *command]
        self._workers[name] = spawn(started, log=self.log(name))

    def tend(self, *names: str, **settings: object) -> None:
        """Start those of these workers that do not run, as a supervisor does, and take down how they ended."""
        for name in names:
            process = self._workers.get(name)
            if process is None or process.poll() is not None:
                if process is not None:
                    self.exits.append(process.returncode)
                self.start(name, **settings)

    def log(self, name: str = "worker") -> Path:
        return self.folder / f"{name}.log"

    def wait_until_ready(self, name: str = "worker") -> None:
        self.wait_until((self.folder / name / "ready").exists, f"{name} is not ready")

    def diary(self, name: str = "worker") -> dict[str, dict[str, float]]:
        """Return what the worker's engine has told about itself, a second ago at most while it runs."""
        path = self.folder / name / "diary.json"
        told: dict[str, dict[str, float]] = json.loads(path.read_text() or "{}") if path.exists() else {}
        return told

    def kill(self, name: str = "worker") -> None:
        """End a worker as a crash would."""
        end(self._workers.pop(name), how=signal.SIGKILL)

    def signal(self, how: signal.Signals, name: str = "worker") -> None:
        self._workers[name].send_signal(how)

    def stop(self, name: str = "worker") -> int:
        """End a worker as an operator would, and return its exit code."""
        process = self._workers.pop(name)
        end(process, how=signal.SIGTERM)
        return process.returncode

    def exit_code(self, name: str = "worker") -> int | None:
        """Return a worker's exit code, None while it lives."""
        return self._workers[name].poll()

    def close(self) -> None:
        for name in list(self._workers):
            self.kill(name)

    def send(self, inputs: Sequence[Input], partition_by: Callable[[int], int] | None = None) -> None:
        """Send inputs and wait until the broker has them."""
        asyncio.run(self._send([(self.plan.name(topic), value) for topic, value in inputs], partition_by))

    def send_to(self, topic: str, partition: int, value: bytes) -> None:
        """Send one record to a partition of a topic of ours."""
        asyncio.run(self._send([(topic, value)], lambda _: partition))

    async def _send(self, inputs: Sequence[Input], partition_by: Callable[[int], int] | None) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, linger_ms=5) as producer:
            choose = partition_by or (lambda number: number % self.plan.partitions)
            sent = [
                await producer.send(topic, value, partition=choose(number))
                for number, (topic, value) in enumerate(inputs)
            ]
            await asyncio.gather(*sent)

    def records(self, topic: str) -> list[tuple[int, bytes | None, bytes | None]]:
        """Return partition, key and value of everything on a topic."""
        return asyncio.run(self._records(topic))

    async def _records(self, topic: str) -> list[tuple[int, bytes | None, bytes | None]]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        async with consumer:
            places = [TopicPartition(topic, partition) for partition in range(self.plan.partitions)]
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            found: list[tuple[int, bytes | None, bytes | None]] = []
            for place in places:
                while await consumer.position(place) < ends[place]:
                    for record in (await consumer.getmany(place, timeout_ms=500)).get(place, []):
                        found.append((record.partition, record.key, record.value))
            return found

    def table(self, stage: StageName) -> dict[str, bytes]:
        """Return the entries of a stage's table as its changelog has them."""
        entries: dict[str, bytes] = {}
        for _, key, value in self.records(self.plan.table(stage)):
            assert key is not None
            if value is None:
                entries.pop(key.decode(), None)
            else:
                entries[key.decode()] = value
        return entries

    def tallies(self, stage: StageName) -> dict[str, Counter[str]]:
        """Return how often each entity of a stage has met each event, models aside."""
        return {
            ref: Counter(msgspec.msgpack.decode(value, type=Tally).ids)
            for ref, value in self.table(stage).items()
            if not ref.startswith("#")
        }

    def models(self, stage: StageName) -> int:
        """Return how many visits the models of a stage have seen, as their snapshots have it."""
        return sum(
            msgspec.msgpack.decode(value, type=int)
            for ref, value in self.table(stage).items()
            if ref.startswith("#models/")
        )

    def letters(self) -> list[DeadLetter]:
        """Return all dead letters."""
        return [DeadLetter.decode(value or b"") for _, _, value in self.records(self.plan.name(DEADLETTERS))]

    def wait_until(self, holds: Callable[[], bool], otherwise: str, patience: float = PATIENCE_SECONDS) -> None:
        """Wait for a condition, with a look at the workers' logs where it does not come."""
        deadline = time.monotonic() + patience
        while not holds():
            if time.monotonic() > deadline:
                logs = "\n".join(tail(log) for log in sorted(self.folder.glob("*.log")))
                message = f"{otherwise}\n{logs}"
                raise AssertionError(message)
            time.sleep(0.05)

    def is_balanced(self, expected: Expected) -> bool:
        """Return whether every event received is accounted for, and every finding is with the desk."""
        ledger = self.desk.ledger()
        done = sum(n for outcome, n in ledger.items() if outcome != "received")
        return done >= expected.received and set(self.desk.findings()) >= expected.findings

    def wait_until_balanced(self, expected: Expected) -> None:
        """Wait until every event received is accounted for, and every finding is with the desk."""
        self.wait_until(
            lambda: self.is_balanced(expected),
            f"not balanced: {self.desk.ledger()}, {len(self.desk.findings())} findings",
        )

    def check(self, expected: Expected) -> None:
        """Check, to the event, tables, findings and ledger."""
        assert self.desk.ledger() == {"received": expected.received, "scored": expected.received}
        assert set(self.desk.findings()) == expected.findings
        for stage in STAGES:
            assert self.tallies(stage) == _once(expected.tallies[stage])


def _once(tallies: Mapping[str, Counter[str]]) -> dict[str, Counter[str]]:
    """An entity remembers an event once, however often it stands in its itinerary."""
    return {ref: Counter(dict.fromkeys(events, 1)) for ref, events in tallies.items()}


def merged(*parts: Expected) -> Expected:
    """Return what several sets of inputs must come to together."""
    whole = Expected()
    for part in parts:
        whole.received += part.received
        whole.findings |= part.findings
        for stage, tallies in part.tallies.items():
            for ref, events in tallies.items():
                whole.tallies[stage].setdefault(ref, Counter()).update(events)
    return whole

"""A whole deployment for a test: topics, workers as processes, an incident store, and practice providers to notify."""

import asyncio
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition  # type: ignore[import-untyped]  # no py.typed
from sqlalchemy import select

from alerting.incidents import Incident
from alerting.practice.pagerduty import PracticePagerDuty
from alerting.practice.slack import PracticeSlack
from alerting.store import Ledger, Store, create_schema, open_engine
from alerting.store.schema import FINDINGS as FINDING_ROWS
from detectors.finding import Finding
from streams.deadletters import read_letters
from streams.embedded import free_port
from streams.ingest import ingest
from streams.intake import Intake
from streams.parcels import decode_findings
from streams.records import DeadLetter
from streams.simulator.service_minutes import as_csv
from streams.topic_admin import create_topics
from streams.topics import FINDINGS, TopicPlan
from tests.acceptance.world import TOKEN_KEY, tokeniser
from tests.services.child import end, spawn, tail

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 90.0
SLACK_TOKEN = "xoxb-practice"
ROUTING_KEY = "0123456789abcdef0123456789abcdef"
PUBLIC_URL = "https://wardwatch.example.org"
POLL_SECONDS = 0.1
IDLE_LOOKS = 20
"""Looks without a change, over two seconds: the worker tells its lag every second."""


class Site:
    """One deployment on a broker. Workers share its folder for logs; each has a data folder of its own."""

    def __init__(
        self, bootstrap: str, folder: Path, database: str, *, partitions: int = 4, alerts_per_day: float = 1_000.0
    ) -> None:
        self.bootstrap = bootstrap
        self.folder = folder
        self.plan = TopicPlan(prefix=f"test-{uuid4().hex[:12]}-", partitions=partitions)
        self.slack = PracticeSlack(SLACK_TOKEN)
        self.pagerduty = PracticePagerDuty(ROUTING_KEY)
        self.minutes = folder / "minutes.csv"
        self.minutes.write_text(as_csv())
        self._engine = open_engine(database)
        create_schema(self._engine)
        self.store = Store(self._engine)
        self.environment = {
            "WARDWATCH_BROKER": bootstrap,
            "WARDWATCH_TOPIC_PREFIX": self.plan.prefix,
            "WARDWATCH_PARTITIONS": str(partitions),
            "WARDWATCH_DATABASE_URL": database,
            "WARDWATCH_TOKEN_KEY": TOKEN_KEY.hex(),
            "WARDWATCH_SERVICE_MINUTES": str(self.minutes),
            "WARDWATCH_ALERTS_PER_DAY": f"{alerts_per_day:g}",
            "WARDWATCH_PUBLIC_URL": PUBLIC_URL,
            "WARDWATCH_SLACK_TOKEN": SLACK_TOKEN,
            "WARDWATCH_SLACK_CHANNEL": self.slack.channel,
            "WARDWATCH_SLACK_URL": f"{self.slack.url}/api/",
            "WARDWATCH_PAGERDUTY_ROUTING_KEY": ROUTING_KEY,
            "WARDWATCH_PAGERDUTY_URL": self.pagerduty.url,
            "WARDWATCH_SESSION_TIMEOUT": "6",
            "WARDWATCH_REBALANCE_TIMEOUT": "5",
            "WARDWATCH_COMMIT_INTERVAL": "0.5",
            "WARDWATCH_LOG_LEVEL": "debug",
        }
        self._worker: subprocess.Popen[bytes] | None = None
        self._port = 0
        create_topics(bootstrap, self.plan.topics())

    def __enter__(self) -> Self:
        self.slack.__enter__()
        self.pagerduty.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()
        self.pagerduty.__exit__(kind, error, traceback)
        self.slack.__exit__(kind, error, traceback)
        self._engine.dispose()

    def start(self, *arguments: str, **settings: str) -> None:
        """Start a worker, with arguments of `tests.acceptance.worker` and settings by the name of their variable."""
        self._port = free_port()
        given = {
            **self.environment,
            "WARDWATCH_HEALTH_PORT": str(self._port),
            "WARDWATCH_DATA_DIR": str(self.folder / "worker"),
            **settings,
        }
        variables = [f"{name}={value}" for name, value in given.items()]
        command = [sys.executable, "-m", "tests.acceptance.worker", *arguments]
        self._worker = spawn(["env", f"PYTHONPATH={ROOT}", *variables, *command], log=self.log)

    @property
    def log(self) -> Path:
        """Everything that the workers wrote to their standard output and error."""
        return self.folder / "worker.log"

    def wait_until_ready(self) -> None:
        """Wait until the worker says that it processes events."""
        self.wait_until(self._is_ready, "the worker is not ready")

    def kill(self) -> None:
        """End the worker as a crash would."""
        if self._worker is not None:
            end(self._worker, how=signal.SIGKILL)
            self._worker = None

    def stop(self) -> int:
        """End the worker as an operator would, and return its exit code."""
        assert self._worker is not None
        end(self._worker, how=signal.SIGTERM)
        code, self._worker = self._worker.returncode, None
        return code

    @property
    def is_alive(self) -> bool:
        """Whether the worker that was started last still runs."""
        return self._worker is not None and self._worker.poll() is None

    def publish(self, lines: Iterable[bytes]) -> int:
        """Send lines as `wardwatch ingest` does, and return how many the broker has."""
        return asyncio.run(ingest(lines, Intake(tokeniser()), self.bootstrap, self.plan)).published

    def publish_raw(self, topic: str, value: bytes | None, headers: dict[str, bytes] | None = None) -> None:
        """Send one record to a source topic as a sender of anything might."""
        asyncio.run(self._publish_raw(self.plan.name(topic), value, list((headers or {}).items())))

    async def _publish_raw(self, topic: str, value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
        async with AIOKafkaProducer(
            bootstrap_servers=self.bootstrap, max_request_size=self.plan.maximum_source_bytes
        ) as producer:
            await producer.send_and_wait(topic, value, key=b"anything", headers=headers)

    def ledger(self) -> Ledger:
        """Return the ledger in the store."""
        return self.store.ledger()

    def wait_until_balanced(self, received: int, patience: float = PATIENCE_SECONDS) -> Ledger:
        """Wait until so many events are received and all accounted for; fail with the ledger as it stands."""

        def is_done() -> bool:
            ledger = self.ledger()
            return ledger.received >= received and ledger.is_balanced

        self.wait_until(is_done, lambda: f"not balanced, {received} sent: {self.ledger()}", patience)
        return self.ledger()

    def wait_until_idle(self, received: int, patience: float = PATIENCE_SECONDS) -> Ledger:
        """Wait until so many events have met a fate and nothing waits on any topic; the ledger need not balance.

        What peers say of each other may make a finding after the last event is accounted for.
        """
        seen: list[Ledger] = []

        def is_idle() -> bool:
            ledger = self.ledger()
            done = ledger.scored + ledger.applied + ledger.duplicates
            if done < received or self.lag() != 0 or (seen and ledger != seen[0]):
                seen.clear()
                return False
            seen.append(ledger)
            return len(seen) > IDLE_LOOKS

        self.wait_until(is_idle, lambda: f"{received} sent, lag {self.lag()}: {self.ledger()}", patience)
        return self.ledger()

    def lag(self) -> float | None:
        """Return how many records wait on all topics, as the worker's metrics say; None where it does not tell."""
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=2) as answer:
                text = answer.read().decode()
        except (URLError, OSError):
            return None
        lags = re.findall(r"^wardwatch_consumer_lag\{[^}]*\} (\S+)$", text, re.MULTILINE)
        return sum(map(float, lags)) if lags else None

    def wait_until_told(self) -> None:
        """Wait until every finding on the topic is with the desk and every notice has left."""
        found = {
            finding.id for value in self.values(FINDINGS) if value is not None for finding in decode_findings(value)
        }
        self.wait_until(lambda: found <= {finding.id for finding in self.findings()}, "findings are not stored")
        self.wait_until(lambda: not self.pending(), lambda: f"notices wait: {self.store.outbox()}")

    def pending(self) -> int:
        """Return how many notices wait to be sent."""
        return sum(fates.get("pending", 0) for fates in self.store.outbox().values())

    def findings(self) -> list[Finding]:
        """Return every finding in the store."""
        rows = select(FINDING_ROWS.c.body, FINDING_ROWS.c.alert, FINDING_ROWS.c.incident_id)
        with self.store.reading() as connection:
            return [
                msgspec.structs.replace(
                    msgspec.msgpack.decode(row.body, type=Finding), alert=row.alert, incident_id=row.incident_id
                )
                for row in connection.execute(rows)
            ]

    def incidents(self) -> list[Incident]:
        """Return every incident in the store."""
        return self.store.incidents(limit=100_000)

    def letters(self) -> list[DeadLetter]:
        """Return every dead letter."""
        return [stored.letter for stored in asyncio.run(read_letters(self.bootstrap, self.plan)).letters]

    def values(self, topic: str) -> list[bytes | None]:
        """Return the value of every record of a topic."""
        return asyncio.run(self._values(self.plan.name(topic)))

    async def _values(self, topic: str) -> list[bytes | None]:
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest") as consumer:
            places = [TopicPartition(topic, partition) for partition in range(self.plan.partitions)]
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            found: list[bytes | None] = []
            for place in places:
                while await consumer.position(place) < ends[place]:
                    found += [record.value for record in (await consumer.getmany(place, timeout_ms=500)).get(place, [])]
            return found

    def told(self) -> bytes:
        """Return every byte that was sent to Slack and PagerDuty, without the credentials in headers."""
        requests = [*self.slack.requests, *self.pagerduty.requests]
        return b"\n".join(part for request in requests for part in (request.path.encode(), request.body))

    def wait_until(
        self, holds: Callable[[], bool], otherwise: str | Callable[[], str], patience: float = PATIENCE_SECONDS
    ) -> None:
        """Wait for a condition; where it does not come, or the worker ends before, fail with the end of its log."""
        deadline = time.monotonic() + patience
        while not holds():
            if not self.is_alive or time.monotonic() > deadline:
                said = otherwise if isinstance(otherwise, str) else otherwise()
                message = f"{said}\n{tail(self.log)}"
                raise AssertionError(message)
            time.sleep(POLL_SECONDS)

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

"""A tiny deterministic stage, intake and desk, and the messages that they understand.

An input is JSON: `{"id", "stops": [["patient", "p1"], …]}`. Every stage keeps, per entity, the ids of the events that
it has met (exactly once each, or it shows) and reports about every third one; models count what they have seen.
"""

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from zlib import crc32

import msgspec
from msgspec import Raw, Struct

from alerting.commands import RecordFindings, RecordLedger, RetractFindings
from alerting.feedback.teaching import TakeVerdict
from alerting.ledger import LedgerEntry, LedgerRow, new_counts
from detectors.finding import Entity, Finding, finding_id
from detectors.peers import PeerView
from detectors.result import Failure, StageResult
from detectors.scoring import StageModels
from detectors.stage import Stage
from detectors.visit import INTAKE, Arrival, Batch, StageName, Stop, Visit, origin
from streams.intake import IntakeResult
from streams.records import DeadLetter, SourceRecord

SOURCE = "urn:test"
REPORT_EVERY = 3


class Tally(Struct, array_like=True):
    """The profile of an entity: the ids of its events, in order, and the offset applied last per origin."""

    ids: list[str] = []
    marks: dict[int, int] = {}


class CountingModels(StageModels):
    """Counts the visits that it has seen."""

    def __init__(self) -> None:
        self.seen = 0

    def snapshot(self) -> bytes:
        return msgspec.msgpack.encode(self.seen)

    def restore(self, state: bytes) -> None:
        self.seen = msgspec.msgpack.decode(state, type=int)


class CountingStage(Stage):
    """Counts exactly; an id that begins with `poison` makes it raise, one with `failing` fails a detector."""

    def __init__(self, name: StageName, seconds_per_step: float = 0.0) -> None:
        self.name = name
        self.peers = PeerView()
        self.seconds_per_step = seconds_per_step

    def new_models(self) -> CountingModels:
        return CountingModels()

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        assert isinstance(models, CountingModels)
        time.sleep(self.seconds_per_step)
        result = StageResult()
        tallies: dict[str, Tally] = {}
        for arrival in arrivals:
            fresh = [visit for visit in arrival.batch.visits if _is_new(visit, arrival, tallies, profiles)]
            for visit in arrival.batch.visits:
                tallies[visit.stop.ref].marks[arrival.batch.origin] = _place(arrival)
            models.seen += len(fresh)
            self._notice(fresh, result)
            self._part(fresh, arrival, result)
        result.profiles = {ref: msgspec.msgpack.encode(tally) for ref, tally in tallies.items()}
        return result

    def _notice(self, fresh: Sequence[Visit], result: StageResult) -> None:
        for visit in fresh:
            if visit.id.startswith("poison"):
                raise RuntimeError("this text must not be logged")
            if visit.id.startswith("failing"):
                result.failures.append(Failure(visit.id, "T01", "ValueError"))
            if is_reported(self.name, visit.id, visit.at):
                result.findings.append(finding_of(self.name, visit))

    def _part(self, fresh: Sequence[Visit], arrival: Arrival, result: StageResult) -> None:
        onward = [visit for visit in fresh if not visit.is_last]
        scored = len(fresh) - len(onward)
        for visit in onward:
            visit.at += 1
        if scored:
            result.rows.append(LedgerRow(arrival.offset, arrival.offset, SOURCE, 0, "scored", scored))
        if onward:
            result.onward.append(Batch(origin(self.name, arrival.partition), arrival.offset, onward))


def is_reported(stage: StageName, event_id: str, at: int) -> bool:
    """Return whether a stage has a finding about an event at a stop: about every third, by these alone."""
    return crc32(f"{stage} {event_id} {at}".encode()) % REPORT_EVERY == 0


def finding_of(stage: StageName, visit: Visit) -> Finding:
    return Finding(
        id=id_of_finding(stage, visit.id, visit.at),
        event_id=visit.id,
        at=visit.time,
        kind="rule",
        detector=f"T-{stage}",
        version=1,
        severity="low",
        risk=1.0,
        entity=Entity(stage, visit.stop.ref),
    )


def id_of_finding(stage: StageName, event_id: str, at: int) -> str:
    return finding_id(f"T-{stage}", 1, event_id, str(at))


def _is_new(visit: Visit, arrival: Arrival, tallies: dict[str, Tally], profiles: Mapping[str, bytes]) -> bool:
    """Return whether the entity has not met the event, and have it remember."""
    ref = visit.stop.ref
    if ref not in tallies:
        value = profiles.get(ref)
        tallies[ref] = msgspec.msgpack.decode(value, type=Tally) if value else Tally()
    tally = tallies[ref]
    # What intake sent again after a crash has a new offset, and is known by the event's id.
    if _place(arrival) <= tally.marks.get(arrival.batch.origin, -1) or visit.id in tally.ids:
        return False
    tally.ids.append(visit.id)
    return True


def _place(arrival: Arrival) -> int:
    return arrival.offset if arrival.batch.origin == INTAKE else arrival.batch.offset


class JsonIntake:
    """Admits JSON, and refuses the rest."""

    def admit(self, records: Sequence[SourceRecord]) -> IntakeResult:
        result = IntakeResult()
        for record in records:
            rows = [LedgerRow(record.offset, record.offset, SOURCE, 0, "received", 1)]
            try:
                content = json.loads(record.value or b"")
                stops = [Stop(stage, ref) for stage, ref in content["stops"]]
                visit = Visit(content["id"], SOURCE, "test", record.offset, record.timestamp, Raw(b"\xc0"), stops)
                result.visits.append(visit)
            except ValueError:
                rows.append(LedgerRow(record.offset, record.offset, SOURCE, 0, "dead_letter:not_json", 1))
                place = f"{record.topic}:{record.partition}:{record.offset}"
                where = (record.topic, record.partition, record.offset, record.timestamp)
                result.dead_letters.append(DeadLetter(place, "not_json", "", *where, record.value or b""))
            result.entries.append(LedgerEntry(record.topic, record.partition, rows))
        return result


class FileDesk:
    """Keeps findings and the ledger in one SQLite file, which several workers share."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as file:
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("CREATE TABLE IF NOT EXISTS findings (id TEXT PRIMARY KEY, times INTEGER)")
            file.execute("CREATE TABLE IF NOT EXISTS ledger (outcome TEXT PRIMARY KEY, n INTEGER)")
            file.execute(
                "CREATE TABLE IF NOT EXISTS counted (topic TEXT, part INTEGER, last INTEGER, PRIMARY KEY (topic, part))"
            )

    def handle(self, command: RecordFindings | RetractFindings | RecordLedger | TakeVerdict) -> object:
        with self._open() as file:
            file.execute("BEGIN IMMEDIATE")
            match command:
                case RecordFindings(findings):
                    for finding in findings:
                        file.execute(
                            "INSERT INTO findings VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
                            (finding.id,),
                        )
                case RecordLedger(entries):
                    for entry in entries:
                        self._count(file, entry)
        return None

    def findings(self) -> dict[str, int]:
        """Return how often each finding was recorded."""
        with self._open() as file:
            return dict(file.execute("SELECT id, times FROM findings"))

    def ledger(self) -> dict[str, int]:
        """Return the events counted, by outcome."""
        with self._open() as file:
            return dict(file.execute("SELECT outcome, n FROM ledger"))

    def _count(self, file: sqlite3.Connection, entry: LedgerEntry) -> None:
        place = (entry.topic, entry.partition)
        row = file.execute("SELECT last FROM counted WHERE topic = ? AND part = ?", place).fetchone()
        for _, _, outcome, n in new_counts(entry, row[0] if row else -1):
            file.execute("INSERT INTO ledger VALUES (?, ?) ON CONFLICT DO UPDATE SET n = n + ?", (outcome, n, n))
        last = max(row[0] if row else -1, *(row.last for row in entry.rows))
        file.execute("INSERT OR REPLACE INTO counted VALUES (?, ?, ?)", (*place, last))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30.0, isolation_level=None)) as file, file:
            yield file

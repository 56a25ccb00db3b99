"""The backtest: the live intake, stages and desk over lines of a file, without a broker (design.md §2, §8).

The topics between the agents are emulated (`streams.emulation`), only that a batch of lines is followed to its end
before the next one is read.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from alerting.commands import RecordFindings, RecordLedger, RetractFindings
from alerting.desk import Desk
from alerting.feedback.teaching import TakeVerdict
from alerting.ledger import LedgerEntry
from alerting.store.ledger_rows import Totals
from alerting.store.store import Ledger
from detectors.events.envelope import EARLIEST, LATEST
from detectors.finding import Finding
from detectors.retraction import Retraction
from detectors.stage import Score
from detectors.visit import INTAKE, Batch, StageName
from streams.emulation import EmulatedTopics, Steps
from streams.intake import Intake
from streams.records import SourceRecord
from streams.unsettled import Unsettled

LINES_TOPIC = "replay"
"""The topic of the lines, in the ledger and in dead letters."""

SECONDS_PER_DAY = 86_400.0

STEPS_A_FLUSH = 4
"""Steps, each of a batch of lines or several, between two transactions of the desk."""

TOGETHER = 4
CROWDED_SECONDS = 90.0
"""How many batches are taken at once where lines are crowded, and of how short a time these are: in a hospital of full
size a batch is half a minute."""

_TIME = re.compile(rb'"time"\s*:\s*"([^"\\]{10,40})"')
_CONTEXT = "org.wardwatch.context."


class Sink(Protocol):
    """Takes what a replay finds, in order; what the budget may still release comes when that is decided."""

    def findings(self, findings: Sequence[Finding]) -> None:
        """Take findings as the desk decided on them."""

    def scores(self, scores: Sequence[Score], alerted: set[str]) -> None:
        """Take the scores of events; `alerted` holds the ids of those that made an alert."""

    def retractions(self, retractions: Sequence[Retraction]) -> None:
        """Take word of findings, given before, that are withdrawn."""


class NullSink:
    """Forgets everything."""

    def findings(self, findings: Sequence[Finding]) -> None:
        """Ignore them."""

    def scores(self, scores: Sequence[Score], alerted: set[str]) -> None:
        """Ignore them."""

    def retractions(self, retractions: Sequence[Retraction]) -> None:
        """Ignore them."""


BAD_LINES_KEPT = 10
"""Lines that are named, of those that became dead letters: enough to see what is wrong with a file."""


@dataclass(frozen=True)
class BadLine:
    """A line that became a dead letter: its index, from 0, a stable reason, and where in it; never a value."""

    index: int
    reason: str
    detail: str


@dataclass
class ReplayResult:
    """What a replay came to.

    `ledger` is the file of design.md §8. `warm_up` counts findings that the desk did not see because they lie in the
    warm-up; they are among the ledger's findings. `failures` counts detectors that raised, by detector. `bad_lines` are
    the first lines that became dead letters.
    """

    ledger: Ledger = field(default_factory=Ledger)
    warm_up: int = 0
    unknown_fields: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    bad_lines: list[BadLine] = field(default_factory=list)

    @property
    def is_unreadable(self) -> bool:
        """Whether there were lines, and every one of them became a dead letter."""
        return 0 < self.ledger.received == sum(self.ledger.dead_letters.values())


class Replay:
    """Runs lines through intake, stages and desk. One object runs once.

    Args:
        intake: the intake.
        stages: every stage by its name.
        desk: decides which findings alert, and opens incidents.
        partitions: how many partitions of each stage to emulate; the live number gives the live models.
        batch: lines that the intake takes at a time.
        together: how many batches it may take at once where lines are crowded. A step over many events costs less for
            each, but what is in one step reaches the next stage sorted by partition and no longer by time.
        warm_up: seconds of event time, from the first transaction or access on, in which stages learn and nothing
            alerts.
        sink: takes findings and scores.
        progress: called after each batch with the number of lines read so far.
    """

    def __init__(
        self,
        intake: Intake,
        stages: Mapping[StageName, Steps],
        desk: Desk,
        partitions: int = 8,
        batch: int = 500,
        *,
        together: int = 1,
        warm_up: float = 0.0,
        sink: Sink | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._intake = intake
        self._desk = desk
        self._batch = batch
        self._together = together
        self._warm_up = warm_up
        self._sink: Sink = sink or NullSink()
        self._progress = progress
        self._topics = EmulatedTopics(stages, partitions)
        self._result = ReplayResult()
        self._read = 0
        self._received = 0.0
        self._began: float | None = None
        self._known: set[str] = set()
        self._withdrawn: set[str] = set()
        self._pending = _Pending()
        self._unsettled = Unsettled()

    def run(self, lines: Iterable[bytes]) -> ReplayResult:
        """Run the lines, CloudEvents in structured mode, in their order, and return what they came to."""
        records = self._records(lines)
        steps = 0
        while some := self._crowd(records):
            self._follow(some)
            steps += 1
            if steps % STEPS_A_FLUSH == 0:
                self._flush()
            self._progress(self._read)
        self._flush(is_last=True)
        ledger = self._result.ledger
        for totals in ledger.per_source.values():
            ledger.include(totals)
        return self._result

    def _crowd(self, records: Iterator[SourceRecord]) -> list[SourceRecord]:
        """Return the next batch, and more where that is of a short time."""
        some = list(islice(records, self._batch))
        for _ in range(1, self._together):
            if not some or abs(some[-1].timestamp - some[0].timestamp) >= CROWDED_SECONDS:
                break
            some.extend(islice(records, self._batch))
        return some

    def _follow(self, records: Sequence[SourceRecord]) -> None:
        """Take records in and follow their events to the end of their itineraries."""
        admitted = self._intake.admit(records)
        self._result.unknown_fields += admitted.unknown_fields
        self._count(admitted.entries)
        room = BAD_LINES_KEPT - len(self._result.bad_lines)
        self._result.bad_lines += [
            BadLine(letter.offset, letter.reason, letter.detail) for letter in admitted.dead_letters[: max(0, room)]
        ]
        if self._began is None:
            self._began = next((visit.time for visit in admitted.visits if not visit.type.startswith(_CONTEXT)), None)
        self._pending.verdicts += admitted.verdicts
        if admitted.visits:
            self._topics.send([Batch(INTAKE, 0, admitted.visits)])
        for entry, step in self._topics.drain(self._received):
            self._count([entry])
            self._pending.findings.extend(step.findings)
            self._pending.retractions.extend(step.retractions)
            self._pending.scores.extend(step.scores)
            for failure in step.failures:
                self._result.failures[failure.detector] = self._result.failures.get(failure.detector, 0) + 1

    def _records(self, lines: Iterable[bytes]) -> Iterator[SourceRecord]:
        """Yield lines as records that were received at their own time, for files do not say when they were."""
        for line in lines:
            self._received = _time_of(line, self._received)
            self._read += 1
            yield SourceRecord(LINES_TOPIC, 0, self._read - 1, self._received, line)

    def _count(self, entries: Sequence[LedgerEntry]) -> None:
        self._pending.entries.extend(entry for entry in entries if entry.rows)
        per_source = self._result.ledger.per_source
        for entry in entries:
            for row in entry.rows:
                per_source.setdefault(row.source, Totals()).add(row.outcome, row.n)

    def _flush(self, *, is_last: bool = False) -> None:
        """Let the desk decide on what was found since the last time, and hand what is certain to the sink.

        It decides by event time, as it does live: else what was found of a day that is over would come after its end.
        At the end the last day is over: what the desk may release at its end is released.
        """
        pending, self._pending = self._pending, _Pending()
        fresh = sorted((one for one in pending.findings if self._is_new(one)), key=lambda finding: finding.at)
        alerts_from = (self._began or 0.0) + self._warm_up
        judged = [finding for finding in fresh if finding.at >= alerts_from]
        decided: dict[str, Finding] = {}
        released: dict[str, Finding] = {}
        waiting: frozenset[str] | None = None
        ledger = self._result.ledger
        if judged or is_last:
            until = (self._received // SECONDS_PER_DAY + 1) * SECONDS_PER_DAY if is_last else None
            recorded = self._desk.handle(RecordFindings(judged, until))
            decided = {finding.id: finding for finding in recorded.findings}
            released = {finding.id: finding for finding in recorded.released}
            waiting = recorded.waiting
            ledger.incidents += len(recorded.opened)
        if pending.entries:
            self._desk.handle(RecordLedger(pending.entries))
        findings = self._unsettled.settle(
            [decided.get(finding.id, finding) for finding in fresh], released, frozenset() if is_last else waiting
        )
        scores, alerted = self._unsettled.scored(
            pending.scores, {finding.event_id for finding in findings if finding.alert}
        )
        ledger.findings += len(findings)
        ledger.alerts += sum(finding.alert for finding in findings)
        self._result.warm_up += len(fresh) - len(judged)
        self._sink.findings(findings)
        self._sink.scores(scores, alerted)
        self._retract(pending.retractions)
        for verdict in pending.verdicts:
            self._desk.handle(verdict)

    def _retract(self, retractions: Sequence[Retraction]) -> None:
        """Withdraw findings, each once, also those that the desk did not see."""
        fresh = {one.finding_id: one for one in reversed(retractions) if one.finding_id not in self._withdrawn}
        withdrawn = [one for one in reversed(fresh.values()) if one.finding_id in self._known]
        if withdrawn:
            self._desk.handle(RetractFindings(withdrawn))
        self._withdrawn.update(one.finding_id for one in withdrawn)
        self._result.ledger.withdrawn += len(withdrawn)
        self._sink.retractions(withdrawn)

    def _is_new(self, finding: Finding) -> bool:
        """Whether no finding of that id came before; the store, too, takes each only once."""
        is_new = finding.id not in self._known
        self._known.add(finding.id)
        return is_new


@dataclass
class _Pending:
    """What came since the desk's last transaction."""

    findings: list[Finding] = field(default_factory=list)
    retractions: list[Retraction] = field(default_factory=list)
    verdicts: list[TakeVerdict] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)


def _time_of(line: bytes, otherwise: float) -> float:
    """Return the business time that a line states, in seconds since the epoch, or the given one."""
    stated = _TIME.search(line)
    if stated is None:
        return otherwise
    try:
        moment = datetime.datetime.fromisoformat(stated[1].decode())
        return moment.timestamp() if EARLIEST <= moment < LATEST else otherwise
    except (ValueError, TypeError):  # no instant, or one without an offset
        return otherwise

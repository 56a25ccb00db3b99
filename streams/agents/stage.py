"""The agent of one stage: parcels in, parcels for the next stops, findings and the ledger out, profiles changed."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from alerting.ledger import LedgerEntry
from detectors.stage import Stage
from streams.agents.received import Events, by_partition, records_of
from streams.agents.shelf import ModelShelf
from streams.agents.step import DETECTOR_FAILED, Step, Stepper
from streams.emit import Outgoing, Outlet
from streams.guard import Pulse
from streams.observer import Observer
from streams.parcels import of_entries, of_findings, of_letters, of_retractions, onward
from streams.peer_feed import of_peers
from streams.records import SourceRecord
from streams.stores import Changes
from streams.tables import ProfileTable
from streams.topics import TopicPlan

logger = logging.getLogger(__name__)

ENTRY_OVERHEAD = 1024
"""Bytes that a changelog record has beside its value, rounded up."""


@dataclass
class _Work:
    """What one batch came to, over all its partitions."""

    outgoing: list[Outgoing] = field(default_factory=list)
    changes: dict[int, Changes] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


class StageAgent:
    """Steps a batch, and acknowledges it when all that came of it is with the broker and its profiles are kept.

    The order is that of design.md §3.1: what goes on is acknowledged by the broker before profiles are written, so
    that a profile which says "applied" proves that the event went on.
    """

    def __init__(
        self,
        stage: Stage,
        table: ProfileTable,
        outlet: Outlet,
        plan: TopicPlan,
        *,
        observer: Observer,
        pulse: Pulse,
        snapshot_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        """Prepare an agent.

        Args:
            stage: what it runs.
            table: the profiles of the stage.
            outlet: what sends.
            plan: topics and partitions.
            observer: whom it tells.
            pulse: what tells whether this worker still owns its partitions.
            snapshot_seconds: how long a partition's models may learn without a snapshot.
            clock: seconds since the epoch.
        """
        self._stage = stage
        self._table = table
        self._outlet = outlet
        self._plan = plan
        self._observer = observer
        self._pulse = pulse
        self._clock = clock
        self._shelf = ModelShelf(stage, snapshot_seconds, time.monotonic)
        self._stepper = Stepper(stage, self._shelf)

    async def handle(self, events: Events) -> None:
        """Do the whole work of one batch; when this returns, it may be acknowledged."""
        started = time.monotonic()
        work = _Work()
        for partition, records in by_partition(records_of(events)).items():
            self._step(partition, records, work)
            await self._outlet.sleep(0)  # a step computes for some time: let the others have a turn
        await self._outlet.send(work.outgoing)
        await self._write(work.changes)
        self._tell(work, time.monotonic() - started)

    async def save_models(self) -> None:
        """Write a snapshot of all models that have learned, and forget them: their partitions may go elsewhere."""
        await self._write({partition: self._fitting(snapshot) for partition, snapshot in self._shelf.unsaved()})
        self._shelf.clear()

    def _step(self, partition: int, records: list[SourceRecord], work: _Work) -> None:
        """Step the records of one partition, and add what comes of it to the work."""
        step = self._stepper.step(self._table.profiles(partition), records, self._clock())
        parcels, too_large = onward(step.result.onward, self._plan)
        self._stepper.refuse_too_large(step, too_large, records)
        entry = LedgerEntry(self._plan.stage(self._stage.name), partition, step.rows)
        work.outgoing += parcels
        work.outgoing += of_findings(step.result.findings, self._plan)
        work.outgoing += of_retractions(step.result.retractions, self._plan)
        work.outgoing += of_letters(step.letters, self._plan)
        work.outgoing += of_entries([entry], self._plan)
        work.outgoing += of_peers(self._stage.name, step.result.peers, self._plan)
        work.changes[partition] = self._fitting({**step.result.profiles, **self._shelf.due(partition)})
        work.steps.append(step)

    async def _write(self, changes: dict[int, Changes]) -> None:
        self._pulse.check()
        for partition, changed in changes.items():
            self._table.write(partition, changed)
        foreign = await self._table.flush()
        if foreign:
            self._observer.failure(self._stage.name, "foreign_changelog", foreign)

    def _fitting(self, changes: Changes) -> Changes:
        """Leave out entries that the broker would not take: better an old profile than a worker that cannot go on."""
        largest = self._plan.maximum_bytes - ENTRY_OVERHEAD
        too_large = [key for key, value in changes.items() if value is not None and len(value) > largest]
        if not too_large:
            return changes
        logger.error(
            "%d entries of the %s table are too large and keep their old state", len(too_large), self._stage.name
        )
        self._observer.failure(self._stage.name, "entry_too_large", len(too_large))
        return {key: value for key, value in changes.items() if key not in too_large}

    def _tell(self, work: _Work, seconds: float) -> None:
        name = self._stage.name
        outcomes: Counter[str] = Counter()
        failures: Counter[str] = Counter()
        now = self._clock()
        for step in work.steps:
            for row in step.result.rows:
                outcomes[row.outcome] += row.n
            outcomes["onward"] += sum(len(batch.visits) for batch in step.result.onward)
            failures.update(failure.detector for failure in step.result.failures)
            failures.update(letter.reason for letter in step.letters if letter.reason != DETECTOR_FAILED)
            findings = step.result.findings
            if findings:
                self._observer.found(findings, [now - step.received(found.event_id, now) for found in findings])
        for outcome, n in outcomes.items():
            self._observer.events(name, outcome, n)
        for kind, n in failures.items():
            logger.warning("%s: %s failed on %d", name, kind, n)
            self._observer.failure(name, kind, n)
        self._observer.step(name, seconds, sum(step.events for step in work.steps))

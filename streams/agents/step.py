"""One step of one partition of a stage, over the records that arrived: decoded, stepped, and poison set aside. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from detectors.ledger import LedgerRow
from detectors.stage import Stage, StageModels, StageResult
from detectors.visit import Arrival, Batch, Visit, decode_parcel
from streams.agents.received import letter_of_record, letter_of_visit
from streams.agents.shelf import ModelShelf
from streams.guard import describe
from streams.records import DeadLetter, SourceRecord

UNDECODABLE = "stage_undecodable"
STAGE_FAILED = "stage_failed"
DETECTOR_FAILED = "detector_failed"
TOO_LARGE = "parcel_too_large"

SECONDS_PER_HOUR = 3600


@dataclass
class Step:
    """What one step came to: the stage's result, and letters for what could not be done.

    `visits` are those that arrived, by event id, each with its record.
    """

    result: StageResult = field(default_factory=StageResult)
    letters: list[DeadLetter] = field(default_factory=list)
    visits: dict[str, tuple[Visit, SourceRecord]] = field(default_factory=dict)
    events: int = 0

    @property
    def rows(self) -> list[LedgerRow]:
        """The rows of the ledger, in the order of their offsets."""
        return sorted(self.result.rows, key=lambda row: row.first)

    def received(self, event_id: str, default: float) -> float:
        """Return when the broker received the event, in seconds since the epoch."""
        return self.visits[event_id][0].received if event_id in self.visits else default


class Stepper:
    """Lets a stage take steps, each over records of one partition in the order of their offsets.

    A record that is no parcel, and an event that makes the stage as a whole raise, become dead letters; the rest is
    processed as if they had not been there.
    """

    def __init__(self, stage: Stage, shelf: ModelShelf) -> None:
        self._stage = stage
        self._shelf = shelf

    def step(self, profiles: Mapping[str, bytes], records: Sequence[SourceRecord], now: float) -> Step:
        """Take one step, at the time `now` in seconds since the epoch."""
        step = Step()
        readable, arrivals = _read(records, step)
        if not arrivals:
            return step
        partition = arrivals[0].partition
        step.visits = {visit.id: (visit, record) for visit, record in _visits(arrivals, readable)}
        step.events = sum(len(arrival.batch.visits) for arrival in arrivals)
        try:
            step.result = self._stage.step(profiles, self._shelf.take(partition, profiles), arrivals, now)
        # The guard of one step: one event must not stop all others.
        except Exception as error:  # noqa: BLE001
            self._shelf.forget(partition)
            self._step_around(profiles, readable, now, step, describe(error))
        for failure in step.result.failures:
            visit, record = step.visits[failure.event_id]
            detail = f"{failure.detector}: {failure.error}"
            step.letters.append(letter_of_visit(visit, record, DETECTOR_FAILED, failure.detector, detail))
        return step

    def refuse_too_large(self, step: Step, batches: Iterable[Batch], records: Sequence[SourceRecord]) -> None:
        """Turn the visits of onward batches that no record can hold into dead letters."""
        at_offset = {record.offset: record for record in records}
        for batch in batches:
            for visit in batch.visits:
                self._refuse(step, visit, at_offset[batch.offset], TOO_LARGE)

    def _step_around(
        self, profiles: Mapping[str, bytes], records: Sequence[SourceRecord], now: float, step: Step, detail: str
    ) -> None:
        """Find the events that make the stage raise by trying each alone, and step without them.

        A batch cannot be stepped in parts, as its marks would take the second part for a redelivery. So the trials
        leave nothing behind, and the one step that counts has all the others in it; where that raises too, none has.
        """
        partition = records[0].partition
        spare = self._shelf.spare(partition, profiles)
        poison = {
            visit.id
            for arrival in _arrivals(records)
            for visit in arrival.batch.visits
            if self._raises(profiles, spare, _alone(arrival, visit), now)
        }
        try:
            arrivals = _without(poison, _arrivals(records))
            step.result = self._stage.step(profiles, self._shelf.take(partition, profiles), arrivals, now)
        # The guard of one step, again.
        except Exception as error:  # noqa: BLE001
            self._shelf.forget(partition)
            detail = describe(error)
            poison.update(step.visits)
        # Decoded anew: a step changes the visits that it sees.
        for visit, record in _visits(_arrivals(records), records):
            if visit.id in poison:
                self._refuse(step, visit, record, STAGE_FAILED, detail)

    def _raises(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> bool:
        try:
            self._stage.step(profiles, models, arrivals, now)
        # The guard of a trial.
        except Exception:  # noqa: BLE001
            return True
        return False

    def _refuse(self, step: Step, visit: Visit, record: SourceRecord, reason: str, detail: str = "") -> None:
        hour = int(visit.received // SECONDS_PER_HOUR)
        step.letters.append(letter_of_visit(visit, record, reason, self._stage.name, detail))
        step.result.rows.append(LedgerRow(record.offset, record.offset, visit.source, hour, f"dead_letter:{reason}", 1))


def _read(records: Sequence[SourceRecord], step: Step) -> tuple[list[SourceRecord], list[Arrival]]:
    """Decode records; return those that are parcels, and what they hold."""
    readable: list[SourceRecord] = []
    arrivals: list[Arrival] = []
    for record in records:
        try:
            arrivals += _arrivals([record])
            readable.append(record)
        except msgspec.MsgspecError as error:
            step.letters.append(letter_of_record(record, UNDECODABLE, type(error).__name__))
    return readable, arrivals


def _arrivals(records: Iterable[SourceRecord]) -> list[Arrival]:
    return [
        Arrival(record.partition, record.offset, batch)
        for record in records
        for batch in decode_parcel(record.value or b"")
    ]


def _alone(arrival: Arrival, visit: Visit) -> list[Arrival]:
    batch = arrival.batch
    return [Arrival(arrival.partition, arrival.offset, Batch(batch.origin, batch.offset, [visit]))]


def _without(poison: set[str], arrivals: Sequence[Arrival]) -> Sequence[Arrival]:
    for arrival in arrivals:
        arrival.batch.visits = [visit for visit in arrival.batch.visits if visit.id not in poison]
    return arrivals


def _visits(arrivals: Iterable[Arrival], records: Sequence[SourceRecord]) -> Iterable[tuple[Visit, SourceRecord]]:
    at_offset = {record.offset: record for record in records}
    return [(visit, at_offset[arrival.offset]) for arrival in arrivals for visit in arrival.batch.visits]

"""One step: what can be done is done, once; what cannot becomes a dead letter and a row of the ledger."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
import pytest

from detectors.ledger import LedgerRow
from detectors.result import StageResult
from detectors.scoring import StageModels
from detectors.visit import INTAKE, Arrival, Batch, Stop, Visit
from streams.agents.shelf import ModelShelf
from streams.agents.step import Step, Stepper
from streams.records import SourceRecord
from tests.streams.engine.fakes import record_of, visit_of
from tests.streams.engine.parts import CountingModels, CountingStage, Tally

NOW = 1_000.0
LAST = Stop("patient", "p1")


def fresh(*ids: str) -> Batch:
    return Batch(INTAKE, 0, [visit_of(event_id, LAST) for event_id in ids])


class Kept:
    """A stage with its profiles and models."""

    def __init__(self, stage: CountingStage | None = None) -> None:
        self.stage = stage or CountingStage("patient")
        self.now = 0.0
        self.shelf = ModelShelf(self.stage, every_seconds=10.0, clock=lambda: self.now)
        self.stepper = Stepper(self.stage, self.shelf)
        self.profiles: dict[str, bytes] = {}

    def step(self, *records: SourceRecord) -> Step:
        step = self.stepper.step(self.profiles, records, NOW)
        for key, value in {**step.result.profiles, **self.shelf.due(0)}.items():
            assert value is not None
            self.profiles[key] = value
        return step

    @property
    def ids(self) -> list[str]:
        return msgspec.msgpack.decode(self.profiles["p1"], type=Tally).ids

    @property
    def learned(self) -> int:
        models = self.shelf.take(0, self.profiles)
        assert isinstance(models, CountingModels)
        return models.seen


def test_all_batches_of_all_records_are_stepped_at_once() -> None:
    kept = Kept()
    step = kept.step(record_of([fresh("a")], 0), record_of([Batch(5, 1, [visit_of("b", LAST)]), Batch(6, 1, [])], 1))
    assert kept.ids == ["a", "b"]
    assert step.events == 2
    assert step.letters == []
    assert step.rows == [LedgerRow(0, 0, "urn:test", 0, "scored", 1), LedgerRow(1, 1, "urn:test", 0, "scored", 1)]
    assert step.received("a", NOW) == 7_200.5
    assert step.received("unknown", NOW) == NOW


def test_a_step_over_nothing_is_nothing() -> None:
    kept = Kept()
    step = kept.step(record_of([], 0))
    assert (step.events, step.letters, step.rows) == (0, [], [])
    assert kept.shelf.due(0) == {}


@pytest.mark.parametrize("value", [None, b"", b"\xff\xff", b"\x81\xa1a\x01"])
def test_a_record_that_is_no_parcel_is_set_aside(value: bytes | None) -> None:
    kept = Kept()
    bad = SourceRecord("stage.patient", 0, 0, 1.5, value, {"h": b"1"})
    step = kept.step(bad, record_of([fresh("a")], 1))
    assert kept.ids == ["a"]
    (letter,) = step.letters
    assert (letter.id, letter.reason, letter.payload) == ("stage.patient:0:0", "stage_undecodable", value or b"")
    assert letter.headers == {"h": b"1"}


def test_an_event_that_makes_the_stage_raise_is_set_aside_and_all_others_count() -> None:
    kept = Kept()
    step = kept.step(record_of([fresh("a", "poison-1", "b")], 0), record_of([fresh("c", "poison-2")], 1))
    assert kept.ids == ["a", "b", "c"]
    assert kept.learned == 3
    assert [(letter.id, letter.reason, letter.detail, letter.offset) for letter in step.letters] == [
        ("poison-1:patient", "stage_failed", "RuntimeError", 0),
        ("poison-2:patient", "stage_failed", "RuntimeError", 1),
    ]
    assert msgspec.msgpack.decode(step.letters[0].payload, type=Visit).id == "poison-1"
    assert step.rows == [
        LedgerRow(0, 0, "urn:test", 0, "scored", 2),
        LedgerRow(0, 0, "urn:test", 2, "dead_letter:stage_failed", 1),
        LedgerRow(1, 1, "urn:test", 0, "scored", 1),
        LedgerRow(1, 1, "urn:test", 2, "dead_letter:stage_failed", 1),
    ]


class Quarrelling(CountingStage):
    """Raises where two events meet, though each alone is fine."""

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        ids = {visit.id for arrival in arrivals for visit in arrival.batch.visits}
        if {"x", "y"} <= ids:
            raise LookupError
        return super().step(profiles, models, arrivals, now)


def test_where_no_single_event_is_at_fault_the_whole_step_is_set_aside() -> None:
    kept = Kept(Quarrelling("patient"))
    step = kept.step(record_of([fresh("x", "a", "y")], 0))
    assert kept.profiles == {}
    assert [(letter.id, letter.detail) for letter in step.letters] == [
        ("x:patient", "LookupError"),
        ("a:patient", "LookupError"),
        ("y:patient", "LookupError"),
    ]
    assert kept.step(record_of([fresh("b")], 1)).letters == []
    assert kept.ids == ["b"]


def test_a_failed_step_leaves_the_models_as_their_last_snapshot_has_them() -> None:
    kept = Kept()
    kept.step(record_of([fresh("a", "b")], 0))
    kept.now = 10.0
    kept.step(record_of([fresh("c")], 1))
    kept.step(record_of([fresh("d")], 2))
    assert kept.learned == 4
    kept.step(record_of([fresh("poison-1")], 3))
    assert kept.learned == 3, "the snapshot was taken after the third"


def test_a_failing_detector_is_a_letter_with_the_event() -> None:
    kept = Kept()
    step = kept.step(record_of([fresh("failing-1")], 4))
    (letter,) = step.letters
    assert (letter.id, letter.reason, letter.detail) == ("failing-1:T01", "detector_failed", "T01: ValueError")
    assert (letter.topic, letter.offset, letter.timestamp) == ("stage.patient", 4, 7_200.5)
    assert letter.headers == {"ce_type": b"test", "ce_source": b"urn:test"}
    assert [row.outcome for row in step.rows] == ["scored"]


def test_a_redelivered_record_changes_nothing() -> None:
    kept = Kept()
    record = record_of([fresh("a")], 0)
    kept.step(record)
    before = dict(kept.profiles)
    step = kept.step(record)
    assert kept.profiles == before
    assert step.rows == []


def test_what_is_too_large_to_go_on_is_set_aside() -> None:
    kept = Kept()
    record = record_of([Batch(INTAKE, 0, [visit_of("a", LAST, Stop("user", "u"))])], 3)
    step = kept.step(record)
    kept.stepper.refuse_too_large(step, step.result.onward, [record])
    assert [(letter.id, letter.reason) for letter in step.letters] == [("a:patient", "parcel_too_large")]
    assert step.rows == [LedgerRow(3, 3, "urn:test", 2, "dead_letter:parcel_too_large", 1)]


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


def test_snapshots_are_due_after_their_time_and_only_of_what_has_learned(clock: list[float]) -> None:
    shelf = ModelShelf(CountingStage("patient"), every_seconds=10.0, clock=lambda: clock[0])
    shelf.take(1, {})
    clock[0] = 9.9
    assert shelf.due(1) == {}
    clock[0] = 10.0
    assert list(shelf.due(1)) == ["#models/patient/1"]
    assert shelf.due(1) == {}
    clock[0] = 30.0
    assert shelf.due(1) == {}, "it has learned nothing since"
    shelf.take(1, {})
    assert list(shelf.due(1)) == ["#models/patient/1"]


def test_models_come_back_from_their_snapshot(clock: list[float]) -> None:
    shelf = ModelShelf(CountingStage("patient"), every_seconds=10.0, clock=lambda: clock[0])
    seen = seen_by(shelf)
    assert seen(0, {}) == 1
    assert seen(0, {}) == 2
    ((partition, snapshot),) = shelf.unsaved()
    assert partition == 0
    assert list(shelf.unsaved()) == []
    shelf.clear()
    assert seen(0, snapshot) == 3
    shelf.clear()
    assert seen(0, {}) == 1


@pytest.mark.parametrize("damaged", [b"", b"\xc1", b"\xa1x"])
def test_a_damaged_snapshot_is_not_the_end(clock: list[float], damaged: bytes) -> None:
    shelf = ModelShelf(CountingStage("patient"), every_seconds=10.0, clock=lambda: clock[0])
    assert seen_by(shelf)(0, {"#models/patient/0": damaged}) == 1


def seen_by(shelf: ModelShelf) -> Callable[[int, Mapping[str, bytes]], int]:
    """Return what lets a partition's models see one more visit and returns how many they have seen."""

    def see(partition: int, profiles: Mapping[str, bytes]) -> int:
        models = shelf.take(partition, profiles)
        assert isinstance(models, CountingModels)
        models.seen += 1
        return models.seen

    return see

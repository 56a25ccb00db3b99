"""Laws of the step: redelivery changes nothing, detectors cannot take each other down, snapshots go on exactly."""

import datetime
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from detectors.events import AccessEvent, Data, OrderContext, event_type
from detectors.features import USER_FEATURES, Feature, scaled
from detectors.finding import finding_id
from detectors.itinerary import itinerary
from detectors.notes import NOTE_NAMES
from detectors.partition import PartitionState
from detectors.patterns import DETECTORS
from detectors.profiles.applied import RECENT_EVENTS, Applied, fingerprint
from detectors.scene import Hit, Pattern, Scene
from detectors.sigma import RuleSet, load_rules
from detectors.stage import STAGE_ORDER, Stage
from detectors.thresholds import Thresholds
from detectors.visit import INTAKE, STAGES, Arrival, Batch, Visit, decode_parcel, encode_parcel, origin
from tests.detectors.watch import RULES, Watch, access, at


def visit(id: str, data: Data, stop: int = 0, *, record: str = "") -> Visit:  # noqa: A002
    """Return a visit of `data` at one of its stops, out of the source record of that name."""
    moment = at(1).timestamp()
    when = getattr(data, "occurred_at", None) or at(0)
    raw = Raw(msgspec.msgpack.encode(data))
    place = fingerprint(record or id)
    return Visit(id, "urn:test", event_type(data), when.timestamp(), moment, raw, itinerary(data), stop, place=place)


def step(stage: Stage, table: dict[str, bytes], *arrivals: Arrival) -> tuple[list[str], dict[str, int], int]:
    """Take a step; return the ids that go on or end, the ledger and the number of findings."""
    result = stage.step(table, stage.new_models(), arrivals, 0.0)
    table.update({key: value for key, value in result.profiles.items() if value is not None})
    counts: dict[str, int] = {}
    for row in result.rows:
        counts[row.outcome] = counts.get(row.outcome, 0) + row.n
    onward = [one.id for batch in result.onward for one in batch.visits]
    return onward + [score.event_id for score in result.scores], counts, len(result.findings)


def test_a_redelivered_record_is_passed_over_and_not_counted_again() -> None:
    stage, table = Stage("patient", RULES), dict[str, bytes]()
    arrival = Arrival(3, 7, Batch(INTAKE, 0, [visit("a", access("U1", "P1", 1)), visit("b", access("U2", "P1", 1))]))
    assert step(stage, table, arrival)[0] == ["a", "b"]
    before = dict(table)
    again = Arrival(3, 7, Batch(INTAKE, 0, [visit("a", access("U1", "P1", 1)), visit("b", access("U2", "P1", 1))]))
    assert step(stage, table, again) == ([], {}, 0)
    assert table == before


def test_a_source_duplicate_is_counted_once_as_such() -> None:
    stage, table = Stage("patient", RULES), dict[str, bytes]()
    first, second = visit("a", access("U1", "P1", 1)), visit("a", access("U2", "P1", 2), record="other")
    assert step(stage, table, Arrival(0, 1, Batch(INTAKE, 0, [first])))[1] == {}
    assert step(stage, table, Arrival(0, 2, Batch(INTAKE, 0, [second]))) == ([], {"duplicate": 1}, 0)


def test_a_record_that_intake_sends_again_is_no_duplicate() -> None:
    """After a crash intake repeats what it had not acknowledged, under new offsets; the ledger must not count that."""
    stage, table = Stage("patient", RULES), dict[str, bytes]()
    for offset in (1, 2, 3):
        again = Arrival(0, offset, Batch(INTAKE, 0, [visit("a", access("U1", "P1", 1))]))
        assert step(stage, table, again) == ((["a"] if offset == 1 else []), {}, 0)
    twice = Arrival(0, 4, Batch(INTAKE, 0, [visit("a", access("U1", "P1", 1), record="second")]))
    assert step(stage, table, twice)[1] == {"duplicate": 1}
    twice = Arrival(0, 5, Batch(INTAKE, 0, [visit("a", access("U1", "P1", 1), record="second")]))
    assert step(stage, table, twice)[1] == {}


def test_one_id_for_two_patients_hides_no_finding() -> None:
    watch = Watch()
    watch.see(OrderContext(patient_ref="P9", user_ref="U9", at=at(0)), known=at(1))
    watch.see(access("U1", "P1", 2), id="same")
    watch.see(access("U1", "P2", 2), id="same")
    assert len({finding.id for finding in watch.findings}) == len(watch.findings) == 2


def test_a_later_stop_knows_a_resent_batch_by_its_origin() -> None:
    stage, table = Stage("user", RULES), dict[str, bytes]()
    from_patient = origin("patient", 2)
    one = visit("a", access("U1", "P1", 1), stop=1)
    assert step(stage, table, Arrival(0, 1, Batch(from_patient, 50, [one])))[1] == {"scored": 1}
    resent = visit("a", access("U1", "P1", 1), stop=1)
    assert step(stage, table, Arrival(0, 9, Batch(from_patient, 50, [resent]))) == ([], {}, 0)
    other = visit("b", access("U1", "P2", 1), stop=1)
    assert step(stage, table, Arrival(0, 10, Batch(origin("patient", 3), 50, [other])))[1] == {"scored": 1}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=40), st.data())
def test_the_cut_into_steps_changes_nothing(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    """The same batches in one step or in many, some delivered twice, leave the same profiles and findings."""
    fresh = OrderContext(patient_ref="P0", user_ref="U9", at=at(0))

    def arrivals() -> list[Arrival]:
        events: list[Data] = [fresh, *(access(f"U{user}", f"P{patient}", 1) for user, patient in pairs)]
        return [Arrival(0, n, Batch(INTAKE, 0, [visit(f"e{n}", event)])) for n, event in enumerate(events)]

    whole, whole_table = Stage("patient", RULES), dict[str, bytes]()
    expected = step(whole, whole_table, *arrivals())
    cut, cut_table, models = Stage("patient", RULES), dict[str, bytes](), whole.new_models()
    seen: list[str] = []
    waiting = arrivals()
    while waiting:
        size = data.draw(st.integers(1, len(waiting)))
        for repeat in range(data.draw(st.integers(1, 2))):
            batch = waiting[:size] if repeat == 0 else arrivals()[len(pairs) + 1 - len(waiting) :][:size]
            result = cut.step(cut_table, models, batch, 0.0)
            cut_table.update({key: value for key, value in result.profiles.items() if value is not None})
            seen += [one.id for sent in result.onward for one in sent.visits]
        waiting = waiting[size:]
    assert (seen, cut_table) == (expected[0], whole_table)


def test_a_sequence_that_is_redelivered_is_passed_over_whole() -> None:
    """The first redelivered record must not move the mark back, or the second would be news again."""
    stage, table = Stage("user", RULES), dict[str, bytes]()

    def batch(offset: int) -> Batch:
        return Batch(origin("patient", 0), offset, [visit(f"e{offset}", access("U1", f"P{offset}", 1), stop=1)])

    for offset in range(5):
        assert step(stage, table, Arrival(0, offset, batch(offset)))[1] == {"scored": 1}
    for offset in range(5):
        assert step(stage, table, Arrival(0, 5 + offset, batch(offset))) == ([], {}, 0)
    assert step(stage, table, Arrival(0, 10, batch(5)))[1] == {"scored": 1}


def test_fresh_context_stays_fresh_over_a_crash_that_loses_the_models() -> None:
    watch = Watch()
    watch.see(OrderContext(patient_ref="P9", user_ref="U9", at=at(0)), known=at(1))
    watch.models = {name: stage.new_models() for name, stage in watch.stages.items()}
    watch.see(access("U1", "P1", 2))
    assert watch.detected() == {"A01"}


def test_batches_of_one_record_go_on_as_one() -> None:
    """Downstream a second batch of the same origin and offset would be taken for a redelivery."""
    stage = Stage("patient", RULES)
    arrivals = [
        Arrival(0, 5, Batch(origin("patient", 1), 8, [visit("a", access("U1", "P1", 1))])),
        Arrival(0, 5, Batch(origin("patient", 2), 8, [visit("b", access("U1", "P2", 1))])),
        Arrival(0, 6, Batch(origin("patient", 1), 9, [visit("c", access("U1", "P1", 1))])),
    ]
    onward = stage.step({}, stage.new_models(), arrivals, 0.0).onward
    assert [(batch.offset, [one.id for one in batch.visits]) for batch in onward] == [(5, ["a", "b"]), (6, ["c"])]


def _raise(scene: Scene, thresholds: Thresholds) -> Hit | None:
    raise ZeroDivisionError("JANE-CANARY")


def test_a_detector_that_raises_is_a_failure_and_the_others_still_run() -> None:
    broken = Pattern("X99", "Broken", 1, "low", "user", "", (), (), ())
    watch = Watch()
    watch.stages["user"] = Stage("user", RULES, detectors={"X99": (broken, _raise), **DETECTORS})
    watch.see(OrderContext(patient_ref="P9", user_ref="U9", at=at(0)), known=at(1))
    watch.see(access("U1", "P1", 2))
    assert [(failure.detector, failure.error) for failure in watch.failures] == [("X99", "ZeroDivisionError")]
    assert "CANARY" not in repr(watch.failures)
    assert watch.detected() == {"A01"}
    assert watch.outcomes["scored"] == 1


def test_recent_ids_are_bounded() -> None:
    applied = Applied()
    for number in range(3 * RECENT_EVENTS):
        applied.standing(Arrival(0, number, Batch(INTAKE, 0, [])), visit(f"e{number}", access("U1", "P1", 1)))
    assert len(applied.recent) <= RECENT_EVENTS
    assert len(applied.places) <= RECENT_EVENTS


def test_the_models_of_a_partition_go_on_exactly_from_a_snapshot() -> None:
    rng = np.random.default_rng(7)
    events = [access(f"U{rng.integers(5)}", f"P{rng.integers(200)}", float(n) / 60) for n in range(900)]
    stage = Stage("user", RULES)
    table: dict[str, bytes] = {}
    models = stage.new_models()

    def run(part: list[AccessEvent], first: int) -> list[float]:
        visits = [visit(f"e{first + n}", event, stop=1) for n, event in enumerate(part)]
        arrival = Arrival(0, first, Batch(origin("patient", 0), first, visits))
        result = stage.step(table, models, [arrival], 0.0)
        table.update({key: value for key, value in result.profiles.items() if value is not None})
        return [score.risk for score in result.scores]

    run(events[:600], 0)
    state, saved = models.snapshot(), dict(table)
    expected = run(events[600:], 600)
    models = stage.new_models()
    models.restore(state)
    table = saved
    assert run(events[600:], 600) == expected
    with pytest.raises(ValueError, match="damaged"):
        stage.new_models().restore(b"\x81\xa1a\xa1b")


def test_parcels_round_trip() -> None:
    batch = Batch(origin("user", 3), 9, [visit("a", access("U1", "P1", 1))])
    assert encode_parcel(decode_parcel(encode_parcel([batch]))) == encode_parcel([batch])


def test_origins_are_distinct() -> None:
    numbers = {origin(stage, partition) for stage in STAGES for partition in range(2_000)}
    assert len(numbers) == len(STAGES) * 2_000
    assert INTAKE not in numbers


def test_finding_ids_depend_on_the_ground_alone() -> None:
    assert finding_id("A09", 1, "user", "U1", "9") == finding_id("A09", 1, "user", "U1", "9")
    assert len({finding_id("A09", 1, "a"), finding_id("A09", 2, "a"), finding_id("A08", 1, "a")}) == 3


def test_features_are_scaled_by_fixed_scales() -> None:
    columns = (Feature("n", "", 99), Feature("x", "", 4, is_count=False))
    # log(1 + 9) / log(1 + 99) is 1/2 exactly in decimal logarithms; 5 of 4 is cut to 1; below 0 is 0.
    assert scaled([[9, 1], [1e9, 5], [-3, -1]], columns).tolist() == [
        pytest.approx([0.5, 0.25]),
        [1.0, 1.0],
        [0.0, 0.0],
    ]
    assert len({feature.name for feature in USER_FEATURES}) == len(USER_FEATURES)


def test_clocks_move_forward_only() -> None:
    clock = PartitionState()
    for moment, is_context in ((50.0, True), (100.0, False), (80.0, False), (30.0, True)):
        clock.see(moment, is_context=is_context)
    assert (clock.watching_since, clock.newest, clock.context_at) == (80.0, 100.0, 50.0)


def test_stages_write_only_notes_that_are_declared() -> None:
    watch = Watch()
    watch.see(OrderContext(patient_ref="P9", user_ref="U9", at=at(0)), known=at(1))
    written: set[str] = set()
    for event in _everything():
        watch.see(event)
        written |= watch.notes.keys()
    assert written <= NOTE_NAMES.keys()
    assert written, "the events above write notes"


def _everything() -> Iterator[Data]:
    yield access("U1", "P1", 2, rank=5)
    yield access("U1", None, 2, action="login_failed", outcome="minor_failure")
    yield access("U1", None, 2.1, action="login", geo=(1.0, 1.0))


def test_an_empty_rule_set_still_profiles() -> None:
    stage = Stage("patient", load_rules([], NOTE_NAMES))
    assert isinstance(load_rules([], NOTE_NAMES), RuleSet)
    result = stage.step({}, stage.new_models(), [Arrival(0, 0, Batch(INTAKE, 0, [visit("a", access("U", "P", 1))]))], 0)
    assert set(result.profiles) == {"P", "#clock/0"}
    assert [batch.offset for batch in result.onward] == [0]
    assert isinstance(at(0), datetime.datetime)
    assert set(STAGE_ORDER) == set(STAGES)

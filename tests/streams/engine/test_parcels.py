"""What goes where: every visit, finding and entry once, in order, to the partition of its entity."""

from collections import defaultdict
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from alerting.ledger import LedgerEntry, LedgerRow
from detectors.finding import Entity, Finding
from detectors.retraction import Retraction
from detectors.visit import INTAKE, STAGES, Batch, Stop, Visit, decode_parcel, origin
from streams.emit import Outgoing
from streams.parcels import (
    FINDINGS_PER_RECORD,
    PARCEL_BYTES,
    decode_entries,
    decode_findings,
    decode_found,
    from_intake,
    of_entries,
    of_findings,
    of_letters,
    of_retractions,
    onward,
)
from streams.partition import partition_of
from streams.records import DeadLetter
from streams.topics import TopicPlan
from tests.streams.engine.fakes import visit_of

PLAN = TopicPlan(prefix="p-", partitions=3)

stops = st.builds(Stop, st.sampled_from(STAGES), st.sampled_from("abcdefghij"))


def visits_at(records: list[Outgoing]) -> dict[tuple[str, int], list[Visit]]:
    """Return what arrives at each partition of each topic, in order."""
    found: dict[tuple[str, int], list[Visit]] = defaultdict(list)
    for record in records:
        for batch in decode_parcel(record.value or b""):
            found[record.topic, record.partition] += batch.visits
    return found


@given(st.lists(stops, max_size=40))
def test_fresh_visits_go_to_the_partition_of_their_first_stop(firsts: list[Stop]) -> None:
    visits = [visit_of(str(number), stop) for number, stop in enumerate(firsts)]
    found = visits_at(from_intake(visits, PLAN))
    for (topic, partition), arrived in found.items():
        wanted = [v.id for v in visits if (PLAN.stage(v.stop.stage), partition_of(v.stop.ref, 3)) == (topic, partition)]
        assert [visit.id for visit in arrived] == wanted
    assert sum(map(len, found.values())) == len(visits)


def test_a_parcel_from_intake_is_one_batch_and_closed_at_its_size() -> None:
    visits = [visit_of(str(number), Stop("user", "same"), size=100_000) for number in range(10)]
    records = from_intake(visits, PLAN)
    assert len(records) > 1
    assert all(len(record.value or b"") <= PARCEL_BYTES for record in records)
    parcels = [decode_parcel(record.value or b"") for record in records]
    assert [[batch.origin for batch in parcel] for parcel in parcels] == [[INTAKE]] * len(records)
    assert [visit.id for parcel in parcels for visit in parcel[0].visits] == [str(number) for number in range(10)]


def test_an_event_larger_than_a_parcel_travels_alone() -> None:
    visits = [visit_of(str(number), Stop("user", "same"), size=PARCEL_BYTES) for number in range(2)]
    assert len(from_intake(visits, PLAN)) == 2


@given(st.lists(st.tuples(st.integers(0, 2), st.lists(stops, max_size=6)), max_size=12))
def test_onward_batches_keep_their_marks_and_their_order(arrived: list[tuple[int, list[Stop]]]) -> None:
    batches = [
        Batch(origin("patient", partition), offset, [visit_of(f"{offset}.{n}", stop) for n, stop in enumerate(stops)])
        for offset, (partition, stops) in enumerate(arrived)
    ]
    records, too_large = onward(batches, PLAN)
    assert too_large == []
    assert sum(map(len, visits_at(records).values())) == sum(len(batch.visits) for batch in batches)
    marks: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    for record in records:
        for batch in decode_parcel(record.value or b""):
            marks[record.topic, record.partition, batch.origin].append(batch.offset)
            for visit in batch.visits:
                assert record.topic == PLAN.stage(visit.stop.stage)
                assert record.partition == partition_of(visit.stop.ref, 3)
                assert visit.id.startswith(f"{batch.offset}.")
    for offsets in marks.values():
        assert all(earlier < later for earlier, later in pairwise(offsets)), "a mark that comes twice loses events"


def test_batches_of_one_record_become_one_batch_a_destination() -> None:
    """Two batches of one upstream record have the same mark, and the second would pass for a redelivery."""
    stop = Stop("user", "same")
    batches = [Batch(5, 7, [visit_of("first", stop)]), Batch(5, 7, [visit_of("second", stop)])]
    records, _ = onward(batches, PLAN)
    (parcel,) = [decode_parcel(record.value or b"") for record in records]
    assert [(batch.origin, batch.offset, [v.id for v in batch.visits]) for batch in parcel] == [
        (5, 7, ["first", "second"])
    ]


def test_a_parcel_is_closed_between_batches_and_never_within_one() -> None:
    stop = Stop("user", "same")
    batches = [Batch(5, offset, [visit_of(str(offset), stop, size=PARCEL_BYTES // 3)]) for offset in range(3)]
    records, _ = onward(batches, PLAN)
    offsets = [[batch.offset for batch in decode_parcel(record.value or b"")] for record in records]
    assert offsets == [[0, 1], [2]]


def test_what_no_record_can_hold_is_handed_back() -> None:
    plan = TopicPlan(partitions=3, maximum_bytes=100_000)
    stop = Stop("user", "same")
    batches = [Batch(5, 0, [visit_of("small", stop)]), Batch(5, 1, [visit_of("large", stop, size=100_000)])]
    records, too_large = onward(batches, plan)
    assert [visit.id for visits in visits_at(records).values() for visit in visits] == ["small"]
    assert [(batch.offset, [visit.id for visit in batch.visits]) for batch in too_large] == [(1, ["large"])]


def finding(number: int, ref: str) -> Finding:
    return Finding(
        id=str(number), event_id="e", at=0.0, kind="rule", detector="A01", version=1, severity="low", risk=1.0,
        entity=Entity("user", ref),
    )  # fmt: skip


def test_findings_of_an_entity_stay_together_and_in_order() -> None:
    findings = [finding(number, "ab"[number % 2]) for number in range(FINDINGS_PER_RECORD * 2 + 10)]
    records = of_findings(findings, PLAN)
    assert {record.topic for record in records} == {"p-findings"}
    for ref in "ab":
        there = [record for record in records if record.partition == partition_of(ref, 3)]
        ids = [
            found.id for record in there for found in decode_findings(record.value or b"") if found.entity.ref == ref
        ]
        assert ids == [found.id for found in findings if found.entity.ref == ref]
    assert all(len(decode_findings(record.value or b"")) <= FINDINGS_PER_RECORD for record in records)


def test_retractions_go_where_the_findings_went_and_are_told_from_them() -> None:
    retractions = [
        Retraction(finding_id=str(number), at=1.0, entity=Entity("user", "ab"[number % 2]), reason="It was voided.")
        for number in range(FINDINGS_PER_RECORD * 2 + 10)
    ]
    records = of_retractions(retractions, PLAN)
    assert {record.topic for record in records} == {"p-findings"}
    decoded = [(record.partition, item) for record in records for item in decode_found(record.value or b"")]
    assert sorted(item.finding_id for _, item in decoded if isinstance(item, Retraction)) == sorted(
        one.finding_id for one in retractions
    )
    assert all(
        partition == partition_of(item.entity.ref, 3) for partition, item in decoded if isinstance(item, Retraction)
    )
    assert all(decode_findings(record.value or b"") == [] for record in records)
    assert len(records) == 4  # two partitions, each with more than one record holds


def test_entries_without_rows_are_not_sent_and_the_rest_keep_to_their_partition() -> None:
    row = LedgerRow(0, 0, "s", 0, "scored", 1)
    entries = [LedgerEntry("t", 0, []), LedgerEntry("t", 4, [row]), LedgerEntry("t", 1, [row])]
    (record,) = of_entries(entries, PLAN)
    assert (record.topic, record.partition) == ("p-ledger", 1)
    assert decode_entries(record.value or b"") == entries[1:]


def test_letters_are_sent_one_by_one_with_their_key() -> None:
    letters = [DeadLetter(f"t:0:{offset}", "not_json", "", "t", 0, offset, 0.0, b"x") for offset in range(3)]
    records = of_letters(letters, PLAN)
    assert [record.key for record in records] == [b"t:0:0", b"t:0:1", b"t:0:2"]
    assert [DeadLetter.decode(record.value or b"") for record in records] == letters

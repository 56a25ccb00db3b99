"""Replay: every event visits every stop once, in order, and the ledger adds up."""

import json
import random
from collections.abc import Mapping, Sequence

import pytest

from alerting.desk import Desk
from alerting.incident_ids import random_ids
from alerting.store import create_schema
from alerting.store.engine import open_engine
from alerting.store.store import Store
from detectors.finding import Entity, Finding, finding_id
from detectors.ledger import LedgerRow
from detectors.peers import PeerView
from detectors.retraction import Retraction
from detectors.scoring import StageModels
from detectors.stage import Failure, Score, StageResult
from detectors.visit import INTAKE, STAGES, Arrival, Batch, StageName, origin
from streams.emulation import ORDER, EmulatedTopics
from streams.intake import Intake
from streams.partition import partition_of
from streams.replay import Replay, ReplayResult
from tests.streams.samples import AT, BILLING, SOURCE, access, event, line, payment, record, tokeniser

Step = tuple[StageName, int, int, list[tuple[int, int, list[str]]], float]
"""Stage, partition, offset, and of each batch origin, offset and event ids; and the time."""


class LoggingStage:
    """A stage that passes everything on and finds something in events whose id begins with `bad`."""

    def __init__(self, name: StageName, log: list[Step]) -> None:
        self.name = name
        self.peers = PeerView()
        self._log = log
        self.profiles_seen: list[bytes | None] = []

    def new_models(self) -> StageModels:
        return StageModels(self.name, 0, 1)

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        assert isinstance(models, StageModels)
        (place,) = {(arrival.partition, arrival.offset) for arrival in arrivals}
        batches = [arrival.batch for arrival in arrivals]
        seen = [(batch.origin, batch.offset, [visit.id for visit in batch.visits]) for batch in batches]
        self._log.append((self.name, *place, seen, now))
        result = StageResult()
        for arrival in arrivals:
            onward = []
            for visit in arrival.batch.visits:
                ref = visit.stop.ref
                assert partition_of(ref, 3) == arrival.partition
                self.profiles_seen.append(profiles.get(ref))
                result.profiles[ref] = str(int(profiles.get(ref, b"0")) + 1).encode()
                if visit.id.startswith("bad"):
                    result.findings.append(finding(self.name, visit.id, visit.time, ref))
                if visit.id.startswith("void"):
                    for voided in ("bad", "unheard of"):
                        withdrawn = finding(self.name, voided, visit.time, ref)
                        result.retractions.append(
                            Retraction(
                                finding_id=withdrawn.id, at=visit.time, entity=withdrawn.entity, reason="It was voided."
                            )
                        )
                if visit.id == "gone":
                    result.profiles[ref] = None
                if visit.id == "broken":
                    result.failures.append(Failure(visit.id, "A99", "KeyError"))
                if visit.is_last:
                    result.rows.append(LedgerRow(arrival.offset, arrival.offset, visit.source, 0, "scored", 1))
                    result.scores.append(Score(visit.id, visit.time, visit.type, Entity(self.name, ref), 7.0, ""))
                else:
                    visit.at += 1
                    onward.append(visit)
            if onward:
                result.onward.append(Batch(origin(self.name, arrival.partition), arrival.offset, onward))
        return result


def finding(stage: StageName, event_id: str, at: float, ref: str) -> Finding:
    return Finding(
        id=finding_id("A01", 1, event_id),  # the same at every stop: it must be counted once
        event_id=event_id,
        at=at,
        kind="rule",
        detector="A01",
        version=1,
        severity="high",
        risk=90.0,
        entity=Entity(stage, ref),
        reasons=["It is bad."],
    )


class Kept:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self.scored: list[tuple[str, bool]] = []
        self.withdrawn: list[tuple[str, str]] = []

    def retractions(self, retractions: Sequence[Retraction]) -> None:
        self.withdrawn.extend((one.finding_id, one.reason) for one in retractions)

    def findings(self, findings: Sequence[Finding]) -> None:
        self.found.extend(findings)

    def scores(self, scores: Sequence[Score], alerted: set[str]) -> None:
        self.scored.extend((score.event_id, score.event_id in alerted) for score in scores)


class Bench:
    """A replay over logging stages with a desk in memory."""

    def __init__(self, *, batch: int = 500, together: int = 1, warm_up: float = 0.0) -> None:
        self.log: list[Step] = []
        self.kept = Kept()
        self.read: list[int] = []
        engine = open_engine("sqlite://")
        create_schema(engine)
        self.store = Store(engine)
        desk = Desk(self.store, clock=lambda: AT, incident_ids=random_ids(random.Random(1)))
        self.stages = {name: LoggingStage(name, self.log) for name in STAGES}
        self._replay = Replay(
            Intake(tokeniser()),
            self.stages,
            desk,
            partitions=3,
            batch=batch,
            together=together,
            warm_up=warm_up,
            sink=self.kept,
            progress=self.read.append,
        )

    def run(self, *lines: bytes) -> ReplayResult:
        result = self._replay.run(lines)
        assert result.ledger == self.store.ledger() or result.warm_up
        assert result.ledger.is_balanced
        return result


def clock(minutes: int) -> str:
    return f"2026-03-02T09:{14 + minutes}:03Z"


def opened(event_id: str, patient: int, *, minutes: int = 0) -> bytes:
    at = clock(minutes)
    return line(access(patient={"ref": f"MRN{patient}"}, occurred_at=at), id=event_id, time=at)


def test_an_access_goes_from_its_patient_to_its_user() -> None:
    bench = Bench()
    result = bench.run(opened("e1", 1))
    patient = partition_of(tokeniser().token("p", "MRN1"), 3)
    user = partition_of(tokeniser().token("u", "u1001"), 3)
    assert bench.log == [
        ("patient", patient, 0, [(INTAKE, 0, ["e1"])], AT),
        ("user", user, 0, [(INTAKE, 0, ["e1"])], AT),
    ]
    assert bench.kept.scored == [("e1", False)]
    assert (result.ledger.received, result.ledger.scored) == (1, 1)
    assert set(result.ledger.per_source) == {SOURCE}


def test_a_payment_hops_from_instrument_to_instrument() -> None:
    bench = Bench()
    bench.run(line(payment(), type_name=BILLING))
    assert [stage for stage, *_ in bench.log] == ["patient", "instrument", "instrument", "user"]


def test_offsets_of_a_partition_grow_by_one_parcel_at_a_time() -> None:
    bench = Bench(batch=20)
    bench.run(*(opened(f"e{n}", n % 11, minutes=n // 10) for n in range(100)))
    for stage in STAGES:
        for partition in range(3):
            offsets = [step[2] for step in bench.log if step[:2] == (stage, partition)]
            assert offsets == list(range(len(offsets)))
    visits = [(stage, event_id) for stage, _, _, seen, _ in bench.log for _, _, ids in seen for event_id in ids]
    assert sorted(visits) == sorted((stage, f"e{n}") for n in range(100) for stage in ("patient", "user"))
    assert bench.read == [20, 40, 60, 80, 100]
    # The time of a step is that of the last line read.
    assert [now for *_, now in bench.log if now == AT + 60] != []
    assert bench.log[-1][-1] == AT + 9 * 60


def test_batches_of_a_short_time_are_taken_together() -> None:
    minutes = [0] * 10 + [1] * 4 + [9] * 6
    bench = Bench(batch=2, together=3)
    bench.run(*(opened(f"e{n}", n, minutes=minute) for n, minute in enumerate(minutes)))
    # Three batches at most, and none more where 90 seconds have passed from the first line to the last.
    assert bench.read == [6, 12, 16, 20]


def test_a_partition_sees_what_waits_by_event_time_whatever_way_it_came() -> None:
    log: list[Step] = []
    topics = EmulatedTopics({"user": LoggingStage("user", log)}, 3)
    times = [clock(minutes) for minutes in (5, 3, 3, 4)]
    lines = [line(access(patient=None, occurred_at=at), id=f"e{n}", time=at) for n, at in enumerate(times)]
    visits = Intake(tokeniser()).admit([record(one) for one in lines]).visits
    topics.send([Batch(5, 9, visits[:1]), Batch(6, 9, visits[1:3]), Batch(5, 9, visits[3:])])
    ((entry, result),) = topics.drain(1.0)
    place = partition_of(visits[0].stop.ref, 3)
    assert log == [("user", place, 0, [(INTAKE, 0, ["e1", "e2", "e3", "e0"])], 1.0)]
    assert (entry.topic, entry.partition, len(result.rows)) == ("stage.user", place, 4)
    assert list(topics.drain(2.0)) == []


def test_every_stage_has_its_turn() -> None:
    assert sorted(ORDER) == sorted(STAGES)


def test_neither_the_batch_nor_the_order_of_batches_changes_what_a_profile_sees() -> None:
    lines = [opened(f"e{n}", n % 5) for n in range(40)]
    orders = []
    for batch in (1, 7, 500):
        bench = Bench(batch=batch)
        bench.run(*lines)
        order: dict[tuple[str, int], list[str]] = {}
        for stage, partition, _, seen, _ in bench.log:
            if stage == "patient":
                order.setdefault((stage, partition), []).extend(name for _, _, ids in seen for name in ids)
        orders.append(order)
    assert orders[0] == orders[1] == orders[2]


def test_the_ledger_counts_every_line() -> None:
    verdict = {"verdict": "duplicate", "by": "pat", "at": "2026-03-02T09:14:03Z"}
    bench = Bench(batch=2)
    result = bench.run(
        opened("e1", 1), b"junk", opened("e2", 2), line(verdict, type_name="org.wardwatch.feedback.v1"),
        line(access(surprise=1), source="urn:b"), line(access(actor={}), source="urn:b"), b"{}",
    )  # fmt: skip
    ledger = result.ledger
    assert (ledger.received, ledger.scored, ledger.applied, ledger.duplicates) == (7, 3, 0, 0)
    assert ledger.dead_letters == {"not_json": 1, "missing_field": 2}
    assert ledger.filtered == {"no_entity": 1}
    per_source = {source: (totals.received, totals.scored) for source, totals in ledger.per_source.items()}
    assert per_source == {SOURCE: (3, 2), "urn:b": (2, 1), "unknown": (2, 0)}
    assert result.unknown_fields == 1


def test_a_verdict_reaches_the_case_that_it_is_about() -> None:
    bench = Bench(batch=1)
    first = bench.run(opened("bad1", 2))
    (case,) = bench.store.incidents()
    verdict = {"verdict": "true_positive_policy", "by": "pat", "at": "2026-03-02T09:14:03Z", "incident_id": case.id}
    again = Bench(batch=1)
    result = again.run(opened("bad1", 2), line(verdict, type_name="org.wardwatch.feedback.v1", id="v1"))
    assert (first.ledger.applied, result.ledger.applied) == (0, 1)
    judged = again.store.incident(case.id)
    assert judged is not None
    assert [(entry.action, entry.actor) for entry in judged.timeline] == [
        ("opened", "wardwatch"),
        ("verdict_elsewhere", "pat"),
    ]


def test_findings_are_decided_by_the_desk_and_counted_once() -> None:
    bench = Bench(batch=1)
    result = bench.run(opened("e1", 1), opened("bad1", 2), opened("bad2", 3))
    assert [(one.event_id, one.alert) for one in bench.kept.found] == [("bad1", True), ("bad2", True)]
    assert all(one.incident_id for one in bench.kept.found)
    assert bench.kept.scored == [("e1", False), ("bad1", True), ("bad2", True)]
    assert (result.ledger.findings, result.ledger.alerts) == (2, 2)
    assert result.ledger.incidents == len({one.incident_id for one in bench.kept.found})


def test_in_the_warm_up_nothing_alerts_and_everything_is_scored() -> None:
    bench = Bench(batch=1, warm_up=120.0)
    staff = line({"user_ref": "u1"}, type_name="org.wardwatch.context.staff.v1", time="2026-03-01T00:00:00Z")
    result = bench.run(staff, *(opened(f"bad{n}", 1, minutes=n) for n in range(4)))
    assert [(one.event_id, one.alert) for one in bench.kept.found] == [
        ("bad0", False), ("bad1", False), ("bad2", True), ("bad3", True),
    ]  # fmt: skip
    assert [alert for _, alert in bench.kept.scored] == [False, False, False, True, True]
    assert (result.ledger.findings, result.ledger.alerts, result.warm_up) == (4, 2, 2)


def test_failures_are_counted_by_detector() -> None:
    bench = Bench()
    assert bench.run(opened("broken", 1)).failures == {"A99": 2}


def test_a_profile_that_goes_begins_anew() -> None:
    bench = Bench(batch=1)
    bench.run(opened("e1", 1), opened("e2", 1), opened("gone", 1), opened("e3", 1))
    assert bench.stages["patient"].profiles_seen == [None, b"1", b"2", None]


@pytest.mark.parametrize("stated", ["soon", "9999-01-01T00:00:00Z", "2026-03-02T10:00:00"])
def test_a_line_without_a_usable_time_is_received_when_its_predecessor_was(stated: str) -> None:
    bench = Bench(batch=1)
    timeless = event(access(occurred_at=clock(1)), id="e3")
    del timeless["time"]
    bench.run(opened("e1", 1), line(access(actor={}), time=stated), json.dumps(timeless).encode())
    assert [(stage, now) for stage, *_, now in bench.log] == [("patient", AT), ("user", AT)] * 2


def test_nothing_comes_of_nothing() -> None:
    bench = Bench()
    result = bench.run()
    assert result == ReplayResult()
    assert bench.read == []


def test_what_is_withdrawn_is_counted_once_and_told_to_the_sink_and_the_desk() -> None:
    bench = Bench()
    result = bench.run(opened("bad", 1), opened("void1", 2), opened("void2", 3))
    assert bench.kept.withdrawn == [(finding_id("A01", 1, "bad"), "It was voided.")]
    assert (result.ledger.findings, result.ledger.withdrawn) == (1, 1)
    (incident,) = bench.store.incidents()
    assert (incident.status, incident.findings) == ("resolved", 0)

"""Desks that work on one store at the same time, on both databases."""

import random
import threading
from collections import Counter
from collections.abc import Callable

import pytest

from alerting.commands import Acknowledge, Comment, RecordFindings, RecordLedger
from alerting.ledger import LedgerEntry, LedgerRow
from alerting.policy import Policy
from alerting.store import Store, create_schema
from alerting.store.tables import METADATA
from alerting.storm import StormLimit
from alerting.timeline import first_break
from alerting.transitions import IllegalTransition
from models.daily_budget import DailyBudget
from tests.alerting.building import MONDAY, Clock, a_desk, a_finding, numbered_ids


def together(*works: Callable[[], object]) -> list[BaseException]:
    """Run all works at once, each in a thread; return what they raised."""
    start = threading.Barrier(len(works))
    raised: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 -- handed to the test
            raised.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_two_desks_open_one_case_for_an_entity(store: Store, clock: Clock) -> None:
    people, rounds = 10, 12
    shares = [
        [[a_finding(ref=f"u1:{person}", risk=50 + worker) for person in range(people)] for _ in range(rounds)]
        for worker in range(2)
    ]
    desks = [
        a_desk(store, clock, incident_ids=numbered_ids(f"INC-{worker}"), budget=DailyBudget(10**6)) for worker in "AB"
    ]
    for share in shares:  # each in another order
        for batch in share:
            random.Random(len(batch)).shuffle(batch)
    raised = together(
        *(
            lambda desk=desk, share=share: [desk.handle(RecordFindings(batch)) for batch in share]
            for desk, share in zip(desks, shares, strict=True)
        )
    )
    assert raised == []
    incidents = store.incidents(limit=1000)
    assert sorted(incident.key for incident in incidents) == sorted(f"user:u1:{person}" for person in range(people))
    assert {incident.findings for incident in incidents} == {2 * rounds}
    for incident in incidents:
        case = store.incident(incident.id)
        assert case is not None
        assert first_break(case.timeline) is None
        assert len(case.findings) == 2 * rounds


def test_the_same_batch_on_two_desks_counts_once(store: Store, clock: Clock) -> None:
    batches = [[a_finding(ref=f"u1:{number}", risk=number) for number in range(20)] for _ in range(5)]
    limit = Policy(storm=StormLimit(per_hour=4))
    desks = [a_desk(store, clock, incident_ids=numbered_ids(f"INC-{one}"), policy=limit) for one in "AB"]
    raised = together(*(lambda desk=desk: [desk.handle(RecordFindings(batch)) for batch in batches] for desk in desks))
    assert raised == []
    assert store.ledger().findings == 100
    assert store.ledger().incidents == 4
    assert store.held() == {("storm", "A09"): 16 * 5}
    assert Counter(incident.kind for incident in store.incidents()) == {"case": 4, "rule_storm": 1}


def test_one_of_two_acknowledgements_wins(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding()]))
    raised = together(
        *(lambda actor=actor: desk.handle(Acknowledge(incident_id="INC-T0000001", actor=actor)) for actor in "abcd")
    )
    assert [type(error) for error in raised] == [IllegalTransition] * 3
    case = store.incident("INC-T0000001")
    assert case is not None
    assert [entry.action for entry in case.timeline] == ["opened", "acknowledge"]


def test_people_and_findings_at_once(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding()]))
    comment = Comment(incident_id="INC-T0000001", actor="ana", note="looking")
    raised = together(
        lambda: [desk.handle(comment) for _ in range(20)],
        lambda: [desk.handle(RecordFindings([a_finding(), a_finding(ref="u1:new")])) for _ in range(20)],
    )
    assert raised == []
    case = store.incident("INC-T0000001")
    assert case is not None
    assert first_break(case.timeline) is None
    assert (case.incident.revision, case.incident.findings) == (41, 21)


def test_the_ledger_counts_once_whoever_delivers(store: Store, clock: Clock) -> None:
    desks = [a_desk(store, clock) for _ in range(3)]
    entries = [
        LedgerEntry(
            "access.events", partition, [LedgerRow(10 * step, 10 * step + 9, f"s{step % 2}", 1, "received", 10)]
        )
        for step in range(8)
        for partition in (0, 1)
    ]
    raised = together(*(lambda desk=desk: [desk.handle(RecordLedger([entry])) for entry in entries] for desk in desks))
    assert raised == []
    assert {source: totals.received for source, totals in store.ledger().per_source.items()} == {"s0": 80, "s1": 80}


def test_the_schema_may_be_made_by_two_at_once(store: Store) -> None:
    engine = store.engine
    METADATA.drop_all(engine)
    assert together(*[lambda: create_schema(engine)] * 3) == []
    assert store.incidents() == []


@pytest.mark.parametrize("seed", range(3))
def test_any_interleaving_gives_the_incidents_of_one_desk(store: Store, clock: Clock, seed: int) -> None:
    source = random.Random(seed)
    findings = [
        a_finding(
            source.choice(["A09", "B22"]),
            ref=f"u1:{source.randrange(4)}",
            at=MONDAY + source.randrange(20_000),
            severity=source.choice(["medium", "high"]),
        )
        for _ in range(60)
    ]
    desks = [a_desk(store, clock, incident_ids=numbered_ids(f"INC-{one}")) for one in "AB"]
    halves = findings[::2], findings[1::2]
    raised = together(
        *(
            lambda desk=desk, half=half: [desk.handle(RecordFindings([one])) for one in half]
            for desk, half in zip(desks, halves, strict=True)
        )
    )
    assert raised == []
    expected: dict[str, tuple[list[float], set[str], set[str]]] = {}
    for finding in findings:
        key = f"user:{finding.entity.ref}"
        severity = "SEV3" if finding.severity == "medium" else "SEV2"
        times, rules, grave = expected.setdefault(key, ([], set(), set()))
        times.append(finding.at)
        rules.add(finding.detector)
        grave.add(severity)
    found = {
        incident.key: (
            incident.findings, incident.first_at, incident.last_at, set(incident.rules), incident.severity
        )
        for incident in store.incidents()
    }  # fmt: skip
    assert found == {
        key: (len(times), min(times), max(times), rules, min(grave)) for key, (times, rules, grave) in expected.items()
    }

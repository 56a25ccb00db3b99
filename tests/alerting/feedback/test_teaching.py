"""A verdict is stored for each finding, learned, told to others as an event, and taken back with the case."""

import hashlib

import msgspec
import pytest

from alerting.commands import Acknowledge, RecordFindings, Reopen, Resolve, RetractFindings
from alerting.desk import Desk
from alerting.feedback.rows import (
    RuleRecord,
    load_ranking,
    mark_published,
    rule_records,
    unpublished,
)
from alerting.feedback.teaching import TakeVerdict, speakers
from alerting.incidents import Verdict
from alerting.store import Store
from detectors.events.context import Feedback
from detectors.events.envelope import decode_structured
from detectors.finding import Finding
from detectors.retraction import Retraction
from models.daily_budget import DailyBudget
from tests.alerting.building import DAY, MONDAY, Clock, a_desk, a_finding


def resolved(desk: Desk, findings: list[Finding], verdict: Verdict, actor: str = "p.officer") -> str:
    (incident_id,) = desk.handle(RecordFindings(findings)).opened
    desk.handle(Acknowledge(incident_id=incident_id, actor=actor))
    desk.handle(Resolve(incident_id=incident_id, actor=actor, verdict=verdict, reason="Jane Doe said so"))
    return incident_id


def records(store: Store) -> list[RuleRecord]:
    with store.reading() as connection:
        return rule_records(connection)


def learned(store: Store) -> tuple[int, int]:
    with store.reading() as connection:
        ranking = load_ranking(connection)
    return ranking.confirmed, ranking.cleared


@pytest.mark.parametrize(
    ("verdict", "confirmed", "cleared"),
    [
        ("true_positive_malicious", 1, 0),
        ("true_positive_policy", 1, 0),
        ("benign_explained", 0, 1),
        ("false_positive_rule", 0, 1),
        ("false_positive_data", 0, 1),
        ("duplicate", 0, 0),
        ("insufficient_data", 0, 0),
    ],
)
def test_a_verdict_counts_for_every_finding(store: Store, verdict: Verdict, confirmed: int, cleared: int) -> None:
    desk = a_desk(store, Clock())
    resolved(desk, [a_finding("A09"), a_finding("A09"), a_finding("B22")], verdict)
    assert records(store) == [
        RuleRecord("A09", "rule", "2026-03", 2 * confirmed, 2 * cleared),
        RuleRecord("B22", "rule", "2026-03", confirmed, cleared),
    ]
    assert learned(store) == (confirmed, cleared)


def test_precision_is_kept_by_month(store: Store) -> None:
    clock = Clock()
    desk = a_desk(store, clock)
    resolved(desk, [a_finding("A09", ref="u1:a")], "true_positive_policy")
    clock.now += 40 * DAY  # 11 April
    resolved(desk, [a_finding("A09", ref="u1:b")], "benign_explained")
    assert [(row.month, row.precision) for row in records(store)] == [("2026-03", 1.0), ("2026-04", 0.0)]
    with store.reading() as connection:
        assert [row.month for row in rule_records(connection, MONDAY + 1)] == ["2026-04"]
    assert RuleRecord("A09", "rule", "2026-03", 0, 0).precision is None


def test_a_withdrawn_finding_is_not_judged(store: Store) -> None:
    desk = a_desk(store, Clock())
    gone = a_finding("A01")
    (incident_id,) = desk.handle(RecordFindings([gone, a_finding("A09")])).opened
    desk.handle(
        RetractFindings(
            [Retraction(finding_id=gone.id, at=gone.at, entity=gone.entity, reason="an appointment came late")]
        )
    )
    desk.handle(Acknowledge(incident_id=incident_id, actor="p.officer"))
    desk.handle(Resolve(incident_id=incident_id, actor="p.officer", verdict="true_positive_policy", reason="seen"))
    assert [row.detector for row in records(store)] == ["A09"]


def test_reopening_takes_the_verdict_back(store: Store) -> None:
    desk = a_desk(store, Clock())
    incident_id = resolved(desk, [a_finding("A09")], "benign_explained")
    resolved(desk, [a_finding("B22", ref="u1:other")], "true_positive_malicious")
    desk.handle(Reopen(incident_id=incident_id, actor="p.officer", reason="the colleague was on leave"))
    assert [(row.detector, row.confirmed, row.cleared) for row in records(store)] == [("B22", 1, 0)]
    assert learned(store) == (1, 1)
    desk.pass_time()
    assert learned(store) == (1, 0)
    desk.handle(Resolve(incident_id=incident_id, actor="p.officer", verdict="true_positive_policy", reason="seen"))
    assert [(row.detector, row.confirmed, row.cleared) for row in records(store)] == [("A09", 1, 0), ("B22", 1, 0)]
    assert learned(store) == (2, 0)


def test_new_evidence_that_reopens_a_case_takes_the_verdict_back(store: Store) -> None:
    clock = Clock()
    desk = a_desk(store, clock)
    incident_id = resolved(desk, [a_finding("A09")], "benign_explained")
    clock.now += DAY
    desk.handle(RecordFindings([a_finding("B22", at=MONDAY + DAY)]))
    case = store.incident(incident_id)
    assert case is not None
    assert case.incident.status == "investigating"
    assert records(store) == []
    desk.pass_time()
    assert learned(store) == (0, 0)


def test_a_verdict_is_told_as_an_event_without_its_words(store: Store) -> None:
    desk = a_desk(store, Clock())
    incident_id = resolved(desk, [a_finding()], "benign_explained")
    with store.reading() as connection:
        (event,) = unpublished(connection, 10)
    decoded, unknown = decode_structured(event.body)
    assert isinstance(decoded.data, Feedback)
    assert unknown == 0
    assert (decoded.id, decoded.source, decoded.time) == (event.id, "urn:wardwatch:desk", MONDAY)
    assert msgspec.json.decode(event.body)["data"] == {
        "incident_id": incident_id,
        "verdict": "benign_explained",
        "by": "p.officer",
        "at": "2026-03-02T09:14:03Z",
        "note_hash": hashlib.sha256(b"Jane Doe said so").hexdigest(),
    }
    with store.writing() as connection:
        mark_published(connection, [event.id], MONDAY)
    with store.reading() as connection:
        assert unpublished(connection, 10) == []


def test_a_verdict_of_another_system_is_learned_once_and_moves_nothing(store: Store) -> None:
    desk = a_desk(store, Clock())
    finding = a_finding("A09")
    (incident_id,) = desk.handle(RecordFindings([finding, a_finding("B22")])).opened
    told = TakeVerdict(
        actor="case-tool",
        event_id="e1",
        verdict="true_positive_policy",
        at=MONDAY,
        finding_id=finding.id,
        note_hash="ab",
    )
    assert desk.handle(told) is True
    assert desk.handle(told) is False
    assert records(store) == [RuleRecord("A09", "rule", "2026-03", 1, 0)]
    assert learned(store) == (1, 0)
    case = store.incident(incident_id)
    assert case is not None
    assert case.incident.status == "new"
    assert [(entry.action, entry.actor, entry.detail) for entry in case.timeline[1:]] == [
        (
            "verdict_elsewhere",
            "case-tool",
            {"verdict": "true_positive_policy", "finding": finding.id, "note_hash": "ab"},
        )
    ]


def test_a_verdict_on_nothing_that_is_known_is_noted(store: Store) -> None:
    desk = a_desk(store, Clock())
    told = TakeVerdict(actor="case-tool", event_id="e1", verdict="duplicate", at=MONDAY, finding_id="none")
    assert desk.handle(told) is False
    assert records(store) == []


def test_a_burst_of_equal_findings_speaks_once() -> None:
    first, last, other = a_finding("A09"), a_finding("A09"), a_finding("B22")
    first.alert = True
    assert speakers([first, last, other]) == [first, other]
    last.alert = True
    assert speakers([first, last, other]) == [last, other]


def test_the_budget_goes_to_what_was_confirmed_before(store: Store) -> None:
    """Forty verdicts: A09 is right, A01 is wrong. Then one of each of equal risk, and a budget for one."""
    clock = Clock()
    desk = a_desk(store, clock)
    for n in range(20):
        resolved(desk, [a_finding("A09", ref=f"u1:right{n}", severity="low")], "true_positive_policy")
        resolved(desk, [a_finding("A01", ref=f"u1:wrong{n}", severity="low")], "benign_explained")
    tight = a_desk(store, clock, budget=DailyBudget(1))
    later = MONDAY + 10 * DAY
    wrong = a_finding("A01", ref="u1:x", at=later, risk=30.0, severity="low")
    right = a_finding("A09", ref="u1:y", at=later, risk=30.0, severity="low")
    tight.handle(RecordFindings([wrong, right]))
    (released,) = tight.handle(RecordFindings([], until=later + DAY)).released
    assert released.id == right.id

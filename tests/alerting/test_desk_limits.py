"""What the desk holds back, and what it takes without harm: budget, storms, malformed findings."""

from collections import Counter

import pytest
from msgspec import structs

from alerting.commands import (
    Acknowledge,
    Comment,
    RecordFindings,
    RetractFindings,
)
from alerting.policy import Policy
from alerting.store import Store
from alerting.storm import StormLimit
from detectors.finding import Finding, Kind, Severity
from detectors.retraction import Retraction
from models.api import Snapshot
from models.budget import Decision
from models.daily_budget import DailyBudget
from tests.alerting.building import (
    CONSOLE,
    DAY,
    HOUR,
    MONDAY,
    PAGER_THEN_CHAT,
    Clock,
    a_desk,
    a_finding,
    case_of,
    numbered_ids,
)


class Threshold:
    """A budget that alerts from a risk on, and knows how many findings it decided."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.decided = 0
        self.waiting: frozenset[str] = frozenset()

    def spent(self) -> None:
        pass

    def charge(self, at: float) -> None:
        pass

    def is_due(self, at: float) -> bool:
        return False

    def due(self, at: float) -> str | None:
        return None

    def decide(self, at: float, risk: float, critical: bool = False, *, subject: str = "", name: str = "") -> Decision:
        assert at >= 0
        self.decided += 1
        return Decision.ALERT if critical or risk >= self.threshold else Decision.HOLD

    def snapshot(self) -> Snapshot:
        return {"decided": self.decided}

    def restore(self, snapshot: Snapshot) -> None:
        decided = snapshot["decided"]
        assert isinstance(decided, int)
        self.decided = decided


def test_what_the_budget_holds_back_is_stored_and_counted(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, budget=Threshold(40))
    findings = [
        a_finding("A01", risk=39, severity="medium"),
        a_finding("A09", risk=40, severity="medium"),
        a_finding("A13", risk=1, severity="critical"),
    ]
    recorded = desk.handle(RecordFindings(findings))
    assert [(finding.alert, finding.incident_id) for finding in recorded.findings] == [
        (False, None), (True, "INC-T0000001"), (True, "INC-T0000001"),
    ]  # fmt: skip
    assert (recorded.held, recorded.threshold) == (Counter(budget=1), 40)
    assert store.held() == {("budget", "A01"): 1}
    ledger = store.ledger()
    assert (ledger.findings, ledger.alerts, ledger.incidents) == (3, 2, 1)


@pytest.mark.parametrize(
    ("severity", "kind", "alerts"),
    [
        ("critical", "rule", True),
        ("critical", "fused", True),
        ("high", "rule", True),
        ("high", "fused", False),
        ("high", "online", False),
        ("medium", "rule", False),
    ],
)
def test_hard_rules_alert_whatever_is_left(
    store: Store, clock: Clock, severity: Severity, kind: Kind, *, alerts: bool
) -> None:
    """Domain.md §3.3: "take top-k/day, plus all C/H hard rules"."""
    desk = a_desk(store, clock, budget=Threshold(101))
    (found,) = desk.handle(RecordFindings([a_finding(severity=severity, kind=kind, risk=10)])).findings
    assert found.alert is alerts


def test_an_open_case_needs_no_budget_for_what_joins_it(store: Store, clock: Clock) -> None:
    budget = Threshold(40)
    desk = a_desk(store, clock, budget=budget)
    findings = [a_finding("A09", risk=70), *(a_finding("A01", risk=15, severity="low") for _ in range(4))]
    recorded = desk.handle(RecordFindings(findings))
    assert budget.decided == 1
    # People are told when the evidence has doubled: at the second and at the fourth finding.
    assert [finding.alert for finding in recorded.findings] == [True, True, False, True, False]
    assert {finding.incident_id for finding in recorded.findings} == {"INC-T0000001"}
    assert recorded.held == Counter()


def test_people_hear_of_a_rule_as_grave_as_the_case_that_is_new_to_it(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    findings = [a_finding("A09"), *(a_finding("A09") for _ in range(9)), a_finding("A19"), a_finding("A19")]
    findings.append(a_finding("A01", severity="low"))
    alerts = [finding.alert for finding in desk.handle(RecordFindings(findings)).findings]
    # Told at 1, 2, 4 and 8 findings; then of A19, once; not of A01, which is slighter than the case.
    assert alerts == [True, True, False, True, False, False, False, True, False, False, True, False, False]


def test_the_budget_is_shared_and_survives(store: Store, clock: Clock) -> None:
    one, two = Threshold(0), Threshold(0)
    desks = [a_desk(store, clock, budget=budget) for budget in (one, two)]
    for number in range(6):
        pair = [a_finding(ref=f"u1:{number}a"), a_finding(ref=f"u1:{number}b")]
        desks[number % 2].handle(RecordFindings(pair))
    assert (one.decided, two.decided) == (10, 12)
    reborn = Threshold(0)
    a_desk(store, clock, budget=reborn).handle(RecordFindings([a_finding(ref="u1:last")]))
    assert reborn.decided == 13


def test_a_failed_transaction_leaves_the_budget_as_it_was(store: Store, clock: Clock) -> None:
    budget = Threshold(0)
    drawn = iter(["INC-A"])
    desk = a_desk(store, clock, budget=budget, incident_ids=drawn.__next__)
    pair = [a_finding(ref="u1:a"), a_finding(ref="u1:b")]
    with pytest.raises(StopIteration):  # no id is left for the second
        desk.handle(RecordFindings(pair))
    assert budget.decided == 2
    assert (store.incidents(), store.ledger().findings) == ([], 0)
    drawn = iter(["INC-A", "INC-B"])
    again = a_desk(store, clock, budget=budget, incident_ids=drawn.__next__)
    again.handle(RecordFindings(pair))
    with pytest.raises(StopIteration):
        again.handle(RecordFindings([a_finding(ref="u1:c")]))
    budget.threshold = 101
    again.handle(RecordFindings([a_finding(ref="u1:d", severity="medium")]))
    # A budget that was handed over half used counts as untouched; what a failed transaction decided is undone.
    assert budget.decided == 2 + 2 + 1


@pytest.mark.parametrize(("field", "value"), [("at", float("nan")), ("at", float("inf")), ("risk", 101.0),
                                              ("risk", float("nan")), ("risk", -1.0)])  # fmt: skip
def test_malformed_findings_are_held_and_hurt_nobody(store: Store, clock: Clock, field: str, value: float) -> None:
    bad = structs.replace(a_finding(), **{field: value})
    recorded = a_desk(store, clock, budget=DailyBudget(10)).handle(
        RecordFindings([bad, a_finding(severity="critical")])
    )
    assert recorded.held == Counter(malformed=1)
    assert [finding.alert for finding in recorded.findings] == [False, True]
    assert store.ledger().findings == 2


def test_a_rule_storm_becomes_one_incident_that_counts_what_it_held(store: Store, clock: Clock) -> None:
    policy = Policy(storm=StormLimit(per_hour=3), console_url=CONSOLE, routes=PAGER_THEN_CHAT.routes)
    desk = a_desk(store, clock, policy=policy)
    storm = [a_finding("A01", ref=f"u1:{number}", severity="medium") for number in range(8)]
    known = a_finding("A01", ref="u1:0", severity="medium")
    other = a_finding("B22", ref="u1:other")
    recorded = desk.handle(RecordFindings([*storm, known, other]))
    by_incident = Counter(finding.incident_id for finding in recorded.findings)
    (guard,) = [incident for incident in store.incidents() if incident.kind == "rule_storm"]
    assert by_incident[guard.id] == 5
    assert (guard.key, guard.findings, guard.severity, guard.entity) == ("rule_storm:A01", 5, "SEV3", None)
    assert [finding.alert for finding in recorded.findings] == [True] * 3 + [False] * 5 + [True, True]
    assert store.held() == {("storm", "A01"): 5}
    assert len(case_of(store, guard.id).findings) == 5
    # The guard counts in the store, so another worker goes on from there.
    later = a_desk(store, clock, policy=policy, incident_ids=iter(["INC-L1", "INC-L2"]).__next__)
    assert later.handle(RecordFindings([a_finding("A01", ref="u1:9", severity="medium")])).held == Counter(storm=1)
    assert later.handle(RecordFindings([a_finding("A01", ref="u1:9", at=MONDAY + 1200)])).opened == ("INC-L1",)


def test_ids_that_are_taken_are_drawn_again(store: Store, clock: Clock) -> None:
    drawn = iter(["INC-A", "INC-A", "INC-A", "INC-B", "INC-B", "INC-C"])
    desk = a_desk(store, clock, incident_ids=drawn.__next__)
    desk.handle(RecordFindings([a_finding(ref="u1:a"), a_finding(ref="u1:b")]))
    desk.handle(RecordFindings([a_finding(ref="u1:c")]))
    assert {incident.id for incident in store.incidents()} == {"INC-A", "INC-B", "INC-C"}


def test_text_that_no_database_likes(store: Store, clock: Clock) -> None:
    ref = "u1:\x00'; DROP TABLE incidents; -- \N{PILE OF POO}"
    desk = a_desk(store, clock)
    desk.handle(RecordFindings([a_finding(ref=ref, reasons=["\x00"])]))
    again = desk.handle(RecordFindings([a_finding(ref=ref)]))
    desk.handle(Comment(incident_id="INC-T0000001", actor="ana", note="\x00 nul, \u202e and \N{PILE OF POO}"))
    assert again.findings[0].incident_id == "INC-T0000001"
    assert ["\x00"] in [finding.reasons for finding in case_of(store, "INC-T0000001").findings]


class Counting:
    """An observer that counts."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[object, ...]] = Counter()

    def finding(self, rule: str, severity: str, *, alert: bool) -> None:
        self.seen["finding", rule, severity, alert] += 1

    def held(self, reason: str) -> None:
        self.seen["held", reason] += 1

    def incident(self, kind: str, severity: str, change: str) -> None:
        self.seen["incident", kind, severity, change] += 1

    def notice(self, channel: str, outcome: str) -> None:
        self.seen["notice", channel, outcome] += 1


def test_what_the_observer_sees(store: Store, clock: Clock) -> None:
    observer = Counting()
    desk = a_desk(store, clock, observer=observer, budget=Threshold(40))
    findings = [a_finding("A09"), a_finding("A01", ref="u1:other", risk=1, severity="low")]
    desk.handle(RecordFindings(findings))
    desk.handle(RecordFindings(findings))
    desk.handle(Acknowledge(incident_id="INC-T0000001", actor="ana"))
    desk.handle(Comment(incident_id="INC-T0000001", actor="ana", note="x"))
    assert observer.seen == Counter(
        {
            ("finding", "A09", "high", True): 1,
            ("finding", "A01", "low", False): 1,
            ("held", "budget"): 1,
            ("incident", "case", "SEV2", "opened"): 1,
            ("incident", "case", "SEV2", "triaged"): 1,
        }
    )


def test_the_best_that_was_held_back_is_released_when_its_day_ends(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, budget=DailyBudget(2, paced=0.0))
    held = [
        a_finding("A01", ref=f"u1:{number}", at=MONDAY + number, risk=20.0 + number, severity="low")
        for number in range(4)
    ]
    first = desk.handle(RecordFindings(held))
    assert (first.held, first.released) == (Counter(budget=4), [])
    assert first.waiting == {one.id for one in held}
    withdrawn = Retraction(finding_id=held[3].id, at=MONDAY, entity=held[3].entity, reason="It was explained.")
    desk.handle(RetractFindings([withdrawn]))
    later = desk.handle(RecordFindings([a_finding("A01", ref="u1:9", at=MONDAY + DAY, risk=16.0, severity="low")]))
    assert [(one.id, one.alert) for one in later.released] == [(held[2].id, True), (held[1].id, True)]
    assert len(later.opened) == 2
    assert store.held() == {("budget", "A01"): 3}
    assert store.ledger().alerts == 2
    case = store.incident(later.opened[0])
    assert case is not None
    assert [(one.id, one.alert, one.incident_id) for one in case.findings] == [(held[2].id, True, later.opened[0])]
    again = desk.handle(RecordFindings(held))
    assert [one.alert for one in again.findings] == [False, True, True, False]


def test_released_within_the_batch_that_brought_it(store: Store, clock: Clock) -> None:
    low = a_finding("A01", risk=20.0, severity="low")
    recorded = a_desk(store, clock, budget=DailyBudget(2, paced=0.0)).handle(RecordFindings([low], MONDAY + DAY))
    assert [one.alert for one in recorded.findings] == [True]
    assert not (recorded.released or recorded.held or recorded.waiting)
    assert store.held() == {}


def test_another_desk_releases_what_one_held_back(store: Store, clock: Clock) -> None:
    low = a_finding("A01", risk=20.0, severity="low")
    a_desk(store, clock, budget=DailyBudget(2, paced=0.0)).handle(RecordFindings([low]))
    other = a_desk(store, clock, budget=DailyBudget(2, paced=0.0), incident_ids=numbered_ids("INC-U"))
    recorded = other.handle(RecordFindings([], MONDAY + DAY))
    assert [one.id for one in recorded.released] == [low.id]


def test_what_makes_open_cases_graver_uses_the_budget_of_the_day(store: Store, clock: Clock) -> None:
    """Two alerts of one case, one of them not asked for, leave nothing of a budget of two."""
    findings = [
        a_finding("A09", risk=70, severity="medium"),
        a_finding("A13", risk=90),
        a_finding("A01", ref="u1:b", risk=60, severity="medium"),
    ]
    recorded = a_desk(store, clock, budget=DailyBudget(2)).handle(RecordFindings([*findings, *more(4)]))
    assert [one.alert for one in recorded.findings[:3]] == [True, True, False]
    assert recorded.held == Counter(budget=5)


def more(n: int) -> list[Finding]:
    return [a_finding("A01", ref=f"u1:m{number}", risk=60, severity="medium") for number in range(n)]


class Later(Threshold):
    """A budget that holds back what lies below its threshold, and lets it go after half an hour."""

    def __init__(self, threshold: float) -> None:
        super().__init__(threshold)
        self.names: tuple[str, ...] = ()

    def is_due(self, at: float) -> bool:
        return bool(self.names) and at >= MONDAY + HOUR / 2

    def due(self, at: float) -> str | None:
        if not self.is_due(at):
            return None
        first, *left = self.names
        self.names = tuple(left)
        self.waiting = frozenset(self.names)
        return first

    def decide(self, at: float, risk: float, critical: bool = False, *, subject: str = "", name: str = "") -> Decision:
        decision = super().decide(at, risk, critical, subject=subject, name=name)
        if decision is Decision.HOLD:
            self.names = (*self.names, name)
            self.waiting = frozenset(self.names)
        return decision

    def snapshot(self) -> Snapshot:
        return {"decided": self.decided, "names": list(self.names)}

    def restore(self, snapshot: Snapshot) -> None:
        super().restore(snapshot)
        names = snapshot["names"]
        assert isinstance(names, list)
        self.names = tuple(str(name) for name in names)
        self.waiting = frozenset(self.names)


def test_what_the_budget_lets_go_while_its_rule_storms_is_held_for_the_storm(store: Store, clock: Clock) -> None:
    policy = Policy(console_url=CONSOLE, storm=StormLimit(per_hour=1))
    desk = a_desk(store, clock, policy=policy, budget=Later(60))
    opens = a_finding(ref="u1:first", severity="medium", risk=70)
    waits = a_finding(ref="u1:waits", severity="medium", risk=50, at=MONDAY + 1)
    held = desk.handle(RecordFindings([opens, waits]))
    assert (held.opened, held.held, len(held.waiting)) == (("INC-T0000001",), Counter(budget=1), 1)
    let_go = desk.handle(RecordFindings([], until=MONDAY + HOUR / 2))
    assert (let_go.released, let_go.held, let_go.waiting) == ([], Counter(), frozenset())
    assert store.held() == {("storm", "A09"): 1}
    storm = case_of(store, "INC-T0000002")
    assert (storm.incident.kind, storm.incident.findings) == ("rule_storm", 1)
    assert [finding.id for finding in storm.findings] == [waits.id]


def test_the_storm_also_takes_what_the_budget_lets_go_in_the_same_batch(sqlite_store: Store, clock: Clock) -> None:
    policy = Policy(console_url=CONSOLE, storm=StormLimit(per_hour=1))
    desk = a_desk(sqlite_store, clock, policy=policy, budget=Later(60))
    opens = a_finding(ref="u1:first", severity="medium", risk=70)
    waits = a_finding(ref="u1:waits", severity="medium", risk=50, at=MONDAY + 1)
    recorded = desk.handle(RecordFindings([opens, waits], until=MONDAY + HOUR / 2))
    assert recorded.held == Counter(storm=1)
    assert [finding.incident_id for finding in recorded.findings] == ["INC-T0000001", "INC-T0000002"]
    assert sqlite_store.held() == {("storm", "A09"): 1}

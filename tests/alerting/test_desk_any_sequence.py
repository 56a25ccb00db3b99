"""Any sequence of commands keeps every incident legal, its timeline and the audit log sound, every finding in its
place, and tells nobody of a case about themselves."""

import contextlib
import logging
from collections import Counter
from datetime import date
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec import structs
from sqlalchemy import select

from alerting.audit import first_break as first_audit_break
from alerting.breach.affected import Affected
from alerting.breach.commands import CountAffected, RecordNotice
from alerting.breach.records import first_break as first_gap
from alerting.breach.rows import lines_of
from alerting.command import Command
from alerting.commands import (
    Acknowledge,
    AssessRisk,
    Assign,
    AwaitContext,
    BlockNotice,
    Close,
    Comment,
    ConfirmBreach,
    Contain,
    FinishNotifying,
    GiveUpNotice,
    IncidentCommand,
    Merge,
    RecordFindings,
    Remediate,
    Reopen,
    Resolve,
    RetractFindings,
    RuleOutBreach,
    StartInvestigation,
    StartNotifying,
    Suppress,
)
from alerting.handlers import HANDLERS
from alerting.incidents import FINISHED
from alerting.people import Person
from alerting.plan import Plan
from alerting.policy import Policy
from alerting.refusal import Refused
from alerting.routes import Route
from alerting.store import Store, create_schema, open_engine
from alerting.store.audit_rows import audit_entries
from alerting.store.outbox_rows import claim_notice
from alerting.store.schema import AUDIT_LOG, INCIDENTS, OUTBOX
from alerting.storm import StormLimit
from alerting.timeline import first_break
from alerting.transitions import TRANSITIONS
from alerting.work.registry import HANDLERS as WORK
from detectors.finding import Entity, Finding
from detectors.retraction import Retraction
from models.daily_budget import DailyBudget
from tests.alerting.breach.building import a_notice as a_breach_notice
from tests.alerting.breach.building import an_assessment, approved
from tests.alerting.building import CONSOLE, DAY, HOUR, MONDAY, Clock, a_desk, a_finding
from tests.alerting.commanding import World, a_command

PLAIN = [
    Acknowledge, AwaitContext, AssessRisk, Close, ConfirmBreach, Contain, FinishNotifying, Remediate,
    StartInvestigation, StartNotifying, Suppress, Comment,
]  # fmt: skip
FINDINGS = st.builds(
    a_finding,
    st.sampled_from(["A09", "A01", "B22", "half_space_trees"]),
    ref=st.sampled_from(["u1:a", "u1:b", "u1:c"]),
    at=st.integers(0, 20).map(lambda steps: MONDAY + steps * 12 * HOUR),
    severity=st.sampled_from(["info", "medium", "high", "critical"]),
    risk=st.sampled_from([0.0, 30.0, 90.0, float("nan")]),
    ground=st.integers(0, 60).map("ground-{}".format),
)
AT_WORK = sorted(WORK, key=lambda kind: kind.__name__)
PATIENTS = st.sampled_from([[], [Entity("patient", "p1:x")], [Entity("patient", "p1:y")]])
PLAN = Plan(
    people=(
        Person(name="ana", roles=("privacy_officer", "security_officer"), slack="UANA"),
        Person(name="ben", roles=("analyst",), slack="UBEN", backup="ana"),
    )
)
"""Ben is one of those whom findings are about: his account is `u1:b`."""


class Complaints(logging.Handler):
    """Keeps what the desk complains of: due work that fails is logged and tried again."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


class AnySequence(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.engine = open_engine("sqlite://")
        create_schema(self.engine)
        self.store = Store(self.engine)
        self.clock = Clock()
        policy = Policy(
            storm=StormLimit(per_hour=3),
            console_url=CONSOLE,
            routes=(Route("SEV2", ("pager",), ("chat",)), Route("SEV3", ("chat",))),
            plan=PLAN,
            subjects={"u1:b": "ben"},
        )
        self.desk = a_desk(self.store, self.clock, policy=policy, budget=DailyBudget(50))
        self.sent: dict[str, Finding] = {}
        self.revisions: dict[str, int] = {}
        self.complaints = Complaints()
        logging.getLogger("alerting.desk").addHandler(self.complaints)

    def teardown(self) -> None:
        logging.getLogger("alerting.desk").removeHandler(self.complaints)
        self.engine.dispose()

    def an_id(self, data: st.DataObject) -> str:
        ids = [incident.id for incident in self.store.incidents(limit=1000)]
        return data.draw(st.sampled_from(sorted(ids))) if ids else "INC-NONE"

    def ask(self, command: IncidentCommand) -> None:
        case = self.store.incident(command.incident_id)
        if case is None:
            return
        status = case.incident.status
        try:
            after = self.desk.handle(command)
        except Refused:
            assert self.store.incident(command.incident_id) == case
            return
        if isinstance(command, Comment | Assign):
            assert after.status == status
        else:
            assert after.status == TRANSITIONS[status, type(command)].to

    @initialize()
    def three_are_seen(self) -> None:
        refs = ("u1:a", "u1:b", "u1:c", "u1:a")
        self.findings_come([a_finding(ref=ref, ground=f"first-{place}") for place, ref in enumerate(refs)], [])

    @rule(data=st.data(), kind=st.sampled_from(sorted(HANDLERS, key=lambda kind: kind.__name__)))
    def somebody_asks_an_area(self, data: st.DataObject, kind: type[Command[Any]]) -> None:
        self.ask_an_area(data, kind)

    @rule(data=st.data(), kinds=st.lists(st.sampled_from(AT_WORK), min_size=1, max_size=5))
    def somebody_works_on_cases(self, data: st.DataObject, kinds: list[type[Command[Any]]]) -> None:
        for kind in kinds:
            self.ask_an_area(data, kind)

    def ask_an_area(self, data: st.DataObject, kind: type[Command[Any]]) -> None:
        incidents = sorted(incident.id for incident in self.store.incidents(limit=1000))
        command = data.draw(a_command(kind, World(self.clock.now, incidents, sorted(self.sent))))
        before = [self.store.incident(incident_id) for incident_id in incidents]
        try:
            self.desk.handle(command)
        except Refused:
            assert [self.store.incident(incident_id) for incident_id in incidents] == before

    @rule()
    def due_work_is_done(self) -> None:
        self.desk.pass_time()
        assert self.complaints.texts == []

    @rule(data=st.data())
    def a_finding_is_withdrawn(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from([*sorted(self.sent), "not yet known"]))
        withdrawal = Retraction(finding_id=chosen, at=MONDAY, entity=Entity("user", "u1:a"), reason="a late roster")
        self.desk.handle(RetractFindings([withdrawal]))

    @rule(findings=st.lists(FINDINGS, max_size=8), parties=PATIENTS)
    def findings_come(self, findings: list[Finding], parties: list[Entity]) -> None:
        findings = [structs.replace(finding, entities=[finding.entity, *parties]) for finding in findings]
        recorded = self.desk.handle(RecordFindings(findings))
        fresh = {finding.id: finding for finding in reversed(findings) if finding.id not in self.sent}
        assert recorded.new == len(fresh)
        self.sent |= fresh

    @rule(seconds=st.sampled_from([1.0, HOUR, 8 * DAY, -30.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(data=st.data(), kind=st.sampled_from(PLAIN))
    def somebody_acts(self, data: st.DataObject, kind: type[IncidentCommand]) -> None:
        self.ask(kind(incident_id=self.an_id(data), actor="ana", note="a note"))

    @rule(data=st.data(), assignee=st.sampled_from(["", "ben"]))
    def somebody_is_asked(self, data: st.DataObject, assignee: str) -> None:
        self.ask(Assign(incident_id=self.an_id(data), actor="ana", assignee=assignee))

    @rule(data=st.data(), into=st.data())
    def somebody_merges(self, data: st.DataObject, into: st.DataObject) -> None:
        self.ask(Merge(incident_id=self.an_id(data), actor="ana", into=self.an_id(into)))

    @rule(
        data=st.data(),
        kind=st.sampled_from([Resolve, Reopen, RuleOutBreach]),
        verdict=st.sampled_from(["true_positive_policy", "benign_explained"]),
        reason=st.sampled_from(["", "a reason"]),
    )
    def somebody_concludes(self, data: st.DataObject, kind: Any, verdict: str, reason: str) -> None:
        extra = {"verdict": verdict} if kind is Resolve else {}
        self.ask(kind(incident_id=self.an_id(data), actor="ana", reason=reason, **extra))

    @rule(data=st.data(), conclusion=st.sampled_from(["breach", "low_probability"]))
    def the_privacy_office_decides(self, data: st.DataObject, conclusion: str) -> None:
        incident_id = self.an_id(data)
        with contextlib.suppress(Refused):
            approved(self.desk, incident_id, an_assessment(conclusion=conclusion))
            counted = CountAffected(actor="ana", incident_id=incident_id, affected=Affected(states={"NY": 1}))
            self.desk.handle(counted)
            letter = a_breach_notice(made_on=date(2026, 3, 2))
            self.desk.handle(RecordNotice(actor="ana", incident_id=incident_id, notice=letter))

    @rule(channel=st.sampled_from(["pager", "chat", "log", "slack"]), blocked=st.booleans())
    def a_notice_ends(self, channel: str, blocked: bool) -> None:
        with self.store.writing() as connection:
            notice = claim_notice(connection, channel, "test", now=1e12, until=1e12)
        if notice is not None:
            ended = self.desk.handle(
                BlockNotice(notice.id, ("ssn",)) if blocked else GiveUpNotice(notice.id, "http 400")
            )
            assert ended.was_pending
            again = self.desk.handle(GiveUpNotice(notice.id, "http 400"))
            assert (again.was_pending, again.raised) == (False, None)

    @invariant()
    def every_incident_is_legal_and_its_timeline_sound(self) -> None:
        for incident in self.store.incidents(limit=1000):
            case = self.store.incident(incident.id)
            assert case is not None
            assert first_break(case.timeline) is None
            assert case.timeline[-1].hash == incident.last_hash
            assert len(case.timeline) == incident.revision >= self.revisions.get(incident.id, 1)
            self.revisions[incident.id] = incident.revision
            times = [entry.at for entry in case.timeline]
            assert times == sorted(times)
            statuses = [case.timeline[0].to_status]
            for entry in case.timeline[1:]:
                assert entry.from_status == statuses[-1]
                statuses.append(entry.to_status)
            assert statuses[0] == "new"
            assert statuses[-1] == incident.status
            with self.store.reading() as connection:
                assert first_gap(lines_of(connection, incident.id)) is None
            if incident.status == "closed":
                assert incident.verdict is not None
                assert incident.reason
            if incident.kind in ("case", "rule_storm") and incident.status != "merged":
                assert len([one for one in case.findings if one.id not in case.withdrawn]) == incident.findings
            assert incident.is_open == (incident.status not in FINISHED)

    @invariant()
    def no_finding_is_lost(self) -> None:
        ledger = self.store.ledger()
        assert ledger.findings == len(self.sent)
        held = Counter(dict.fromkeys(("budget", "malformed", "storm", "withdrawn"), 0))
        for (reason, _), n in self.store.held().items():
            held[reason] += n
        again = self.desk.handle(RecordFindings(list(self.sent.values())))
        assert again.new == 0
        placed = sum(finding.incident_id is not None for finding in again.findings) - held["storm"]
        assert placed + sum(held[reason] for reason in ("budget", "malformed", "storm", "withdrawn")) == len(self.sent)
        assert ledger.alerts == sum(finding.alert for finding in again.findings) <= placed
        for finding, given in zip(again.findings, self.sent.values(), strict=True):
            assert finding.alert <= (finding.incident_id is not None)
            assert structs.replace(finding, alert=False, incident_id=None, risk=0) == structs.replace(given, risk=0)

    @invariant()
    def the_audit_log_is_sound(self) -> None:
        with self.store.reading() as connection:
            assert first_audit_break(list(audit_entries(connection, AUDIT_LOG))) is None

    @invariant()
    def nobody_is_told_of_a_case_about_themselves(self) -> None:
        about_ben = (
            select(OUTBOX.c.notice_id)
            .join(INCIDENTS, INCIDENTS.c.id == OUTBOX.c.about)
            .where(INCIDENTS.c.entity_ref == "u1:b", INCIDENTS.c.kind == "case", OUTBOX.c.recipient == "UBEN")
        )
        with self.store.reading() as connection:
            assert connection.execute(about_ben).all() == []


AnySequence.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAnySequence = AnySequence.TestCase

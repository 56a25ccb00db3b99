"""Any sequence of commands keeps every incident legal, its timeline sound and every finding in its place."""

import contextlib
from collections import Counter
from datetime import date
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec import structs

from alerting.breach.affected import Affected
from alerting.breach.commands import CountAffected, RecordNotice
from alerting.breach.records import first_break as first_gap
from alerting.breach.rows import lines_of
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
    RuleOutBreach,
    StartInvestigation,
    StartNotifying,
    Suppress,
)
from alerting.incidents import FINISHED
from alerting.policy import Policy
from alerting.refusal import Refused
from alerting.routes import Route
from alerting.store import Store, create_schema, open_engine
from alerting.store.outbox_rows import claim_notice
from alerting.storm import StormLimit
from alerting.timeline import first_break
from alerting.transitions import TRANSITIONS
from detectors.finding import Finding
from models.daily_budget import DailyBudget
from tests.alerting.breach.building import a_notice as a_breach_notice
from tests.alerting.breach.building import an_assessment, approved
from tests.alerting.building import CONSOLE, DAY, HOUR, MONDAY, Clock, a_desk, a_finding

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
        )
        self.desk = a_desk(self.store, self.clock, policy=policy, budget=DailyBudget(50))
        self.sent: dict[str, Finding] = {}
        self.revisions: dict[str, int] = {}

    def teardown(self) -> None:
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

    @rule(findings=st.lists(FINDINGS, max_size=8))
    def findings_come(self, findings: list[Finding]) -> None:
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

    @rule(channel=st.sampled_from(["pager", "chat", "log"]), blocked=st.booleans())
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
                assert len(case.findings) == incident.findings
            assert incident.is_open == (incident.status not in FINISHED)

    @invariant()
    def no_finding_is_lost(self) -> None:
        ledger = self.store.ledger()
        assert ledger.findings == len(self.sent)
        held = Counter(dict.fromkeys(("budget", "malformed", "storm"), 0))
        for (reason, _), n in self.store.held().items():
            held[reason] += n
        again = self.desk.handle(RecordFindings(list(self.sent.values())))
        assert again.new == 0
        placed = sum(finding.incident_id is not None for finding in again.findings) - held["storm"]
        assert placed + held["budget"] + held["malformed"] + held["storm"] == len(self.sent)
        assert ledger.alerts == sum(finding.alert for finding in again.findings) <= placed
        for finding, given in zip(again.findings, self.sent.values(), strict=True):
            assert finding.alert <= (finding.incident_id is not None)
            assert structs.replace(finding, alert=False, incident_id=None, risk=0) == structs.replace(given, risk=0)


AnySequence.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAnySequence = AnySequence.TestCase

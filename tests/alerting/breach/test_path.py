"""The breach path of an incident, through the desk; test_clockwork.py goes over both databases."""

from datetime import date

import pytest
from msgspec import structs

from alerting.breach.affected import Affected
from alerting.breach.assessment import Factor
from alerting.breach.clocks import Hold
from alerting.breach.commands import (
    ApproveAssessment,
    AssessBreach,
    CountAffected,
    HoldNotices,
    LiftHold,
    RecordDiscovery,
    VoidNotice,
)
from alerting.breach.duties import duties
from alerting.breach.records import Discovered
from alerting.breach.rows import lines_of
from alerting.commands import (
    Acknowledge,
    AssessRisk,
    ConfirmBreach,
    FinishNotifying,
    IncidentCommand,
    Merge,
    RecordFindings,
    Reopen,
    Resolve,
    RuleOutBreach,
    StartInvestigation,
    StartNotifying,
)
from alerting.desk import Desk
from alerting.policy import Policy
from alerting.refusal import Refused, UnknownIncident
from alerting.store import Store
from tests.alerting.breach.building import (
    ANALYST,
    LAWYER,
    OFFICER,
    POLICY,
    SECOND,
    TEXT,
    a_breach_in_notification,
    a_case_under_assessment,
    an_assessment,
    approved,
    record,
    the_file,
)
from tests.alerting.building import DAY, Clock, a_desk, a_finding, case_of


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    return sqlite_store


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return a_desk(store, clock, policy=POLICY)


def step(desk: Desk, kind: type[IncidentCommand], incident_id: str) -> str:
    return desk.handle(kind(incident_id=incident_id, actor=OFFICER)).status


def test_confirming_needs_two_people(desk: Desk) -> None:
    incident_id = a_case_under_assessment(desk)
    with pytest.raises(Refused, match="approved assessment"):
        step(desk, ConfirmBreach, incident_id)
    desk.handle(AssessBreach(actor=OFFICER, incident_id=incident_id, assessment=an_assessment()))
    with pytest.raises(Refused, match="approved assessment"):
        step(desk, ConfirmBreach, incident_id)
    with pytest.raises(Refused, match="second person"):
        desk.handle(ApproveAssessment(actor="P.Officer ", incident_id=incident_id, revision=1))
    with pytest.raises(Refused, match="privacy officer"):
        desk.handle(ApproveAssessment(actor=ANALYST, incident_id=incident_id, revision=1))
    desk.handle(ApproveAssessment(actor=LAWYER, incident_id=incident_id, revision=1))
    assert step(desk, ConfirmBreach, incident_id) == "breach_confirmed"


def test_the_legal_department_alone_does_not_decide(desk: Desk) -> None:
    incident_id = a_case_under_assessment(desk)
    desk.handle(AssessBreach(actor=ANALYST, incident_id=incident_id, assessment=an_assessment()))
    with pytest.raises(Refused, match="privacy officer"):
        desk.handle(ApproveAssessment(actor=LAWYER, incident_id=incident_id, revision=1))
    desk.handle(ApproveAssessment(actor=SECOND, incident_id=incident_id, revision=1))


def test_without_people_two_work_names_are_needed(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=Policy())
    incident_id = a_case_under_assessment(desk)
    desk.handle(AssessBreach(actor="ana", incident_id=incident_id, assessment=an_assessment()))
    with pytest.raises(Refused, match="second person"):
        desk.handle(ApproveAssessment(actor="ana", incident_id=incident_id, revision=1))
    desk.handle(ApproveAssessment(actor="ben", incident_id=incident_id, revision=1))
    assert step(desk, ConfirmBreach, incident_id) == "breach_confirmed"


def test_what_was_approved_is_what_is_decided(desk: Desk) -> None:
    incident_id = a_case_under_assessment(desk)
    approved(desk, incident_id)
    with pytest.raises(Refused, match="concludes breach"):
        desk.handle(RuleOutBreach(incident_id=incident_id, actor=OFFICER, reason="encrypted"))
    # A new assessment undoes the approval of the old one, which is kept.
    low = an_assessment(conclusion="low_probability", nature=Factor("low", TEXT))
    file = desk.handle(AssessBreach(actor=ANALYST, incident_id=incident_id, assessment=low))
    assert [one.approver for one in file.assessments] == [OFFICER, ""]
    for kind in (ConfirmBreach, RuleOutBreach):
        extra = {"reason": "seen"} if kind is RuleOutBreach else {}
        with pytest.raises(Refused, match="approved assessment"):
            desk.handle(kind(incident_id=incident_id, actor=OFFICER, **extra))
    with pytest.raises(Refused, match="assessment 2 is the one"):
        desk.handle(ApproveAssessment(actor=OFFICER, incident_id=incident_id, revision=1))
    desk.handle(ApproveAssessment(actor=OFFICER, incident_id=incident_id, revision=2))
    with pytest.raises(Refused, match="approved already"):
        desk.handle(ApproveAssessment(actor=SECOND, incident_id=incident_id, revision=2))
    after = desk.handle(RuleOutBreach(incident_id=incident_id, actor=OFFICER, reason="low probability"))
    assert (after.status, after.breach) == ("not_breach", "not_breach")


def test_an_incomplete_assessment_is_kept_but_not_approved(desk: Desk, store: Store) -> None:
    incident_id = a_case_under_assessment(desk)
    desk.handle(
        AssessBreach(actor=ANALYST, incident_id=incident_id, assessment=an_assessment(recipient=Factor("low", "n/a")))
    )
    with pytest.raises(Refused, match="recipient: a narrative"):
        desk.handle(ApproveAssessment(actor=OFFICER, incident_id=incident_id, revision=1))
    assert the_file(store, incident_id).assessments[0].assessment.recipient.narrative == "n/a"


def test_a_reopened_case_needs_a_new_assessment(desk: Desk, store: Store) -> None:
    incident_id = a_case_under_assessment(desk)
    secured = an_assessment(
        conclusion="secured", ground="The laptop was encrypted with AES-256; its key was elsewhere."
    )
    approved(desk, incident_id, secured)
    desk.handle(RuleOutBreach(incident_id=incident_id, actor=OFFICER, reason="encrypted"))
    desk.handle(Resolve(incident_id=incident_id, actor=OFFICER, verdict="true_positive_policy", reason="lost laptop"))
    desk.handle(Reopen(incident_id=incident_id, actor=OFFICER, reason="the key was in the bag"))
    assert step(desk, AssessRisk, incident_id) == "risk_assessment"
    with pytest.raises(Refused, match="approved assessment"):
        desk.handle(RuleOutBreach(incident_id=incident_id, actor=OFFICER, reason="encrypted"))
    file = the_file(store, incident_id)
    assert (file.round, file.decision, file.current, len(file.assessments)) == (2, "", None, 1)


def test_no_notices_while_law_enforcement_holds_them_back(desk: Desk, clock: Clock) -> None:
    incident_id = a_case_under_assessment(desk)
    approved(desk, incident_id)
    step(desk, ConfirmBreach, incident_id)
    until = date(2026, 3, 20)
    desk.handle(
        HoldNotices(
            actor=OFFICER,
            incident_id=incident_id,
            hold=Hold(kind="oral", stated_on=date(2026, 3, 1), until=until),
            official="Det. Smith",
            statement="an arrest is planned",
        )
    )
    with pytest.raises(Refused, match="until 2026-03-20"):
        step(desk, StartNotifying, incident_id)
    clock.advance(19 * DAY)  # 2026-03-21 in New York
    assert step(desk, StartNotifying, incident_id) == "notifying"


def test_a_hold_is_lifted(desk: Desk) -> None:
    incident_id = a_case_under_assessment(desk)
    approved(desk, incident_id)
    step(desk, ConfirmBreach, incident_id)
    hold = Hold(kind="written", stated_on=date(2026, 3, 1), until=date(2026, 9, 1))
    desk.handle(HoldNotices(actor=OFFICER, incident_id=incident_id, hold=hold, official="Det. X", statement="arrest"))
    for day, words, wrong in (
        (date(2026, 2, 28), "arrest made", "nothing back"),
        (date(2026, 3, 3), "arrest made", "in the future"),
        (date(2026, 3, 1), " ", "documented"),
    ):
        with pytest.raises(Refused, match=wrong):
            desk.handle(LiftHold(actor=OFFICER, incident_id=incident_id, on=day, official="Det. X", statement=words))
    desk.handle(
        LiftHold(
            actor=OFFICER, incident_id=incident_id, on=date(2026, 3, 1), official="Det. X", statement="arrest made"
        )
    )
    assert step(desk, StartNotifying, incident_id) == "notifying"


def test_a_hold_must_be_documented(desk: Desk) -> None:
    incident_id = a_case_under_assessment(desk)
    hold = Hold(kind="oral", stated_on=date(2026, 3, 1), until=date(2026, 3, 31))
    for change, wrong in (
        ({"official": " "}, "documented"),
        ({"statement": ""}, "documented"),
        ({"hold": Hold(kind="oral", stated_on=date(2026, 3, 1), until=date(2026, 4, 1))}, "30 days at most"),
        ({"hold": Hold(kind="written", stated_on=date(2026, 3, 3), until=date(2026, 4, 1))}, "in the future"),
    ):
        fields = {"hold": hold, "official": "Det. Smith", "statement": "an arrest"} | change
        with pytest.raises(Refused, match=wrong):
            desk.handle(HoldNotices(actor=OFFICER, incident_id=incident_id, **fields))  # type: ignore[arg-type]


def a_hold(incident_id: str, hold: Hold) -> HoldNotices:
    return HoldNotices(actor=OFFICER, incident_id=incident_id, hold=hold, official="Det. Smith", statement="an arrest")


def test_an_oral_hold_that_follows_another_is_refused(desk: Desk, clock: Clock) -> None:
    incident_id = a_case_under_assessment(desk)
    clock.advance(30 * DAY)  # 2026-04-01
    desk.handle(a_hold(incident_id, Hold(kind="oral", stated_on=date(2026, 3, 1), until=date(2026, 3, 31))))
    with pytest.raises(Refused, match="30 days at most, until 2026-03-31; a longer hold needs a written one"):
        desk.handle(a_hold(incident_id, Hold(kind="oral", stated_on=date(2026, 3, 31), until=date(2026, 4, 30))))


def test_a_hold_of_the_day_on_which_another_was_lifted_is_in_force(desk: Desk, clock: Clock) -> None:
    """The official takes back the oral word and hands over a written one."""
    incident_id, day = a_case_under_assessment(desk), date(2026, 3, 2)
    approved(desk, incident_id)
    step(desk, ConfirmBreach, incident_id)
    lift = LiftHold(actor=OFFICER, incident_id=incident_id, on=day, official="Det. Smith", statement="no arrest")
    desk.handle(a_hold(incident_id, Hold(kind="oral", stated_on=date(2026, 3, 1), until=date(2026, 3, 31))))
    desk.handle(lift)
    file = desk.handle(a_hold(incident_id, Hold(kind="written", stated_on=day, until=date(2026, 6, 30))))
    assert [hold.until for hold in file.hold_times] == [day, date(2026, 6, 30)]
    assert [duty.due for duty in duties(file)] == [date(2026, 7, 1)] * 2  # individuals; HHS while nobody has counted
    clock.advance(DAY)
    with pytest.raises(Refused, match="until 2026-06-30"):
        step(desk, StartNotifying, incident_id)
    assert [hold.until for hold in desk.handle(lift).hold_times] == [day, day]
    assert step(desk, StartNotifying, incident_id) == "notifying"


def test_discovery_later_than_the_first_alert_needs_a_reason(desk: Desk, clock: Clock) -> None:
    (first, second) = (a_case_under_assessment(desk), date(2026, 3, 10))
    clock.advance(10 * DAY)
    with pytest.raises(Refused, match="first alert came on 2026-03-02"):
        desk.handle(RecordDiscovery(actor=OFFICER, incident_id=first, discovered=Discovered(on=second, basis="known")))
    with pytest.raises(Refused, match="in the future"):
        desk.handle(
            RecordDiscovery(
                actor=OFFICER, incident_id=first, discovered=Discovered(on=date(2026, 3, 13), basis="known", reason="x")
            )
        )
    file = desk.handle(
        RecordDiscovery(
            actor=OFFICER,
            incident_id=first,
            discovered=Discovered(on=second, basis="reasonable_diligence", reason="the queue was reviewed weekly"),
        )
    )
    assert file.discovered_on == second
    assert "8 days before" in file.discovery_remark


def test_a_notice_recorded_in_error_does_not_count(desk: Desk) -> None:
    incident_id = a_breach_in_notification(desk, NY=2)
    record(desk, incident_id, made_on=date(2026, 3, 2), count=2)
    with pytest.raises(Refused, match="no notice 2"):
        desk.handle(VoidNotice(actor=OFFICER, incident_id=incident_id, number=2, reason="typing error"))
    with pytest.raises(Refused, match="a reason"):
        desk.handle(VoidNotice(actor=OFFICER, incident_id=incident_id, number=1, reason=" "))
    file = desk.handle(VoidNotice(actor=OFFICER, incident_id=incident_id, number=1, reason="other case"))
    assert [one.voided for one in file.notices] == ["other case"]
    with pytest.raises(Refused, match="individual"):
        step(desk, FinishNotifying, incident_id)


def test_notices_do_not_end_on_an_estimate(desk: Desk) -> None:
    incident_id = a_case_under_assessment(desk)
    approved(desk, incident_id)
    step(desk, ConfirmBreach, incident_id)
    step(desk, StartNotifying, incident_id)
    with pytest.raises(Refused, match="nobody has counted"):
        step(desk, FinishNotifying, incident_id)
    counted = CountAffected(
        actor=OFFICER, incident_id=incident_id, affected=Affected(states={"NY": 1}), is_estimate=True
    )
    desk.handle(counted)
    record(desk, incident_id, made_on=date(2026, 3, 2))
    with pytest.raises(Refused, match="estimate"):
        step(desk, FinishNotifying, incident_id)


def test_a_case_that_took_over_an_older_one_has_its_first_alert(desk: Desk, store: Store, clock: Clock) -> None:
    (older,) = desk.handle(RecordFindings([a_finding(ref="u1:older")])).opened
    clock.advance(9 * DAY)
    (newer,) = desk.handle(RecordFindings([a_finding(ref="u1:newer", at=clock())])).opened
    for incident_id in (older, newer):
        desk.handle(Acknowledge(incident_id=incident_id, actor=ANALYST))
    desk.handle(Merge(incident_id=older, actor=ANALYST, into=newer))
    for kind in (StartInvestigation, AssessRisk):
        desk.handle(kind(incident_id=newer, actor=ANALYST))
    assert the_file(store, newer).first_alert_on == date(2026, 3, 2)


@pytest.mark.parametrize("states", [{}, {"NY": -1}, {"ZZ": 1}])
def test_impossible_counts_are_refused(desk: Desk, states: dict[str, int]) -> None:
    incident_id = a_case_under_assessment(desk)
    with pytest.raises(Refused):
        desk.handle(CountAffected(actor=OFFICER, incident_id=incident_id, affected=Affected(states=states)))


def test_a_file_begins_with_the_assessment(desk: Desk) -> None:
    assess = AssessBreach(actor=OFFICER, incident_id="INC-NONE", assessment=an_assessment())
    with pytest.raises(UnknownIncident):
        desk.handle(assess)
    incident_id = a_case_under_assessment(desk)
    assert the_file(desk.store, incident_id).first_alert_on == date(2026, 3, 2)


def test_nothing_shows_what_was_written(desk: Desk, store: Store) -> None:
    incident_id = a_case_under_assessment(desk)
    command = AssessBreach(actor=ANALYST, incident_id=incident_id, assessment=an_assessment())
    file = desk.handle(command)
    shown = repr([command, file, file.assessments, command.assessment, command.assessment.nature])
    with store.reading() as connection:
        shown += repr(lines_of(connection, incident_id)) + repr(lines_of(connection, incident_id)[-1].record)
    shown += repr([(entry.note, entry.detail) for entry in case_of(store, incident_id).timeline])
    assert "Jane" not in shown


def test_nobody_decides_about_a_breach_of_their_own(store: Store) -> None:
    policy = structs.replace(POLICY, subjects={"u1:clerk": OFFICER})
    desk = a_desk(store, Clock(), policy=policy)
    case = a_case_under_assessment(desk)
    desk.handle(AssessBreach(actor=ANALYST, incident_id=case, assessment=an_assessment(conclusion="low_probability")))
    with pytest.raises(Refused, match="somebody else must"):
        desk.handle(ApproveAssessment(actor=OFFICER, incident_id=case, revision=1))
    desk.handle(ApproveAssessment(actor=SECOND, incident_id=case, revision=1))
    with pytest.raises(Refused, match="somebody else must"):
        desk.handle(RuleOutBreach(incident_id=case, actor=OFFICER, reason="nothing to see"))
    assert case_of(store, case).incident.status == "risk_assessment"
    assert desk.handle(RuleOutBreach(incident_id=case, actor=SECOND, reason="sent to the wrong ward")).breach

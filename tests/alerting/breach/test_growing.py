"""What people decided about a breach does not speak of findings that they did not know."""

from datetime import date

import pytest

from alerting.breach.affected import Affected
from alerting.breach.commands import ApproveAssessment, CountAffected, VoidNotice
from alerting.breach.records import first_break
from alerting.breach.rows import lines_of
from alerting.commands import (
    Acknowledge,
    AssessRisk,
    Close,
    ConfirmBreach,
    FinishNotifying,
    Merge,
    RecordFindings,
    Resolve,
    RuleOutBreach,
)
from alerting.desk import Desk
from alerting.incidents import Incident
from alerting.refusal import Refused
from alerting.store import Store
from alerting.transitions import IllegalTransition
from tests.alerting.breach.building import (
    ANALYST,
    OFFICER,
    POLICY,
    a_breach_in_notification,
    a_case_under_assessment,
    an_assessment,
    approved,
    record,
    the_file,
)
from tests.alerting.building import Clock, a_desk, a_finding, case_of

LOW = an_assessment(conclusion="low_probability")


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return a_desk(store, clock, policy=POLICY)


def ruled_out(desk: Desk) -> str:
    incident_id = a_case_under_assessment(desk)
    approved(desk, incident_id, LOW)
    desk.handle(RuleOutBreach(incident_id=incident_id, actor=OFFICER, reason="one record, low probability"))
    return incident_id


def notified(desk: Desk) -> str:
    incident_id = a_breach_in_notification(desk, NY=10)
    record(desk, incident_id, made_on=date(2026, 3, 2), count=10)
    desk.handle(FinishNotifying(incident_id=incident_id, actor=OFFICER))
    return incident_id


def end(desk: Desk, incident_id: str) -> Incident:
    desk.handle(
        Resolve(incident_id=incident_id, actor=ANALYST, verdict="true_positive_malicious", reason="access ended")
    )
    return desk.handle(Close(incident_id=incident_id, actor=ANALYST))


def merge_another(desk: Desk, into: str, detector: str = "A10") -> None:
    (other,) = desk.handle(RecordFindings([a_finding(detector, ref="u1:thief", severity="critical")])).opened
    desk.handle(Acknowledge(incident_id=other, actor=ANALYST))
    desk.handle(Merge(incident_id=other, actor=ANALYST, into=into))


def join_more(desk: Desk, into: str, detector: str = "A10") -> None:
    (finding,) = desk.handle(RecordFindings([a_finding(detector, severity="critical")])).findings
    assert finding.incident_id == into


GROWTH = pytest.mark.parametrize("grow", [merge_another, join_more])


def actions(store: Store, incident_id: str) -> list[str]:
    with store.reading() as connection:
        assert first_break(lines_of(connection, incident_id)) is None
    return [entry.action for entry in case_of(store, incident_id).timeline]


@GROWTH
def test_what_was_ruled_out_is_assessed_anew(desk: Desk, store: Store, grow: object) -> None:
    incident_id = ruled_out(desk)
    grow(desk, incident_id)  # type: ignore[operator]  # one of the two above
    assert case_of(store, incident_id).incident.breach == ""
    file = the_file(store, incident_id)
    assert (file.round, file.decision, file.current, file.is_running) == (2, "", None, True)
    assert actions(store, incident_id)[-1] == "breach_clocks_resumed"
    desk.handle(AssessRisk(incident_id=incident_id, actor=ANALYST))
    assert the_file(store, incident_id).round == 2
    with pytest.raises(Refused, match="approved assessment"):
        desk.handle(RuleOutBreach(incident_id=incident_id, actor=OFFICER, reason="as before"))
    approved(desk, incident_id, LOW)
    desk.handle(RuleOutBreach(incident_id=incident_id, actor=OFFICER, reason="all of it low"))
    assert end(desk, incident_id).status == "closed"


@GROWTH
def test_what_was_ruled_out_is_not_closed_before(desk: Desk, grow: object) -> None:
    incident_id = ruled_out(desk)
    grow(desk, incident_id)  # type: ignore[operator]
    with pytest.raises(IllegalTransition, match="breach assessment"):
        end(desk, incident_id)


@GROWTH
def test_what_is_not_about_records_changes_nothing(desk: Desk, store: Store, grow: object) -> None:
    incident_id = ruled_out(desk)
    grow(desk, incident_id, "B22")  # type: ignore[operator]
    assert case_of(store, incident_id).incident.breach == "not_breach"
    assert the_file(store, incident_id).decision == "not_breach"


@GROWTH
def test_an_assessment_that_nobody_acted_on_is_written_anew(desk: Desk, store: Store, grow: object) -> None:
    incident_id = a_case_under_assessment(desk)
    approved(desk, incident_id, LOW)
    grow(desk, incident_id)  # type: ignore[operator]
    with pytest.raises(Refused, match="approved assessment"):
        desk.handle(RuleOutBreach(incident_id=incident_id, actor=OFFICER, reason="low"))
    with pytest.raises(Refused, match="none to approve"):
        desk.handle(ApproveAssessment(actor=OFFICER, incident_id=incident_id, revision=1))
    assert the_file(store, incident_id).round == 2


@GROWTH
def test_a_breach_is_no_less_one_for_more_findings(desk: Desk, grow: object) -> None:
    incident_id = a_case_under_assessment(desk)
    approved(desk, incident_id)
    grow(desk, incident_id)  # type: ignore[operator]
    assert desk.handle(ConfirmBreach(incident_id=incident_id, actor=OFFICER)).status == "breach_confirmed"


@GROWTH
def test_who_is_affected_is_counted_again(desk: Desk, store: Store, grow: object) -> None:
    incident_id = notified(desk)
    grow(desk, incident_id)  # type: ignore[operator]
    grow_actions = actions(store, incident_id)
    assert grow_actions[-1] == "breach_count_outdated"
    join_more(desk, incident_id)
    assert actions(store, incident_id).count("breach_count_outdated") == 1
    file = the_file(store, incident_id)
    assert file.counted is not None
    assert (file.decision, file.counted.affected.total, file.counted.is_estimate) == ("breach", 10, True)
    with pytest.raises(Refused, match="cannot be closed: the count of affected individuals is still an estimate"):
        end(desk, incident_id)
    desk.handle(CountAffected(actor=OFFICER, incident_id=incident_id, affected=Affected(states={"NY": 12})))
    with pytest.raises(Refused, match=r"cannot be closed: notices are missing: individual \(10 of 12 made"):
        desk.handle(Close(incident_id=incident_id, actor=ANALYST))
    record(desk, incident_id, made_on=date(2026, 3, 2), count=2)
    assert desk.handle(Close(incident_id=incident_id, actor=ANALYST)).status == "closed"


def test_a_count_after_the_end_is_reckoned_with(desk: Desk) -> None:
    incident_id = notified(desk)
    desk.handle(CountAffected(actor=ANALYST, incident_id=incident_id, affected=Affected(states={"NY": 612})))
    with pytest.raises(Refused, match=r"individual \(10 of 612 made.*media:NY \(0 of 1.*hhs \(0 of 1"):
        end(desk, incident_id)


def test_a_notice_voided_after_the_end_is_reckoned_with(desk: Desk) -> None:
    incident_id = notified(desk)
    desk.handle(VoidNotice(actor=ANALYST, incident_id=incident_id, number=1, reason="never sent"))
    with pytest.raises(Refused, match=r"individual \(0 of 10 made"):
        end(desk, incident_id)


def test_what_turns_out_to_be_no_true_positive_is_closed_as_ever(desk: Desk) -> None:
    incident_id = notified(desk)
    desk.handle(VoidNotice(actor=ANALYST, incident_id=incident_id, number=1, reason="never sent"))
    desk.handle(Resolve(incident_id=incident_id, actor=ANALYST, verdict="false_positive_data", reason="a test system"))
    assert desk.handle(Close(incident_id=incident_id, actor=ANALYST)).status == "closed"

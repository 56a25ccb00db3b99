"""Carrying out what people ask of a breach file, within the desk's transaction."""

from collections.abc import Callable
from datetime import date
from typing import Any

from alerting.act import Act
from alerting.breach.affected import checked
from alerting.breach.assessment import missing
from alerting.breach.clocks import day_of, held_on, hold_problem
from alerting.breach.commands import (
    ApproveAssessment,
    AssessBreach,
    BreachCommand,
    CountAffected,
    DescribeBreach,
    HoldNotices,
    LiftHold,
    RecordDiscovery,
    RecordDocument,
    RecordNotice,
    VoidNotice,
)
from alerting.breach.deciding import approval_refusal, discovery_refusal, notice_refusal
from alerting.breach.file import BreachFile
from alerting.breach.lessening import agreed_proposal, lessens, proposal_refusal
from alerting.breach.records import (
    RECORD,
    Approved,
    Assessed,
    Change,
    Counted,
    HeldBack,
    Lifted,
    Proposed,
    Record,
    Voided,
)
from alerting.breach.rows import add_record, find_file
from alerting.command import Command, word_for
from alerting.refusal import Refused

Detail = dict[str, str | int]


def discover(act: Act, command: RecordDiscovery) -> BreachFile:
    """Write the day of discovery."""
    file = _file(act, command)
    _refuse(discovery_refusal(file, command.discovered, today_of(act)))
    discovered = command.discovered
    return _changed(
        act, command, file, discovered, {"discovered_on": discovered.on.isoformat(), "basis": discovered.basis}
    )


def describe(act: Act, command: DescribeBreach) -> BreachFile:
    """Write what the duties depend on."""
    file = _file(act, command)
    days = command.described.contract_days
    if days is not None and days < 0:
        raise Refused("a contract cannot ask for notice before discovery")
    return _changed(act, command, file, command.described, {"part": command.described.part})


def count(act: Act, command: CountAffected) -> BreachFile:
    """Write who is affected."""
    file = _file(act, command)
    affected = checked(command.affected)
    if not affected.total:
        raise Refused("nobody is counted; a breach affects one individual or more")
    return _changed(act, command, file, Counted(affected=affected, is_estimate=command.is_estimate), {})


def assess(act: Act, command: AssessBreach) -> BreachFile:
    """Write an assessment; it may still lack something until it is approved."""
    file = _file(act, command)
    _refuse_unless_assessed_now(act, command)
    assessment = command.assessment
    detail: Detail = {
        "revision": len(file.assessments) + 1,
        "conclusion": assessment.conclusion,
        "missing": len(missing(assessment)),
    }
    return _written(act, command, Assessed(assessment=assessment, login=command.login), detail)


def approve(act: Act, command: ApproveAssessment) -> BreachFile:
    """Approve the latest assessment."""
    file = _file(act, command)
    _refuse_unless_assessed_now(act, command)
    directory = act.policy.plan.directory
    _refuse(approval_refusal(file, command.revision, command.actor, directory))
    approved = Approved(revision=command.revision, note=command.note, login=command.login)
    return _written(act, command, approved, {"revision": command.revision})


def hold(act: Act, command: HoldNotices) -> BreachFile:
    """Write a delay that law enforcement asked for."""
    file = _file(act, command)
    _refuse(hold_problem(command.hold, [held.hold for held in file.holds]))
    if command.hold.stated_on > today_of(act):
        raise Refused("the day of the statement lies in the future")
    if not command.official.strip() or not command.statement.strip():
        raise Refused("who asked for the delay, and what they stated, must be documented (164.412)")
    held = HeldBack(hold=command.hold, official=command.official, statement=command.statement)
    return _written(act, command, held, {"kind": command.hold.kind, "until": command.hold.until.isoformat()})


def lift(act: Act, command: LiftHold) -> BreachFile:
    """Write that the delay is over."""
    file = _file(act, command)
    if not held_on(file.hold_times, command.on):
        raise Refused("law enforcement holds nothing back on that day")
    if command.on > today_of(act):
        raise Refused("the day lies in the future")
    if not command.official.strip() or not command.statement.strip():
        raise Refused("who let the notices go, and what they stated, must be documented (164.412)")
    lifted = Lifted(on=command.on, official=command.official, statement=command.statement)
    return _written(act, command, lifted, {"on": command.on.isoformat()})


def record_notice(act: Act, command: RecordNotice) -> BreachFile:
    """Write down a notice."""
    file = _file(act, command)
    notice = command.notice
    _refuse(notice_refusal(file, notice, today_of(act)))
    detail: Detail = {
        "kind": notice.kind,
        "made_on": notice.made_on.isoformat(),
        "method": notice.method,
        "document": notice.document,
    }
    return _written(act, command, notice, detail)


def record_document(act: Act, command: RecordDocument) -> BreachFile:
    """Write down that a document was drawn up."""
    _file(act, command)
    return _written(act, command, command.made, {"kind": command.made.kind, "document": command.made.document})


def void(act: Act, command: VoidNotice) -> BreachFile:
    """Take a notice out of what counts."""
    file = _file(act, command)
    if not any(one.number == command.number and not one.voided for one in file.notices):
        message = f"there is no notice {command.number} that counts"
        raise Refused(message)
    if not command.reason.strip():
        raise Refused("a reason is needed")
    return _written(act, command, Voided(number=command.number, reason=command.reason), {"number": command.number})


HANDLERS: dict[type[Command[Any]], Callable[[Act, Any], Any]] = {
    RecordDiscovery: discover,
    DescribeBreach: describe,
    CountAffected: count,
    AssessBreach: assess,
    ApproveAssessment: approve,
    HoldNotices: hold,
    LiftHold: lift,
    RecordNotice: record_notice,
    RecordDocument: record_document,
    VoidNotice: void,
}


def today_of(act: Act) -> date:
    """Return the day that it is where the covered entity is."""
    return day_of(act.now, act.policy.plan.zone)


def _file(act: Act, command: BreachCommand) -> BreachFile:
    """Return the file of a case, whose incident is locked from now on."""
    incident = act.incident(command.incident_id)
    file = find_file(act.connection, incident.id)
    if file is None:
        message = f"the assessment of {incident.id} has not begun (`wardwatch breach begin {incident.id}`)"
        raise Refused(message)
    return file


def _refuse_unless_assessed_now(act: Act, command: BreachCommand) -> None:
    incident = act.incident(command.incident_id)
    if incident.status != "risk_assessment":
        message = f"{incident.id} is {incident.status}: it is not being assessed"
        raise Refused(message)


def _refuse(reason: str) -> None:
    if reason:
        raise Refused(reason)


def _changed(act: Act, command: BreachCommand, file: BreachFile, change: Change, detail: Detail) -> BreachFile:
    """Write a change; one that lessens the duties of a confirmed breach is proposed until a second person agrees."""
    if not lessens(file, change):
        return _written(act, command, change, detail)
    directory = act.policy.plan.directory
    agreed = agreed_proposal(file, change, command.actor, directory)
    if agreed:
        return _written(act, command, change, {**detail, "proposed_by": agreed.by})
    _refuse(proposal_refusal(file, change, command.actor, directory))
    return _written(act, command, Proposed(change=change), {**detail, "status": "proposed"})


def _written(act: Act, command: BreachCommand, record: Record, detail: Detail) -> BreachFile:
    """Write the record, and the entry of the timeline that says so without its texts."""
    added = add_record(act.connection, command.incident_id, record, actor=command.actor, at=act.now)
    detail = {**detail, RECORD: added.hash}
    act.note(act.incident(command.incident_id), action=word_for(command), actor=command.actor, detail=detail)
    return added.file

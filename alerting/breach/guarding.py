"""What ties the statuses of an incident to its breach file: no step of the breach path without its ground."""

from alerting.act import Act
from alerting.breach.clocks import day_of
from alerting.breach.deciding import decision_refusal, finish_refusal, start_refusal
from alerting.breach.file import BreachFile
from alerting.breach.handling import Detail, today_of
from alerting.breach.records import RECORD, Begun, Decided
from alerting.breach.rows import add_record, find_file, first_alert_at
from alerting.commands import (
    AssessRisk,
    Close,
    ConfirmBreach,
    FinishNotifying,
    IncidentCommand,
    RuleOutBreach,
    StartNotifying,
)
from alerting.incidents import TRUE_POSITIVES, Incident
from alerting.refusal import Refused

BREACH_PATH = (AssessRisk, ConfirmBreach, RuleOutBreach, StartNotifying, FinishNotifying, Close)
"""Commands about an incident that the breach file has a say in."""


def keep_breach_file(act: Act, incident: Incident, command: IncidentCommand) -> Detail:
    """Write into the file what a command about its incident decides; the incident is locked, its step is legal.

    Returns:
        What the timeline's entry about the command says of the file.

    Raises:
        Refused: where the file has no ground for the step.
    """
    if not isinstance(command, BREACH_PATH):
        return {}
    file = find_file(act.connection, incident.id)
    if isinstance(command, AssessRisk):
        if file is not None and file.current is None and not file.decision:
            return {}  # it has begun anew already, when the case was reopened
        first = first_alert_at(act.connection, incident)
        return _write(act, incident, command, Begun(first_alert_on=day_of(first, act.policy.plan.zone)))
    if reason := _refusal(act, incident, file, command):
        message = f"{_attempt(command)}: {reason}"
        raise Refused(message)
    if isinstance(command, ConfirmBreach | RuleOutBreach):
        outcome = Decided(outcome="breach" if isinstance(command, ConfirmBreach) else "not_breach")
        return _write(act, incident, command, outcome)
    return {}


def _attempt(command: IncidentCommand) -> str:
    """Return what cannot be, in words."""
    match command:
        case ConfirmBreach():
            return f"the breach of {command.incident_id} cannot be confirmed"
        case RuleOutBreach():
            return f"a breach in {command.incident_id} cannot be ruled out"
        case StartNotifying():
            return f"the notices of {command.incident_id} cannot begin"
        case Close():
            return f"{command.incident_id} cannot be closed"
        case _:
            return f"the notices of {command.incident_id} cannot be called finished"


def _refusal(act: Act, incident: Incident, file: BreachFile | None, command: IncidentCommand) -> str:
    match command:
        case ConfirmBreach():
            return decision_refusal(file, is_breach=True)
        case RuleOutBreach():
            return decision_refusal(file, is_breach=False)
        case StartNotifying():
            return start_refusal(file, today_of(act))
        case Close() if incident.breach != "notified" or incident.verdict not in TRUE_POSITIVES:
            return ""
        case _:
            return finish_refusal(file)


def _write(act: Act, incident: Incident, command: IncidentCommand, record: Begun | Decided) -> Detail:
    return {RECORD: add_record(act.connection, incident.id, record, actor=command.actor, at=act.now).hash}

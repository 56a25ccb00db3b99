"""Overpayments: who was paid what was not due must report and return it within 60 days (42 CFR 401.305)."""

import datetime
from zoneinfo import ZoneInfo

from msgspec import structs

from alerting.act import Act
from alerting.commands import Close, IncidentCommand
from alerting.incidents import TRUE_POSITIVES, Incident
from alerting.notification import Told
from alerting.refusal import Refused
from alerting.transitions import IllegalTransition
from alerting.work.commands import DecideOverpayment, ReturnOverpayment
from alerting.work.overpayment_rows import mark_told, overpayment_of, put_overpayment, unreturned_by
from alerting.work.values import Overpayment

RETURN_WITHIN = datetime.timedelta(days=60)
"""42 CFR 401.305(b)(1)(i): reported and returned by 60 days after it was identified."""
REMIND_BEFORE = datetime.timedelta(days=15)
AT_ONCE = 100


def see_to_overpayment(act: Act, incident: Incident, command: IncidentCommand) -> None:
    """Let no true positive about billing be closed before somebody has decided whether money must go back.

    Raises:
        IllegalTransition: if nobody has, or not since findings about billing joined.
    """
    if not isinstance(command, Close) or not incident.touches_billing or incident.verdict not in TRUE_POSITIVES:
        return
    decided = overpayment_of(act.connection, incident.id)
    if decided is None or decided.is_doubted:
        again = " again, for findings have joined" if decided else ""
        message = (
            f"Close of {incident.id}: a true positive about billing needs the decision about an overpayment first"
            f"{again} (42 CFR 401.305)"
        )
        raise IllegalTransition(message)


def decide(act: Act, command: DecideOverpayment) -> Overpayment:
    """Write down whether there is an overpayment; a later decision replaces an earlier one, the timeline keeps both."""
    incident = act.incident(command.incident_id)
    if problem := _problem(command, _today(act)):
        raise Refused(problem)
    earlier = overpayment_of(act.connection, incident.id)
    if earlier is not None and earlier.returned_on is not None and not earlier.is_doubted:
        message = f"the overpayment of {incident.id} was returned already"
        raise Refused(message)
    due_on = command.identified_on + RETURN_WITHIN if command.identified_on else None
    decided = Overpayment(
        incident_id=incident.id,
        decision=command.decision,
        identified_on=command.identified_on,
        due_on=due_on,
        cents=command.cents,
        reason=command.reason,
        decided_at=act.now,
        decided_by=command.actor,
    )
    put_overpayment(act.connection, decided)
    detail: dict[str, str | int] = {"decision": command.decision}
    if command.identified_on and due_on:
        detail |= {
            "identified_on": command.identified_on.isoformat(),
            "due_on": due_on.isoformat(),
            "cents": command.cents,
        }
    act.note(incident, action="decide_overpayment", actor=command.actor, note=command.reason, detail=detail)
    return decided


def give_back(act: Act, command: ReturnOverpayment) -> Overpayment:
    """Write down that an overpayment was reported and returned; its clock stops."""
    incident = act.incident(command.incident_id)
    decided = overpayment_of(act.connection, incident.id)
    if decided is None or decided.identified_on is None:
        message = f"no overpayment is known of {incident.id}"
        raise Refused(message)
    if decided.returned_on is not None:
        message = f"the overpayment of {incident.id} was returned already"
        raise Refused(message)
    if not decided.identified_on <= command.returned_on <= _today(act):
        message = "an overpayment is returned after it was identified, and not in the future"
        raise Refused(message)
    returned = structs.replace(decided, returned_on=command.returned_on)
    put_overpayment(act.connection, returned)
    detail: dict[str, str | int] = {"returned_on": command.returned_on.isoformat()}
    act.note(incident, action="return_overpayment", actor=command.actor, detail=detail)
    return returned


def remind_of_overpayments(act: Act) -> None:
    """Tell of overpayments that must be returned soon, and once more of those that should have been."""
    today = _today(act)
    for overpayment in unreturned_by(act.connection, today - datetime.timedelta(days=1), told=2, limit=AT_ONCE):
        _tell(act, overpayment, "overpayment_overdue", "overpayment_overdue", times=2)
    for overpayment in unreturned_by(act.connection, today + REMIND_BEFORE, told=1, limit=AT_ONCE):
        _tell(act, overpayment, "overpayment_due_soon", "overpayment_due", times=1)


def _tell(act: Act, overpayment: Overpayment, action: str, told: Told, *, times: int) -> None:
    mark_told(act.connection, overpayment.incident_id, times)
    due_on = overpayment.due_on.isoformat() if overpayment.due_on else ""
    noted = act.note(act.incident(overpayment.incident_id), action=action, detail={"due_on": due_on})
    act.tell(noted, told)


def _problem(command: DecideOverpayment, today: datetime.date) -> str:
    if command.decision == "no_overpayment":
        if command.identified_on or command.cents:
            return "where there is no overpayment, there is neither a day nor an amount"
        return "" if command.reason.strip() else "that there is no overpayment needs a reason"
    if command.identified_on is None or command.cents <= 0:
        return "an overpayment needs the day on which it was identified, and its amount"
    return "" if command.identified_on <= today else "an overpayment is not identified in the future"


def _today(act: Act) -> datetime.date:
    """Return the day that it is where the site is."""
    return datetime.datetime.fromtimestamp(act.now, ZoneInfo(act.policy.plan.zone)).date()

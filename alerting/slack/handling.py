"""Carrying out what was asked for in Slack, in one transaction with the note that it is done."""

from collections.abc import Callable
from typing import Any

from alerting.act import Act
from alerting.command import Command
from alerting.incidents import Incident
from alerting.people import Person
from alerting.refusal import Refused
from alerting.slack.asked import WITH_MODAL, Asked, Pressed, Submitted, Typed, Wrote
from alerting.slack.commands import CarryOutSlack
from alerting.slack.deeds import ALREADY_USED, NotTheirs, check, do
from alerting.slack.modals import modal
from alerting.slack.replies import Open, Reply, answer_with
from alerting.slack.rows import SLACK, finish_job, incident_of_thread, take_job, use_nonce
from alerting.slack.words import answer_to
from alerting.store.incident_rows import find_incident
from alerting.strangers import Stranger, turn_away

STRANGER = (
    "Wardwatch does not know you. Ask whoever runs it to add your Slack member id to your entry in the response plan."
)
SNOOZED = "Nobody is told of {}, unless it becomes graver or the time is over."
"""Of a snooze nothing is seen in the channel; so who asked for it is told."""


def carry_out(act: Act, command: CarryOutSlack) -> Reply | None:
    """Do what was asked for, if it is still to be done."""
    asked = take_job(act.connection, command.key)
    if asked is None:
        return None
    reply = _reply(act, asked)
    finish_job(act.connection, command.key)
    return reply


def _reply(act: Act, asked: Asked) -> Reply | None:
    if isinstance(asked, Wrote) and incident_of_thread(act.connection, asked.thread) is None:
        return None  # people talk about other things too
    person = act.policy.plan.directory.of_slack(asked.user)
    if person is None:
        turn_away(act, Stranger(SLACK, asked.user), _word(asked), _case(act, asked))
        return answer_with(asked, STRANGER)
    try:
        with act.connection.begin_nested():
            return _done(act, person, asked)
    except NotTheirs as refusal:
        incident = act.incident(refusal.incident_id)
        detail: dict[str, str | int] = {"asked": _word(asked), "by": "slack"}
        act.note(incident, action="subject_refused", actor=person.name, detail=detail)
        return _refused(act, person, asked, refusal)
    except Refused as refusal:
        return _refused(act, person, asked, refusal)


def _done(act: Act, person: Person, asked: Asked) -> Reply | None:
    match asked:
        case Pressed():
            return _pressed(act, person, asked)
        case Submitted():
            do(act, person, asked.incident_id, asked.deed, asked.fields)
            return answer_with(asked, SNOOZED.format(asked.incident_id)) if asked.deed == "snooze" else None
        case Typed():
            return answer_with(asked, answer_to(act, person, asked.text))
        case Wrote():
            incident_id = incident_of_thread(act.connection, asked.thread)
            if incident_id is not None:
                do(act, person, incident_id, "comment", {"note": asked.text})
            return None


def _pressed(act: Act, person: Person, asked: Pressed) -> Reply | None:
    if asked.deed in WITH_MODAL:
        check(act, person, asked.incident_id, asked.deed)
        return Open(trigger=asked.trigger, view=modal(asked.deed, asked.incident_id, asked.nonce))
    do(act, person, asked.incident_id, asked.deed, {})
    if not use_nonce(act.connection, asked.nonce, asked.deed, act.now):
        raise Refused(ALREADY_USED)
    return None


def _refused(act: Act, person: Person, asked: Asked, refusal: Refused) -> Reply:
    act.audit(actor=person.name, action=_word(asked), outcome="refused", incident=_incident(asked))
    return answer_with(asked, str(refusal))


def _word(asked: Asked) -> str:
    if isinstance(asked, Pressed | Submitted):
        return asked.deed
    return "comment" if isinstance(asked, Wrote) else "slack_command"


def _case(act: Act, asked: Asked) -> Incident | None:
    """Return the case that something was asked about, None for what names none."""
    thread = asked.thread if isinstance(asked, Wrote) else ""
    incident_id = incident_of_thread(act.connection, thread) if thread else _incident(asked)
    return find_incident(act.connection, incident_id, lock=True) if incident_id else None


def _incident(asked: Asked) -> str:
    return asked.incident_id if isinstance(asked, Pressed | Submitted) else ""


HANDLERS: dict[type[Command[Any]], Callable[[Act, Any], Any]] = {CarryOutSlack: carry_out}

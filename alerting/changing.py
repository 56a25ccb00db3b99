"""Carrying out a command about one incident, inside the transaction of whoever was given it."""

from msgspec import structs

from alerting.act import Act
from alerting.breach.guarding import keep_breach_file
from alerting.command import word_for
from alerting.commands import Assign, Comment, IncidentCommand, Merge, Reopen, Resolve, RuleOutBreach
from alerting.feedback.teaching import learn_from
from alerting.incidents import Incident
from alerting.mentioning import mention
from alerting.merging import merge, refuse_to_suppress_others
from alerting.refusal import Refused
from alerting.subjects import refuse_subject, subjects_of
from alerting.telling import News, tell
from alerting.timeline import hash_of_note
from alerting.transitions import moved
from alerting.work.overpaying import see_to_overpayment

SILENT_COMMANDS = (Comment, Assign)
"""Commands that change no status: of these only those hear who follow the case or are responsible for it."""


def change(act: Act, command: IncidentCommand) -> Incident:
    """Change an incident: its row, timeline entry, audit entry and notices; return it as it is now.

    Raises:
        UnknownIncident: if there is no such incident.
        IllegalTransition: if its status, or a guard, does not allow the command.
        Refused: if the case is about whoever asks, or about whom it would make responsible; the text does not say so.
    """
    before = act.incident(command.incident_id)
    refuse_subject(act.connection, act.policy, before, command.actor)
    if isinstance(command, Assign) and command.assignee in subjects_of(act.connection, act.policy, before):
        message = f"{command.assignee} cannot be responsible for {before.id}: choose somebody else"
        raise Refused(message)
    after = _after(before, command, act.now)
    kept = keep_breach_file(act, before, command)
    see_to_overpayment(act, before, command)
    refuse_to_suppress_others(act, before, command)
    news = merge(act, before, command) if isinstance(command, Merge) else []
    note = _note_of(command)
    detail = _detail_of(command) | kept
    after = act.note(before, after, action=word_for(command), actor=command.actor, note=note, detail=detail)
    learn_from(act, after, command, hash_of_note(note))
    act.audit(actor=command.actor, action=word_for(command), outcome="done", incident=before.id)
    if isinstance(command, SILENT_COMMANDS):
        mention(act, after, "assigned" if isinstance(command, Assign) else "commented", by=command.actor)
    else:
        tell(act.connection, [News(after, "status_changed"), *news], act.policy, act.now)
    return after


def _after(before: Incident, command: IncidentCommand, now: float) -> Incident:
    match command:
        case Comment():
            return before
        case Assign():
            return structs.replace(before, assignee=command.assignee)
        case _:
            return moved(before, command, now)


def _note_of(command: IncidentCommand) -> str:
    reason = command.reason if isinstance(command, Resolve | Reopen | RuleOutBreach) else ""
    return "\n".join(text for text in (reason, command.note) if text)


def _detail_of(command: IncidentCommand) -> dict[str, str | int]:
    match command:
        case Resolve():
            return {"verdict": command.verdict}
        case Assign():
            return {"assignee": command.assignee}
        case Merge():
            return {"into": command.into}
        case _:
            return {}

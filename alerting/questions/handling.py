"""Asking, and taking the answer: evidence in the timeline, and nothing decided by it."""

from collections.abc import Callable
from typing import Any

from msgspec import structs

from alerting.act import Act
from alerting.command import Command
from alerting.incidents import Incident
from alerting.notices import Notice, notice_id
from alerting.notification import Question, hour_of
from alerting.places import Place
from alerting.questions.commands import AnswerQuestion, Ask, AskedQuestion, NoteForgedLinks, Outcome
from alerting.questions.rows import (
    find_question,
    insert_question,
    overdue_questions,
    questions_about,
    update_question,
)
from alerting.refusal import Refused
from alerting.routing.router import Router
from alerting.store.outbox_rows import insert_notices
from alerting.timeline import SYSTEM

MOST_NOTED = 3
"""Refusals of one link that are noted: a link that is tried over and over must not fill a timeline."""


def ask(act: Act, command: Ask) -> AskedQuestion:
    """Send the question, unless the plan keeps the case to itself or somebody is being asked already."""
    incident = act.incident(command.incident_id)
    if refusal := act.policy.plan.questions.refusal(incident):
        raise Refused(refusal)
    if command.audience == "manager" and not _may_hear(act, incident, Place(command.channel, command.to)):
        message = f"this manager cannot be asked about {incident.id}: ask somebody else"
        raise Refused(message)
    known = questions_about(act.connection, incident.id)
    if any(one.audience == command.audience and one.state_at(act.now) == "open" for one in known):
        message = f"the {command.audience} has been asked about {incident.id} and may still answer"
        raise Refused(message)
    question = AskedQuestion(
        id=command.question_id,
        incident_id=incident.id,
        audience=command.audience,
        channel=command.channel,
        asked_by=command.actor,
        asked_at=act.now,
        first_at=incident.first_at,
        last_at=incident.last_at,
        expires_at=float(command.expires_at),
    )
    insert_question(act.connection, question)
    body = Question(
        question_id=question.id,
        audience=question.audience,
        first_hour=hour_of(question.first_at),
        last_hour=hour_of(question.last_at),
        link=command.link,
        expires=hour_of(question.expires_at),
    )
    notice = Notice(
        id=notice_id(body.about, body.revision, command.channel, command.to),
        channel=command.channel,
        body=body,
        to=command.to,
        created_at=act.now,
        due_at=act.now,
    )
    insert_notices(act.connection, [notice])
    detail: dict[str, str | int] = {"question": question.id, "audience": question.audience, "channel": question.channel}
    act.note(incident, action="asked", actor=command.actor, detail=detail)
    return question


def _may_hear(act: Act, incident: Incident, place: Place) -> bool:
    """Whether no subject of the case reads there, as a manager who acted in it does."""
    return Router(act.connection, act.policy, act.now).addressing(incident).is_allowed(place)


def answer(act: Act, command: AnswerQuestion) -> Outcome:
    """Take an answer, once and in time; what is refused is noted too."""
    question = find_question(act.connection, command.question_id, lock=True)
    if question is None:
        return "unknown"
    by = f"asked {question.audience}"
    state = question.state_at(act.now)
    if state != "open":
        if question.refusals < MOST_NOTED:
            detail: dict[str, str | int] = {"question": question.id, "why": state}
            _note(act, question, action="answer_refused", actor=by, detail=detail)
        update_question(act.connection, structs.replace(question, refusals=question.refusals + 1))
        return state
    settled = structs.replace(question, state="answered", answer=command.said, settled_at=act.now)
    update_question(act.connection, settled)
    evidence: dict[str, str | int] = {"question": question.id, "audience": question.audience, "said": command.said}
    act.tell(_note(act, question, action="answered", actor=by, note=command.reason, detail=evidence), "answered")
    return "taken"


def note_forged_links(_act: Act, _command: NoteForgedLinks) -> None:
    """Do nothing: that the command came is what the audit log is to have."""


def end_questions(act: Act) -> None:
    """Note the questions that nobody answered in time."""
    for question in overdue_questions(act.connection, act.now):
        _expire(act, question, "unanswered")


def end_undelivered(act: Act, question_id: str) -> None:
    """Note that a question did not reach whom it was for; another may be asked at once."""
    question = find_question(act.connection, question_id, lock=True)
    if question is not None and question.state == "open":
        _expire(act, question, "question_not_delivered")


def _expire(act: Act, question: AskedQuestion, action: str) -> None:
    update_question(act.connection, structs.replace(question, state="expired", settled_at=act.now))
    detail: dict[str, str | int] = {"question": question.id, "audience": question.audience}
    _note(act, question, action=action, detail=detail)


def _note(
    act: Act, question: AskedQuestion, *, action: str, detail: dict[str, str | int], actor: str = SYSTEM, note: str = ""
) -> Incident:
    """Note what became of a question in its case, and in the one that this was merged into meanwhile.

    Returns:
        The case in which people work on it now.
    """
    noted = act.note(act.incident(question.incident_id), action=action, actor=actor, note=note, detail=detail)
    if not noted.merged_into:
        return noted
    whole = act.incident(noted.merged_into)
    return act.note(whole, action=action, actor=actor, note=note, detail=detail | {"asked_in": noted.id})


HANDLERS: dict[type[Command[Any]], Callable[[Act, Any], Any]] = {
    Ask: ask,
    AnswerQuestion: answer,
    NoteForgedLinks: note_forged_links,
}

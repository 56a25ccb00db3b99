"""Carrying out what people ask for beside the status of a case: watchers, tasks, links, evidence."""

import hashlib

from msgspec import structs

from alerting.act import Act
from alerting.command import word_for
from alerting.incidents import Incident
from alerting.refusal import Refused
from alerting.store.finding_rows import fates_of
from alerting.work.commands import (
    AddEvidence,
    AddTask,
    FinishTask,
    LinkIncidents,
    UnlinkIncidents,
    UnwatchIncident,
    WatchIncident,
)
from alerting.work.evidence_rows import find_evidence, insert_evidence
from alerting.work.rows import (
    add_watcher,
    drop_link,
    drop_watcher,
    find_task,
    insert_task,
    newly_overdue_tasks,
    next_number,
    put_link,
    update_task,
    watchers_of,
)
from alerting.work.values import RELATIONS, SEALED_KINDS, SEEN_FROM_THE_OTHER, Evidence, Task

MOST_TASKS = 200
MOST_REFERENCE = 500
AT_ONCE = 100


def watch(act: Act, command: WatchIncident) -> tuple[str, ...]:
    """Let somebody watch an incident."""
    return _watched_by(act, command, is_watching=True)


def unwatch(act: Act, command: UnwatchIncident) -> tuple[str, ...]:
    """Let somebody watch it no more."""
    return _watched_by(act, command, is_watching=False)


def _watched_by(act: Act, command: WatchIncident | UnwatchIncident, *, is_watching: bool) -> tuple[str, ...]:
    incident = act.incident(command.incident_id)
    watcher = command.watcher or command.actor
    watching = watchers_of(act.connection, [incident.id]).get(incident.id, ())
    if (watcher in watching) == is_watching:
        return watching
    if is_watching:
        add_watcher(act.connection, incident.id, watcher, act.now)
    else:
        drop_watcher(act.connection, incident.id, watcher)
    act.note(incident, action=word_for(command), actor=command.actor, detail={"watcher": watcher})
    return watchers_of(act.connection, [incident.id]).get(incident.id, ())


def add_task(act: Act, command: AddTask) -> Task:
    """Write down something to do."""
    incident = _workable(act, command.incident_id)
    number = next_number(act.connection, incident.id)
    if not command.text.strip() or number > MOST_TASKS:
        message = "a task needs words" if number <= MOST_TASKS else f"{incident.id} has {MOST_TASKS} tasks already"
        raise Refused(message)
    task = Task(
        incident_id=incident.id,
        number=number,
        text=command.text,
        assignee=command.assignee,
        due_at=command.due_at,
        added_at=act.now,
        added_by=command.actor,
    )
    insert_task(act.connection, task)
    detail: dict[str, str | int] = {"task": number, "assignee": command.assignee}
    act.note(incident, action="add_task", actor=command.actor, note=command.text, detail=detail)
    return task


def finish_task(act: Act, command: FinishTask) -> Task:
    """Note that a task is done; one that is done already stays as it is."""
    incident = act.incident(command.incident_id)
    task = find_task(act.connection, incident.id, command.number)
    if task is None:
        message = f"{incident.id} has no task {command.number}"
        raise Refused(message)
    if task.done_at is not None:
        return task
    done = structs.replace(task, done_at=act.now, done_by=command.actor)
    update_task(act.connection, done)
    act.note(incident, action="finish_task", actor=command.actor, detail={"task": task.number})
    return done


def remind_of_tasks(act: Act) -> None:
    """Tell of open tasks that are overdue, once each."""
    for task in newly_overdue_tasks(act.connection, act.now, AT_ONCE):
        detail: dict[str, str | int] = {"task": task.number, "assignee": task.assignee}
        act.tell(act.note(act.incident(task.incident_id), action="task_overdue", detail=detail), "reminder")


def link(act: Act, command: LinkIncidents) -> Incident:
    """Link two incidents, instead of however they were linked; it is noted in both."""
    if command.other == command.incident_id or command.relation not in RELATIONS:
        message = f"an incident is linked to another, as {', '.join(RELATIONS)}"
        raise Refused(message)
    incident, other = _both(act, command.incident_id, command.other)
    put_link(act.connection, incident.id, other.id, command.relation, now=act.now, actor=command.actor)
    detail: dict[str, str | int] = {"other": other.id, "relation": command.relation}
    linked = act.note(incident, action="link", actor=command.actor, detail=detail)
    detail = {"other": incident.id, "relation": SEEN_FROM_THE_OTHER[command.relation]}
    other = act.note(other, action="link", actor=command.actor, detail=detail)
    act.tell(linked, "linked")
    act.tell(other, "linked")
    return linked


def unlink(act: Act, command: UnlinkIncidents) -> Incident:
    """Take away a link; it is noted in both."""
    if command.other == command.incident_id:
        message = "two incidents are needed"
        raise Refused(message)
    incident, other = _both(act, command.incident_id, command.other)
    if not drop_link(act.connection, incident.id, other.id):
        message = f"{incident.id} and {other.id} are not linked"
        raise Refused(message)
    act.note(other, action="unlink", actor=command.actor, detail={"other": incident.id})
    return act.note(incident, action="unlink", actor=command.actor, detail={"other": other.id})


def add_evidence(act: Act, command: AddEvidence) -> Evidence:
    """Keep a piece of evidence; what the case has already is not kept twice."""
    incident = _workable(act, command.incident_id)
    if problem := _problem_of_evidence(act, command):
        raise Refused(problem)
    sha256 = command.content.sha256 if command.content else ""
    evidence = Evidence(
        id=_evidence_id(incident.id, command.kind, command.reference, sha256),
        incident_id=incident.id,
        kind=command.kind,
        reference=command.reference,
        size=command.content.size if command.content else 0,
        sha256=sha256,
        at=act.now,
        actor=command.actor,
    )
    if known := find_evidence(act.connection, evidence.id):
        return known[0]
    insert_evidence(act.connection, evidence, command.content)
    detail: dict[str, str | int] = {"evidence": evidence.id, "kind": evidence.kind}
    if sha256:
        detail |= {"sha256": sha256, "bytes": evidence.size}
    act.note(incident, action="add_evidence", actor=command.actor, detail=detail)
    return evidence


def _problem_of_evidence(act: Act, command: AddEvidence) -> str:
    if (command.kind in SEALED_KINDS) != (command.content is not None):
        return f"evidence of the kind {command.kind} " + ("has content" if command.content is None else "has none")
    if len(command.reference) > MOST_REFERENCE or (command.kind != "note" and not command.reference.strip()):
        return f"evidence is named in 1 to {MOST_REFERENCE} characters"
    if command.kind == "finding" and not fates_of(act.connection, [command.reference]):
        return "there is no such finding"
    return ""


def _evidence_id(*parts: str) -> str:
    return "EV-" + hashlib.sha256("\x1f".join(parts).encode(errors="replace")).hexdigest()[:16].upper()


def _workable(act: Act, incident_id: str) -> Incident:
    """Return an incident that work can be added to."""
    incident = act.incident(incident_id)
    if incident.status == "merged":
        message = f"{incident.id} was merged into {incident.merged_into}; give that one"
        raise Refused(message)
    return incident


def _both(act: Act, one: str, other: str) -> tuple[Incident, Incident]:
    """Return two incidents, locked in one order for all: no deadlock."""
    found = {incident_id: act.incident(incident_id) for incident_id in sorted((one, other))}
    return found[one], found[other]

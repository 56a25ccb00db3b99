"""Incidents as rows and as text."""

from typing import Any

import msgspec

from alerting.incidents import Incident
from alerting.store import Case
from alerting.timeline import Entry
from alerting.work.clock import Clock
from alerting.work.dossier import Dossier
from alerting.work.pages import Listed
from alerting.work.values import Evidence, Overpayment, Task
from detectors.finding import Entity
from monitor.cli.moments import shown
from monitor.cli.shared import say


def row_of(listed: Listed, now: float, zone: str) -> dict[str, object]:
    """Return an incident as a row of a list."""
    incident = listed.incident
    return {
        "id": incident.id,
        "status": incident.status,
        "severity": incident.severity,
        "queue": incident.queue or "-",
        "entity": incident.entity.type if incident.entity else incident.kind,
        "rules": ", ".join(incident.rules),
        "findings": incident.findings,
        "risk": f"{incident.risk:.0f}",
        "last": shown(incident.last_at, zone),
        "due": due_of(listed.clock, now, zone),
        "assignee": incident.assignee or "-",
    }


def due_of(clock: Clock | None, now: float, zone: str) -> str:
    """Return the next deadline of an incident, and whether it has passed."""
    due = clock.due_at if clock else None
    if due is None:
        return "-"
    return f"{shown(due, zone)} overdue" if due <= now else shown(due, zone)


def json_of(incident: Incident, clock: Clock | None, now: float) -> dict[str, Any]:
    """Return an incident for programs: its fields, its clocks, and which of them have run out."""
    return {
        **msgspec.to_builtins(incident),
        "clock": clock,
        "due_at": clock.due_at if clock else None,
        "overdue": clock.overdue(now) if clock else (),
    }


def task_row(task: Task, now: float, zone: str) -> dict[str, object]:
    """Return a task as a row of a list."""
    is_overdue = task.due_at is not None and task.done_at is None and task.due_at <= now
    due = shown(task.due_at, zone) if task.due_at is not None else "-"
    return {
        "incident": task.incident_id,
        "number": task.number,
        "task": task.text,
        "assignee": task.assignee or "-",
        "due": f"{due} overdue" if is_overdue else due,
        "done": shown(task.done_at, zone) if task.done_at is not None else "-",
    }


def evidence_row(evidence: Evidence, zone: str) -> dict[str, object]:
    """Return a piece of evidence as a row of a list."""
    return {
        "id": evidence.id,
        "kind": evidence.kind,
        "reference": evidence.reference or "-",
        "bytes": evidence.size or "-",
        "sha256": evidence.sha256[:16] or "-",
        "at": shown(evidence.at, zone),
        "by": evidence.actor,
    }


def told_overpayment(overpayment: Overpayment) -> str:
    """Return the decision about an overpayment in words."""
    if overpayment.identified_on is None:
        return "there is no overpayment"
    amount = f"{overpayment.cents / 100:,.2f}"
    if overpayment.returned_on:
        return f"an overpayment of {amount}, returned on {overpayment.returned_on}"
    return f"an overpayment of {amount}, to be reported and returned by {overpayment.due_on}"


def say_case(case: Case, dossier: Dossier, now: float, zone: str) -> None:
    """Write everything that is known about an incident, with the tokens that `wardwatch vault reveal` takes."""
    row = row_of(Listed(case.incident, dossier.clock), now, zone)
    if case.incident.entity:
        row["entity"] = party_of(case.incident.entity)
    for name, value in row.items():
        say(f"{name:10} {value}")
    if case.incident.verdict:
        say(f"{'verdict':10} {case.incident.verdict}")
    _say_dossier(dossier)
    say("\nFindings")
    for finding in case.findings:
        about = f"{finding.detector} {finding.severity}, risk {finding.risk:.0f}, {finding.id}"
        say(f"  {shown(finding.at, zone)} {about}")
        if withdrawal := case.withdrawn.get(finding.id):
            say(f"    withdrawn {shown(withdrawal.at, zone)}: {withdrawal.reason}")
        for reason in finding.reasons:
            say(f"    {reason}")
        if parties := ", ".join(party_of(party) for party in finding.entities if party != case.incident.entity):
            say(f"    parties: {parties}")
        places = {"source": finding.source, "department": finding.department}
        if told := ", ".join(f"{name} {place}" for name, place in places.items() if place):
            say(f"    {told}")
    say("\nTimeline")
    for entry in case.timeline:
        say(f"  {line_of(entry, zone)}")


def party_of(entity: Entity) -> str:
    """Return a party as its type and its token."""
    return f"{entity.type} {entity.ref}"


def line_of(entry: Entry, zone: str) -> str:
    """Return an entry of a timeline as one line."""
    note = f" - {entry.note}" if entry.note else ""
    detail = f" ({detail_of(entry)})" if entry.detail else ""
    return f"{shown(entry.at, zone)} {entry.actor}: {entry.action}{note}{detail}"


def detail_of(entry: Entry) -> str:
    """Return the details of an entry of a timeline: to whom, which link, which finding."""
    return ", ".join(f"{name} {value}" for name, value in entry.detail.items())


def _say_dossier(dossier: Dossier) -> None:
    if dossier.watchers:
        say(f"{'watchers':10} {', '.join(dossier.watchers)}")
    for link in dossier.links:
        say(f"{'link':10} {link.relation.replace('_', ' ')} {link.other}")
    if dossier.overpayment:
        say(f"{'money':10} {told_overpayment(dossier.overpayment)}")
    if dossier.tasks:
        say("\nTasks")
    for task in dossier.tasks:
        state = "done" if task.done_at is not None else "open"
        who = f", {task.assignee}" if task.assignee else ""
        say(f"  {task.number} {state}{who}: {task.text}")
    if dossier.evidence:
        say("\nEvidence")
    for evidence in dossier.evidence:
        say(f"  {evidence.id} {evidence.kind} {evidence.reference}".rstrip())

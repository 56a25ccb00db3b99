"""Merging: one incident takes over what another holds."""

from msgspec import structs
from sqlalchemy import Connection

from alerting.commands import Merge
from alerting.incidents import Incident
from alerting.severity import graver
from alerting.store.finding_rows import move_findings
from alerting.store.incident_rows import find_incident, redirect_merged, update_incidents
from alerting.store.timeline_rows import insert_entries
from alerting.telling import News
from alerting.timeline import extended
from alerting.transitions import IllegalTransition


def merge(connection: Connection, merged: Incident, command: Merge, now: float) -> list[News]:
    """Give the findings of `merged` to the open incident that the command names, and note it there.

    Whoever merges knows of the evidence; the return value says if others must hear that the case became graver.

    Raises:
        IllegalTransition: if there is no such open incident of the same kind.
    """
    target = find_incident(connection, command.into, lock=True)
    if target is None or not target.is_open or target.kind != merged.kind:
        message = f"{merged.id} can only be merged into an open incident of its kind"
        raise IllegalTransition(message)
    larger = structs.replace(
        target,
        severity=graver(target.severity, merged.severity),
        rules=tuple(dict.fromkeys((*target.rules, *merged.rules))),
        findings=target.findings + merged.findings,
        notified_findings=target.findings + merged.findings,
        risk=max(target.risk, merged.risk),
        first_at=min(target.first_at, merged.first_at),
        last_at=max(target.last_at, merged.last_at),
    )
    detail: dict[str, str | int] = {"from": merged.id, "added": merged.findings}
    larger, entry = extended(target, larger, action="took_over", now=now, actor=command.actor, detail=detail)
    move_findings(connection, merged.id, target.id)
    redirect_merged(connection, merged.id, target.id)
    update_incidents(connection, [larger])
    insert_entries(connection, [entry])
    return [News(larger, "escalated")] if larger.severity != target.severity else []

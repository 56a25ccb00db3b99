"""Everything that the store holds about one case, read in one state of it."""

from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, select

from alerting.audit import AuditEntry
from alerting.auditing.checkpoints import Checkpoint
from alerting.auditing.rows import last_checkpoint
from alerting.breach.file import BreachFile
from alerting.breach.rows import find_file
from alerting.feedback.tables import VERDICTS
from alerting.incidents import Incident
from alerting.refusal import UnknownIncident
from alerting.store.finding_rows import findings_of
from alerting.store.incident_rows import find_incident, merged_into
from alerting.store.schema import AUDIT_LOG, HELD, OUTBOX
from alerting.store.timeline_rows import entries_of
from alerting.store.withdrawal_rows import Withdrawal, withdrawals_of
from alerting.timeline import Entry, first_break
from alerting.work.dossier import Dossier, dossier_of
from alerting.work.values import Evidence
from detectors.finding import Finding

MOST_FINDINGS = 100_000


class Notice(Struct, frozen=True, kw_only=True):
    """A notice about the case: to which channel, when it was written, and what became of it."""

    id: str
    channel: str
    revision: int
    fate: str
    created_at: float
    attempts: int
    last_reason: str


class TakenOver(Struct, frozen=True, kw_only=True):
    """A case that was merged into the one of the bundle, which has its findings; the rest stayed with it."""

    incident: Incident
    timeline: list[Entry]
    work: Dossier
    breach: BreachFile | None
    audit: list[AuditEntry]

    def __repr__(self) -> str:
        return f"<TakenOver {self.incident.id}>"


class CaseFile(Struct, frozen=True, kw_only=True):
    """One case. `is_chain_whole` says whether its timeline and those of what it took over are as they were written."""

    incident: Incident
    timeline: list[Entry]
    is_chain_whole: bool
    findings: list[Finding]
    withdrawn: dict[str, Withdrawal]
    work: Dossier
    breach: BreachFile | None
    notices: list[Notice]
    held: list[dict[str, Any]]
    verdicts: list[dict[str, Any]]
    audit: list[AuditEntry]
    checkpoint: Checkpoint | None
    taken_over: list[TakenOver]

    def __repr__(self) -> str:
        return f"<CaseFile {self.incident.id}>"

    @property
    def evidence(self) -> list[Evidence]:
        """What people added to the case, and to those that it took over."""
        return [*self.work.evidence, *(evidence for one in self.taken_over for evidence in one.work.evidence)]


def case_file(connection: Connection, incident_id: str) -> CaseFile:
    """Return everything about a case.

    Raises:
        UnknownIncident: if there is none.
    """
    incident = find_incident(connection, incident_id)
    if incident is None:
        message = f"there is no incident {incident_id}"
        raise UnknownIncident(message)
    timeline = entries_of(connection, incident_id)
    taken_over = [_taken_over(connection, one) for one in merged_into(connection, incident_id)]
    notices = (
        select(OUTBOX.c.notice_id.label("id"), *(OUTBOX.c[name] for name in Notice.__struct_fields__[1:]))
        .where(OUTBOX.c.about == incident_id)
        .order_by(OUTBOX.c.created_at, OUTBOX.c.notice_id)
    )
    held = select(HELD).where(HELD.c.incident_id == incident_id).order_by(HELD.c.at, HELD.c.subject_id)
    verdicts = (
        select(VERDICTS)
        .where(VERDICTS.c.incident_id == incident_id)
        .order_by(VERDICTS.c.decided_at, VERDICTS.c.id, VERDICTS.c.finding_id)
    )
    return CaseFile(
        incident=incident,
        timeline=timeline,
        is_chain_whole=_is_whole(incident, timeline)
        and all(_is_whole(one.incident, one.timeline) for one in taken_over),
        findings=findings_of(connection, incident_id, MOST_FINDINGS),
        withdrawn=withdrawals_of(connection, incident_id),
        work=dossier_of(connection, incident_id),
        breach=find_file(connection, incident_id),
        notices=[Notice(**row._mapping) for row in connection.execute(notices)],
        held=[dict(row._mapping) for row in connection.execute(held)],
        verdicts=[dict(row._mapping) for row in connection.execute(verdicts)],
        audit=_audit_of(connection, incident_id),
        checkpoint=last_checkpoint(connection),
        taken_over=taken_over,
    )


def _taken_over(connection: Connection, incident: Incident) -> TakenOver:
    return TakenOver(
        incident=incident,
        timeline=entries_of(connection, incident.id),
        work=dossier_of(connection, incident.id),
        breach=find_file(connection, incident.id),
        audit=_audit_of(connection, incident.id),
    )


def _audit_of(connection: Connection, incident_id: str) -> list[AuditEntry]:
    audit = select(AUDIT_LOG).where(AUDIT_LOG.c.incident == incident_id).order_by(AUDIT_LOG.c.seq)
    return [AuditEntry(**row._mapping) for row in connection.execute(audit)]


def _is_whole(incident: Incident, timeline: list[Entry]) -> bool:
    return first_break(timeline) is None and bool(timeline) and timeline[-1].hash == incident.last_hash

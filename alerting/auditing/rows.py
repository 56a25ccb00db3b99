"""Reading and writing checkpoints, and what they cover."""

import math
from collections.abc import Collection, Iterator

from msgspec import Struct, structs
from sqlalchemy import Connection, Select, Table, func, insert, select

from alerting.audit import AuditEntry
from alerting.auditing.checkpoints import Checkpoint, TimelineEnd
from alerting.auditing.tables import CHECKPOINTS, DELETED_ENTRIES
from alerting.store.chunks import chunks
from alerting.store.schema import AUDIT_LOG, TIMELINE


def insert_checkpoint(connection: Connection, checkpoint: Checkpoint) -> None:
    """Store a checkpoint."""
    connection.execute(insert(CHECKPOINTS), structs.asdict(checkpoint))


def checkpoints(connection: Connection) -> list[Checkpoint]:
    """Return all checkpoints, from the first."""
    return [Checkpoint(**row._mapping) for row in connection.execute(select(CHECKPOINTS).order_by(CHECKPOINTS.c.at))]


def last_checkpoint(connection: Connection) -> Checkpoint | None:
    """Return the latest checkpoint."""
    row = connection.execute(select(CHECKPOINTS).order_by(CHECKPOINTS.c.at.desc()).limit(1)).one_or_none()
    return Checkpoint(**row._mapping) if row else None


def last_entry(connection: Connection) -> tuple[int, str]:
    """Return number and hash of the last audit entry, 0 and an empty text where there is none."""
    query = select(AUDIT_LOG.c.seq, AUDIT_LOG.c.hash).order_by(AUDIT_LOG.c.seq.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return (row.seq, row.hash) if row else (0, "")


def hash_of_entry(connection: Connection, seq: int) -> str | None:
    """Return the hash of an audit entry; empty for 0, which is before the first."""
    return connection.scalar(select(AUDIT_LOG.c.hash).where(AUDIT_LOG.c.seq == seq)) if seq else ""


def timeline_ends(connection: Connection, until: float) -> Iterator[TimelineEnd]:
    """Yield the last entry up to a time of every incident that has one, in the order of their ids."""
    ends = (
        TimelineEnd(row.incident_id, row.seq, row.hash)
        for table in _ENTRIES
        for row in connection.execute(_ends_in(table, until))
    )
    yield from sorted(ends, key=lambda end: end.incident_id)  # here, for databases differ in how they order texts


def keep_hashes(connection: Connection, incident_ids: Collection[str]) -> None:
    """Keep of the timelines of cases that are about to be deleted what checkpoints were signed over."""
    entries = select(TIMELINE.c.incident_id, TIMELINE.c.seq, TIMELINE.c.at, TIMELINE.c.hash)
    for chunk in chunks(sorted(incident_ids)):
        of_these = entries.where(TIMELINE.c.incident_id.in_(chunk))
        connection.execute(insert(DELETED_ENTRIES).from_select(["incident_id", "seq", "at", "hash"], of_these))


def _ends_in(table: Table, until: float) -> Select[tuple[str, int, str]]:
    last = (
        select(table.c.incident_id, func.max(table.c.seq).label("seq"))
        .where(table.c.at <= until)
        .group_by(table.c.incident_id)
        .subquery()
    )
    same = (table.c.incident_id == last.c.incident_id) & (table.c.seq == last.c.seq)
    return select(table.c.incident_id, table.c.seq, table.c.hash).join(last, same)


_ENTRIES = (TIMELINE, DELETED_ENTRIES)


class AuditQuery(Struct, frozen=True, kw_only=True):
    """Which entries are wanted: between two times, by and about what; an empty text asks for nothing in particular."""

    since: float = 0.0
    until: float = math.inf
    actor: str = ""
    incident: str = ""
    action: str = ""
    limit: int = 100


def audit_page(connection: Connection, wanted: AuditQuery) -> list[AuditEntry]:
    """Return audit entries, the latest of those that are wanted, oldest first."""
    table = AUDIT_LOG.c
    query = select(AUDIT_LOG).where(table.at >= wanted.since)
    if math.isfinite(wanted.until):
        query = query.where(table.at < wanted.until)
    asked = ((table.actor, wanted.actor), (table.incident, wanted.incident), (table.action, wanted.action))
    for column, text in asked:
        if text:
            query = query.where(column == text)
    rows = connection.execute(query.order_by(table.seq.desc()).limit(wanted.limit)).all()
    return [AuditEntry(**row._mapping) for row in reversed(rows)]

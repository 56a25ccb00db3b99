"""What has been kept for six years, and its deletion: never earlier, never under a legal hold."""

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from msgspec import Struct, structs
from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from alerting.auditing.checkpoints import TimelineEnd
from alerting.auditing.rows import keep_hashes
from alerting.muting.tables import SILENCES
from alerting.records.holds import Kept, LegalHold, kept_by
from alerting.records.tables import LEGAL_HOLDS, REVIEWS
from alerting.store.chunks import chunks
from alerting.store.metadata import METADATA
from alerting.store.schema import FINDINGS, HELD, INCIDENTS, OUTBOX


class Counts(Struct, frozen=True, kw_only=True):
    """How much of each kind; `cases` with everything that belongs to them."""

    cases: int = 0
    findings: int = 0
    silences: int = 0
    reviews: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether there is none of anything."""
        return not (self.cases or self.findings or self.silences or self.reviews)


def count_expired(connection: Connection, before: float, kept: Kept) -> Counts:
    """Count what was neither made nor in effect since a time, and is not kept by a hold."""
    if kept.everything:
        return Counts()
    return Counts(
        cases=_number(connection, _cases(connection, before, kept)),
        findings=_number(connection, _findings(connection, before, kept)),
        silences=_number(connection, _silences(before)),
        reviews=_number(connection, _reviews(before)),
    )


def count_cases_kept(connection: Connection, before: float, kept: Kept) -> int:
    """Count cases that would be deleted if no hold kept them."""
    return _number(connection, _cases(connection, before, Kept())) - count_expired(connection, before, kept).cases


class Deleted(Struct, frozen=True):
    """How much of each kind was deleted, and with which entry the timeline of each case had ended."""

    counts: Counts
    timelines: tuple[TimelineEnd, ...] = ()


def delete_expired(connection: Connection, before: float, kept: Kept, limit: int) -> Deleted:
    """Delete at most so many of each kind, see `count_expired`; the caller writes each case into the audit log."""
    if kept.everything:
        return Deleted(Counts())
    cases = list(connection.scalars(_cases(connection, before, kept).limit(limit)))
    timelines = _ends_of(connection, cases)
    _delete_cases(connection, cases)
    findings = list(connection.scalars(_findings(connection, before, kept).limit(limit)))
    for chunk in chunks(findings):
        connection.execute(delete(HELD).where(HELD.c.subject_id.in_(chunk)))
        connection.execute(delete(FINDINGS).where(FINDINGS.c.id.in_(chunk)))
    counts = Counts(
        cases=len(cases),
        findings=len(findings),
        silences=_delete(connection, SILENCES, _silences(before), limit),
        reviews=_delete(connection, REVIEWS, _reviews(before), limit),
    )
    return Deleted(counts, timelines)


def _ends_of(connection: Connection, ids: Collection[str]) -> tuple[TimelineEnd, ...]:
    """Return the last entries of whole timelines, as the incidents have them."""
    table = INCIDENTS.c
    query = select(table.id, table.revision, table.last_hash).order_by(table.id)
    return tuple(
        TimelineEnd(row.id, row.revision, row.last_hash)
        for chunk in chunks(sorted(ids))
        for row in connection.execute(query.where(table.id.in_(chunk)))
    )


def holds(connection: Connection) -> list[LegalHold]:
    """Return every legal hold that ever was, the newest first."""
    query = select(LEGAL_HOLDS).order_by(LEGAL_HOLDS.c.placed_at.desc(), LEGAL_HOLDS.c.id)
    return [LegalHold(**row._mapping) for row in connection.execute(query)]


def holds_on_incident(connection: Connection, incident_id: str) -> list[LegalHold]:
    """Return the holds that are in force on an incident by its id, or on one that was merged into it."""
    table = LEGAL_HOLDS.c
    merged = select(INCIDENTS.c.id).where(INCIDENTS.c.merged_into == incident_id)
    is_its = or_(table.ref == incident_id, table.ref.in_(merged))
    query = select(LEGAL_HOLDS).where(is_its, table.about == "incident", table.released_at.is_(None))
    return [LegalHold(**row._mapping) for row in connection.execute(query.order_by(table.placed_at, table.id))]


def kept_now(connection: Connection) -> Kept:
    """Return what the holds in force keep.

    A case that was merged has its findings in another, so the hold on one is a hold on the other, and on everything
    that was merged into it.
    """
    kept = kept_by(holds(connection))
    table = INCIDENTS.c
    targets = select(table.merged_into).where(table.id.in_(sorted(kept.incidents)), table.merged_into != "")
    incidents = kept.incidents | set(connection.scalars(targets))
    merged = select(table.id).where(table.merged_into.in_(sorted(incidents)))
    return structs.replace(kept, incidents=incidents | set(connection.scalars(merged)))


def insert_hold(connection: Connection, hold: LegalHold) -> None:
    """Store a new hold."""
    row = {name: getattr(hold, name) for name in hold.__struct_fields__}
    connection.execute(insert(LEGAL_HOLDS), row)


def release_hold(connection: Connection, hold_id: str, *, at: float, by: str) -> None:
    """Note that a hold is in force no longer."""
    released = update(LEGAL_HOLDS).where(LEGAL_HOLDS.c.id == hold_id).values(released_at=at, released_by=by)
    connection.execute(released)


def _cases(connection: Connection, before: float, kept: Kept) -> Select[Any]:
    """Select finished incidents that nothing has happened to since a time and that no hold keeps, the oldest first."""
    table = INCIDENTS.c
    query = (
        select(table.id)
        .where(table.is_open == False, table.opened_at < before, table.updated_at < before)  # noqa: E712 -- SQL
        .order_by(table.opened_at, table.id)
    )
    if kept.incidents:
        query = query.where(table.id.not_in(sorted(kept.incidents)))
    if kept.entities:
        # What was merged into another case has its findings there.
        theirs = FINDINGS.c.incident_id.in_([table.id, table.merged_into])
        concerned = select(FINDINGS.c.id).where(theirs, _concerns(connection, kept.entities)).correlate(INCIDENTS)
        is_about = table.entity_ref.in_(sorted(kept.entities))
        query = query.where(or_(table.entity_ref.is_(None), ~is_about), ~concerned.exists())
    return query


def _concerns(connection: Connection, entities: Collection[str]) -> ColumnElement[bool]:
    """Return whether a finding names one of the entities: they are looked for in its body, as they are written there.

    The database does that, so that no finding is read for it. A text of the same bytes would keep a finding, too.
    """
    return or_(*(_has(connection, msgspec.msgpack.encode(entity)) for entity in sorted(entities)))


def _has(connection: Connection, written: bytes) -> ColumnElement[bool]:
    part = bindparam(None, written, LargeBinary)
    if connection.dialect.name == "postgresql":
        return func.position(part.op("IN")(FINDINGS.c.body)) > 0
    return func.instr(FINDINGS.c.body, part) > 0


def _findings(connection: Connection, before: float, kept: Kept) -> Select[Any]:
    """Select findings that belong to no incident."""
    table = FINDINGS.c
    query = select(table.id).where(table.incident_id.is_(None), table.recorded_at < before)
    return query.where(~_concerns(connection, kept.entities)) if kept.entities else query


def _silences(before: float) -> Select[Any]:
    return select(SILENCES.c.id).where(SILENCES.c.created_at < before, SILENCES.c.ends_at < before)


def _reviews(before: float) -> Select[Any]:
    return select(REVIEWS.c.start_at).where(REVIEWS.c.signed_at < before)


def _delete_cases(connection: Connection, ids: Collection[str]) -> None:
    """Delete incidents with every row of every table that belongs to them; the hashes of their timelines stay."""
    keep_hashes(connection, ids)
    for chunk in chunks(sorted(ids)):
        connection.execute(delete(OUTBOX).where(OUTBOX.c.about.in_(chunk)))
        for table, column in _belonging():
            connection.execute(delete(table).where(column.in_(chunk)))
        connection.execute(delete(INCIDENTS).where(INCIDENTS.c.id.in_(chunk)))


def _belonging() -> Iterator[tuple[Table, Any]]:
    """Yield the columns of all tables that name an incident, whichever area they are of."""
    for table in METADATA.sorted_tables:
        for column in table.columns:
            if any(key.target_fullname == "incidents.id" for key in column.foreign_keys):
                yield table, column


def _delete(connection: Connection, table: Table, selected: Select[Any], limit: int) -> int:
    (key,) = table.primary_key.columns
    ids = list(connection.scalars(selected.limit(limit)))
    for chunk in chunks(ids):
        connection.execute(delete(table).where(key.in_(chunk)))
    return len(ids)


def _number(connection: Connection, query: Select[Any]) -> int:
    return int(connection.scalar(select(func.count()).select_from(query.subquery())) or 0)

"""The rows of breaches; nothing here changes or removes a record."""

from collections.abc import Collection
from datetime import date
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, Select, func, insert, or_, select, update

from alerting.breach.clocks import Stage
from alerting.breach.file import BreachFile, file_of
from alerting.breach.records import Line, Record, following
from alerting.breach.tables import BREACH_FILES, BREACH_RECORDS, BREACH_UNASSESSED, BREACH_WATCH
from alerting.breach.warning import next_on
from alerting.incidents import Incident
from alerting.severity import IncidentSeverity
from alerting.store.chunks import chunks
from alerting.store.incident_rows import incident_of_row
from alerting.store.schema import FINDINGS, INCIDENTS

_RECORDS = BREACH_RECORDS.c
_FILES = BREACH_FILES.c
GRAVE: tuple[IncidentSeverity, ...] = ("SEV1", "SEV2")
"""Severities of which a case that nobody assesses is told."""
_RECORD: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


class Added(Struct, frozen=True):
    """The file with a record that was added, and the hash of the record."""

    file: BreachFile
    hash: str


def lines_of(connection: Connection, incident_id: str) -> list[Line]:
    """Return the records of a case, in the order in which they were written."""
    return _lines(connection, select(BREACH_RECORDS).where(_RECORDS.incident_id == incident_id))


def find_file(connection: Connection, incident_id: str) -> BreachFile | None:
    """Return the file of a case, None where no assessment began."""
    return file_of(lines_of(connection, incident_id))


def cases_with_file(connection: Connection, incident_ids: Collection[str]) -> set[str]:
    """Return those of the cases whose assessment has begun."""
    wanted = select(_FILES.incident_id)
    return {
        one
        for chunk in chunks(sorted(incident_ids))
        for one in connection.scalars(wanted.where(_FILES.incident_id.in_(chunk)))
    }


def add_record(connection: Connection, incident_id: str, record: Record, *, actor: str, at: float) -> Added:
    """Write a record into the file of a case, whose incident the caller has locked."""
    lines = lines_of(connection, incident_id)
    line = following(lines[-1] if lines else None, record, incident_id=incident_id, actor=actor, at=at)
    row = {
        "incident_id": incident_id,
        "seq": line.seq,
        "at": line.at,
        "actor": actor,
        "record": msgspec.json.encode(record),
        "prev_hash": line.prev_hash,
        "hash": line.hash,
    }
    connection.execute(insert(BREACH_RECORDS).values(row))
    file = file_of([*lines, line])
    if file is None:
        raise AssertionError("a file begins with its beginning")
    _save_file(connection, file, is_new=not lines)
    return Added(file, line.hash)


def files_due(connection: Connection, today: date) -> list[BreachFile]:
    """Return the files of which a clock has come into its next stage."""
    return _files(connection, select(_FILES.incident_id).where(_FILES.next_on <= today.isoformat()))


def open_files(connection: Connection) -> list[BreachFile]:
    """Return the files of which a clock runs."""
    return _files(connection, select(_FILES.incident_id).where(_FILES.next_on.is_not(None)))


def running_files(connection: Connection, limit: int) -> list[BreachFile]:
    """Return the files of open cases that were not ruled out, the earliest discovered first."""
    query = (
        select(_FILES.incident_id)
        .join(INCIDENTS, INCIDENTS.c.id == _FILES.incident_id)
        .where(_FILES.decision.in_(("", "breach")), INCIDENTS.c.is_open == True)  # noqa: E712 -- SQL
        .order_by(_FILES.discovered_on, _FILES.incident_id)
    )
    return _files(connection, query.limit(limit))


def breaches_discovered(connection: Connection, first: date, last: date) -> list[BreachFile]:
    """Return the files of confirmed breaches that were discovered between two days, both included."""
    found = _FILES.discovered_on.between(first.isoformat(), last.isoformat())
    return _files(connection, select(_FILES.incident_id).where(found & (_FILES.decision == "breach")))


def unassessed_cases(
    connection: Connection, before: float, *, limit: int, untold: Collection[Stage] = ()
) -> list[Incident]:
    """Return open grave cases about records without a file whose first alert came before an instant, oldest first.

    With `untold`, only those of which none of these stages was told.
    """
    has_file = select(_FILES.incident_id).where(_FILES.incident_id == INCIDENTS.c.id).exists()
    told = BREACH_UNASSESSED.c
    was_told = select(told.stage).where(told.incident_id == INCIDENTS.c.id, told.stage.in_(untold)).exists()
    stored_before = (FINDINGS.c.incident_id == INCIDENTS.c.id) & (FINDINGS.c.recorded_at < before)
    query = (
        select(INCIDENTS)
        .where(INCIDENTS.c.is_open == True)  # noqa: E712 -- SQL
        .where(or_(INCIDENTS.c.opened_at < before, select(FINDINGS.c.id).where(stored_before).exists()))
        .where(INCIDENTS.c.kind == "case", INCIDENTS.c.severity.in_(GRAVE), ~has_file, ~was_told)
        .order_by(INCIDENTS.c.opened_at, INCIDENTS.c.id)
    )
    cases = (incident_of_row(row) for row in connection.execute(query))
    return list(islice((case for case in cases if case.touches_records), limit))


def mark_told(connection: Connection, incident_id: str, stage: Stage) -> None:
    """Note that a stage was told of a case without a file."""
    connection.execute(insert(BREACH_UNASSESSED).values(incident_id=incident_id, stage=stage))


def files_reopened(connection: Connection) -> list[BreachFile]:
    """Return the files that were ruled out and whose case was reopened since."""
    query = select(_FILES.incident_id).join(INCIDENTS, INCIDENTS.c.id == _FILES.incident_id)
    return _files(connection, query.where(_FILES.decision == "not_breach", INCIDENTS.c.breach == ""))


def first_alert_at(connection: Connection, incident: Incident) -> float:
    """Return when the case could first have been seen: also as a part of another case that was merged or split.

    That is when the first of its findings was stored, in seconds since the epoch.
    """
    stored = select(func.min(FINDINGS.c.recorded_at)).where(FINDINGS.c.incident_id == incident.id)
    return min(incident.opened_at, connection.scalar(stored) or incident.opened_at)


def last_watched(connection: Connection) -> date | None:
    """Return the last day on which cases without an assessment were looked at."""
    day = connection.scalar(select(BREACH_WATCH.c.day))
    return date.fromisoformat(day) if day else None


def save_watched(connection: Connection, day: date) -> None:
    """Note that cases without an assessment were looked at on a day."""
    if connection.execute(update(BREACH_WATCH).values(day=day.isoformat())).rowcount == 0:
        connection.execute(insert(BREACH_WATCH).values(slot=0, day=day.isoformat()))


def _save_file(connection: Connection, file: BreachFile, *, is_new: bool) -> None:
    next_day = next_on(file)
    values = {
        "discovered_on": file.discovered_on.isoformat(),
        "decision": file.decision,
        "next_on": next_day.isoformat() if next_day else None,
    }
    if is_new:
        connection.execute(insert(BREACH_FILES).values(incident_id=file.incident_id, **values))
    else:
        connection.execute(update(BREACH_FILES).where(_FILES.incident_id == file.incident_id).values(**values))


def _files(connection: Connection, ids: Select[tuple[str]]) -> list[BreachFile]:
    wanted = select(BREACH_RECORDS).where(_RECORDS.incident_id.in_(ids))
    by_case = groupby(_lines(connection, wanted), key=attrgetter("incident_id"))
    found = (file_of(lines) for _, lines in by_case)
    return sorted((file for file in found if file), key=lambda file: (file.discovered_on, file.incident_id))


def line_of(row: Row[Any]) -> Line:
    """Return the record that a row holds."""
    return Line(
        incident_id=row.incident_id,
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        record=_RECORD.decode(row.record),
        prev_hash=row.prev_hash,
        hash=row.hash,
    )


def _lines(connection: Connection, query: Select[tuple[object, ...]]) -> list[Line]:
    return [line_of(row) for row in connection.execute(query.order_by(_RECORDS.incident_id, _RECORDS.seq))]

"""The table of timeline entries; nothing here changes or removes one."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Connection, Row, func, insert, select

from alerting.store.schema import TIMELINE
from alerting.timeline import Entry


def insert_entries(connection: Connection, entries: Sequence[Entry]) -> None:
    """Append entries."""
    if entries:
        connection.execute(insert(TIMELINE), [_row(entry) for entry in entries])


def entries_of(connection: Connection, incident_id: str) -> list[Entry]:
    """Return the timeline of an incident, from the first entry."""
    query = select(TIMELINE).where(TIMELINE.c.incident_id == incident_id).order_by(TIMELINE.c.seq)
    return [entry_of(row) for row in connection.execute(query)]


def last_deed_at(
    connection: Connection, incident_id: str, *, after: float, not_by: Collection[str], among: Collection[str]
) -> float | None:
    """Return when the last entry after a time was written, if any; not by these actors, and of these actions."""
    table = TIMELINE.c
    query = select(func.max(table.at)).where(
        table.incident_id == incident_id, table.at > after, table.actor.not_in(not_by), table.action.in_(among)
    )
    last: float | None = connection.scalar(query)
    return last


def _row(entry: Entry) -> dict[str, Any]:
    return structs.asdict(entry) | {"note": entry.note.encode(), "detail": msgspec.json.encode(entry.detail)}


def entry_of(row: Row[Any]) -> Entry:
    """Return the entry that a row of the table holds."""
    stored = dict(row._mapping)
    stored["note"] = stored["note"].decode()
    stored["detail"] = msgspec.json.decode(stored["detail"], type=dict[str, str | int])
    return Entry(**stored)

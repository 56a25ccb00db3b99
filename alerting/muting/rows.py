"""Rows of silences and snoozes."""

from collections.abc import Collection
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Connection, Row, delete, insert, select, update

from alerting.muting.silences import Silence, SnoozeEntry
from alerting.muting.tables import SILENCES, SNOOZES
from alerting.store.chunks import chunks

_SILENCES = SILENCES.c
_SNOOZES = SNOOZES.c


def insert_silence(connection: Connection, silence: Silence) -> None:
    """Store a new silence."""
    row = structs.asdict(silence) | {"matchers": msgspec.json.encode(silence.matchers), "is_end_told": False}
    connection.execute(insert(SILENCES), row)


def find_silence(connection: Connection, silence_id: str) -> Silence | None:
    """Return a silence, None if there is none."""
    row = connection.execute(select(SILENCES).where(_SILENCES.id == silence_id)).one_or_none()
    return _silence(row) if row else None


def active_silences(connection: Connection, now: float) -> list[Silence]:
    """Return the silences that hold at an instant, from the one that ends last."""
    query = select(SILENCES).where(_SILENCES.ends_at > now, _SILENCES.starts_at <= now)
    return [_silence(row) for row in connection.execute(query.order_by(_SILENCES.ends_at.desc(), _SILENCES.id))]


def all_silences(connection: Connection) -> list[Silence]:
    """Return every silence that ever was, from the one that ends last."""
    query = select(SILENCES).order_by(_SILENCES.ends_at.desc(), _SILENCES.id)
    return [_silence(row) for row in connection.execute(query)]


def expire(connection: Connection, silence_id: str, *, at: float, by: str) -> None:
    """Let a silence end at an instant."""
    connection.execute(update(SILENCES).where(_SILENCES.id == silence_id).values(ends_at=at, expired_by=by))


def ends_untold(connection: Connection, now: float, limit: int) -> list[Silence]:
    """Return silences that have ended and whose authors have not been told, the first that ended first."""
    ended = select(SILENCES).where(_SILENCES.is_end_told == False, _SILENCES.ends_at <= now)  # noqa: E712 -- SQL
    return [_silence(row) for row in connection.execute(ended.order_by(_SILENCES.ends_at, _SILENCES.id).limit(limit))]


def note_end_told(connection: Connection, silence_id: str) -> None:
    """Note that the author of a silence was told of its end."""
    connection.execute(update(SILENCES).where(_SILENCES.id == silence_id).values(is_end_told=True))


def put_snooze(connection: Connection, entry: SnoozeEntry) -> None:
    """Snooze a case, instead of its earlier snooze if it has one."""
    drop_snooze(connection, entry.incident_id)
    connection.execute(insert(SNOOZES), structs.asdict(entry) | {"rules": msgspec.json.encode(entry.rules)})


def drop_snooze(connection: Connection, incident_id: str) -> bool:
    """End the snooze of a case; return whether it had one."""
    return connection.execute(delete(SNOOZES).where(_SNOOZES.incident_id == incident_id)).rowcount > 0


def snoozes_of(connection: Connection, incident_ids: Collection[str]) -> dict[str, SnoozeEntry]:
    """Return the snoozes of those among the cases that have one."""
    return {
        row.incident_id: _snooze(row)
        for chunk in chunks(sorted(incident_ids))
        for row in connection.execute(select(SNOOZES).where(_SNOOZES.incident_id.in_(chunk)))
    }


def snoozes_ended(connection: Connection, now: float, limit: int) -> list[SnoozeEntry]:
    """Return snoozes whose time has run out, the gravest first."""
    query = select(SNOOZES).where(_SNOOZES.until <= now).order_by(_SNOOZES.severity, _SNOOZES.until).limit(limit)
    return [_snooze(row) for row in connection.execute(query)]


def _silence(row: Row[Any]) -> Silence:
    fields = dict(row._mapping)
    del fields["is_end_told"]
    return Silence(**fields | {"matchers": msgspec.json.decode(row.matchers, type=tuple[str, ...])})


def _snooze(row: Row[Any]) -> SnoozeEntry:
    fields = dict(row._mapping)
    return SnoozeEntry(**fields | {"rules": msgspec.json.decode(row.rules, type=tuple[str, ...])})

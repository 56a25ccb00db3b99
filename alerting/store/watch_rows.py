"""The tables of the watch list: who is watched, and what was done to the list."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from alerting.store.chunks import chunks
from alerting.store.schema import WATCH_LIST, WATCH_LIST_LOG
from alerting.watch_list import WatchAct, WatchEntry, WatchLogLine
from detectors.finding import Entity

_TABLE = WATCH_LIST.c
_LOG = WATCH_LIST_LOG.c


def watch_entries(connection: Connection) -> list[WatchEntry]:
    """Return all that are on the list, from the one that ends first."""
    return [_entry(row) for row in connection.execute(select(WATCH_LIST).order_by(_TABLE.until, _TABLE.entity_ref))]


def entry_of(connection: Connection, entity: Entity) -> WatchEntry | None:
    """Return the entry of an entity, None where it is not on the list."""
    row = connection.execute(select(WATCH_LIST).where(_about(entity))).one_or_none()
    return _entry(row) if row else None


def watched_among(connection: Connection, refs: Collection[str]) -> list[WatchEntry]:
    """Return the entries of entities with these references."""
    return [
        _entry(row)
        for chunk in chunks(sorted(refs))
        for row in connection.execute(select(WATCH_LIST).where(_TABLE.entity_ref.in_(chunk)))
    ]


def put_entry(connection: Connection, entry: WatchEntry) -> None:
    """Put an entity on the list, instead of its earlier entry if there is one."""
    connection.execute(WATCH_LIST.delete().where(_about(entry.entity)))
    connection.execute(
        insert(WATCH_LIST).values(
            entity_type=entry.entity.type,
            entity_ref=entry.entity.ref,
            author=entry.author,
            reason=entry.reason,
            added_at=entry.added_at,
            until=entry.until,
            has_ended=False,
        )
    )


def drop_entry(connection: Connection, entity: Entity) -> None:
    """Take an entity off the list."""
    connection.execute(WATCH_LIST.delete().where(_about(entity)))


def newly_ended(connection: Connection, now: float) -> list[WatchEntry]:
    """Return the entries that have ended since this was asked last, and mark them."""
    over = (_TABLE.until <= now) & (_TABLE.has_ended == False)  # noqa: E712 -- SQL
    ended = [_entry(row) for row in connection.execute(select(WATCH_LIST).where(over).order_by(_TABLE.until))]
    if ended:
        connection.execute(update(WATCH_LIST).where(over).values(has_ended=True))
    return ended


def add_to_log(connection: Connection, at: float, actor: str, act: WatchAct, entry: WatchEntry) -> None:
    """Note what was done to the list; nothing here changes or removes a line."""
    last = connection.scalar(select(func.max(_LOG.seq))) or 0
    connection.execute(
        insert(WATCH_LIST_LOG).values(
            seq=last + 1,
            at=at,
            actor=actor,
            act=act,
            entity_type=entry.entity.type,
            entity_ref=entry.entity.ref,
            until=entry.until,
            reason=entry.reason,
        )
    )


def log_lines(connection: Connection) -> list[WatchLogLine]:
    """Return what was done to the list, from the first line."""
    return [
        WatchLogLine(
            seq=row.seq,
            at=row.at,
            actor=row.actor,
            act=row.act,
            entity=Entity(row.entity_type, row.entity_ref),
            until=row.until,
            reason=row.reason,
        )
        for row in connection.execute(select(WATCH_LIST_LOG).order_by(_LOG.seq))
    ]


def _about(entity: Entity) -> Any:  # noqa: ANN401 -- SQLAlchemy's conditions have no common type
    return (_TABLE.entity_type == entity.type) & (_TABLE.entity_ref == entity.ref)


def _entry(row: Row[Any]) -> WatchEntry:
    return WatchEntry(
        entity=Entity(row.entity_type, row.entity_ref),
        author=row.author,
        reason=row.reason,
        added_at=row.added_at,
        until=row.until,
    )

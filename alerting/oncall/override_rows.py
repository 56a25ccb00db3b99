"""The table of overrides: nothing is ever deleted from it."""

from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from alerting.oncall.schedules import Override
from alerting.oncall.tables import OVERRIDES

_TABLE = OVERRIDES.c


def insert_override(connection: Connection, override: Override) -> None:
    """Store a new override."""
    row = {name: getattr(override, name) for name in override.__struct_fields__}
    connection.execute(insert(OVERRIDES), [row])


def next_override(connection: Connection) -> int:
    """Return the id of the next override."""
    return (connection.scalar(select(func.max(_TABLE.id))) or 0) + 1


def find_override(connection: Connection, override_id: int) -> Override | None:
    """Return an override that stands, None if there is none."""
    row = connection.execute(select(OVERRIDES).where(_TABLE.id == override_id, _TABLE.removed_at.is_(None))).first()
    return _override(row) if row else None


def remove_override(connection: Connection, override_id: int, now: float, actor: str) -> None:
    """Note that an override does not hold any more."""
    connection.execute(update(OVERRIDES).where(_TABLE.id == override_id).values(removed_at=now, removed_by=actor))


def overrides_during(connection: Connection, first: float, last: float) -> list[Override]:
    """Return the overrides that stand and of which some part lies between two instants, in the order of their begin."""
    query = select(OVERRIDES).where(_TABLE.last > first, _TABLE.first <= last, _TABLE.removed_at.is_(None))
    return [_override(row) for row in connection.execute(query.order_by(_TABLE.first, _TABLE.id))]


def _override(row: Row[Any]) -> Override:
    return Override(**{name: row._mapping[name] for name in Override.__struct_fields__})

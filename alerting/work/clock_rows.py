"""The table of clocks."""

from collections.abc import Collection, Sequence
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from alerting.incidents import Incident
from alerting.store.chunks import chunks
from alerting.store.incident_rows import incident_of_row
from alerting.store.schema import INCIDENTS
from alerting.work.clock import CLOCK_NAMES, Clock
from alerting.work.tables import CLOCKS

_TABLE = CLOCKS.c
_UPDATE = (
    update(CLOCKS)
    .where(_TABLE.incident_id == bindparam("row_id"))
    .values({column.name: bindparam(column.name) for column in CLOCKS.columns if column.name != "incident_id"})
)


def insert_clocks(connection: Connection, clocks: Sequence[Clock]) -> None:
    """Store the clocks of new incidents."""
    if clocks:
        connection.execute(insert(CLOCKS), [_row(clock) for clock in clocks])


def update_clocks(connection: Connection, clocks: Sequence[Clock]) -> None:
    """Store changed clocks."""
    rows = [_row(clock) for clock in clocks]
    for row in rows:
        row["row_id"] = row.pop("incident_id")
    if rows:
        connection.execute(_UPDATE, rows)


def clocks_of(connection: Connection, incident_ids: Collection[str]) -> dict[str, Clock]:
    """Return the clocks of incidents by their ids; an incident of an older version may have none."""
    return {
        row.incident_id: _clock(row)
        for chunk in chunks(sorted(incident_ids))
        for row in connection.execute(select(CLOCKS).where(_TABLE.incident_id.in_(chunk)))
    }


def clocks_to_tell(connection: Connection, now: float, limit: int) -> list[Clock]:
    """Return the clocks that have run out and that people were not told of, the longest overdue first."""
    query = select(CLOCKS).where(_TABLE.tell_at <= now).order_by(_TABLE.tell_at, _TABLE.incident_id).limit(limit)
    return [_clock(row) for row in connection.execute(query)]


def open_without_clocks(connection: Connection, limit: int) -> list[Incident]:
    """Return open incidents, of an older version, that have no clocks; locked, the first that were opened first."""
    has_clocks = select(_TABLE.incident_id).where(_TABLE.incident_id == INCIDENTS.c.id).exists()
    query = select(INCIDENTS).where(INCIDENTS.c.is_open, ~has_clocks)
    ordered = query.order_by(INCIDENTS.c.opened_at, INCIDENTS.c.id).limit(limit).with_for_update()
    return [incident_of_row(row) for row in connection.execute(ordered)]


def _row(clock: Clock) -> dict[str, Any]:
    told = ",".join(clock.told)
    return structs.asdict(clock) | {"told": told, "due_at": clock.due_at, "tell_at": clock.tell_at}


def _clock(row: Row[Any]) -> Clock:
    fields = {name: row._mapping[name] for name in Clock.__struct_fields__}
    names = fields["told"].split(",")
    return Clock(**fields | {"told": tuple(name for name in CLOCK_NAMES if name in names)})

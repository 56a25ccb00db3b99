"""The table of decisions about overpayments."""

import datetime
from collections.abc import Collection
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, Row, delete, insert, select, update

from alerting.store.chunks import chunks
from alerting.work.tables import OVERPAYMENTS
from alerting.work.values import Overpayment

_TABLE = OVERPAYMENTS.c
_DAYS = ("identified_on", "due_on", "returned_on")


def put_overpayment(connection: Connection, decided: Overpayment) -> None:
    """Store a decision, instead of an earlier one about the same incident."""
    connection.execute(delete(OVERPAYMENTS).where(_TABLE.incident_id == decided.incident_id))
    row = structs.asdict(decided)
    row |= {name: row[name].isoformat() if row[name] else None for name in _DAYS}
    connection.execute(insert(OVERPAYMENTS).values(**row, told=0))


def overpayment_of(connection: Connection, incident_id: str) -> Overpayment | None:
    """Return the decision about an incident, None if there is none."""
    row = connection.execute(select(OVERPAYMENTS).where(_TABLE.incident_id == incident_id)).one_or_none()
    return _overpayment(row) if row else None


def doubt_overpayments(connection: Connection, incident_ids: Collection[str]) -> None:
    """Note that findings about billing joined these cases, of which no decision until now speaks."""
    for chunk in chunks(sorted(incident_ids)):
        connection.execute(update(OVERPAYMENTS).where(_TABLE.incident_id.in_(chunk)).values(is_doubted=True))


def unreturned_by(connection: Connection, day: datetime.date, *, told: int, limit: int) -> list[Overpayment]:
    """Return overpayments due up to a day and not returned, of whose clock people were told less than `told` times."""
    query = (
        select(OVERPAYMENTS)
        .where(_TABLE.returned_on.is_(None), _TABLE.due_on <= day.isoformat(), _TABLE.told < told)
        .order_by(_TABLE.due_on, _TABLE.incident_id)
        .limit(limit)
    )
    return [_overpayment(row) for row in connection.execute(query)]


def mark_told(connection: Connection, incident_id: str, told: int) -> None:
    """Note how often people were told of the clock of an overpayment."""
    connection.execute(update(OVERPAYMENTS).where(_TABLE.incident_id == incident_id).values(told=told))


def _overpayment(row: Row[Any]) -> Overpayment:
    fields = {name: row._mapping[name] for name in Overpayment.__struct_fields__}
    fields |= {name: datetime.date.fromisoformat(fields[name]) if fields[name] else None for name in _DAYS}
    return Overpayment(**fields)

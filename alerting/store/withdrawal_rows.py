"""The table of withdrawn findings."""

from collections.abc import Collection, Sequence

from msgspec import Struct
from sqlalchemy import Connection, func, insert, select

from alerting.store.chunks import chunks
from alerting.store.schema import FINDINGS, WITHDRAWALS
from detectors.retraction import Retraction

_TABLE = WITHDRAWALS.c


class Withdrawal(Struct, frozen=True):
    """When (event time, seconds since the epoch) and why a finding was withdrawn."""

    at: float
    reason: str


def withdrawn_among(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return those of the findings that were withdrawn."""
    return {
        found
        for chunk in chunks(sorted(ids))
        for found in connection.scalars(select(_TABLE.finding_id).where(_TABLE.finding_id.in_(chunk)))
    }


def insert_withdrawals(connection: Connection, retractions: Sequence[Retraction], now: float) -> None:
    """Note that findings were withdrawn, none of which was before."""
    rows = [
        {"finding_id": one.finding_id, "at": one.at, "reason": one.reason, "recorded_at": now} for one in retractions
    ]
    if rows:
        connection.execute(insert(WITHDRAWALS), rows)


def withdrawals_of(connection: Connection, incident_id: str) -> dict[str, Withdrawal]:
    """Return the withdrawn findings of an incident, by id."""
    query = (
        select(_TABLE.finding_id, _TABLE.at, _TABLE.reason)
        .join(FINDINGS, FINDINGS.c.id == _TABLE.finding_id)
        .where(FINDINGS.c.incident_id == incident_id)
    )
    return {row.finding_id: Withdrawal(row.at, row.reason) for row in connection.execute(query)}


def count_withdrawn(connection: Connection) -> int:
    """Return how many of the stored findings were withdrawn."""
    query = select(func.count()).select_from(WITHDRAWALS).join(FINDINGS, FINDINGS.c.id == _TABLE.finding_id)
    return connection.scalar(query) or 0

"""The cases whose news wait, and the record of every single piece of news that was held back."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct, structs
from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from alerting.incidents import Incident
from alerting.muting.tables import WAITING_CASES
from alerting.notices import notice_id
from alerting.notification import Told
from alerting.severity import IncidentSeverity
from alerting.store.chunks import chunks
from alerting.store.finding_rows import Held, insert_held
from alerting.store.schema import HELD, INCIDENTS

_TABLE = WAITING_CASES.c

HoldReason: TypeAlias = Literal["snooze", "silence", "maintenance", "inhibition"]
NO_TIME = 1e12
"""Of what ends by no clock: beyond every date."""


class Hold(Struct, frozen=True):
    """What holds the news of a case: a silence by its id, a rule or window of the plan by its name, a person.

    `until` is when it ends by the clock; `behind` is the case that an inhibition waits for.
    """

    reason: HoldReason
    holder: str
    until: float = NO_TIME
    behind: str = ""


class WaitingCase(Struct, frozen=True, kw_only=True):
    """A case whose news wait: behind what, how much news, since when."""

    incident_id: str
    reason: HoldReason
    holder: str
    until: float
    behind: str
    severity: IncidentSeverity
    news: int
    first_at: float
    last_at: float


def hold_back(connection: Connection, held: Sequence[tuple[Incident, Told, Hold]], now: float) -> None:
    """Store that news were held back; the same news held back again is not stored twice."""
    rows = {
        notice_id(incident.id, incident.revision, f"held by {hold.reason}"): (incident, told, hold)
        for incident, told, hold in held
    }
    known = _known(connection, rows)
    new = {name: row for name, row in rows.items() if name not in known}
    insert_held(
        connection,
        [
            Held(
                subject_id=name,
                reason=hold.reason,
                at=now,
                source=hold.holder,
                incident_id=incident.id,
                detail=told,
            )
            for name, (incident, told, hold) in new.items()
        ],
    )
    waiting = _waiting_among(connection, {incident.id for incident, _, _ in new.values()})
    for incident, _, hold in new.values():
        before = waiting.get(incident.id)
        waiting[incident.id] = WaitingCase(
            incident_id=incident.id,
            **structs.asdict(hold),
            severity=incident.severity,
            news=(before.news if before else 0) + 1,
            first_at=before.first_at if before else now,
            last_at=now,
        )
    forget(connection, waiting)
    if waiting:
        connection.execute(insert(WAITING_CASES), [structs.asdict(case) for case in waiting.values()])


def forget(connection: Connection, incident_ids: Collection[str]) -> None:
    """Let cases wait no longer: people were told, or have nothing to be told any more."""
    for chunk in chunks(sorted(incident_ids)):
        connection.execute(delete(WAITING_CASES).where(_TABLE.incident_id.in_(chunk)))


def wait_behind(connection: Connection, incident_id: str, hold: Hold) -> None:
    """Let a case that waits go on waiting behind something else."""
    connection.execute(update(WAITING_CASES).where(_TABLE.incident_id == incident_id).values(**structs.asdict(hold)))


def no_longer_held(connection: Connection, now: float, limit: int) -> list[WaitingCase]:
    """Return the cases whose hold has ended, the gravest first."""
    source_is_open = select(INCIDENTS.c.id).where(INCIDENTS.c.id == _TABLE.behind, INCIDENTS.c.is_open == True)  # noqa: E712 -- SQL
    query = (
        select(WAITING_CASES)
        .where(or_(_TABLE.until <= now, (_TABLE.behind != "") & ~source_is_open.exists()))
        .order_by(_TABLE.severity, _TABLE.first_at, _TABLE.incident_id)
        .limit(limit)
    )
    return [_case(row) for row in connection.execute(query)]


def end_hold(connection: Connection, reason: HoldReason, holder: str, now: float) -> None:
    """Let everything that waits behind something be looked at again."""
    behind = (_TABLE.reason == reason) & (_TABLE.holder == holder)
    connection.execute(update(WAITING_CASES).where(behind, _TABLE.until > now).values(until=now))


def end_hold_of(connection: Connection, incident_id: str, now: float) -> None:
    """Let one case be looked at again."""
    one = (_TABLE.incident_id == incident_id) & (_TABLE.until > now)
    connection.execute(update(WAITING_CASES).where(one).values(until=now))


def waiting_cases(connection: Connection, limit: int = 1_000) -> list[WaitingCase]:
    """Return the cases whose news wait, the gravest first."""
    query = select(WAITING_CASES).order_by(_TABLE.severity, _TABLE.first_at, _TABLE.incident_id).limit(limit)
    return [_case(row) for row in connection.execute(query)]


def waiting_among(connection: Connection, incident_ids: Collection[str]) -> set[str]:
    """Return those of the cases whose news wait."""
    return set(_waiting_among(connection, incident_ids))


def count_waiting(connection: Connection) -> Counter[str]:
    """Return how many cases wait, by what they wait behind."""
    query = select(_TABLE.reason, func.count()).group_by(_TABLE.reason)
    return Counter({row[0]: row[1] for row in connection.execute(query)})


def held_back_by(connection: Connection, reason: HoldReason, holder: str) -> dict[str, int]:
    """Return how much news something has ever held back, by case."""
    held = HELD.c
    query = (
        select(held.incident_id, func.count())
        .where(held.reason == reason, held.source == holder)
        .group_by(held.incident_id)
        .order_by(held.incident_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _known(connection: Connection, names: Collection[str]) -> set[str]:
    return {
        found
        for chunk in chunks(sorted(names))
        for found in connection.scalars(select(HELD.c.subject_id).where(HELD.c.subject_id.in_(chunk)))
    }


def _waiting_among(connection: Connection, incident_ids: Collection[str]) -> dict[str, WaitingCase]:
    return {
        row.incident_id: _case(row)
        for chunk in chunks(sorted(incident_ids))
        for row in connection.execute(select(WAITING_CASES).where(_TABLE.incident_id.in_(chunk)))
    }


def _case(row: Row[Any]) -> WaitingCase:
    return WaitingCase(**row._mapping)

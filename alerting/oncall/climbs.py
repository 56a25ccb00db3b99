"""How far a case has climbed, and how news about it let it begin, rest or end. Pure but for its table."""

from collections.abc import Collection, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct, structs
from sqlalchemy import Connection, Row, insert, select, update

from alerting.incidents import Incident
from alerting.notification import Told
from alerting.oncall.escalations import Escalation
from alerting.oncall.tables import CLIMBS
from alerting.store.chunks import chunks
from alerting.store.schema import INCIDENTS

State: TypeAlias = Literal["climbing", "answered", "ended"]
"""`answered`: somebody has acknowledged, and may not let it rest; `ended`: there is nothing left to do."""

BEGINS: frozenset[Told] = frozenset({"opened", "repeated", "reopened", "escalated", "unmuted"})
"""News with which an escalation may begin."""
NEVER = float("inf")

_TABLE = CLIMBS.c


class Climb(Struct, frozen=True, kw_only=True):
    """How far a case has climbed.

    `position` counts the steps that were made over all rounds. `from_new`: it began while nobody had seen the case, so
    an acknowledgement answers it; otherwise whatever somebody does to the case does. `next_at` is when to look again.
    """

    incident_id: str
    escalation: str
    state: State
    position: int
    began_at: float
    from_new: bool
    next_at: float


def begun(incident: Incident, escalation: Escalation, told: Told, known: Climb | None, now: float) -> Climb | None:
    """Return the climb that begins with news of an incident, None if none does.

    A case that became graver and has another escalation now begins that one; if somebody had taken it on already, its
    acknowledgement must hold as the new one says.
    """
    if told not in BEGINS or not incident.is_open or incident.kind == "nobody_reached":
        return None
    runs = known is not None and known.state != "ended" and known.escalation == escalation.name
    if runs and told != "reopened":
        return None
    is_new = incident.status == "new"
    fresh = Climb(
        incident_id=incident.id,
        escalation=escalation.name,
        state="climbing",
        position=0,
        began_at=now,
        from_new=is_new,
        next_at=now + escalation.wait(0),
    )
    if is_new or told == "reopened":
        return fresh
    return answered(fresh, escalation, incident, now)


def answered(climb: Climb, escalation: Escalation, incident: Incident, at: float) -> Climb:
    """Return a climb after somebody has taken the case on, at a time."""
    if escalation.ack_timeout and incident.status == "triaged":
        return structs.replace(climb, state="answered", next_at=at + escalation.ack_seconds)
    return ended(climb)


def ended(climb: Climb) -> Climb:
    """Return a climb that is over."""
    return structs.replace(climb, state="ended", next_at=NEVER)


def again(climb: Climb, escalation: Escalation, now: float) -> Climb:
    """Return a climb from the first step: the acknowledgement did not hold."""
    return structs.replace(
        climb, state="climbing", position=0, began_at=now, from_new=False, next_at=now + escalation.wait(0)
    )


def climbs_of(connection: Connection, incident_ids: Collection[str]) -> dict[str, Climb]:
    """Return how far incidents have climbed, by their ids."""
    return {
        row.incident_id: _climb(row)
        for chunk in chunks(sorted(incident_ids))
        for row in connection.execute(select(CLIMBS).where(_TABLE.incident_id.in_(chunk)))
    }


def due_climbs(connection: Connection, now: float, limit: int) -> list[Climb]:
    """Return the climbs that are to be looked at, those of the gravest cases first."""
    query = (
        select(CLIMBS)
        .join(INCIDENTS, INCIDENTS.c.id == _TABLE.incident_id)
        .where(_TABLE.state != "ended", _TABLE.next_at <= now)
        .order_by(INCIDENTS.c.severity, _TABLE.next_at, _TABLE.incident_id)
    )
    return [_climb(row) for row in connection.execute(query.limit(limit))]


def put_climbs(connection: Connection, climbs: Sequence[Climb], known: Collection[str]) -> None:
    """Store climbs, new ones and those that are `known`."""
    fresh = [structs.asdict(one) for one in climbs if one.incident_id not in known]
    if fresh:
        connection.execute(insert(CLIMBS), fresh)
    for one in climbs:
        if one.incident_id in known:
            values = structs.asdict(one)
            connection.execute(update(CLIMBS).where(_TABLE.incident_id == values.pop("incident_id")).values(**values))


def _climb(row: Row[Any]) -> Climb:
    return Climb(**row._mapping)

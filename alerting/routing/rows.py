"""What the tables of routing hold."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alerting.incidents import Incident
from alerting.places import Place
from alerting.routing.tables import DIGEST_ITEMS, KNOWLEDGE, LEFT_OUT
from alerting.severity import IncidentSeverity
from alerting.store.chunks import chunks

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Knowledge(Struct, frozen=True):
    """What a recipient was last told of a case: its severity and the number of its findings."""

    severity: IncidentSeverity
    findings: int


def knowledge_of(connection: Connection, incident_ids: Collection[str]) -> dict[tuple[str, Place], Knowledge]:
    """Return what recipients know, by incident and place."""
    known: dict[tuple[str, Place], Knowledge] = {}
    for chunk in chunks(sorted(incident_ids)):
        for row in connection.execute(select(KNOWLEDGE).where(KNOWLEDGE.c.incident_id.in_(chunk))):
            place = Place(row.channel, row.recipient)
            known[row.incident_id, place] = Knowledge(row.severity, row.findings)
    return known


def note_knowledge(connection: Connection, told: Sequence[tuple[Incident, Place]]) -> None:
    """Note that recipients are told of incidents as they are now."""
    rows = {
        (incident.id, place): {
            "incident_id": incident.id,
            "channel": place.channel,
            "recipient": place.to,
            "severity": incident.severity,
            "findings": incident.findings,
            "rules": len(incident.rules),  # nobody asks for it any more; the tables of older versions demand it
        }
        for incident, place in told
    }
    if rows:
        statement = _INSERT[connection.dialect.name](KNOWLEDGE)
        changed = {name: statement.excluded[name] for name in ("severity", "findings", "rules")}
        key = ["incident_id", "channel", "recipient"]
        connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), list(rows.values()))


def forget_knowledge(connection: Connection, incident_id: str, place: Place) -> None:
    """Note that a recipient was not reached."""
    table = KNOWLEDGE.c
    same = (table.incident_id == incident_id) & (table.channel == place.channel) & (table.recipient == place.to)
    connection.execute(delete(KNOWLEDGE).where(same))


class Collected(Struct, frozen=True):
    """An incident that waits for the digest of a place."""

    place: Place
    fallbacks: tuple[Place, ...]
    due_at: float
    incident_id: str


def collect(connection: Connection, items: Iterable[Collected]) -> None:
    """Keep incidents for digests; what is kept already stays as it is."""
    rows = [
        {
            "channel": item.place.channel,
            "recipient": item.place.to,
            "due_at": item.due_at,
            "incident_id": item.incident_id,
            "fallbacks": msgspec.json.encode(item.fallbacks).decode(),
        }
        for item in items
    ]
    if rows:
        connection.execute(_INSERT[connection.dialect.name](DIGEST_ITEMS).on_conflict_do_nothing(), rows)


def take_collected(connection: Connection, now: float) -> list[Collected]:
    """Take what is due from the table, the longest due first."""
    table = DIGEST_ITEMS.c
    query = select(DIGEST_ITEMS).where(table.due_at <= now)
    found = []
    for row in connection.execute(query.order_by(table.due_at, table.channel, table.recipient, table.incident_id)):
        fallbacks = msgspec.json.decode(row.fallbacks, type=tuple[Place, ...])
        found.append(Collected(Place(row.channel, row.recipient), fallbacks, row.due_at, row.incident_id))
    if found:
        connection.execute(delete(DIGEST_ITEMS).where(table.due_at <= now))
    return found


class LeftOut(Struct, frozen=True):
    """Of how many people it is yet to be noted that a case was kept from them, and whether officers were told then."""

    people: int
    to_officers: bool


def note_left_out(connection: Connection, incident_id: str, people: Iterable[str], *, to_officers: bool) -> None:
    """Keep that a case was kept from people, until its timeline says so."""
    table = LEFT_OUT.c
    known = set(connection.scalars(select(table.person).where(table.incident_id == incident_id)))
    fate = {"incident_id": incident_id, "is_noted": False, "to_officers": to_officers}
    rows = [fate | {"person": one} for one in people if one not in known]
    if rows:
        connection.execute(insert(LEFT_OUT), rows)


def take_left_out(connection: Connection, limit: int) -> dict[str, LeftOut]:
    """Return, by incident, from whom it is yet to be noted that it was kept, and take it as noted."""
    table = LEFT_OUT.c
    query = select(LEFT_OUT).where(table.is_noted == False).limit(limit)  # noqa: E712 -- SQL
    found: dict[str, LeftOut] = {}
    for row in connection.execute(query.order_by(table.incident_id, table.person)).all():
        before = found.get(row.incident_id, LeftOut(0, to_officers=False))
        found[row.incident_id] = LeftOut(before.people + 1, before.to_officers or row.to_officers)
        same = (table.incident_id == row.incident_id) & (table.person == row.person)
        connection.execute(update(LEFT_OUT).where(same).values(is_noted=True))
    return found

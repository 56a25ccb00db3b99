"""The table of incidents."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Connection, Row, Select, bindparam, insert, select, text, tuple_, update

from alerting.grouping import Windows
from alerting.incidents import Incident, Status
from alerting.store.chunks import chunks
from alerting.store.schema import INCIDENTS, OPEN_ABOUT_WARDWATCH
from detectors.finding import Entity

_TABLE = INCIDENTS.c
_SAME_NAME = tuple(
    field.name for field in structs.fields(Incident) if field.name not in ("entity", "rules")
)  # columns that hold a field as it is
_UPDATE = (
    update(INCIDENTS)
    .where(_TABLE.id == bindparam("row_id"))
    .values({column.name: bindparam(column.name) for column in INCIDENTS.columns if column.name != "id"})
)
_WITH_ID = select(_TABLE.id).where(_TABLE.id == bindparam("wanted"))  # made once: every new incident asks


def insert_incidents(connection: Connection, incidents: Sequence[Incident]) -> None:
    """Store new incidents."""
    if incidents:
        connection.execute(insert(INCIDENTS), [_row(incident) for incident in incidents])


def update_incidents(connection: Connection, incidents: Sequence[Incident]) -> None:
    """Store changed incidents."""
    rows = [_row(incident) for incident in incidents]
    for row in rows:
        row["row_id"] = row.pop("id")
    if rows:
        connection.execute(_UPDATE, rows)


def find_incident(connection: Connection, incident_id: str, *, lock: bool = False) -> Incident | None:
    """Return an incident, locked until the transaction ends if asked for."""
    query = select(INCIDENTS).where(_TABLE.id == incident_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return incident_of_row(row) if row else None


def is_id_free(connection: Connection, incident_id: str) -> bool:
    """Return whether no incident has an id."""
    return connection.execute(_WITH_ID, {"wanted": incident_id}).first() is None


def candidates(
    connection: Connection, keys: Collection[str], windows: Windows, *, first_at: float, last_at: float
) -> dict[str, list[Incident]]:
    """Return, by key, the incidents that findings between two event times could belong to, locked.

    Those are open ones near in time, lately resolved ones, and the incidents that such have been merged into.
    """
    near = (_TABLE.last_at >= first_at - windows.join) & (_TABLE.first_at <= last_at + windows.join)
    lately = (_TABLE.status == "resolved") & (_TABLE.resolved_at >= first_at - windows.reopen)
    wanted = (_TABLE.is_open & near) | lately | (_TABLE.status == "merged")
    found = [
        incident
        for chunk in chunks(sorted(keys))
        for incident in _locked(connection, select(INCIDENTS).where(_TABLE.key.in_(chunk) & wanted))
    ]
    merged_into = {incident.merged_into for incident in found if incident.status == "merged"}
    targets = {
        target.id: target
        for chunk in chunks(sorted(merged_into))
        for target in _locked(connection, select(INCIDENTS).where(_TABLE.id.in_(chunk)))
    }
    by_key: dict[str, list[Incident]] = defaultdict(list)
    for incident in found:
        by_key[incident.key].append(targets[incident.merged_into] if incident.merged_into else incident)
    return by_key


def incidents_by_id(connection: Connection, ids: Collection[str], *, lock: bool = False) -> dict[str, Incident]:
    """Return those of the incidents that there are, by id; locked until the transaction ends if asked for."""
    found: dict[str, Incident] = {}
    for chunk in chunks(sorted(ids)):
        query = select(INCIDENTS).where(_TABLE.id.in_(chunk)).order_by(_TABLE.id)
        rows = connection.execute(query.with_for_update() if lock else query)
        found |= {row.id: incident_of_row(row) for row in rows}
    return found


def cases_by_key(connection: Connection, keys: Collection[str], since: float) -> dict[str, list[Incident]]:
    """Return the cases with these keys whose first finding is not older than `since` (event time), by key."""
    by_key: dict[str, list[Incident]] = defaultdict(list)
    for chunk in chunks(sorted(keys)):
        query = select(INCIDENTS).where(_TABLE.key.in_(chunk), _TABLE.kind == "case", _TABLE.first_at >= since)
        for row in connection.execute(query):
            by_key[row.key].append(incident_of_row(row))
    return by_key


def merged_into(connection: Connection, incident_id: str) -> list[Incident]:
    """Return the incidents that were merged into one, in the order in which they were opened."""
    query = select(INCIDENTS).where(_TABLE.merged_into == incident_id)
    return [incident_of_row(row) for row in connection.execute(query.order_by(_TABLE.opened_at, _TABLE.id))]


def redirect_merged(connection: Connection, merged: str, into: str) -> None:
    """Let what was merged into one incident be merged into another, so that one step leads to the end."""
    connection.execute(update(INCIDENTS).where(_TABLE.merged_into == merged).values(merged_into=into))


def has_taken_over(connection: Connection, incident_id: str) -> bool:
    """Return whether another incident was merged into one."""
    return connection.execute(select(_TABLE.id).where(_TABLE.merged_into == incident_id).limit(1)).first() is not None


def page_of_incidents(
    connection: Connection, statuses: Sequence[Status], *, only_open: bool, limit: int, after: str | None
) -> list[Incident]:
    """Return incidents from the newest, those that follow the incident `after`."""
    query = select(INCIDENTS).order_by(_TABLE.opened_at.desc(), _TABLE.id.desc()).limit(limit)
    if only_open:
        query = query.where(_TABLE.is_open == True)  # noqa: E712 -- SQL
    if statuses:
        query = query.where(_TABLE.status.in_(statuses))
    if after is not None:
        opened_at = connection.scalar(select(_TABLE.opened_at).where(_TABLE.id == after))
        if opened_at is None:
            return []
        # The first condition alone would do; SQLite only uses the index for it.
        query = query.where(_TABLE.opened_at <= opened_at, tuple_(_TABLE.opened_at, _TABLE.id) < (opened_at, after))
    return [incident_of_row(row) for row in connection.execute(query)]


def open_about_wardwatch(connection: Connection) -> list[Incident]:
    """Return the open incidents that are about Wardwatch itself, oldest first."""
    query = select(INCIDENTS).where(text(OPEN_ABOUT_WARDWATCH))
    return [incident_of_row(row) for row in connection.execute(query.order_by(_TABLE.opened_at, _TABLE.id))]


def incidents_where(connection: Connection, query: Select[Any]) -> list[Incident]:
    """Return the incidents that a query on their table selects, in its order."""
    return [incident_of_row(row) for row in connection.execute(query)]


def _locked(connection: Connection, query: Select[Any]) -> Iterable[Incident]:
    rows = connection.execute(query.order_by(_TABLE.id).with_for_update())
    return [incident_of_row(row) for row in rows]


def _row(incident: Incident) -> dict[str, Any]:
    row = {name: getattr(incident, name) for name in _SAME_NAME}
    row["entity_type"] = incident.entity.type if incident.entity else None
    row["entity_ref"] = incident.entity.ref if incident.entity else None
    row["rules"] = msgspec.json.encode(incident.rules)
    row["is_open"] = incident.is_open
    return row


def incident_of_row(row: Row[Any]) -> Incident:
    """Return the incident that a whole row of the table holds."""
    stored = row._mapping
    fields = {name: stored[name] for name in _SAME_NAME}
    entity = Entity(stored["entity_type"], stored["entity_ref"]) if stored["entity_type"] else None
    return Incident(entity=entity, rules=msgspec.json.decode(stored["rules"], type=tuple[str, ...]), **fields)

"""The cases that could stand for another one."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from alerting.grouping import key_of
from alerting.incidents import QUEUES, Incident
from alerting.muting.matchers import Label
from alerting.store.incident_rows import incidents_where
from alerting.store.schema import INCIDENTS

MOST_LOOKED_AT = 200


def graver_open_cases(connection: Connection, incident: Incident, equal: Collection[Label]) -> list[Incident]:
    """Return open cases that are graver than one, about the same entity where that must be equal; the gravest first."""
    table = INCIDENTS.c
    query = select(INCIDENTS).where(
        table.is_open == True,  # noqa: E712 -- SQL
        table.kind == "case",
        table.severity < incident.severity,
        table.id != incident.id,
    )
    if "entity" in equal:
        if incident.entity is None:
            return []
        query = query.where(table.key.in_([key_of(incident.entity, queue) for queue in ("", *QUEUES)]))
    return incidents_where(connection, query.order_by(table.severity, table.id).limit(MOST_LOOKED_AT))

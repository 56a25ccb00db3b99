"""Which webhooks have been heard, and which alert is which incident."""

from sqlalchemy import Connection, delete, insert, select

from alerting.channels.paging import incident_of_key
from alerting.incidents import Incident
from alerting.pagerduty.events import PagerDutyEvent
from alerting.pagerduty.tables import PAGERDUTY_WEBHOOKS
from alerting.store.incident_rows import find_incident

KEPT_SECONDS = 30 * 86_400.0
"""PagerDuty tries for two days at most (domain.md §4.8); which alert is which case is known for longer."""

_TABLE = PAGERDUTY_WEBHOOKS.c


def is_heard(connection: Connection, webhook_id: str) -> bool:
    """Return whether a webhook was heard before."""
    return connection.scalar(select(_TABLE.id).where(_TABLE.id == webhook_id)) is not None


def insert_heard(
    connection: Connection, webhook_id: str, event: PagerDutyEvent, incident: Incident | None, now: float
) -> None:
    """Note that a webhook was heard, and forget those of long ago."""
    connection.execute(delete(PAGERDUTY_WEBHOOKS).where(_TABLE.at < now - KEPT_SECONDS))
    row = {"id": webhook_id, "at": now, "did": event.did, "alert": event.alert}
    connection.execute(insert(PAGERDUTY_WEBHOOKS), [row | {"incident_id": incident.id if incident else None}])


def incident_of(connection: Connection, event: PagerDutyEvent) -> Incident | None:
    """Return the incident, locked, that an event is about: by our key, as before, or as the title of the alert says.

    For one that was merged it is the one that took over its findings.
    """
    as_before = select(_TABLE.incident_id).where(_TABLE.alert == event.alert, _TABLE.incident_id.is_not(None)).limit(1)
    for incident_id in (incident_of_key(event.key), connection.scalar(as_before), event.named):
        incident = find_incident(connection, incident_id, lock=True) if incident_id else None
        if incident is not None:
            return find_incident(connection, incident.merged_into, lock=True) if incident.merged_into else incident
    return None

"""Findings that join a case whose breach was assessed: what people decided does not speak of them.

What was concluded to be a breach stays one, and its notices go on; who is affected must be counted again. Every other
conclusion needs a new assessment by two people, whether it was acted on or not.
"""

from msgspec import structs
from sqlalchemy import Connection

from alerting.breach.clocks import day_of
from alerting.breach.file import BreachFile
from alerting.breach.records import RECORD, Alerted, Begun, Record
from alerting.breach.rows import add_record, find_file, first_alert_at
from alerting.incidents import Incident
from alerting.timeline import SYSTEM

RESUMED = "breach_clocks_resumed"
"""The words in timelines."""
RECOUNT = "breach_count_outdated"
EARLIER = "breach_alert_earlier"

Detail = dict[str, str | int]


def reckon_with_more(connection: Connection, incident_id: str, now: float) -> list[tuple[str, Detail]]:
    """Write into the file of a case, whose incident is locked, that findings about records have joined.

    Returns:
        Action and detail of each entry that the timeline needs; none where nobody had concluded or counted anything.
    """
    file = find_file(connection, incident_id)
    entries: list[tuple[str, Detail]] = []
    for action, record in _overtaken(file) if file else []:
        added = add_record(connection, incident_id, record, actor=SYSTEM, at=now)
        entries.append((action, {RECORD: added.hash}))
    return entries


def reckon_with_earlier(connection: Connection, incident: Incident, zone: str, now: float) -> Detail:
    """Write into the file of a case that it holds an earlier alert by now, from which the clocks may run.

    Returns:
        The detail of the entry that the timeline needs; none where nothing is earlier.
    """
    file = find_file(connection, incident.id)
    first = day_of(first_alert_at(connection, incident), zone)
    if file is None or first >= file.first_alert_on:
        return {}
    added = add_record(connection, incident.id, Alerted(first_alert_on=first), actor=SYSTEM, at=now)
    return {"first_alert_on": first.isoformat(), RECORD: added.hash}


def _overtaken(file: BreachFile) -> list[tuple[str, Record]]:
    records: list[tuple[str, Record]] = []
    current = file.current
    if file.decision == "not_breach" or (not file.decision and current and current.assessment.conclusion != "breach"):
        records.append((RESUMED, Begun(first_alert_on=file.first_alert_on)))
    if file.counted is not None and not file.counted.is_estimate:
        records.append((RECOUNT, structs.replace(file.counted, is_estimate=True)))
    return records

"""Findings that join a case whose breach was assessed: what people decided does not speak of them.

What was concluded to be a breach stays one, and its notices go on; who is affected must be counted again. Every other
conclusion needs a new assessment by two people, whether it was acted on or not.
"""

from msgspec import structs
from sqlalchemy import Connection

from alerting.breach.file import BreachFile
from alerting.breach.records import RECORD, Begun, Record
from alerting.breach.rows import add_record, find_file
from alerting.timeline import SYSTEM

RESUMED = "breach_clocks_resumed"
"""The words in timelines."""
RECOUNT = "breach_count_outdated"


def reckon_with_more(connection: Connection, incident_id: str, now: float) -> list[tuple[str, dict[str, str | int]]]:
    """Write into the file of a case, whose incident is locked, that findings about records have joined.

    Returns:
        Action and detail of each entry that the timeline needs; none where nobody had concluded or counted anything.
    """
    file = find_file(connection, incident_id)
    entries: list[tuple[str, dict[str, str | int]]] = []
    for action, record in _overtaken(file) if file else []:
        added = add_record(connection, incident_id, record, actor=SYSTEM, at=now)
        entries.append((action, {RECORD: added.hash}))
    return entries


def _overtaken(file: BreachFile) -> list[tuple[str, Record]]:
    records: list[tuple[str, Record]] = []
    current = file.current
    if file.decision == "not_breach" or (not file.decision and current and current.assessment.conclusion != "breach"):
        records.append((RESUMED, Begun(first_alert_on=file.first_alert_on)))
    if file.counted is not None and not file.counted.is_estimate:
        records.append((RECOUNT, structs.replace(file.counted, is_estimate=True)))
    return records

"""Verifying breach files: the chain of their records, and the hashes of them that the timelines hold."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

import msgspec
from sqlalchemy import Connection, select

from alerting.breach.records import RECORD, first_break, missing_records
from alerting.breach.rows import line_of
from alerting.breach.tables import BREACH_RECORDS
from alerting.store.schema import TIMELINE
from alerting.store.timeline_rows import entry_of

BEGINNING = "assess_risk"
"""The word in timelines for that with which every breach file begins."""


def broken_files(connection: Connection) -> Iterator[tuple[str, int]]:
    """Yield each case whose breach file is not as it was written, with the number of the first record that is not."""
    noted = _noted(connection)
    rows = connection.execute(select(BREACH_RECORDS).order_by(BREACH_RECORDS.c.incident_id, BREACH_RECORDS.c.seq))
    for incident_id, group in groupby(rows, key=attrgetter("incident_id")):
        hashes = noted.pop(incident_id, [])
        try:
            lines = [line_of(row) for row in group]
        except (msgspec.MsgspecError, UnicodeDecodeError):
            yield incident_id, 0
            continue
        broken = first_break(lines)
        if broken is not None:
            yield incident_id, broken
        elif missing_records(lines, hashes):
            yield incident_id, len(lines) + 1
    yield from ((incident_id, 1) for incident_id in sorted(noted))


def _noted(connection: Connection) -> dict[str, list[str]]:
    """Return the hashes of records that timelines hold, by case."""
    found: dict[str, list[str]] = {}
    begun = select(TIMELINE.c.incident_id).where(TIMELINE.c.action == BEGINNING)
    for row in connection.execute(select(TIMELINE).where(TIMELINE.c.incident_id.in_(begun))):
        try:
            entry = entry_of(row)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue  # whoever verifies timelines tells of it
        if RECORD in entry.detail:
            found.setdefault(entry.incident_id, []).append(str(entry.detail[RECORD]))
    return found

"""Indexes by which the response is counted, so that nothing reads a whole table for a figure."""

from sqlalchemy import Index, text

from alerting.feedback.tables import VERDICTS
from alerting.store.schema import INCIDENTS

IS_OPEN = "is_open"
"""Written out in queries, too: an index on a part of a table serves no query that has a parameter in its place."""

Index(
    "incidents_open_by_standing",
    INCIDENTS.c.severity,
    INCIDENTS.c.status,
    sqlite_where=text(IS_OPEN),
    postgresql_where=text(IS_OPEN),
)
Index("verdicts_by_outcome", VERDICTS.c.is_withdrawn, VERDICTS.c.detector, VERDICTS.c.is_confirmed)

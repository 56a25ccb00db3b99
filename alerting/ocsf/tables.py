"""The table of those who read along, and how far each has come."""

from sqlalchemy import Column, Float, Index, String, Table

from alerting.store.metadata import METADATA, required
from alerting.store.schema import FINDINGS, INCIDENTS, WITHDRAWALS

READERS = Table(
    "ocsf_readers",
    METADATA,
    Column("name", String, primary_key=True),
    required("findings_at", Float),
    required("findings_id", String),
    required("withdrawals_at", Float),
    required("withdrawals_id", String),
    required("incidents_at", Float),
    required("incidents_id", String),
)

# A reader goes through these in the order in which they were stored, from where it stopped.
Index("findings_by_record", FINDINGS.c.recorded_at, FINDINGS.c.id)
Index("withdrawals_by_record", WITHDRAWALS.c.recorded_at, WITHDRAWALS.c.finding_id)
Index("incidents_by_change", INCIDENTS.c.updated_at, INCIDENTS.c.id)

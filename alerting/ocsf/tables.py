"""The table of those who read along, and how far each has come."""

from sqlalchemy import Column, Float, String, Table

from alerting.store.metadata import METADATA, required

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

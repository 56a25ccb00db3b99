"""The tables of checkpoints, and of the hashes that are left of timelines whose cases were deleted."""

from sqlalchemy import Column, Float, Integer, String, Table

from alerting.store.metadata import METADATA, required

CHECKPOINTS = Table(
    "audit_checkpoints",
    METADATA,
    Column("at", Float, primary_key=True),
    required("seq", Integer),
    required("hash", String),
    required("covered_until", Float),
    required("incidents", Integer),
    required("timelines", String),
    required("signature", String),
)

DELETED_ENTRIES = Table(
    "deleted_timeline_entries",
    METADATA,
    Column("incident_id", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    required("at", Float),
    required("hash", String),
)
"""Of a case that was deleted after its six years nothing is left but this, so that old checkpoints can be verified."""

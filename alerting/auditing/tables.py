"""The table of checkpoints."""

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

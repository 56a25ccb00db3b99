"""Tables of routing: what each recipient knows, what waits for a digest, from whom a case was kept."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, false

from alerting.store.metadata import METADATA, Text, incident_key, required

KNOWLEDGE = Table(
    "recipients_know",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    Column("channel", String, primary_key=True),
    Column("recipient", Text, primary_key=True),
    required("severity", String),
    required("findings", Integer),
    required("rules", Integer),  # how many
)

DIGEST_ITEMS = Table(
    "digest_items",
    METADATA,
    Column("channel", String, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("due_at", Float, primary_key=True),
    Column("incident_id", String, incident_key(), primary_key=True),
    required("fallbacks", Text),  # JSON list of places
    Index("digest_items_by_time", "due_at"),
)

LEFT_OUT = Table(
    "left_out",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    Column("person", Text, primary_key=True),
    required("is_noted", Boolean),
    Column("to_officers", Boolean, nullable=False, server_default=false()),
    Index("left_out_by_noted", "is_noted"),
)

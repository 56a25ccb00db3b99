"""Tables of on-call: who stands in, and how far a case has climbed."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table

from alerting.store.metadata import METADATA, Text, incident_key, required

OVERRIDES = Table(
    "oncall_overrides",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    required("schedule", Text),
    required("person", Text),
    required("first", Float),
    required("last", Float),
    required("author", Text),
    required("reason", Text),
    required("created_at", Float),
    Column("removed_at", Float),
    Column("removed_by", Text),
    Index("oncall_overrides_by_end", "last"),
)

CLIMBS = Table(
    "oncall_climbs",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    required("escalation", Text),
    required("state", String),
    required("position", Integer),  # steps that have been made, over all rounds
    required("began_at", Float),
    required("from_new", Boolean),  # whether an acknowledgement ends it; what was reopened cannot be acknowledged
    required("next_at", Float),
    Index("oncall_climbs_by_time", "state", "next_at"),
)

"""The tables of verdicts, of what was learned from them, and of the feedback events that are to be published."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, String, Table

from alerting.store.metadata import METADATA, Text, incident_key, required

VERDICTS = Table(
    "verdicts",
    METADATA,
    Column("id", String, primary_key=True),  # of the case's resolution, or of the event that brought it
    Column("finding_id", String, primary_key=True),
    required("incident_id", String, incident_key()),
    required("detector", Text),
    required("kind", String),
    required("verdict", String),
    Column("is_confirmed", Boolean),  # NULL where the verdict says neither
    required("decided_by", Text),
    required("decided_at", Float),
    required("is_withdrawn", Boolean),
    required("speaks", Boolean),  # whether the model learns from this finding
    Index("verdicts_by_incident", "incident_id"),
    Index("verdicts_by_time", "decided_at", "id"),
)

LEARNED = Table(
    "learned",
    METADATA,
    Column("name", String, primary_key=True),
    required("version", Integer),
    required("body", LargeBinary),  # the snapshot, msgpack
)

FEEDBACK_EVENTS = Table(
    "feedback_events",
    METADATA,
    Column("id", String, primary_key=True),
    required("body", LargeBinary),  # a CloudEvent, JSON
    required("created_at", Float),
    Column("published_at", Float),
    Index("feedback_events_by_fate", "published_at", "created_at"),
)

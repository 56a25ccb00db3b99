"""The tables of reviews and of legal holds."""

from sqlalchemy import Column, Float, Index, LargeBinary, String, Table

from alerting.store.metadata import METADATA, Text, incident_key, required

REVIEWS = Table(
    "reviews",
    METADATA,
    Column("start_at", Float, primary_key=True),
    required("end_at", Float),
    required("reviewer", Text),
    required("signed_at", Float),
    required("note", Text),
    required("seen", LargeBinary),  # JSON of `Seen`
    required("hash", String),
)

REVIEW_ALARMS = Table(
    "review_alarms",
    METADATA,
    Column("start_at", Float, primary_key=True),
    required("incident_id", String, incident_key()),
)

LEGAL_HOLDS = Table(
    "legal_holds",
    METADATA,
    Column("id", String, primary_key=True),
    required("about", String),
    required("ref", Text),
    required("author", Text),
    required("reason", Text),
    required("placed_at", Float),
    Column("released_at", Float),
    required("released_by", Text),
    Index("legal_holds_by_ref", "ref"),
)

"""The tables of what holds news back, and of the cases whose news wait."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, String, Table, true

from alerting.store.metadata import METADATA, Text, incident_key, required

SILENCES = Table(
    "silences",
    METADATA,
    Column("id", String, primary_key=True),
    required("kind", String),
    required("matchers", LargeBinary),  # JSON list of texts
    required("author", Text),
    required("reason", Text),
    required("starts_at", Float),
    required("ends_at", Float),
    required("created_at", Float),
    required("including_critical", Boolean),
    required("replaces", String),
    required("expired_by", Text),
    Column("is_end_told", Boolean, nullable=False, server_default=true()),  # of what ended before an upgrade nobody is
    Index("silences_by_end", "ends_at"),
)

SNOOZES = Table(
    "snoozes",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    required("until", Float),
    required("author", Text),
    required("reason", Text),
    required("severity", String),
    required("rules", LargeBinary),  # JSON list
    required("created_at", Float),
    Index("snoozes_by_end", "until"),
)

WAITING_CASES = Table(
    "waiting_cases",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    required("reason", String),
    required("holder", Text),
    required("until", Float),
    required("behind", String),  # the case that inhibits it, or empty
    required("severity", String),
    required("news", Integer),
    required("first_at", Float),
    required("last_at", Float),
    Index("waiting_cases_by_end", "until", "severity"),
    Index("waiting_cases_by_source", "behind"),
)

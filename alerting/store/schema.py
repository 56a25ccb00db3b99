"""The tables of the desk itself, for SQLite and PostgreSQL alike; those of an area are in its own `tables` module."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, String, Table, text

from alerting.store.audit_rows import audit_table
from alerting.store.metadata import METADATA, Text, incident_key, required

OPEN_ABOUT_WARDWATCH = "kind <> 'case' AND is_open"
"""Written out in queries, too: an index on a part of a table serves no query that has a parameter in its place."""

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", String, primary_key=True),
    required("kind", String),
    required("key", Text),
    Column("entity_type", String),
    Column("entity_ref", Text),
    required("status", String),
    required("is_open", Boolean),
    required("severity", String),
    required("rules", LargeBinary),  # JSON list
    required("findings", Integer),
    required("risk", Float),
    required("first_at", Float),
    required("last_at", Float),
    required("opened_at", Float),
    required("updated_at", Float),
    required("revision", Integer),
    required("last_hash", String),
    required("notified_findings", Integer),
    required("assignee", Text),
    Column("verdict", String),
    required("reason", Text),
    Column("resolved_at", Float),
    required("breach", String),
    required("merged_into", String),
    # Grouping looks by key; people page through what is open, through one status, or through everything.
    Index("incidents_by_key", "key", "status"),
    Index("incidents_by_open", "is_open", "opened_at", "id"),
    Index("incidents_by_status", "status", "opened_at", "id"),
    Index("incidents_by_time", "opened_at", "id"),
    Index("incidents_by_merged", "merged_into"),
    # Few among many: those about Wardwatch itself, which Alertmanager is told of every minute.
    Index(
        "incidents_about_wardwatch",
        "opened_at",
        "id",
        sqlite_where=text(OPEN_ABOUT_WARDWATCH),
        postgresql_where=text(OPEN_ABOUT_WARDWATCH),
    ),
    Index("incidents_by_severity", "severity", "is_open", "opened_at", "id"),
    Index("incidents_by_rules", "is_open", "opened_at", "id", "rules"),
    Index("incidents_by_assignee", "assignee", "opened_at", "id"),
)

FINDINGS = Table(
    "findings",
    METADATA,
    Column("id", String, primary_key=True),
    required("at", Float),
    required("detector", Text),
    required("entity_type", String),
    required("entity_ref", Text),
    required("alert", Boolean),
    Column("incident_id", String, incident_key()),
    required("recorded_at", Float),
    required("body", LargeBinary),  # the whole finding, msgpack
    Index("findings_by_incident", "incident_id", "at"),
    Index("findings_by_entity", "entity_type", "entity_ref", "at"),
)

TIMELINE = Table(
    "timeline",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    Column("seq", Integer, primary_key=True),
    required("at", Float),
    required("actor", Text),
    required("action", String),
    Column("from_status", String),
    required("to_status", String),
    required("note", LargeBinary),  # UTF-8, kept to the byte because its hash is checked
    required("note_hash", String),
    required("detail", LargeBinary),  # JSON object
    required("prev_hash", String),
    required("hash", String),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("notice_id", String, primary_key=True),
    required("about", String),  # an incident's id, or that of a digest or a question
    required("revision", Integer),
    required("channel", String),
    required("recipient", Text),  # an address in the channel's own terms; empty for the channel's configured place
    required("severity", String),
    required("fate", String),
    required("created_at", Float),
    required("due_at", Float),
    required("attempts", Integer),
    required("claimed_by", String),
    required("claimed_until", Float),
    required("receipt", String),
    required("last_reason", String),
    required("fallbacks", LargeBinary),  # JSON list of places
    required("body", LargeBinary),  # the notification, JSON
    Index("outbox_by_channel", "channel", "fate", "severity", "due_at", "revision"),
    Index("outbox_by_age", "channel", "fate", "created_at", "revision"),
    Index("outbox_by_subject", "about", "channel", "recipient", "fate", "revision"),
    Index("outbox_by_fate", "fate", "channel"),
)

HELD = Table(
    "held",
    METADATA,
    Column("subject_id", String, primary_key=True),  # a finding's or a notice's id
    Column("reason", String, primary_key=True),
    required("at", Float),
    required("source", Text),  # the rule or the channel
    Column("incident_id", String, incident_key()),
    required("detail", String),
    Index("held_by_reason", "reason", "source"),
    Index("held_by_incident", "incident_id"),
)

WITHDRAWALS = Table(
    "withdrawals",
    METADATA,
    Column("finding_id", String, primary_key=True),  # also of a finding that has not come
    required("at", Float),
    required("reason", Text),
    required("recorded_at", Float),
)

LEDGER_COUNTS = Table(
    "ledger_counts",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("hour", Integer, primary_key=True),
    Column("outcome", Text, primary_key=True),
    required("n", BigInteger),
)

LEDGER_POSITIONS = Table(
    "ledger_positions",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    required("counted_to", BigInteger),
)

ARRIVALS = Table(
    "arrivals",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),  # five minutes, numbered since the epoch
    Column("source", Text, primary_key=True),
    required("n", BigInteger),
)

WATCHED = Table(
    "watched",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),
)

STORM_BUCKETS = Table(
    "storm_buckets",
    METADATA,
    Column("rule", Text, primary_key=True),
    required("tokens", Float),
    required("at", Float),
)

BUDGET_STATE = Table(
    "budget_state",
    METADATA,
    Column("name", String, primary_key=True),
    required("version", Integer),
    required("body", LargeBinary),
)


WATCH_LIST = Table(
    "watch_list",
    METADATA,
    Column("entity_type", String, primary_key=True),
    Column("entity_ref", Text, primary_key=True),
    required("author", Text),
    required("reason", Text),
    required("added_at", Float),
    required("until", Float),
    required("has_ended", Boolean),
    Index("watch_list_by_ref", "entity_ref"),
    Index("watch_list_by_end", "has_ended", "until"),
)

WATCH_LIST_LOG = Table(
    "watch_list_log",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    required("at", Float),
    required("actor", Text),
    required("act", String),
    required("entity_type", String),
    required("entity_ref", Text),
    required("until", Float),
    required("reason", Text),
)

AUDIT_LOG = audit_table("audit_log", METADATA)
"""Everything that our users and processes did."""

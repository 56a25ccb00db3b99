"""The tables of the store, for SQLite and PostgreSQL alike."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    func,
    select,
)
from sqlalchemy.types import TypeEngine

from alerting.store.engine import WRITES

_SCHEMA_LOCK = 0x53_43_48_45  # "SCHE": a key for PostgreSQL's advisory locks
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Text(TypeDecorator[str]):
    """Text from outside: PostgreSQL cannot hold NUL, so it is replaced on both databases alike."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be stored."""
        return value.replace("\x00", _REPLACEMENT) if value is not None and "\x00" in value else value


def _required(name: str, of: TypeEngine[Any] | type[TypeEngine[Any]], *constraints: ForeignKey) -> Column[Any]:
    return Column(name, of, *constraints, nullable=False)


def _incident() -> ForeignKey:
    return ForeignKey("incidents.id")


METADATA = MetaData()

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", String, primary_key=True),
    _required("kind", String),
    _required("key", Text),
    Column("entity_type", String),
    Column("entity_ref", Text),
    _required("status", String),
    _required("is_open", Boolean),
    _required("severity", String),
    _required("rules", LargeBinary),  # JSON list
    _required("findings", Integer),
    _required("risk", Float),
    _required("first_at", Float),
    _required("last_at", Float),
    _required("opened_at", Float),
    _required("updated_at", Float),
    _required("revision", Integer),
    _required("last_hash", String),
    _required("notified_findings", Integer),
    _required("assignee", Text),
    Column("verdict", String),
    _required("reason", Text),
    Column("resolved_at", Float),
    _required("breach", String),
    _required("merged_into", String),
    # Grouping looks by key; people page through what is open, through one status, or through everything.
    Index("incidents_by_key", "key", "status"),
    Index("incidents_by_open", "is_open", "opened_at", "id"),
    Index("incidents_by_status", "status", "opened_at", "id"),
    Index("incidents_by_time", "opened_at", "id"),
    Index("incidents_by_merged", "merged_into"),
)

FINDINGS = Table(
    "findings",
    METADATA,
    Column("id", String, primary_key=True),
    _required("at", Float),
    _required("detector", Text),
    _required("entity_type", String),
    _required("entity_ref", Text),
    _required("alert", Boolean),
    Column("incident_id", String, _incident()),
    _required("recorded_at", Float),
    _required("body", LargeBinary),  # the whole finding, msgpack
    Index("findings_by_incident", "incident_id", "at"),
    Index("findings_by_entity", "entity_type", "entity_ref", "at"),
)

TIMELINE = Table(
    "timeline",
    METADATA,
    Column("incident_id", String, _incident(), primary_key=True),
    Column("seq", Integer, primary_key=True),
    _required("at", Float),
    _required("actor", Text),
    _required("action", String),
    Column("from_status", String),
    _required("to_status", String),
    _required("note", LargeBinary),  # UTF-8, kept to the byte because its hash is checked
    _required("note_hash", String),
    _required("detail", LargeBinary),  # JSON object
    _required("prev_hash", String),
    _required("hash", String),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("notice_id", String, primary_key=True),
    _required("incident_id", String, _incident()),
    _required("revision", Integer),
    _required("channel", String),
    _required("severity", String),
    _required("fate", String),
    _required("created_at", Float),
    _required("due_at", Float),
    _required("attempts", Integer),
    _required("claimed_by", String),
    _required("claimed_until", Float),
    _required("receipt", String),
    _required("last_reason", String),
    _required("fallbacks", LargeBinary),  # JSON list
    _required("body", LargeBinary),  # the notification, JSON
    Index("outbox_by_channel", "channel", "fate", "severity", "due_at", "revision"),
    Index("outbox_by_age", "channel", "fate", "created_at", "revision"),
    Index("outbox_by_incident", "incident_id", "channel", "fate", "revision"),
    Index("outbox_by_fate", "fate", "channel"),
)

HELD = Table(
    "held",
    METADATA,
    Column("subject_id", String, primary_key=True),  # a finding's or a notice's id
    Column("reason", String, primary_key=True),
    _required("at", Float),
    _required("source", Text),  # the rule or the channel
    Column("incident_id", String, _incident()),
    _required("detail", String),
    Index("held_by_reason", "reason", "source"),
    Index("held_by_incident", "incident_id"),
)

WITHDRAWALS = Table(
    "withdrawals",
    METADATA,
    Column("finding_id", String, primary_key=True),  # also of a finding that has not come
    _required("at", Float),
    _required("reason", Text),
    _required("recorded_at", Float),
)

LEDGER_COUNTS = Table(
    "ledger_counts",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("hour", Integer, primary_key=True),
    Column("outcome", Text, primary_key=True),
    _required("n", BigInteger),
)

LEDGER_POSITIONS = Table(
    "ledger_positions",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    _required("counted_to", BigInteger),
)

ARRIVALS = Table(
    "arrivals",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),  # five minutes, numbered since the epoch
    Column("source", Text, primary_key=True),
    _required("n", BigInteger),
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
    _required("tokens", Float),
    _required("at", Float),
)

BUDGET_STATE = Table(
    "budget_state",
    METADATA,
    Column("name", String, primary_key=True),
    _required("version", Integer),
    _required("body", LargeBinary),
)


WATCH_LIST = Table(
    "watch_list",
    METADATA,
    Column("entity_type", String, primary_key=True),
    Column("entity_ref", Text, primary_key=True),
    _required("author", Text),
    _required("reason", Text),
    _required("added_at", Float),
    _required("until", Float),
    _required("has_ended", Boolean),
    Index("watch_list_by_ref", "entity_ref"),
    Index("watch_list_by_end", "has_ended", "until"),
)

WATCH_LIST_LOG = Table(
    "watch_list_log",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _required("at", Float),
    _required("actor", Text),
    _required("act", String),
    _required("entity_type", String),
    _required("entity_ref", Text),
    _required("until", Float),
    _required("reason", Text),
)


def create_schema(engine: Engine) -> None:
    """Create the tables that do not exist yet; several processes may do so at once."""
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            METADATA.create_all(connection)

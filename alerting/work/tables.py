"""The tables of the work on cases."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, String, Table, false

from alerting.store.metadata import METADATA, Text, incident_key, required

CLOCKS = Table(
    "work_clocks",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    required("severity", String),
    required("started_at", Float),
    required("acknowledge_due", Float),
    Column("acknowledged_at", Float),
    required("act_due", Float),
    Column("acted_at", Float),
    Column("resolve_due", Float),
    Column("paused_at", Float),
    Column("stopped_at", Float),
    required("told", String),  # the clocks that people were told are overdue, with commas
    Column("due_at", Float),  # the earliest deadline that still runs
    Column("tell_at", Float),  # the earliest that nobody was told of yet
    Index("work_clocks_by_due", "due_at"),
    Index("work_clocks_to_tell", "tell_at"),
)

WATCHERS = Table(
    "work_watchers",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    Column("watcher", Text, primary_key=True),
    required("since", Float),
    Index("work_watchers_by_name", "watcher"),
)

TASKS = Table(
    "work_tasks",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    required("text", Text),
    required("assignee", Text),
    Column("due_at", Float),
    required("added_at", Float),
    required("added_by", Text),
    Column("done_at", Float),
    required("done_by", Text),
    required("was_told", Boolean),
    Index("work_tasks_by_due", "due_at"),
    Index("work_tasks_by_assignee", "assignee", "done_at"),
)

LINKS = Table(
    "work_links",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    Column("other", String, incident_key(), primary_key=True),
    required("relation", String),
    required("at", Float),
    required("actor", Text),
    Index("work_links_by_other", "other"),
)

PARTIES = Table(
    "work_parties",
    METADATA,
    Column("entity_ref", Text, primary_key=True),
    Column("entity_type", String, primary_key=True),
    required("cases", LargeBinary),  # the latest cases that name it, JSON
    Column("seen_at", Float, nullable=False, server_default="0"),  # when a finding named it last, by the desk's clock
    Index("work_parties_by_age", "seen_at"),
)

EVIDENCE = Table(
    "work_evidence",
    METADATA,
    Column("id", String, primary_key=True),
    required("incident_id", String, incident_key()),
    required("kind", String),
    required("reference", Text),  # a finding's id, an event's token or a file's name
    required("size", BigInteger),
    required("sha256", String),
    required("at", Float),
    required("actor", Text),
    required("key_id", Integer),  # 0 where nothing is sealed
    required("nonce", LargeBinary),
    required("body", LargeBinary),
    Index("work_evidence_by_incident", "incident_id", "at"),
)

OVERPAYMENTS = Table(
    "work_overpayments",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    required("decision", String),
    Column("identified_on", String),  # ISO date
    Column("due_on", String),
    required("cents", BigInteger),
    required("reason", Text),
    required("decided_at", Float),
    required("decided_by", Text),
    Column("returned_on", String),
    required("told", Integer),  # how often people were told of its clock
    Column("is_doubted", Boolean, nullable=False, server_default=false()),  # findings about billing have joined since
    Index("work_overpayments_by_due", "returned_on", "due_on"),
)

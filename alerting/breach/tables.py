"""The tables of breaches: the records of every case, and what is looked up of each file."""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, String, Table

from alerting.store.metadata import METADATA, Text, incident_key, required

BREACH_RECORDS = Table(
    "breach_records",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    Column("seq", Integer, primary_key=True),
    required("at", Float),
    required("actor", Text),
    required("record", LargeBinary),  # JSON; its texts may hold PHI
    required("prev_hash", String),
    required("hash", String),
)

BREACH_FILES = Table(
    "breach_files",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    required("discovered_on", String),  # a date as ISO 8601 has it, which sorts
    required("decision", String),
    Column("next_on", String),  # the day on which a clock comes into its next stage, none when all are done
    Index("breach_files_by_decision", "decision", "discovered_on"),
    Index("breach_files_by_next", "next_on", "incident_id"),
)

BREACH_UNASSESSED = Table(
    "breach_unassessed",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    Column("stage", String, primary_key=True),  # was told of a case that nobody assesses
)

BREACH_WATCH = Table(
    "breach_watch",
    METADATA,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    required("day", String),  # the last day on which cases without an assessment were looked at
)

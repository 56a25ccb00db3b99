"""The table of questions. Where somebody was asked stands in the outbox, what they wrote in the timeline."""

from sqlalchemy import Column, Float, Index, Integer, String, Table

from alerting.store.metadata import METADATA, Text, incident_key, required

QUESTIONS = Table(
    "questions",
    METADATA,
    Column("id", String, primary_key=True),
    required("incident_id", String, incident_key()),
    required("audience", String),
    required("channel", String),
    required("asked_by", Text),
    required("asked_at", Float),
    required("first_at", Float),
    required("last_at", Float),
    required("expires_at", Float),
    required("state", String),  # open, answered or expired
    required("answer", String),
    required("settled_at", Float),
    required("refusals", Integer),  # how often the link was used when it could not be any more
    Index("questions_by_incident", "incident_id"),
    Index("questions_by_end", "state", "expires_at"),
)

"""The tables of Slack: what was asked for and is to be done, buttons that were used, rooms."""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, String, Table

from alerting.store.metadata import METADATA, incident_key, required
from alerting.store.schema import OUTBOX

SLACK_JOBS = Table(
    "slack_jobs",
    METADATA,
    Column("key", String, primary_key=True),
    required("received_at", Float),
    required("state", String),  # pending, done or failed
    required("attempts", Integer),
    required("body", LargeBinary),  # what was asked for, JSON; empty once it is done, for it may hold PHI
    Index("slack_jobs_by_state", "state", "received_at"),
)

SLACK_NONCES = Table(
    "slack_nonces",
    METADATA,
    Column("nonce", String, primary_key=True),
    Column("deed", String, primary_key=True),
    required("used_at", Float),
    Index("slack_nonces_by_age", "used_at"),
)

SLACK_ROOMS = Table(
    "slack_rooms",
    METADATA,
    Column("incident_id", String, incident_key(), primary_key=True),
    Column("codename", String, unique=True, nullable=False),
    required("opened_at", Float),
    required("members", LargeBinary),  # JSON list of work names
    required("is_archived", Integer),
    Column("looked_at", Float, nullable=False, server_default="0"),  # when its subjects were last looked for
    Index("slack_rooms_by_state", "is_archived"),
)

# An answer in a thread names the first message of the case, which the outbox knows as a receipt.
Index("outbox_by_receipt", OUTBOX.c.receipt)

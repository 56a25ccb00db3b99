"""What PagerDuty told us."""

from sqlalchemy import Column, Float, Index, String, Table

from alerting.store.metadata import METADATA, Text, incident_key, required

PAGERDUTY_WEBHOOKS = Table(
    "pagerduty_webhooks",
    METADATA,
    Column("id", Text, primary_key=True),  # the same for every attempt to deliver it
    required("at", Float),
    required("did", String),
    required("alert", Text),  # PagerDuty's id of its incident
    Column("incident_id", String, incident_key()),
    Index("pagerduty_webhooks_by_alert", "alert"),
    Index("pagerduty_webhooks_by_time", "at"),
)

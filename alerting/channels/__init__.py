"""The ways to people. A channel is one file here and one line in `CHANNELS`."""

from collections.abc import Callable
from typing import Any

from alerting.channels.api import Channel
from alerting.channels.email import EmailChannel, EmailConfig
from alerting.channels.log import LogChannel, LogConfig
from alerting.channels.opsgenie import OpsgenieChannel, OpsgenieConfig
from alerting.channels.pagerduty import PagerDutyChannel, PagerDutyConfig
from alerting.channels.slack import SlackChannel, SlackConfig
from alerting.channels.teams import TeamsChannel, TeamsConfig
from alerting.channels.webhook import WebhookChannel, WebhookConfig

CHANNELS: dict[str, Callable[[Any], Channel]] = {
    "pagerduty": PagerDutyChannel,
    "opsgenie": OpsgenieChannel,
    "slack": SlackChannel,
    "teams": TeamsChannel,
    "email": EmailChannel,
    "webhook": WebhookChannel,
    "log": LogChannel,
}
"""Channels by kind; each takes its own config."""

__all__ = [
    "CHANNELS",
    "Channel",
    "EmailChannel",
    "EmailConfig",
    "LogChannel",
    "LogConfig",
    "OpsgenieChannel",
    "OpsgenieConfig",
    "PagerDutyChannel",
    "PagerDutyConfig",
    "SlackChannel",
    "SlackConfig",
    "TeamsChannel",
    "TeamsConfig",
    "WebhookChannel",
    "WebhookConfig",
]

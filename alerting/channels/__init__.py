"""The ways to people. A channel is one file here and one line in `CHANNELS`."""

from collections.abc import Callable
from typing import Any

from alerting.channels.api import Channel
from alerting.channels.log import LogChannel, LogConfig
from alerting.channels.pagerduty import PagerDutyChannel, PagerDutyConfig
from alerting.channels.slack import SlackChannel, SlackConfig
from alerting.channels.webhook import WebhookChannel, WebhookConfig

CHANNELS: dict[str, Callable[[Any], Channel]] = {
    "slack": SlackChannel,
    "pagerduty": PagerDutyChannel,
    "webhook": WebhookChannel,
    "log": LogChannel,
}
"""Channels by kind; each takes its own config."""

__all__ = [
    "CHANNELS",
    "Channel",
    "LogChannel",
    "LogConfig",
    "PagerDutyChannel",
    "PagerDutyConfig",
    "SlackChannel",
    "SlackConfig",
    "WebhookChannel",
    "WebhookConfig",
]

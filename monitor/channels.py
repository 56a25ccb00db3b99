"""Which channels the settings call for, and which incidents go where."""

import time
from collections.abc import Callable

from alerting.channels import CHANNELS, Channel, LogConfig, PagerDutyConfig, SlackConfig, WebhookConfig
from alerting.routes import LOG, Route
from monitor.settings import Settings

Config = SlackConfig | PagerDutyConfig | WebhookConfig | LogConfig

CONFIGS: dict[str, Callable[[Settings], Config | None]] = {
    "pagerduty": lambda s: (
        PagerDutyConfig(routing_key=s.pagerduty_routing_key, base_url=s.pagerduty_url.rstrip("/"))
        if s.pagerduty_routing_key
        else None
    ),
    "slack": lambda s: (
        SlackConfig(token=s.slack_token, channel=s.slack_channel, base_url=f"{s.slack_url.rstrip('/')}/")
        if s.slack_token
        else None
    ),
    "webhook": lambda s: (
        WebhookConfig(url=s.webhook_url, secret=s.webhook_secret, clock=time.time)
        if s.webhook_url and s.webhook_secret
        else None
    ),
    LOG: lambda _: LogConfig(),
}
"""Kind of a channel to its configuration, None where the settings do not ask for it."""

PAGERS = frozenset({"pagerduty"})
"""Channels that wake people up: only SEV1 and SEV2 go there (domain.md §4.4)."""


def build_channels(settings: Settings) -> dict[str, Channel]:
    """Return the channels that are configured, by name; the log always is."""
    configs = {name: config(settings) for name, config in CONFIGS.items()}
    return {name: CHANNELS[name](config) for name, config in configs.items() if config is not None}


def routes(settings: Settings) -> tuple[Route, ...]:
    """Return the routes: grave incidents to every channel, others to those that wake nobody; never to nobody."""
    configured = [name for name, config in CONFIGS.items() if name != LOG and config(settings) is not None]
    quiet = tuple(name for name in configured if name not in PAGERS)
    return (
        Route(at_least="SEV2", channels=tuple(configured) or (LOG,), fallbacks=(LOG,)),
        Route(at_least="SEV4", channels=quiet or (LOG,), fallbacks=(LOG,)),
    )

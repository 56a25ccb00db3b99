"""Which channels the settings call for, and which incidents go where."""

import time
from collections.abc import Callable

from alerting.channels import (
    CHANNELS,
    Channel,
    EmailConfig,
    LogConfig,
    OpsgenieConfig,
    PagerDutyConfig,
    SlackConfig,
    TeamsConfig,
    WebhookConfig,
)
from alerting.channels.alertmanager import AlertmanagerConfig, AlertmanagerPush
from alerting.routes import LOG, Route
from monitor.named_secrets import named
from monitor.settings import Settings

Config = PagerDutyConfig | OpsgenieConfig | SlackConfig | TeamsConfig | EmailConfig | WebhookConfig | LogConfig


def _pagerduty(s: Settings) -> PagerDutyConfig | None:
    if not s.pagerduty_routing_key:
        return None
    return PagerDutyConfig(
        routing_key=s.pagerduty_routing_key,
        named=named(s.pagerduty_keys),
        base_url=s.pagerduty_url.rstrip("/"),
        proxy=s.channel_proxy,
    )


def _opsgenie(s: Settings) -> OpsgenieConfig | None:
    if not s.opsgenie_key:
        return None
    return OpsgenieConfig(api_key=s.opsgenie_key, base_url=s.opsgenie_url.rstrip("/"), proxy=s.channel_proxy)


def slack_config(s: Settings) -> SlackConfig | None:
    """Return how Slack is reached, None where the settings do not ask for it."""
    if not s.slack_token:
        return None
    return SlackConfig(
        token=s.slack_token,
        channel=s.slack_channel,
        base_url=f"{s.slack_url.rstrip('/')}/",
        proxy=s.channel_proxy,
        is_interactive=s.slack_signing_secret is not None or s.slack_app_token is not None,
    )


def _teams(s: Settings) -> TeamsConfig | None:
    return TeamsConfig(url=s.teams_url, named=named(s.teams_urls), proxy=s.channel_proxy) if s.teams_url else None


def _email(s: Settings) -> EmailConfig | None:
    if not s.email_host:
        return None
    return EmailConfig(
        host=s.email_host,
        port=s.email_port,
        security=s.email_security,
        ca_file=s.email_ca,
        user=s.email_user,
        password=s.email_password,
        sender=s.email_from,
        recipient=s.email_to,
        clock=time.time,
    )


def _webhook(s: Settings) -> WebhookConfig | None:
    if not s.webhook_url or not s.webhook_secret:
        return None
    return WebhookConfig(
        url=s.webhook_url, secret=s.webhook_secret, previous=s.previous_webhook_secret, clock=time.time
    )


CONFIGS: dict[str, Callable[[Settings], Config | None]] = {
    "pagerduty": _pagerduty,
    "opsgenie": _opsgenie,
    "slack": slack_config,
    "teams": _teams,
    "email": _email,
    "webhook": _webhook,
    LOG: lambda _: LogConfig(),
}
"""Kind of a channel to its configuration, None where the settings do not ask for it."""

PAGERS = frozenset({"pagerduty", "opsgenie"})
"""Channels that wake people up: only SEV1 and SEV2 go there (domain.md §4.4)."""


def build_channels(settings: Settings) -> dict[str, Channel]:
    """Return the channels that are configured, by name; the log always is."""
    configs = {name: config(settings) for name, config in CONFIGS.items()}
    return {name: CHANNELS[name](config) for name, config in configs.items() if config is not None}


def alertmanager(settings: Settings) -> AlertmanagerPush | None:
    """Return the way to the Alertmanager of the settings, where they name one."""
    if not settings.alertmanager_url:
        return None
    url = settings.alertmanager_url.rstrip("/")
    return AlertmanagerPush(AlertmanagerConfig(url=url, token=settings.alertmanager_token))


def routes(settings: Settings) -> tuple[Route, ...]:
    """Return the routes: grave incidents to every channel, others to those that wake nobody; never to nobody."""
    configured = [name for name, config in CONFIGS.items() if name != LOG and config(settings) is not None]
    quiet = tuple(name for name in configured if name not in PAGERS)
    return (
        Route(at_least="SEV2", channels=tuple(configured) or (LOG,), fallbacks=(LOG,)),
        Route(at_least="SEV4", channels=quiet or (LOG,), fallbacks=(LOG,)),
    )


def usual_places(settings: Settings) -> dict[str, str]:
    """Return where each channel goes that is told no recipient, as far as that is an address of people."""
    return {name: place for name, place in (("slack", settings.slack_channel), ("email", settings.email_to)) if place}


def configured(settings: Settings) -> frozenset[str]:
    """Return the names of the channels that the settings call for."""
    return frozenset(name for name, config in CONFIGS.items() if config(settings) is not None)

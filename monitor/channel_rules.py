"""What must hold between the settings of channels: each rule is one row."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.named_secrets import are_named

if TYPE_CHECKING:
    from monitor.settings import Settings


def _holds_authorities(path: Path) -> bool:
    try:
        ssl.create_default_context(cafile=path)
    except OSError:  # ssl's errors are such, too
        return False
    return True


CHANNEL_RULES: tuple[tuple[str, Callable[["Settings"], bool], str, str], ...] = (
    (
        "slack_channel",
        lambda s: not s.slack_token or bool(s.slack_channel),
        "WARDWATCH_SLACK_TOKEN is set, but no channel",
        "set the id of the channel that gets the notices",
    ),
    (
        "slack_token",
        lambda s: not s.slack_channel or bool(s.slack_token),
        "WARDWATCH_SLACK_CHANNEL is set, but no token",
        "set the bot token, or remove the channel",
    ),
    (
        "slack_signing_secret",
        lambda s: s.slack_signing_secret is None or s.slack_token is not None,
        "WARDWATCH_SLACK_TOKEN is not set, and nothing can be answered without it",
        "set the bot token and the channel, or remove the signing secret",
    ),
    (
        "slack_app_token",
        lambda s: s.slack_app_token is None or s.slack_token is not None,
        "WARDWATCH_SLACK_TOKEN is not set, and nothing can be answered without it",
        "set the bot token and the channel, or remove the app-level token",
    ),
    (
        "webhook_secret",
        lambda s: not s.webhook_url or bool(s.webhook_secret),
        "WARDWATCH_WEBHOOK_URL is set, but no key to sign with",
        "set a random secret that the receiver also knows",
    ),
    (
        "pagerduty_keys",
        lambda s: are_named(s.pagerduty_keys),
        "it is no list of `name=key`",
        "write for example privacy=0123456789abcdef0123456789abcdef",
    ),
    (
        "pagerduty_routing_key",
        lambda s: bool(s.pagerduty_routing_key) or not s.pagerduty_keys,
        "WARDWATCH_PAGERDUTY_KEYS is set, but no usual service",
        "set the integration key of the service that gets what is for no other",
    ),
    (
        "teams_urls",
        lambda s: are_named(s.teams_urls),
        "it is no list of `name=address`",
        "write for example privacy=https://…",
    ),
    (
        "teams_url",
        lambda s: bool(s.teams_url) or not s.teams_urls,
        "WARDWATCH_TEAMS_URLS is set, but no usual channel",
        "set the webhook of the channel that gets what is for no other",
    ),
    (
        "email_from",
        lambda s: not s.email_host or bool(s.email_from),
        "WARDWATCH_EMAIL_HOST is set, but no sender",
        "set the address that emails are from",
    ),
    (
        "email_to",
        lambda s: not s.email_host or bool(s.email_to),
        "WARDWATCH_EMAIL_HOST is set, but no recipient",
        "set the address of the group that gets what is for nobody in particular",
    ),
    (
        "email_password",
        lambda s: bool(s.email_user) == bool(s.email_password),
        "user and password of the mail server belong together",
        "set both, or neither",
    ),
    (
        "email_ca",
        lambda s: s.email_ca is None or _holds_authorities(s.email_ca),
        "it is no file of certificates",
        "name a PEM file of authorities",
    ),
)

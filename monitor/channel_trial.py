"""Trying a channel out: a marked test notice, and what to correct where it does not arrive."""

import time

from msgspec import Struct

from alerting.channels.alertmanager import AlertmanagerPush, HealthAlert
from alerting.channels.api import Channel, Failed, Message, Outcome, Retry, Sent
from alerting.notices import Notice
from alerting.notification import Notification, RuleLine, hour_of
from alerting.tripwire import Tripwire
from monitor.channels import PAGERS

TEST_ID = "INC-TEST"
TEST_TITLE = "This is a test of the channel; nothing has happened and nothing is to be done"

PLACES = {
    "pagerduty": ("WARDWATCH_PAGERDUTY_ROUTING_KEY", "WARDWATCH_PAGERDUTY_URL"),
    "opsgenie": ("WARDWATCH_OPSGENIE_KEY", "WARDWATCH_OPSGENIE_URL"),
    "slack": ("WARDWATCH_SLACK_TOKEN and WARDWATCH_SLACK_CHANNEL", "WARDWATCH_SLACK_URL"),
    "teams": ("WARDWATCH_TEAMS_URL", "WARDWATCH_TEAMS_URL"),
    "email": ("WARDWATCH_EMAIL_USER, _PASSWORD, _FROM and _TO", "WARDWATCH_EMAIL_HOST, _PORT and _SECURITY"),
    "webhook": ("WARDWATCH_WEBHOOK_SECRET and _URL", "WARDWATCH_WEBHOOK_URL"),
    "alertmanager": ("WARDWATCH_ALERTMANAGER_TOKEN", "WARDWATCH_ALERTMANAGER_URL"),
    "log": ("WARDWATCH_LOG_LEVEL", "WARDWATCH_LOG_LEVEL"),
}
"""By channel: the settings that say who we are and for whom, and those that say where."""

_REMEDIES: tuple[tuple[type[Outcome], str, str], ...] = (
    (Retry, "no connection", "nothing answers there; correct {where}, the firewall or WARDWATCH_CHANNEL_PROXY"),
    (Retry, "timeout", "it answers too slowly or not at all; correct {where}, or look at the network on the way"),
    (Retry, "http 429", "it was called too often; wait a minute and try again"),
    (Retry, "http 5", "the service is in trouble; look at its status page and try again"),
    (Retry, "smtp 4", "the mail server asks to try again later; if it goes on, correct {who}"),
    (Retry, "", "it may pass; try again in a minute"),
    (Failed, "certificate", "set WARDWATCH_EMAIL_CA to the authority of the mail server, or correct {where}"),
    (Failed, "server lacks", "use a port with TLS and the right kind of it; correct {where}"),
    (Failed, "no such recipient", "there is no place of this name; correct --to, or add it to the settings"),
    (Failed, "recipient is no email", "write the address alone, as in ana@hospital.example"),
    (Failed, "http 404", "there is nothing at this address; correct {where}"),
    (Failed, "http 3", "the address leads elsewhere; set {where} to where it leads"),
    (Failed, "http", "the service does not accept us; correct {who}"),
    (Failed, "", "correct {who}"),
)  # fmt: skip
"""What to do, by how a call ended and how its reason begins; the first that fits."""


class Trial(Struct, frozen=True):
    """How a test notice ended, and what to do about it; `remedy` is empty where it arrived."""

    channel: str
    arrived: bool
    reason: str = ""
    remedy: str = ""


def try_channel(name: str, channel: Channel, console_url: str, *, to: str = "") -> Trial:
    """Send a test notice; where it opens an alert, close it again."""
    outcome = _sent(channel.compose(_notice(name, _test(console_url), to)), channel, console_url)
    if isinstance(outcome, Sent) and name in PAGERS:
        time.sleep(channel.pace)
        outcome = _sent(channel.compose(_notice(name, _test(console_url, over=True), to)), channel, console_url)
    return _trial(name, outcome)


def try_alertmanager(push: AlertmanagerPush, console_url: str) -> Trial:
    """Push a test alert, which ends by itself after some minutes."""
    now = time.time()
    alert = HealthAlert(told=_test(console_url), began_at=now, ended_at=None)
    return _trial("alertmanager", _sent(push.compose([alert], now), push, console_url))


def remedy(name: str, outcome: Retry | Failed) -> str:
    """Return what to do about an outcome."""
    who, where = PLACES[name]
    said = next(
        text for kind, reason, text in _REMEDIES if isinstance(outcome, kind) and outcome.reason.startswith(reason)
    )
    return said.format(who=who, where=where)


def _sent(message: Message, channel: Channel | AlertmanagerPush, console_url: str) -> Outcome:
    wire = Tripwire(allowed=(console_url,))
    patterns = {pattern for call in message.calls for pattern in wire.patterns_in(call.body)}
    return Failed(f"stopped by the tripwire: {', '.join(sorted(patterns))}") if patterns else channel.send(message)


def _trial(name: str, outcome: Outcome) -> Trial:
    if isinstance(outcome, Sent):
        return Trial(name, arrived=True)
    return Trial(name, arrived=False, reason=outcome.reason, remedy=remedy(name, outcome))


def _notice(name: str, body: Notification, to: str) -> Notice:
    now = time.time()
    return Notice(id=TEST_ID.lower(), channel=name, body=body, to=to, created_at=now, due_at=now)


def _test(console_url: str, *, over: bool = False) -> Notification:
    hour = hour_of(time.time())
    return Notification(
        incident_id=TEST_ID,
        kind="case",
        revision=2 if over else 1,
        told="status_changed" if over else "opened",
        status="closed" if over else "new",
        severity="SEV4",
        entity_type="",
        rules=(RuleLine("TEST", TEST_TITLE),),
        other_rules=0,
        findings="0",
        first_hour=hour,
        last_hour=hour,
        link=console_url,
    )

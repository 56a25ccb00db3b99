"""PagerDuty Events API v2: trigger, acknowledge and resolve an alert for each call about an incident.

The deduplication key is made of the incident's id and the number of the call, so a repeated event changes nothing. An
event for an alert that is open notifies nobody: who is to be woken up again gets an alert of their own.
https://developer.pagerduty.com/docs/events-api-v2-overview
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from alerting.channels.api import Call, Failed, Outcome, Secret, Sent
from alerting.channels.http import http_client, post
from alerting.channels.pager import Pager
from alerting.channels.paging import Action
from alerting.channels.text import headline, rule_lines
from alerting.notification import Notification
from alerting.severity import IncidentSeverity

MAX_SUMMARY = 1024
SEVERITIES: dict[IncidentSeverity, str] = {"SEV1": "critical", "SEV2": "error", "SEV3": "warning", "SEV4": "info"}


@dataclass(frozen=True, kw_only=True)
class PagerDutyConfig:
    """The integration (routing) key of the usual service, and those of others by the names that routes use for them."""

    routing_key: Secret
    named: Mapping[str, Secret] = field(default_factory=dict)
    base_url: str = "https://events.pagerduty.com"
    proxy: str = ""
    pace: float = 0.5
    """Seconds between two sends: PagerDuty takes about 120 events a minute for a key."""


class PagerDutyChannel(Pager):
    """Sends events to PagerDuty services."""

    def __init__(self, config: PagerDutyConfig) -> None:
        super().__init__(config.pace)
        self._config = config
        self._client = http_client(config.proxy)

    def _call(self, told: Notification, action: Action, key: str, to: str) -> Call:
        event: dict[str, Any] = {"event_action": action, "dedup_key": key}
        if action == "trigger":
            link = {"href": told.link, "text": "Open in Wardwatch"}
            event |= {"payload": payload(told), "client": "Wardwatch", "client_url": told.link, "links": [link]}
        return Call("enqueue", {"to": to}, event)

    def _made(self, call: Call) -> Outcome:
        to = call.address["to"]
        key = self._config.named.get(to) if to else self._config.routing_key
        if key is None:
            return Failed("no such recipient")
        content = msgspec.json.encode({"routing_key": key.reveal()} | call.body)
        answer = post(self._client, f"{self._config.base_url}/v2/enqueue", content, {})
        return Sent(str(call.body["dedup_key"])) if isinstance(answer, httpx.Response) else answer


def payload(notification: Notification) -> dict[str, Any]:
    """Return the part of a trigger that tells of the incident (PD-CEF)."""
    return {
        "summary": headline(notification)[:MAX_SUMMARY],
        "source": "wardwatch",
        "severity": SEVERITIES[notification.severity],
        "group": notification.kind,
        "custom_details": {
            "status": notification.status,
            "about": notification.entity_type,
            "rules": rule_lines(notification),
            "findings": notification.findings,
            "first_hour": notification.first_hour,
            "last_hour": notification.last_hour,
            "revision": notification.revision,
        },
    }

"""Alertmanager: the health of Wardwatch itself beside that of all other systems, and never a case.

Alerts are pushed as Prometheus does it: each that is firing again and again before its `endsAt`, each that has ended
for a while with the time of its end. The labels identify an alert, so that several workers may push the same.
https://prometheus.io/docs/alerting/latest/alerts_api/
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from alerting.channels.api import Call, Message, Outcome, Secret, Sent
from alerting.channels.http import http_client, post
from alerting.channels.text import KINDS, headline, rule_lines, words
from alerting.notification import Notification
from alerting.severity import IncidentSeverity

PUSH_SECONDS = 60.0
FIRING_SECONDS = 4 * PUSH_SECONDS
"""How long an alert fires without being pushed again: three pushes may fail (Prometheus allows as many)."""
RESOLVED_SECONDS = 900.0
"""How long the end of an alert is pushed, as Prometheus does it (resolvedRetention)."""
SEVERITIES: dict[IncidentSeverity, str] = {"SEV1": "critical", "SEV2": "critical", "SEV3": "warning", "SEV4": "info"}
"""As the alerts of deploy/prometheus have them."""


@dataclass(frozen=True, kw_only=True)
class AlertmanagerConfig:
    """Base address of an Alertmanager, and a bearer token where something in front of it asks for one."""

    url: str
    token: Secret | None = None


class HealthAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An incident about Wardwatch itself: what is told of it, and its times in seconds since the epoch."""

    told: Notification
    began_at: float
    ended_at: float | None


class AlertmanagerPush:
    """Posts alerts to one Alertmanager."""

    def __init__(self, config: AlertmanagerConfig) -> None:
        self._config = config
        self._client = http_client()

    def compose(self, alerts: Sequence[HealthAlert], now: float) -> Message:
        """Return the call that tells of alerts; times are addresses, which the tripwire does not look at."""
        times = {
            alert.told.incident_id: f"{rfc3339(alert.began_at)} {rfc3339(alert.ended_at or now + FIRING_SECONDS)}"
            for alert in alerts
        }
        return Message((Call("alerts", times, {"alerts": [as_alert(alert.told) for alert in alerts]}),))

    def send(self, message: Message) -> Outcome:
        """Make the call. Alertmanager takes all alerts of it or none."""
        (call,) = message.calls
        alerts = [alert | _span(call.address[alert["labels"]["incident"]]) for alert in call.body["alerts"]]
        token = self._config.token
        headers = {"Authorization": f"Bearer {token.reveal()}"} if token else {}
        answer = post(self._client, f"{self._config.url}/api/v2/alerts", msgspec.json.encode(alerts), headers)
        return Sent() if isinstance(answer, httpx.Response) else answer


def as_alert(told: Notification) -> dict[str, Any]:
    """Return labels and annotations of an alert."""
    return {
        "labels": {
            "alertname": f"Wardwatch{KINDS[told.kind].title().replace(' ', '')}",
            "severity": SEVERITIES[told.severity],
            "service": "wardwatch",
            "incident": told.incident_id,
        },
        "annotations": {
            "summary": headline(told),
            "description": "; ".join(rule_lines(told)),
            "status": words(told.status),
        },
        "generatorURL": told.link,
    }


def rfc3339(at: float) -> str:
    """Return an instant as Alertmanager reads it.

    >>> rfc3339(1_772_442_843.0)
    '2026-03-02T09:14:03Z'
    """
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _span(times: str) -> dict[str, str]:
    starts, _, ends = times.partition(" ")
    return {"startsAt": starts, "endsAt": ends}

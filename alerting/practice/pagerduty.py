"""A PagerDuty to practise with: the Events API v2 as documented, on loopback.

https://developer.pagerduty.com/docs/send-alert-event
"""

import re
import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from alerting.practice.limits import RateLimit, too_many
from alerting.practice.server import Answer, PracticeServer, Request, decoded

MAX_BYTES = 512 * 1024
MAX_DEDUP_KEY = 255
MAX_SUMMARY = 1024
EVENTS_A_MINUTE = 120
SEVERITIES = frozenset({"critical", "error", "warning", "info"})
_HTTPS_OR_HTTP = re.compile(r"https?://")


class Alert(Struct):
    """An alert as a person on call sees it; `events` are the actions that came for it, in order."""

    dedup_key: str
    status: str
    payload: dict[str, Any]
    events: list[str] = field(default_factory=list)


class PracticePagerDuty(PracticeServer):
    """One service with one integration key, which takes 120 events a minute. `alerts` are all ever opened, in order."""

    def __init__(self, routing_key: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.alerts: list[Alert] = []
        self.limit = RateLimit(EVENTS_A_MINUTE, 60.0, clock)
        self._routing_key = routing_key

    def answer(self, request: Request) -> Answer:
        """Answer an event."""
        if request.path != "/v2/enqueue":
            return Answer(404)
        if len(request.body) > MAX_BYTES:
            return Answer(413)
        event = decoded(request.body)
        wrong = ["Event object is invalid JSON"] if event is None else wrong_with(event)
        if event is None or wrong:
            return Answer(400, {"status": "invalid event", "message": "Event object is invalid", "errors": wrong})
        if event["routing_key"] != self._routing_key:
            return Answer(400, {"status": "invalid key", "message": "Invalid routing key", "errors": ["routing_key"]})
        wait = self.limit.seconds_to_wait()
        if wait:
            return too_many(
                wait, {"status": "throttle exceeded", "message": "Requests for this service arrive too fast"}
            )
        self._apply(event)
        return Answer(202, {"status": "success", "message": "Event processed", "dedup_key": event.get("dedup_key", "")})

    def open_alert(self, dedup_key: str) -> Alert | None:
        """Return the alert of a key that is not resolved."""
        alerts = (alert for alert in self.alerts if alert.dedup_key == dedup_key and alert.status != "resolved")
        return next(alerts, None)

    def _apply(self, event: dict[str, Any]) -> None:
        """Open, join, acknowledge or resolve an alert; the latter two are dropped where none is open."""
        action, key = event["event_action"], event.get("dedup_key", "")
        alert = self.open_alert(key)
        if alert is None:
            if action != "trigger":
                return
            alert = Alert(key, "triggered", event["payload"])
            self.alerts.append(alert)
        alert.events.append(action)
        if action != "trigger":
            alert.status = f"{action}d"


def wrong_with(event: dict[str, Any]) -> list[str]:
    """Return what is wrong with an event."""
    key = event.get("routing_key")
    wrong = [] if isinstance(key, str) and len(key) == 32 else ["routing_key must be 32 characters"]
    if event.get("event_action") not in ("trigger", "acknowledge", "resolve"):
        wrong.append("event_action is invalid")
    dedup_key = event.get("dedup_key", "")
    if not isinstance(dedup_key, str) or len(dedup_key) > MAX_DEDUP_KEY:
        wrong.append("dedup_key is too long")
    if event.get("event_action") == "trigger":
        return wrong + _wrong_with_payload(event.get("payload")) + _wrong_with_links(event.get("links", []))
    return wrong if dedup_key else [*wrong, "dedup_key is missing"]


def _wrong_with_payload(payload: object) -> list[str]:
    if not isinstance(payload, dict):
        return ["payload is missing"]
    wrong = [f"payload.{name} is missing" for name in ("summary", "source", "severity") if not payload.get(name)]
    if len(str(payload.get("summary", ""))) > MAX_SUMMARY:
        wrong.append("payload.summary is too long")
    if payload.get("severity") not in SEVERITIES:
        wrong.append("payload.severity is invalid")
    return wrong


def _wrong_with_links(links: list[dict[str, str]]) -> list[str]:
    return [] if all(_HTTPS_OR_HTTP.match(link.get("href", "")) for link in links) else ["links href is invalid"]

"""An Opsgenie to practise with: create, acknowledge and close of the Alert API as documented, on loopback.

https://docs.opsgenie.com/docs/alert-api, https://docs.opsgenie.com/docs/api-rate-limiting
"""

import re
import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from alerting.practice.limits import RateLimit, too_many
from alerting.practice.server import Answer, PracticeServer, Request, decoded

MAX_LENGTHS = {"message": 130, "alias": 512, "description": 15_000, "entity": 512, "source": 100, "note": 25_000}
MAX_TAGS, MAX_TAG = 20, 50
MAX_DETAILS = 8_000
PRIORITIES = frozenset({"P1", "P2", "P3", "P4", "P5"})
CALLS_A_MINUTE = 60
_ACTION = re.compile(r"/v2/alerts/([^/?]+)/(acknowledge|close)\?identifierType=alias")


class Alert(Struct):
    """An alert as a person on call sees it; `calls` are what came for it, in order."""

    alias: str
    body: dict[str, Any]
    status: str = "open"
    acknowledged: bool = False
    calls: list[str] = field(default_factory=lambda: ["create"])


class PracticeOpsgenie(PracticeServer):
    """One account with one API key. `alerts` are all that were ever opened, in order.

    Args:
        api_key: the key that it accepts.
        clock: gives seconds, for the limit of 60 calls a minute.
    """

    def __init__(self, api_key: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.alerts: list[Alert] = []
        self.limit = RateLimit(CALLS_A_MINUTE, 60.0, clock)
        self._api_key = api_key

    def answer(self, request: Request) -> Answer:
        """Answer a call; what it asks for is carried out later, so that even a wrong alias is taken."""
        if request.headers.get("authorization") != f"GenieKey {self._api_key}":
            return Answer(401, {"message": "Could not authenticate", "took": 0.0, "requestId": "r"})
        wait = self.limit.seconds_to_wait()
        if wait:
            return too_many(wait, {"message": "You are making too many requests!"}, "X-RateLimit-Period-In-Sec")
        body = decoded(request.body)
        if body is None:
            return Answer(400, {"message": "Request body is not processable"})
        action = _ACTION.fullmatch(request.path)
        if action is None and request.path != "/v2/alerts":
            return Answer(404)
        wrong = wrong_with(body) if action is None else []
        if wrong:
            return Answer(422, {"message": "Request body is not processable.", "errors": dict.fromkeys(wrong, "wrong")})
        self._apply(body, *(action.groups() if action else ("", "create")))
        return Answer(202, {"result": "Request will be processed", "took": 0.1, "requestId": "r"})

    def open_alert(self, alias: str) -> Alert | None:
        """Return the alert of an alias that is not closed."""
        return next((alert for alert in self.alerts if alert.alias == alias and alert.status == "open"), None)

    def _apply(self, body: dict[str, Any], alias: str, action: str) -> None:
        alert = self.open_alert(alias or body["alias"])
        if alert is None:
            if action == "create":
                self.alerts.append(Alert(body["alias"], body))
            return
        alert.calls.append(action)
        alert.acknowledged = alert.acknowledged or action == "acknowledge"
        alert.status = "closed" if action == "close" else "open"


def wrong_with(body: dict[str, Any]) -> list[str]:
    """Return the fields of an alert that are wrong."""
    wrong = [name for name, most in MAX_LENGTHS.items() if len(str(body.get(name, ""))) > most]
    if not body.get("message"):
        wrong.append("message")
    if body.get("priority", "P3") not in PRIORITIES:
        wrong.append("priority")
    tags = body.get("tags", [])
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in tags):
        wrong.append("tags")
    details = body.get("details", {})
    if not all(isinstance(value, str) for value in details.values()) or len("".join(details.values())) > MAX_DETAILS:
        wrong.append("details")
    if not all(set(one) == {"type", "name"} for one in body.get("responders", [])):
        wrong.append("responders")
    return wrong

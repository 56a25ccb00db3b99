"""Opsgenie: an alert for each call about an incident, by alias. Its support and API end on 2027-04-05.

Create, acknowledge and close of the Alert API; an alias that is open is joined, so a repeated call changes nothing.
https://docs.opsgenie.com/docs/alert-api, https://docs.opsgenie.com/docs/api-rate-limiting
"""

from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from alerting.channels.api import Call, Outcome, Secret, Sent
from alerting.channels.http import http_client, post
from alerting.channels.pager import Pager
from alerting.channels.paging import Action
from alerting.channels.text import facts, headline, plain
from alerting.notification import Notification
from alerting.severity import IncidentSeverity

MAX_MESSAGE = 130
MAX_DESCRIPTION = 15_000
MAX_TAGS, MAX_TAG = 20, 50
PRIORITIES: dict[IncidentSeverity, str] = {"SEV1": "P1", "SEV2": "P2", "SEV3": "P3", "SEV4": "P5"}
SOURCE = "wardwatch"


@dataclass(frozen=True, kw_only=True)
class OpsgenieConfig:
    """The key of an API integration; `base_url` is another for accounts in the EU."""

    api_key: Secret
    base_url: str = "https://api.opsgenie.com"
    proxy: str = ""
    pace: float = 1.0
    """Seconds between two sends: limits are by plan and number of users; a call a second is below the smallest."""


class OpsgenieChannel(Pager):
    """Calls the Alert API of one account; `to` of a notice names a team."""

    def __init__(self, config: OpsgenieConfig) -> None:
        super().__init__(config.pace)
        self._config = config
        self._client = http_client(config.proxy)

    def _call(self, told: Notification, action: Action, key: str, to: str) -> Call:
        if action == "trigger":
            return Call("create", {"team": to}, alert(told, key))
        operation = "acknowledge" if action == "acknowledge" else "close"
        return Call(operation, {"alias": key}, {"source": SOURCE})

    def _made(self, call: Call) -> Outcome:
        body, url = call.body, f"{self._config.base_url}/v2/alerts"
        if call.operation != "create":
            url = f"{url}/{call.address['alias']}/{call.operation}?identifierType=alias"
        elif call.address["team"]:
            body = body | {"responders": [{"type": "team", "name": call.address["team"]}]}
        headers = {"Authorization": f"GenieKey {self._config.api_key.reveal()}"}
        answer = post(self._client, url, msgspec.json.encode(body), headers)
        return Sent() if isinstance(answer, httpx.Response) else answer


def alert(told: Notification, alias: str) -> dict[str, Any]:
    """Return an alert within Opsgenie's limits."""
    details = {name.lower(): value for name, value in facts(told)}
    return {
        "message": headline(told)[:MAX_MESSAGE],
        "alias": alias,
        "description": "\n".join(plain(told))[:MAX_DESCRIPTION],
        "priority": PRIORITIES[told.severity],
        "source": SOURCE,
        "entity": told.entity_type or SOURCE,
        "tags": [rule.id[:MAX_TAG] for rule in told.rules][:MAX_TAGS],
        "details": details | {"revision": str(told.revision), "link": told.link},
    }

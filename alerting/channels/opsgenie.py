"""Opsgenie: an alert for each call about an incident, by alias. Its support and API end on 2027-04-05.

Create, acknowledge and close of the Alert API; an alias that is open is joined, so a repeated call changes nothing.
https://docs.opsgenie.com/docs/alert-api, https://docs.opsgenie.com/docs/api-rate-limiting
"""

from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from alerting.channels.api import Call, Failed, Message, Outcome, Secret, Sent
from alerting.channels.http import http_client, post
from alerting.channels.paging import action_of, keys_of
from alerting.channels.text import facts, headline, plain
from alerting.notices import Notice
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


class OpsgenieChannel:
    """Calls the Alert API of one account."""

    def __init__(self, config: OpsgenieConfig) -> None:
        self._config = config
        self._client = http_client(config.proxy)

    @property
    def pace(self) -> float:
        """Seconds between two sends."""
        return self._config.pace

    def compose(self, notice: Notice) -> Message:
        """Return the calls for a notice, where `to` names a team; none for what nobody is paged for."""
        told = notice.body
        if not isinstance(told, Notification):
            return Message(())
        action = action_of(told)
        aliases = keys_of(told, action)
        if action == "trigger":
            return Message(tuple(Call("create", {"team": notice.to}, alert(told, alias)) for alias in aliases))
        operation = "acknowledge" if action == "acknowledge" else "close"
        calls = tuple(Call(operation, {"alias": alias}, {"source": SOURCE}) for alias in aliases)
        return Message(calls, turns=len(calls))

    def send(self, message: Message) -> Outcome:
        """Make the calls, until one is not taken."""
        outcome: Outcome = Failed("nothing to page for")
        for call in message.calls:
            outcome = self._post(call)
            if not isinstance(outcome, Sent):
                break
        return outcome

    def _post(self, call: Call) -> Outcome:
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

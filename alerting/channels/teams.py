"""Microsoft Teams: an Adaptive Card for each notice, to a webhook of the app Workflows.

The address of the webhook holds its key and is a secret. Cards cannot be changed afterwards, so each news is a card of
its own. https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook,
https://adaptivecards.io/explorer/
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from alerting.channels.api import Call, Failed, Message, Outcome, Retry, Secret, Sent
from alerting.channels.http import http_client, post
from alerting.channels.text import digest_line, facts, headline, plain, remarks, rule_lines
from alerting.notices import Notice
from alerting.notification import Body, Digest, Notification, Question

MAX_BYTES = 28 * 1024
"""Largest message that Teams takes."""
ROOM = 24 * 1024
"""What our card may take of it; the rest is for the wrapping and for what Teams adds."""
_CARD = {"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4"}
_UNDELIVERED = b"Webhook message delivery failed"


@dataclass(frozen=True, kw_only=True)
class TeamsConfig:
    """The webhook of the usual channel, and those of others by the names that routes use for them."""

    url: Secret
    named: Mapping[str, Secret] = field(default_factory=dict)
    proxy: str = ""
    pace: float = 1.0
    """Seconds between two sends: Teams slows down whoever posts more than four times in a second, and the flow behind
    a webhook has a quota of its own, which differs by licence."""


class TeamsChannel:
    """Posts cards to webhooks."""

    def __init__(self, config: TeamsConfig) -> None:
        self._config = config
        self._client = http_client(config.proxy)

    @property
    def pace(self) -> float:
        """Seconds between two sends."""
        return self._config.pace

    def compose(self, notice: Notice) -> Message:
        """Return the card."""
        attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card(notice.body)}
        return Message((Call("post", {"to": notice.to}, {"type": "message", "attachments": [attachment]}),))

    def send(self, message: Message) -> Outcome:
        """Post the card."""
        (call,) = message.calls
        to = call.address["to"]
        url = self._config.named.get(to) if to else self._config.url
        if url is None:
            return Failed("no such recipient")
        answer = post(self._client, url.reveal(), msgspec.json.encode(call.body), {})
        if not isinstance(answer, httpx.Response):
            return answer
        # The older kind of webhook says 200 to what Teams then refused.
        return Retry("not delivered") if answer.content.startswith(_UNDELIVERED) else Sent()


def card(body: Body) -> dict[str, Any]:
    """Return the Adaptive Card for a body; of a long digest, as many lines as there is room for."""
    match body:
        case Notification():
            shown = [_text("\n".join(f"- {line}" for line in rule_lines(body))), _facts(facts(body))]
        case Digest():
            lines = _fitting([digest_line(line) for line in body.lines], body.others)
            shown = [_text(line) for line in [*remarks(body), *lines]]
        case Question():
            shown = [_text(line) for line in plain(body)[1:-1]]
    title = {"type": "TextBlock", "text": headline(body), "weight": "Bolder", "size": "Medium", "wrap": True}
    label = "Answer" if isinstance(body, Question) else "Open in Wardwatch"
    return _CARD | {"body": [title, *shown], "actions": [{"type": "Action.OpenUrl", "title": label, "url": body.link}]}


def _fitting(lines: list[str], others: int) -> list[str]:
    used, shown = 0, 0
    for line in lines:
        used += len(msgspec.json.encode(_text(line)))
        if used > ROOM:
            break
        shown += 1
    others += len(lines) - shown
    return lines[:shown] + ([f"and {others} more"] if others else [])


def _text(text: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True}


def _facts(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    return {"type": "FactSet", "facts": [{"title": name, "value": value} for name, value in pairs]}

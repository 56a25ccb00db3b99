"""A Teams channel to practise with: a Workflows webhook that takes Adaptive Cards, on loopback.

https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
"""

import time
from collections.abc import Callable
from typing import Any

from alerting.practice.limits import RateLimit, too_many
from alerting.practice.server import Answer, PracticeServer, Request, decoded

MAX_BYTES = 28 * 1024
CALLS_A_SECOND = 4
CARD = "application/vnd.microsoft.card.adaptive"


class PracticeTeams(PracticeServer):
    """One webhook, whose address ends in a signature. `cards` are all that were posted, in order."""

    def __init__(self, signature: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.cards: list[dict[str, Any]] = []
        self.limit = RateLimit(CALLS_A_SECOND, 1.0, clock)
        self._path = f"/workflows/practice/triggers/manual/paths/invoke?sig={signature}"

    @property
    def webhook(self) -> str:
        """The address to post to."""
        return f"{self.url}{self._path}"

    def answer(self, request: Request) -> Answer:
        """Answer a post."""
        if request.path != self._path:
            return Answer(401, {"error": {"code": "DirectApiAuthorizationRequired"}})
        wait = self.limit.seconds_to_wait()
        if wait:
            return too_many(wait)
        if len(request.body) > MAX_BYTES:
            return Answer(413, {"error": {"code": "RequestEntityTooLarge"}})
        message = decoded(request.body)
        if message is None or not _is_message(message):
            return Answer(400, {"error": {"code": "TriggerInputSchemaMismatch"}})
        self.cards.append(message["attachments"][0]["content"])
        return Answer(202)


def _is_message(message: dict[str, Any]) -> bool:
    match message:
        case {"type": "message", "attachments": [{"contentType": contents, "content": {"body": [*body], **card}}]}:
            is_card = contents == CARD and card.get("type") == "AdaptiveCard" and card.get("version") == "1.4"
            actions: Any = card.get("actions", [])
            return is_card and all(_is_element(element) for element in body) and _are_actions(actions)
        case _:
            return False


def _is_element(element: dict[str, Any]) -> bool:
    match element:
        case {"type": "TextBlock", "text": str(text)}:
            return bool(text)
        case {"type": "FactSet", "facts": [*facts]}:
            return all(set(fact) == {"title", "value"} for fact in facts)
        case _:
            return False


def _are_actions(actions: list[dict[str, Any]]) -> bool:
    return all(
        action.get("type") == "Action.OpenUrl" and str(action.get("url", "")).startswith("http") for action in actions
    )

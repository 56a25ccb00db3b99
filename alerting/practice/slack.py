"""A Slack to practise with: chat.postMessage and chat.update as documented, on loopback.

https://docs.slack.dev/reference/methods/chat.postMessage, https://docs.slack.dev/reference/block-kit/blocks,
https://docs.slack.dev/apis/web-api/rate-limits
"""

import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from alerting.practice.server import Answer, PracticeServer, Request, decoded

MAX_BLOCKS = 50
MAX_BLOCK_CHARACTERS = 13_000
"""Undocumented, observed: more gives `msg_blocks_too_long`."""
MAX_HEADER = 150
MAX_SECTION = 3_000
MAX_FIELDS = 10
MAX_ELEMENTS = 25
MAX_BUTTON_TEXT = 75
MAX_URL = 3_000
MAX_TEXT = 40_000


class Posted(Struct):
    """A message as Slack shows it now. `thread` is the `ts` of the message it answers, empty for none."""

    ts: str
    text: str
    blocks: list[dict[str, Any]]
    thread: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    broadcast: bool = False
    updates: int = 0


class PracticeSlack(PracticeServer):
    """One workspace with one channel.

    Args:
        token: the bot token that it accepts.
        channel: the id of its channel.
        rate_limited: whether it takes one message a second and answers 429 with `Retry-After` to more.
        clock: gives seconds, for the rate limit.
    """

    def __init__(
        self,
        token: str,
        channel: str = "C0PRACTICE",
        *,
        rate_limited: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.channel = channel
        self.messages: list[Posted] = []
        self._token = token
        self._rate_limited = rate_limited
        self._clock = clock
        self._last_post: float | None = None

    def answer(self, request: Request) -> Answer:
        """Answer a call of the Web API."""
        method = _METHODS.get(request.path.rpartition("/")[2])
        if method is None:
            return _error("unknown_method")
        if not request.headers.get("authorization"):
            return _error("not_authed")
        if request.headers["authorization"] != f"Bearer {self._token}":
            return _error("invalid_auth")
        body = decoded(request.body)
        if body is None:
            return _error("invalid_json")
        if body.get("channel") != self.channel:
            return _error("channel_not_found")
        wrong = wrong_with(body)
        return _error(wrong) if wrong else method(self, body)

    def thread(self, ts: str) -> list[Posted]:
        """Return the answers in the thread of a message."""
        return [message for message in self.messages if message.thread == ts]

    def post(self, body: dict[str, Any]) -> Answer:
        """Carry out chat.postMessage."""
        now = self._clock()
        if self._rate_limited and self._last_post is not None and now - self._last_post < 1.0:
            return Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"})
        thread = body.get("thread_ts", "")
        if thread and not self._find(thread):
            return _error("thread_not_found")
        self._last_post = now
        message = Posted(
            ts=f"1700000000.{len(self.messages) + 1:06d}",
            text=body.get("text", ""),
            blocks=body.get("blocks", []),
            thread=thread,
            metadata=body.get("metadata", {}),
            broadcast=body.get("reply_broadcast", False),
        )
        self.messages.append(message)
        return self._ok(message)

    def update(self, body: dict[str, Any]) -> Answer:
        """Carry out chat.update."""
        message = self._find(body.get("ts", ""))
        if message is None:
            return _error("message_not_found")
        message.text = body.get("text", "")
        message.blocks = body.get("blocks", [])
        message.updates += 1
        return self._ok(message)

    def _find(self, ts: str) -> Posted | None:
        return next((message for message in self.messages if message.ts == ts), None)

    def _ok(self, message: Posted) -> Answer:
        shown = {"type": "message", "text": message.text, "ts": message.ts}
        return Answer(200, {"ok": True, "channel": self.channel, "ts": message.ts, "message": shown})


_METHODS: dict[str, Callable[[PracticeSlack, dict[str, Any]], Answer]] = {
    "chat.postMessage": PracticeSlack.post,
    "chat.update": PracticeSlack.update,
}


def wrong_with(body: dict[str, Any]) -> str:
    """Return Slack's word for what is wrong with a message, empty if nothing is."""
    blocks = body.get("blocks", [])
    if not body.get("text") and not blocks:
        return "no_text"
    if len(body.get("text", "")) > MAX_TEXT:
        return "msg_too_long"
    if not isinstance(blocks, list) or len(blocks) > MAX_BLOCKS:
        return "invalid_blocks"
    if sum(_characters(block) for block in blocks) > MAX_BLOCK_CHARACTERS:
        return "msg_blocks_too_long"
    return "" if all(_is_valid(block) for block in blocks) else "invalid_blocks"


def _is_valid(block: dict[str, Any]) -> bool:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            return 0 < len(text) <= MAX_HEADER
        case {"type": "section", "text": {"type": "mrkdwn" | "plain_text", "text": str(text)}}:
            return 0 < len(text) <= MAX_SECTION
        case {"type": "section", "fields": [*fields]}:
            return 0 < len(fields) <= MAX_FIELDS and all(0 < len(item["text"]) <= 2_000 for item in fields)
        case {"type": "actions", "elements": [*elements]}:
            return 0 < len(elements) <= MAX_ELEMENTS and all(_is_valid_button(element) for element in elements)
        case {"type": "divider"}:
            return True
        case _:
            return False


def _is_valid_button(element: dict[str, Any]) -> bool:
    match element:
        case {"type": "button", "text": {"type": "plain_text", "text": str(text)}}:
            url = element.get("url", "https://")
            return 0 < len(text) <= MAX_BUTTON_TEXT and url.startswith("http") and len(url) <= MAX_URL
        case _:
            return False


def _characters(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(_characters(item) for item in value.values())
    return sum(_characters(item) for item in value) if isinstance(value, list) else 0


def _error(word: str) -> Answer:
    """Return an error as Slack does: with HTTP status 200."""
    return Answer(200, {"ok": False, "error": word})

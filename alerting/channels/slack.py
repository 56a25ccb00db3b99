"""Slack: a thread for each incident, whose first message always shows the present state.

Web API with a bot token (`chat:write`), limits of domain.md §4.8. The first notice posts a message; later ones update
it and answer in its thread. https://docs.slack.dev/reference/methods/chat.postMessage
"""

import http.client
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import WebClient

from alerting.channels.api import READ_SECONDS, Call, Failed, Message, Outcome, Retry, Secret, Sent
from alerting.channels.http import refusal, retry_after
from alerting.channels.text import facts, headline, plain, rule_lines
from alerting.notices import Notice
from alerting.notification import Body, Digest, Notification, Question, Room
from alerting.slack.asked import NONCE_CHARACTERS
from alerting.slack.buttons import buttons

_SENDS_IN_PACE = 5.0
MAX_HEADER = 150
MAX_SECTION = 3000

RETRIED = frozenset(
    {
        "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout",
        "accesslimited", "team_added_to_org",
    }
)  # fmt: skip
"""Errors of an answer with `ok: false` that pass; all others need people."""
DONE: Mapping[str, frozenset[str]] = {
    "chat.update": frozenset({"message_not_found", "cant_update_message", "edit_window_closed"}),
    "conversations.invite": frozenset({"already_in_channel"}),
    "conversations.kick": frozenset({"not_in_channel", "user_not_found", "is_archived"}),
    "conversations.archive": frozenset({"already_archived"}),
}
"""Errors after which there is nothing left to do: somebody deleted the message, which must not keep the news out of the
thread; or it was done before, and only not noted."""
GOES_ON = frozenset({"conversations.invite", "conversations.kick"})
"""What may fail for one member and hinders no later call: the others need the link, and the room is to be archived."""
MOST_PAGES = 10
"""Of channels that we are in, while looking for one of ours."""
BROADCAST = frozenset({"escalated", "reopened"})
"""News that are also shown in the channel, outside the thread."""
_ERROR_WORD = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True, kw_only=True)
class SlackConfig:
    """Where to post: a bot token (`xoxb-…`) and a channel id (`C…`)."""

    token: Secret
    channel: str
    base_url: str = "https://slack.com/api/"
    proxy: str = ""
    pace: float = 1.0
    """Seconds between two sends to one channel or person: Slack takes about one message a second there."""
    is_interactive: bool = False
    """Whether messages have buttons; something must take what is pressed (`wardwatch hooks`)."""


class SlackChannel:
    """Posts to one Slack channel."""

    def __init__(self, config: SlackConfig) -> None:
        self._config = config
        self._client = WebClient(
            token=config.token.reveal(),
            base_url=config.base_url,
            timeout=int(READ_SECONDS),  # urllib has one timeout for connecting and reading
            proxy=config.proxy or None,
            logger=silent_logger(),
            retry_handlers=[],  # the sender retries
        )

    @property
    def pace(self) -> float:
        """Seconds between two sends, to whomever: Slack takes several hundred messages a minute of a workspace.

        https://docs.slack.dev/apis/web-api/rate-limits
        """
        return self._config.pace / _SENDS_IN_PACE

    @property
    def recipient_pace(self) -> float:
        """Seconds between two sends to one channel or person."""
        return self._config.pace

    def compose(self, notice: Notice) -> Message:
        """Return a first message, or an update of it and an answer in its thread."""
        told = notice.body
        if isinstance(told, Room):
            return Message(tuple(_room_calls(told, notice.thread.partition("/")[0])))
        text = headline(told)
        nonce = notice.id[:NONCE_CHARACTERS] if self._config.is_interactive else ""
        shown = {"text": text, "blocks": blocks(told, nonce)}
        if not notice.thread:
            metadata = {
                "event_type": "wardwatch_notice",
                "event_payload": {"incident_id": told.about, "notice_id": notice.id, "revision": told.revision},
            }
            quiet = {"unfurl_links": False, "unfurl_media": False}
            first = Call(
                "chat.postMessage",
                {"channel": notice.to or self._config.channel},
                shown | {"metadata": metadata} | quiet,
            )
            return Message((first,))
        channel, _, thread = notice.thread.partition("/")
        answer: dict[str, Any] = {"text": text}
        if isinstance(told, Notification) and told.told in BROADCAST:
            answer["reply_broadcast"] = True
        return Message(
            (
                Call("chat.update", {"channel": channel, "ts": thread}, shown),
                Call("chat.postMessage", {"channel": channel, "thread_ts": thread}, answer),
            )
        )

    def send(self, message: Message) -> Outcome:
        """Make the calls; an update that is repeated changes nothing. Without calls there is no room for them."""
        outcome: Outcome = Failed("no room")
        failed: Failed | None = None
        for call in message.calls:
            outcome = self._make(call)
            if isinstance(outcome, Failed) and call.operation in GOES_ON:
                failed = outcome
            elif not isinstance(outcome, Sent):
                return outcome
        return failed or outcome

    def _make(self, call: Call) -> Outcome:
        try:
            answer = self._client.api_call(call.operation, json=call.address | call.body)
        except SlackApiError as error:
            if call.operation == "conversations.create" and error_word(error.response.data) == "name_taken":
                return self._found(call.body["name"])
            return _after_error(call, error)
        except (OSError, http.client.HTTPException):  # timeouts and urllib's errors are the former
            return Retry("no connection")
        except (SlackClientError, ValueError, AttributeError):  # the last: JSON that is no object
            return Retry("unreadable answer")
        channel = answer.get("channel", "")
        # A method about channels answers with the channel itself, one about messages with its id.
        name = channel.get("id", "") if isinstance(channel, Mapping) else channel
        return Sent(f"{name}/{answer.get('ts', '')}")

    def _found(self, name: str) -> Outcome:
        """Look for a channel that we made and could not note: we are in it. Another of that name is somebody else's."""
        cursor = ""
        for _ in range(MOST_PAGES):
            query = {"types": "private_channel", "limit": "200", "exclude_archived": "true", "cursor": cursor}
            try:
                answer = self._client.api_call("users.conversations", params=query)
            except (SlackApiError, SlackClientError, OSError, http.client.HTTPException, ValueError, AttributeError):
                return Retry("unreadable answer")
            for channel in answer.get("channels") or []:
                if channel.get("name") == name:
                    return Sent(f"{channel.get('id', '')}/")
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return Failed("name_taken")


def _room_calls(room: Room, channel: str) -> list[Call]:
    """Return the calls for a step; none where the room could not be made.

    A room has no topic: its name says nothing, and the link is in it. Who may not be in it leaves before it is
    archived: members can read an archived channel.
    """
    if room.step == "open":
        return [Call("conversations.create", {}, {"name": room.codename, "is_private": True})]
    if not channel:
        return []
    if room.step == "invite":
        told = {"text": room.link, "unfurl_links": False, "unfurl_media": False}
        # `force`: one wrong id keeps nobody else out.
        invited = Call("conversations.invite", {"channel": channel, "users": ",".join(room.members)}, {"force": True})
        return [invited, Call("chat.postMessage", {"channel": channel}, told)]
    leave = [Call("conversations.kick", {"channel": channel, "user": member}, {}) for member in room.members]
    return [*leave, Call("conversations.archive", {"channel": channel}, {})]


def blocks(body: Body, nonce: str = "") -> list[dict[str, Any]]:
    """Return the message in Block Kit, with buttons that carry `nonce` if there is one."""
    return _notification_blocks(body, nonce) if isinstance(body, Notification) else _plain_blocks(body)


def _plain_blocks(body: Digest | Question | Room) -> list[dict[str, Any]]:
    first, *lines, link = plain(body)
    label = "Answer" if isinstance(body, Question) else "Open in Wardwatch"
    button = {"type": "button", "text": {"type": "plain_text", "text": label}, "url": link}
    return [
        {"type": "header", "text": {"type": "plain_text", "text": first[:MAX_HEADER]}},
        {"type": "section", "text": {"type": "mrkdwn", "text": _escaped("\n".join(lines))[:MAX_SECTION]}},
        {"type": "actions", "elements": [button]},
    ]


def _notification_blocks(notification: Notification, nonce: str) -> list[dict[str, Any]]:
    rules = "\n".join(f"• {_escaped(line)}" for line in rule_lines(notification))[:MAX_SECTION]
    fields = [{"type": "mrkdwn", "text": f"*{name}*\n{_escaped(value)}"} for name, value in facts(notification)]
    open_it = {"type": "plain_text", "text": "Open in Wardwatch"}
    button: dict[str, Any] = {"type": "button", "text": open_it, "url": notification.link}
    actions = [*buttons(notification, nonce), button | {"action_id": "open"}] if nonce else [button]
    return [
        {"type": "header", "text": {"type": "plain_text", "text": headline(notification)[:MAX_HEADER]}},
        {"type": "section", "text": {"type": "mrkdwn", "text": rules}},
        {"type": "section", "fields": fields},
        {"type": "actions", "elements": actions},
    ]


def _escaped(text: str) -> str:
    """Escape Slack's control characters (https://docs.slack.dev/messaging/formatting-message-text#escaping)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _after_error(call: Call, error: SlackApiError) -> Outcome:
    """Say what an answer that is no success means: by its HTTP status first, then by Slack's word for the error."""
    response = error.response
    # The client gives `Retry-After` twice, in two spellings.
    headers = httpx.Headers({str(name).lower(): str(value) for name, value in response.headers.items()})
    status = int(response.status_code)
    if status != httpx.codes.OK:
        return refusal(status, headers)
    word = error_word(response.data)
    if word in DONE.get(call.operation, ()):
        return Sent()
    return Retry(word, retry_after(headers)) if word in RETRIED else Failed(word)


def error_word(data: object) -> str:
    """Return Slack's word for an error; nothing else of an answer is repeated."""
    word = data.get("error") if isinstance(data, Mapping) else None
    return word if isinstance(word, str) and _ERROR_WORD.fullmatch(word) else "unknown_error"


def silent_logger() -> logging.Logger:
    """Return a logger that goes nowhere: the client would log whole requests and answers."""
    logger = logging.Logger("alerting.channels.slack.client", level=logging.CRITICAL)
    logger.addHandler(logging.NullHandler())
    return logger

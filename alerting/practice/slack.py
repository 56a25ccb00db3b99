"""A Slack to practise with, on loopback: messages, modals, rooms and their limits, as documented.

https://docs.slack.dev/reference/methods, https://docs.slack.dev/apis/web-api/rate-limits
"""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct, field

from alerting.practice.server import Answer, PracticeServer, Request, decoded
from alerting.practice.slack_blocks import wrong_with, wrong_with_view
from alerting.practice.slack_socket import PracticeSocket

TRIGGER_SECONDS = 3.0
"""How long a modal may be opened after somebody pressed a button."""

APP_TOKEN = "xapp-practice"  # noqa: S105 -- of a practice server
"""The app-level token that it accepts."""

REPLIES = 5
"""How often an address for answers may be used."""

_ROOM_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")
MAX_ROOM_NAME = 80


class Posted(Struct):
    """A message as Slack shows it now. `thread` is the `ts` of the message it answers, empty for none."""

    ts: str
    text: str
    blocks: list[dict[str, Any]]
    thread: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    broadcast: bool = False
    updates: int = 0
    channel: str = ""


class Room(Struct):
    """A private channel that was made."""

    id: str
    name: str
    members: list[str]
    topic: str = ""
    is_archived: bool = False


class PracticeSlack(PracticeServer):
    """One workspace with one public channel, and the rooms that are made. User ids begin with `U`.

    `strangers` are user ids that it does not have. `opened` are the modals that were opened; `whispers` what single
    users were told: user and text. `socket`, if there is one, is where whoever has the app-level token listens.

    Args:
        token: the bot token that it accepts.
        channel: the id of its channel.
        rate_limited: whether it takes one message a second in a channel and answers 429 with `Retry-After` to more.
        clock: gives seconds, for the limits.
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
        self.rooms: dict[str, Room] = {}
        self.strangers: set[str] = set()
        self.opened: list[dict[str, Any]] = []
        self.whispers: list[tuple[str, str]] = []
        self.socket: PracticeSocket | None = None
        self._token = token
        self._rate_limited = rate_limited
        self._clock = clock
        self._last_posts: dict[str, float] = {}
        self._triggers: dict[str, float] = {}
        self._replies: dict[str, tuple[str, int]] = {}

    @property
    def methods(self) -> set[str]:
        """The methods of the Web API that it has, but for those of an app-level token."""
        return set(_METHODS)

    def trigger(self) -> str:
        """Return a trigger as a pressed button gives it: it opens one modal, for three seconds."""
        name = f"1{len(self._triggers):04d}.2.abcdef"
        self._triggers[name] = self._clock()
        return name

    def reply_address(self, user: str) -> str:
        """Return an address at which a user can be answered a few times."""
        path = f"/replies/{len(self._replies)}"
        self._replies[path] = (user, REPLIES)
        return f"{self.url}{path}"

    def answer(self, request: Request) -> Answer:
        """Answer a call of the Web API, or take an answer for one user."""
        body = _content(request)
        if request.path.startswith("/replies/"):
            return self._whisper(request.path, body)
        name = request.path.rpartition("/")[2]
        if name == "apps.connections.open":
            return self._connect(request)
        method = _METHODS.get(name)
        wrong = self._wrong_with(request, body)
        if method is None or body is None or wrong:
            return _error("unknown_method" if method is None else wrong)
        return method(self, body)

    def thread(self, ts: str) -> list[Posted]:
        """Return the answers in the thread of a message."""
        return [message for message in self.messages if message.thread == ts]

    def post(self, body: dict[str, Any]) -> Answer:
        """Carry out chat.postMessage."""
        channel = body.get("channel", "")
        if wrong := wrong_with(body) or ("" if channel else "channel_not_found"):
            return _error(wrong)
        if channel in self.rooms and self.rooms[channel].is_archived:
            return _error("is_archived")
        now, last = self._clock(), self._last_posts.get(channel)
        if self._rate_limited and last is not None and now - last < 1.0:
            return Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"})
        thread = body.get("thread_ts", "")
        if thread and not self._find(thread):
            return _error("thread_not_found")
        self._last_posts[channel] = now
        message = Posted(
            ts=f"1700000000.{len(self.messages) + 1:06d}",
            text=body.get("text", ""),
            blocks=body.get("blocks", []),
            thread=thread,
            metadata=body.get("metadata", {}),
            broadcast=body.get("reply_broadcast", False),
            channel=channel,
        )
        self.messages.append(message)
        return self._ok(message)

    def update(self, body: dict[str, Any]) -> Answer:
        """Carry out chat.update."""
        if wrong := wrong_with(body):
            return _error(wrong)
        message = self._find(body.get("ts", ""))
        if message is None:
            return _error("message_not_found")
        message.text = body.get("text", "")
        message.blocks = body.get("blocks", [])
        message.updates += 1
        return self._ok(message)

    def whisper(self, body: dict[str, Any]) -> Answer:
        """Carry out chat.postEphemeral."""
        if wrong := wrong_with(body):
            return _error(wrong)
        if not body.get("user", "").startswith("U"):
            return _error("user_not_in_channel")
        self.whispers.append((body["user"], body["text"]))
        return Answer(200, {"ok": True, "message_ts": f"1700000000.{len(self.whispers):06d}"})

    def open(self, body: dict[str, Any]) -> Answer:
        """Carry out views.open."""
        given_at = self._triggers.get(body.get("trigger_id", ""))
        if given_at is None:
            return _error("invalid_trigger_id")
        if given_at < 0:
            return _error("exchanged_trigger_id")
        if self._clock() - given_at > TRIGGER_SECONDS:
            return _error("expired_trigger_id")
        if wrong := wrong_with_view(body.get("view", {})):
            return _error(wrong)
        self._triggers[body["trigger_id"]] = -1.0
        self.opened.append(body["view"])
        return Answer(200, {"ok": True, "view": {"id": f"V{len(self.opened):08d}"} | body["view"]})

    def create(self, body: dict[str, Any]) -> Answer:
        """Carry out conversations.create."""
        name = body.get("name", "")
        if not name or len(name) > MAX_ROOM_NAME or not _ROOM_NAME.issuperset(name):
            return _error("invalid_name_specials" if name else "invalid_name_required")
        if name in {room.name for room in self.rooms.values()}:
            return _error("name_taken")
        room = Room(id=f"C1ROOM{len(self.rooms):04d}", name=name, members=[])
        self.rooms[room.id] = room
        return Answer(200, {"ok": True, "channel": {"id": room.id, "name": name, "is_private": body.get("is_private")}})

    def invite(self, body: dict[str, Any]) -> Answer:
        """Carry out conversations.invite."""
        room = self.rooms[body["channel"]]
        users = [user for user in body.get("users", "").split(",") if user]
        if not users:
            return _error("no_user")
        if not self.strangers.isdisjoint(users) and not body.get("force"):
            return _error("user_not_found")
        users = [user for user in users if user not in self.strangers]
        if room.members and set(users) <= set(room.members):
            return _error("already_in_channel")
        room.members = list(dict.fromkeys((*room.members, *users)))
        return Answer(200, {"ok": True, "channel": {"id": room.id}})

    def kick(self, body: dict[str, Any]) -> Answer:
        """Carry out conversations.kick."""
        room = self.rooms[body["channel"]]
        if room.is_archived:
            return _error("is_archived")
        if body["user"] not in room.members:
            return _error("not_in_channel")
        room.members.remove(body["user"])
        return Answer(200, {"ok": True})

    def archive(self, body: dict[str, Any]) -> Answer:
        """Carry out conversations.archive."""
        room = self.rooms[body["channel"]]
        if room.is_archived:
            return _error("already_archived")
        room.is_archived = True
        return Answer(200, {"ok": True})

    def list_own(self, _body: dict[str, Any]) -> Answer:
        """Carry out users.conversations: the rooms that the bot is in, on one page."""
        rooms = [{"id": room.id, "name": room.name} for room in self.rooms.values() if not room.is_archived]
        return Answer(200, {"ok": True, "channels": rooms, "response_metadata": {"next_cursor": ""}})

    def _connect(self, request: Request) -> Answer:
        if self.socket is None or request.headers.get("authorization") != f"Bearer {APP_TOKEN}":
            return _error("not_allowed_token_type")
        return Answer(200, {"ok": True, "url": self.socket.ticket()})

    def _wrong_with(self, request: Request, body: dict[str, Any] | None) -> str:
        if not request.headers.get("authorization"):
            return "not_authed"
        if request.headers["authorization"] != f"Bearer {self._token}":
            return "invalid_auth"
        if body is None:
            return "invalid_json"
        return "" if "channel" not in body or self._knows(str(body["channel"])) else "channel_not_found"

    def _whisper(self, path: str, body: dict[str, Any] | None) -> Answer:
        user, left = self._replies.get(path, ("", 0))
        if not left or body is None:
            return Answer(404, {"ok": False, "error": "used_url"})
        self._replies[path] = (user, left - 1)
        self.whispers.append((user, body["text"]))
        return Answer(200, {"ok": True})

    def _knows(self, channel: str) -> bool:
        return channel in (self.channel, *self.rooms) or channel.startswith("U")

    def _find(self, ts: str) -> Posted | None:
        return next((message for message in self.messages if message.ts == ts), None)

    def _ok(self, message: Posted) -> Answer:
        shown = {"type": "message", "text": message.text, "ts": message.ts}
        return Answer(200, {"ok": True, "channel": message.channel, "ts": message.ts, "message": shown})


_METHODS: dict[str, Callable[[PracticeSlack, dict[str, Any]], Answer]] = {
    "chat.postMessage": PracticeSlack.post,
    "chat.update": PracticeSlack.update,
    "chat.postEphemeral": PracticeSlack.whisper,
    "views.open": PracticeSlack.open,
    "conversations.create": PracticeSlack.create,
    "conversations.invite": PracticeSlack.invite,
    "conversations.kick": PracticeSlack.kick,
    "conversations.archive": PracticeSlack.archive,
    "users.conversations": PracticeSlack.list_own,
}


def _content(request: Request) -> dict[str, Any] | None:
    """Return the arguments of a call: JSON, or a form, which is all that methods that only read take."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
    return decoded(request.body)


def _error(word: str) -> Answer:
    """Return an error as Slack does: with HTTP status 200."""
    return Answer(200, {"ok": False, "error": word})

"""Notices: one body on its way to one recipient of one channel."""

import hashlib
from typing import Literal, TypeAlias

from msgspec import Struct

from alerting.notification import Body
from alerting.places import Place

Fate: TypeAlias = Literal["pending", "sent", "failed", "blocked"]
"""`pending` until a channel took it; `failed` when it was given up; `blocked` when the tripwire stopped it."""


class Notice(Struct, frozen=True, kw_only=True):
    """A notice as the outbox holds it.

    `fallbacks` are the places to try after this one. `created_at` and `due_at` are seconds since the epoch of the
    desk's clock; `attempts` counts what was tried. `thread` is the receipt of the first notice about the same to
    the same recipient, empty if this is the first. `to` is an address in the channel's own terms (a Slack user, an
    email address, the name of a PagerDuty key); empty for the place that the channel is configured for.
    """

    id: str
    channel: str
    body: Body
    to: str = ""
    fallbacks: tuple[Place, ...] = ()
    created_at: float
    due_at: float
    attempts: int = 0
    thread: str = ""

    def __repr__(self) -> str:
        return f"<Notice {self.id}>"

    @property
    def place(self) -> Place:
        """Where it goes."""
        return Place(self.channel, self.to)


class UnreadableNotice(Exception):  # noqa: N818 -- what it is, like the refusals
    """A pending notice cannot be read: it is broken, or of another version. What it says is not repeated.

    Args:
        notice_id: its id.
        channel: where it was to go.
        about: what it is about, such as an incident.
    """

    def __init__(self, notice_id: str, channel: str, about: str) -> None:
        super().__init__(f"notice {notice_id} cannot be read")
        self.notice_id, self.channel, self.about = notice_id, channel, about


def notice_id(about: str, revision: int, channel: str, to: str = "") -> str:
    """Return the deterministic id of a notice: the same news to the same recipient is the same notice."""
    digest = hashlib.sha256("\x1f".join((about, str(revision), channel, *([to] if to else []))).encode())
    return digest.hexdigest()[:32]

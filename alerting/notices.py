"""Notices: one notification on its way to one channel."""

import hashlib
from typing import Literal, TypeAlias

from msgspec import Struct

from alerting.notification import Notification

Fate: TypeAlias = Literal["pending", "sent", "failed", "blocked"]
"""`pending` until a channel took it; `failed` when it was given up; `blocked` when the tripwire stopped it."""


class Notice(Struct, frozen=True, kw_only=True):
    """A notice as the outbox holds it.

    `fallbacks` are the channels to try after this one. `created_at` and `due_at` are seconds since the epoch of the
    desk's clock; `attempts` counts what was tried. `thread` is the receipt of the first notice about the incident on
    this channel, empty if this is the first.
    """

    id: str
    channel: str
    notification: Notification
    fallbacks: tuple[str, ...] = ()
    created_at: float
    due_at: float
    attempts: int = 0
    thread: str = ""


def notice_id(incident_id: str, revision: int, channel: str) -> str:
    """Return the deterministic id of a notice: the same news on the same channel is the same notice."""
    digest = hashlib.sha256("\x1f".join((incident_id, str(revision), channel)).encode())
    return digest.hexdigest()[:32]

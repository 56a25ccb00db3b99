"""What somebody asks for in Slack, as values; the queue keeps them.

Texts may hold PHI. They stay in the store, and `repr` shows nothing.
"""

import hashlib
import re
from typing import Literal, TypeAlias

from msgspec import Struct

Deed: TypeAlias = Literal["acknowledge", "assign", "start_investigation", "comment", "resolve", "snooze"]
"""What may be done to an incident from Slack, by the words of `alerting.permissions`."""

DEEDS: tuple[Deed, ...] = ("acknowledge", "assign", "start_investigation", "comment", "resolve", "snooze")

WITH_MODAL: frozenset[Deed] = frozenset({"comment", "resolve", "snooze"})
"""What first asks for more."""


class _Asked(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What all have: who asks, by Slack's id, and a key that is the same for a repetition.

    `reply_to` is an address that Slack gave for answers that this user alone sees, empty where it gave none.
    """

    user: str
    key: str
    reply_to: str = ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Pressed(_Asked, frozen=True, kw_only=True, tag="pressed"):
    """A button of a message was pressed; `trigger` opens a modal, for three seconds."""

    deed: Deed
    incident_id: str
    nonce: str
    trigger: str


class Submitted(_Asked, frozen=True, kw_only=True, tag="submitted"):
    """A modal was filled in; `fields` by the name of the field."""

    deed: Deed
    incident_id: str
    nonce: str
    fields: dict[str, str]


class Typed(_Asked, frozen=True, kw_only=True, tag="typed"):
    """`/wardwatch` with its words."""

    text: str


class Wrote(_Asked, frozen=True, kw_only=True, tag="wrote"):
    """Somebody answered in the thread of an incident; `thread` is its first message, as `channel/ts`."""

    thread: str
    text: str


Asked: TypeAlias = Pressed | Submitted | Typed | Wrote

_VALUE = re.compile(r"(INC-[0-9A-Z]{4,20}):([0-9a-f]{16})")
NONCE_CHARACTERS = 16


def value_of(incident_id: str, nonce: str) -> str:
    """Return what a button carries."""
    return f"{incident_id}:{nonce}"


def read_value(value: str) -> tuple[str, str] | None:
    """Return the incident and the nonce that a button carries, None for what no button of ours carries."""
    found = _VALUE.fullmatch(value)
    return (found[1], found[2]) if found else None


def key_of(*parts: str) -> str:
    """Return the key of a request, the same for the same request."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()

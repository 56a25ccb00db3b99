"""Silences in the JSON form of Alertmanager's API v2 and of `amtool silence query -o json`. Pure.

Each is an object with `matchers` of `name`, `value`, `isRegex` and (since 0.22) `isEqual`, with `startsAt` and `endsAt`
in RFC 3339, `createdBy` and `comment` (openapi.yaml of Alertmanager's API v2, `gettableSilence`).
"""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from alerting.muting.matchers import MatcherError, Operator, matcher

MAX_SILENCES = 1_000

_OPERATORS: dict[tuple[bool, bool], Operator] = {
    (False, True): "=",
    (False, False): "!=",
    (True, True): "=~",
    (True, False): "!~",
}


class ImportRefused(ValueError):  # noqa: N818 -- reads as what it says
    """Not silences in this form; the message names the place."""


class Imported(Struct, frozen=True, kw_only=True):
    """A silence as it is written there; times in seconds since the epoch."""

    matchers: tuple[str, ...]
    starts_at: float
    ends_at: float
    author: str
    reason: str


class _Matcher(Struct, rename="camel"):
    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True


class _Status(Struct, frozen=True):
    state: Literal["expired", "active", "pending"] = "active"


class _Silence(Struct, rename="camel"):
    matchers: list[_Matcher]
    starts_at: datetime
    ends_at: datetime
    created_by: str = ""
    comment: str = ""
    status: _Status = _Status()


def read_silences(text: bytes) -> list[Imported]:
    """Return the silences of a JSON document, one or a list, without those that have expired.

    Raises:
        ImportRefused: where the document is another, or a matcher is none of ours.
    """
    try:
        read = msgspec.json.decode(text, type=list[_Silence] | _Silence)
    except msgspec.MsgspecError as error:
        raise ImportRefused(str(error)) from None
    silences = read if isinstance(read, list) else [read]
    if len(silences) > MAX_SILENCES:
        message = f"at most {MAX_SILENCES} silences can be taken over at once"
        raise ImportRefused(message)
    return [_imported(n, silence) for n, silence in enumerate(silences) if silence.status.state != "expired"]


def _imported(place: int, silence: _Silence) -> Imported:
    if silence.starts_at.tzinfo is None or silence.ends_at.tzinfo is None:
        message = f"silence {place + 1}: its times have no zone"
        raise ImportRefused(message)
    return Imported(
        matchers=tuple(
            _matcher(f"silence {place + 1}, matcher {n + 1}", one) for n, one in enumerate(silence.matchers)
        ),
        starts_at=silence.starts_at.timestamp(),
        ends_at=silence.ends_at.timestamp(),
        author=silence.created_by,
        reason=silence.comment,
    )


def _matcher(place: str, one: _Matcher) -> str:
    try:
        return str(matcher(one.name, _OPERATORS[one.is_regex, one.is_equal], one.value))
    except MatcherError as error:
        message = f"{place}: {error}"
        raise ImportRefused(message) from None

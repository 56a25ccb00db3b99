"""What must hold of every parser for every input; `Broken` says which of it does not."""

import io
import re
from collections.abc import Iterable
from typing import BinaryIO, cast

import msgspec

from detectors.events import Event
from detectors.events.envelope import MAXIMUM_BYTES, decode_structured, encode_structured
from streams.sources.api import Item, Refused
from streams.sources.reasons import SENTENCES
from tests.fuzz.samples import CANARY
from tests.fuzz.targets import TARGETS, Target
from tests.streams.sources.lazy import Trickle, binary

LONGEST_PLACE = 400
_REASON = re.compile(r"[a-z][a-z0-9_]{2,40}")
_FAULTS_OF_OURS = ("reader_error", "intake_error")


class Broken(AssertionError):  # noqa: N818 - a verdict on a parser
    """A property that does not hold."""


def check(name: str, content: bytes, sizes: Iterable[int] = ()) -> int:
    """Run one target on one input and return how many items came out.

    Args:
        name: of `TARGETS`.
        content: the input.
        sizes: bytes of the reads of a second stream, which must give the same.

    Raises:
        Broken: where a property does not hold.
        Exception: what the target raised and is not documented to.
    """
    target = TARGETS[name]
    if not target.is_source:
        return _check_document(target, content)
    items = _items(target, io.BytesIO(content))
    for item in items:
        _check_item(item)
    _check_size(items, content)
    if _told(items) != _told(_items(target, io.BytesIO(content))):
        raise Broken("read twice, it is not the same")
    if sizes and _told(items) != _told(_items(target, binary(Trickle(content, sizes)))):
        raise Broken("read in pieces, it is not the same")
    return len(items)


def _check_document(target: Target, content: bytes) -> int:
    try:
        target.run(io.BytesIO(content))
    except target.errors as error:
        reason = getattr(error, "reason", None)
        if reason is not None and reason not in SENTENCES:
            message = f"unknown reason {reason}"
            raise Broken(message) from None
        if isinstance(reason, str) and CANARY in f"{error} {error!r}":
            raise Broken("the error quotes a value") from None
        return 0
    return 1


def _items(target: Target, stream: BinaryIO) -> list[Item]:
    return list(cast("Iterable[Item]", target.run(stream)))


def _told(items: list[Item]) -> list[object]:
    return [
        (item.reason, item.place, item.payload) if isinstance(item, Refused) else msgspec.structs.astuple(item)
        for item in items
    ]


def _check_item(item: Item) -> None:
    if isinstance(item, Event):
        if CANARY in repr(item):
            raise Broken("the repr of an event shows a value")
        if len(line := encode_structured(item)) <= MAXIMUM_BYTES and decode_structured(line) != (item, 0):
            raise Broken("the intake does not read the event as it was made")
        return
    if not _REASON.fullmatch(item.reason) or item.reason not in SENTENCES:
        message = f"unknown reason {item.reason!r}"
        raise Broken(message)
    if item.reason in _FAULTS_OF_OURS:
        message = f"a fault of ours: {item.reason} at {item.place}"
        raise Broken(message)
    if not item.place or len(item.place) > LONGEST_PLACE:
        message = f"no useful place: {item.place[:80]!r}"
        raise Broken(message)
    if CANARY in f"{item!r} {item.reason} {item.place}":
        raise Broken("a refusal quotes a value")


def _check_size(items: list[Item], content: bytes) -> None:
    """What comes out is bounded by what went in; gzip may hold a thousand times its size."""
    inflated = 1_032 if content.startswith((b"\x1f\x8b", b"PK")) else 1
    allowed = 100_000 + 200 * len(content) * inflated
    if len(items) > 16 + len(content) * inflated:
        raise Broken("more items than bytes")
    size = sum(len(item.payload) if isinstance(item, Refused) else len(encode_structured(item)) for item in items)
    if size > allowed:
        message = f"{size} bytes out of {len(content)}"
        raise Broken(message)

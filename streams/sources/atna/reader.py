"""Reads audit messages from files and syslog frames: each becomes events or is refused with a reason."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from detectors.events import BadRecord, Event, event_id, event_type
from streams.sources.api import Item, Origin
from streams.sources.atna.message import accesses
from streams.sources.atna.split import Piece, pieces
from streams.sources.atna.values import refused
from streams.sources.atna.xml import digest, parse
from streams.sources.limits import SourceLimits

_USUAL = SourceLimits()
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,63}:)?AuditMessage[\s/>]")


def read_atna(stream: BinaryIO, origin: Origin, limits: SourceLimits = _USUAL) -> Iterator[Item]:
    """Yield the events of a file of audit messages: one, many, or one on each line, with syslog headers or without.

    Never raises for what is in the stream.
    """
    for ordinal, piece in enumerate(pieces(stream), 1):
        yield from _items(piece, origin, ordinal, f"message {ordinal}", limits)


def parse_syslog(frame: bytes, origin: Origin, limits: SourceLimits = _USUAL) -> list[Item]:
    """Return the items of one syslog frame (RFC 5424 or RFC 3164).

    What counts is the root element of the message: priorities, MSGID and byte order marks differ by sender.
    """
    items = [item for piece in pieces(BytesIO(frame)) for item in _items(piece, origin, 0, "frame", limits)]
    return items or [refused(BadRecord("not_an_audit_message"), "frame", frame)]


def looks_like_atna(head: bytes) -> bool:
    """Whether a file that begins so holds audit messages."""
    return _ROOT.search(head) is not None


def _items(piece: Piece, origin: Origin, ordinal: int, place: str, limits: SourceLimits) -> Iterator[Item]:
    try:
        if piece.reason:
            raise BadRecord(piece.reason)
        if len(piece.payload) > limits.record_bytes:
            raise BadRecord("too_large")
        root = parse(piece.payload, limits.depth)
        # All of a message or nothing of it.
        found = list(accesses(root, origin, ordinal))
    except BadRecord as why:
        yield refused(why, place, piece.payload)
        return
    # A message has no id of its own: sent again, by a second way or after a restart, it is the same event.
    content = digest(root)
    for access in found:
        patient = access.patient.ref if access.patient and len(found) > 1 else ""
        yield Event(
            id=event_id(origin.source, "\x1f".join(("atna", content, patient))),
            source=origin.source,
            type=event_type(access),
            time=access.occurred_at.timestamp(),
            data=access,
        )

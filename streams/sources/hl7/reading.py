"""Streams of HL7 v2 messages to events: MLLP frames, batches (FHS, BHS), or messages one after the other."""

import datetime
import re
from collections.abc import Iterator
from typing import BinaryIO

from detectors.events import BadRecord
from streams.sources.api import Item, Origin, Refused
from streams.sources.hl7.admission import events
from streams.sources.hl7.message import LARGEST_BYTES, Message
from streams.sources.reads import FullReads

START_BLOCK = b"\x0b"
END_BLOCK = b"\x1c"
"""MLLP: a message stands between these two, and a carriage return follows (HL7 2.5.1, appendix C of chapter 2)."""

_CHUNK = 64 * 1024
_KEPT_BYTES = 64 * 1024
_ENDS = re.compile(rb"[\r\n\x0b\x1c]")
_ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def looks_like_hl7(head: bytes) -> bool:
    """Return whether a file begins as HL7 v2 does: MSH, or the header of a batch, and a separator."""
    start = head.removeprefix(_BYTE_ORDER_MARK).lstrip(b" \t\r\n\x0b")
    separator = start[3:4]
    begins = start.startswith((b"MSH", b"FHS", b"BHS"))
    return begins and bool(separator) and not separator.isalnum() and not separator.isspace()


def read_hl7(stream: BinaryIO, origin: Origin, zone: datetime.tzinfo) -> Iterator[Item]:
    """Yield the context events of every ADT message, and a refusal for every message that is not mapped.

    Args:
        stream: the bytes.
        origin: names the source and the file.
        zone: of times without offset.
    """
    for number, raw in enumerate(messages(stream), 1):
        yield from read_message(raw, origin, zone, f"message {number}")


def read_message(raw: bytes, origin: Origin, zone: datetime.tzinfo, place: str) -> list[Item]:
    """Return the events of one message, or its refusal alone; `place` says where it stood."""
    if len(raw) > LARGEST_BYTES:
        return [Refused("too_large", place, raw[:_KEPT_BYTES])]
    try:
        return list(events(Message(raw), origin, zone, raw))
    except BadRecord as bad:
        return [Refused(bad.reason, f"{place}, {bad.detail}" if bad.detail else place, raw)]


def messages(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the messages of a stream, their segments ended by carriage returns; of one too large only the beginning.

    Segments before the first MSH are a message of their own, to be refused.
    """
    held: list[bytes] = []
    size = 0
    for line in _segments(stream):
        begins = line.startswith(b"MSH")
        if (begins or not line or line.startswith(_ENVELOPE)) and held:
            yield b"\r".join(held)
            held, size = [], 0
        if line and not line.startswith(_ENVELOPE) and size <= LARGEST_BYTES:
            held.append(line)
            size += len(line) + 1
    if held:
        yield b"\r".join(held)


def _segments(stream: BinaryIO) -> Iterator[bytes]:
    """Yield segments, and b"" where a frame ends; what is longer than a message may be is cut."""
    rest, full = b"", FullReads(stream)
    first = True
    while chunk := full.read(_CHUNK):
        if first:
            chunk, first = chunk.removeprefix(_BYTE_ORDER_MARK), False
        begin = 0
        for end in _ENDS.finditer(chunk):
            rest += chunk[begin : end.start()]
            begin = end.end()
            if rest.strip():
                yield rest[: LARGEST_BYTES + 1]
            rest = b""
            if end[0] in (END_BLOCK, START_BLOCK):
                yield b""
        rest = (rest + chunk[begin:])[: LARGEST_BYTES + 1]
    if rest.strip():
        yield rest

"""Cuts a stream into audit messages: one, many one after the other, one on each line, each with or without a header.

Memory stays bounded by the largest message, whatever the size of the stream.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from detectors.events.envelope import MAXIMUM_BYTES
from streams.sources.reads import FullReads

_CHUNK = 1 << 16
_SHOWN = 1024
_CUT_TAG = 256
"""Bytes kept of what is dropped: a tag may be cut by the end of a chunk."""

_NAME = rb"(?:[A-Za-z_][\w.-]{0,63}:)?AuditMessage"
_START = re.compile(rb"<" + _NAME + rb"(?=[\s/>])")
_END = re.compile(rb"</" + _NAME + rb"\s{0,64}>")

_IGNORED = rb"\xef\xbb\xbf|<\?[^>]*+>|<!--(?:[^-]|-(?!->))*+-->|[\s\0]"
"""Byte order mark, XML declaration, comment, space."""

_BETWEEN = re.compile(
    rb"(?:" + _IGNORED + rb"|</?[A-Za-z_][^<>]*+>)*+"  # an element may hold the messages
    rb"(?:(?:\d{1,7}+\x20)?<\d{1,3}>[^<\n]*+)?+"  # a syslog header belongs to the message that follows it
    rb"(?:" + _IGNORED + rb")*+"
)
_DOCUMENT_TYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class Piece(NamedTuple):
    """A message, or what is none, and why."""

    payload: bytes
    reason: str = ""


def pieces(stream: BinaryIO) -> Iterator[Piece]:
    """Yield the messages of a stream in their order, and what stands between them and is no part of any."""
    buffer, full = b"", FullReads(stream)
    skipping = False
    while chunk := full.read(_CHUNK):
        buffer += chunk
        at = 0
        for piece, at in _complete(buffer, skipping=skipping):  # noqa: B007 - the last one counts
            skipping = False
            yield piece
        buffer = buffer[at:]
        if len(buffer) > MAXIMUM_BYTES:
            if not skipping:
                started = _START.search(buffer)
                yield Piece(buffer[:_SHOWN], "too_large" if started else "not_an_audit_message")
            buffer, skipping = buffer[-_CUT_TAG:], True
    if not skipping:
        yield from _rest(buffer)


def _complete(buffer: bytes, *, skipping: bool) -> Iterator[tuple[Piece, int]]:
    """Yield the pieces that end in the buffer, each with its end; a message that another begins in is truncated."""
    at = 0
    while start := _START.search(buffer, at):
        # The next start first: it bounds the search for the end, so that no byte is searched over and over.
        following = _START.search(buffer, start.end())
        limit = following.start() if following else len(buffer)
        end = _END.search(buffer, start.end(), limit)
        if end is None and following is None:
            return
        stop = end.end() if end else limit
        gap = buffer[at : start.start()]
        message = buffer[start.start() : stop]
        at = stop
        if not skipping and _DOCUMENT_TYPE.search(gap):
            yield Piece(gap + message, "xml_document_type"), at
            continue
        if not skipping and not _BETWEEN.fullmatch(gap):
            yield Piece(gap, "not_an_audit_message"), at
        skipping = False
        if len(message) > MAXIMUM_BYTES:
            # Whether it was complete in the buffer depends on where in the file it stands.
            yield Piece(message[:_SHOWN], "too_large"), at
        else:
            yield Piece(message, "" if end else "truncated"), at


def _rest(buffer: bytes) -> Iterator[Piece]:
    start = _START.search(buffer)
    gap = buffer[: start.start()] if start else buffer
    if not _BETWEEN.fullmatch(gap):
        yield Piece(gap, "not_an_audit_message")
    if start:
        yield Piece(buffer[start.start() :], "truncated")

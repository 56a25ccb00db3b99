"""From bytes to JSON texts: one in the whole file, or one on each line (NDJSON), gzip or not.

Memory stays bounded whatever comes: by the largest document, which is the longest line or the whole file.
"""

import zlib
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO

import msgspec

from detectors.events import BadRecord
from streams.sources.inflation import is_bomb
from streams.sources.reads import FullReads, Readable

LARGEST_DOCUMENT = 32 * 1024 * 1024
"""Bytes of a line of NDJSON, or of a resource or Bundle that is a whole file. Bulk data is NDJSON, and the results of
searches come in pages; both stay far below."""

_CHUNK = 1 << 18
_SHOWN = 1024
"""Bytes kept of what is too large."""

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Document(msgspec.Struct, frozen=True):
    """One JSON text and where it stood; `refusal` says why it cannot be one."""

    payload: bytes
    place: str
    refusal: BadRecord | None = None


class _Head(msgspec.Struct, rename="camel"):
    resource_type: str


_head = msgspec.json.Decoder(_Head)


def documents(stream: BinaryIO) -> Iterator[Document]:
    """Yield the JSON texts of a stream, without line ends; a damaged stream ends with a document that is refused.

    Where the first or the second line is a whole resource the file is NDJSON; else it is one document.
    """
    lines = _lines(decompressed(stream))
    held = list(islice(lines, 2))
    if any(line.refusal or _is_resource(line.payload) for line in held):
        yield from chain(held, lines)
    elif held:
        yield _whole(chain(held, lines))


def decompressed(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a stream, inflated where it is gzip, in pieces of bounded size.

    Raises:
        BadRecord: `damaged_compression`, `compression_bomb`.
    """
    full = FullReads(stream)
    first = full.read(_CHUNK)
    if first.startswith(_GZIP_MAGIC):
        yield from _inflated(first, full)
        return
    while first:
        yield first
        first = full.read(_CHUNK)


def _inflated(pending: bytes, stream: Readable) -> Iterator[bytes]:
    inflater, fresh = zlib.decompressobj(_GZIP), True
    packed, unpacked = len(pending), 0
    try:
        while True:
            if not pending:
                pending = stream.read(_CHUNK)
                packed += len(pending)
            if not pending:
                break
            piece = inflater.decompress(pending, _CHUNK)
            fresh = False
            unpacked += len(piece)
            if is_bomb(packed, unpacked):
                raise BadRecord("compression_bomb", "gzip")
            if piece:
                yield piece
            pending = inflater.unconsumed_tail
            if inflater.eof:
                # Zeros may pad the end of a gzip file; another member may follow.
                pending = inflater.unused_data.lstrip(b"\0")
                inflater, fresh = zlib.decompressobj(_GZIP), True
        while not fresh and (piece := inflater.decompress(b"", _CHUNK)):
            yield piece
    except zlib.error:
        raise BadRecord("damaged_compression", "gzip") from None
    if not fresh and not inflater.eof:
        raise BadRecord("damaged_compression", "gzip ends early")


def _is_resource(line: bytes) -> bool:
    try:
        _head.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _whole(lines: Iterator[Document]) -> Document:
    texts: list[bytes] = []
    size = 0
    for line in lines:
        texts.append(line.payload)
        size += len(line.payload) + 1
        if line.refusal:
            return Document(b"".join(texts)[:_SHOWN], "file", line.refusal)
        if size > LARGEST_DOCUMENT:
            return Document(b"".join(texts)[:_SHOWN], "file", BadRecord("too_large", "document"))
    return Document(b"\n".join(texts), "file")


def _lines(chunks: Iterator[bytes]) -> Iterator[Document]:
    """Yield the lines that are not blank. Of one that is too long the rest is skipped."""
    number = 1
    parts: list[bytes] = []
    size = 0
    try:
        for position, chunk in enumerate(chunks):
            pieces = (chunk.removeprefix(_BYTE_ORDER_MARK) if position == 0 else chunk).split(b"\n")
            for ended, piece in zip(chain([False], [True] * (len(pieces) - 1)), pieces, strict=True):
                if ended:
                    yield from _line(parts, size, number)
                    parts, size, number = [], 0, number + 1
                size += len(piece)
                if size <= LARGEST_DOCUMENT:
                    parts.append(piece)
        yield from _line(parts, size, number)
    except BadRecord as damage:
        yield Document(b"".join(parts)[:_SHOWN], f"line {number}", damage)


def _line(parts: list[bytes], size: int, number: int) -> Iterator[Document]:
    if size > LARGEST_DOCUMENT:
        yield Document(b"".join(parts)[:_SHOWN], f"line {number}", BadRecord("too_large", "line"))
        return
    line = b"".join(parts).strip()
    if line:
        yield Document(line, f"line {number}")

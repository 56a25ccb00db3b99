"""Bytes to lines of text: UTF-8, UTF-8 or UTF-16 with a byte-order mark, and Latin-1 line by line where UTF-8 fails.

A file of mixed encodings is common (rows of two systems in one export), so each line stands for itself. Memory stays
small whatever the size of the file or of a line.
"""

import codecs
from collections.abc import Iterator

from msgspec import Struct

from streams.sources.reads import FullReads, Readable
from streams.sources.tables.limits import RECORD_BYTES

_CHUNK = 256 * 1024
_KEPT_BYTES = 64 * 1024


class Line(Struct):
    """One line without its end. `problem` says why it cannot be read; then `text` is empty and `raw` may be cut."""

    number: int
    text: str
    raw: bytes
    latin_1: bool = False
    problem: str = ""


def lines(stream: Readable) -> Iterator[Line]:
    """Yield the lines of a stream. Ends are LF and CRLF, or CR where the beginning of the file has no LF."""
    for number, raw in enumerate(_split(_utf_8(FullReads(stream))), 1):
        if raw is None:
            yield Line(number, "", b"", problem="not_utf_16")
        elif len(raw) > RECORD_BYTES:
            yield Line(number, "", raw[:_KEPT_BYTES], problem="too_large")
        elif b"\0" in raw:
            yield Line(number, "", raw, problem="nul_character")
        else:
            yield _decoded(number, raw)


def _decoded(number: int, raw: bytes) -> Line:
    try:
        return Line(number, raw.decode(), raw)
    except UnicodeDecodeError:
        return Line(number, raw.decode("latin-1"), raw, latin_1=True)


def _utf_8(stream: Readable) -> Iterator[bytes | None]:
    """Yield the stream as UTF-8 without byte-order mark; None where UTF-16 breaks off."""
    first = stream.read(_CHUNK)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield from _from_utf_16(first, stream)
        return
    yield first.removeprefix(codecs.BOM_UTF8)
    while chunk := stream.read(_CHUNK):
        yield chunk


def _from_utf_16(first: bytes, stream: Readable) -> Iterator[bytes | None]:
    decoder = codecs.getincrementaldecoder("utf-16")()
    chunk = first
    try:
        while chunk:
            yield decoder.decode(chunk).encode()
            chunk = stream.read(_CHUNK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        yield None


def _split(chunks: Iterator[bytes | None]) -> Iterator[bytes | None]:
    """Yield lines; of one over the limit only the beginning, one byte longer than is allowed."""
    end = b""
    rest = b""
    for chunk in chunks:
        if chunk is None:
            if rest:
                yield rest
            yield None
            return
        end = end or (b"\r" if b"\r" in chunk and b"\n" not in chunk else b"\n")
        first, *others = chunk.split(end)
        rest += first[: RECORD_BYTES + 2 - len(rest)]
        for piece in others:
            yield rest.removesuffix(b"\r")
            rest = piece[: RECORD_BYTES + 2]
    if rest:
        yield rest.removesuffix(b"\r")

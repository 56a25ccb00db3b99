"""Bytes to segments, as a stream: runs of segments of one interchange, each cut by its own separators."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from streams.sources.reads import FullReads, Readable
from streams.sources.x12.separators import (
    BLANKS,
    BYTE_ORDER_MARK,
    ISA_LENGTH,
    LINE_ENDS,
    Separators,
    isa_of,
    read_separators,
)

CHUNK = 65_536
"""Bytes read at a time: large enough that reading costs nothing, small enough to stay in the processor's cache."""

LONGEST_SEGMENT = 32_768
"""A longer stretch without a terminator is not X12: the longest segment of an 837 or 835 stays under 2,000."""

_SHORTEST_HEAD = 2 * ISA_LENGTH
"""Characters wanted before an ISA is judged: the segment may hold a line end at every second place."""

_NEXT_ISA = re.compile(r"ISA[^A-Za-z0-9\s]")


class Run(Struct):
    """Consecutive segments of one interchange, without terminators; its first run begins with the ISA segment."""

    separators: Separators
    segments: list[str]


class Stray(Struct):
    """Bytes that belong to no interchange: one for each stretch, with its beginning."""

    reason: str
    payload: bytes


def names_by_head(names: Iterable[str], element: str) -> dict[str, str]:
    """Return the first three characters of segments to their names; a shorter name has its separator in them.

    Whether a segment of a longer name is it, and not `CLMX`, is for the caller to see from the character that follows.
    """
    return {(name + element)[:3]: name for name in names}


def runs(stream: Readable) -> Iterator[Run | Stray]:
    """Yield what a stream holds, in order. Memory does not grow with the stream."""
    cutter, full = _Cutter(), FullReads(stream)
    chunk = full.read(CHUNK).removeprefix(BYTE_ORDER_MARK)
    while chunk:
        yield from cutter.cut(chunk.decode("latin-1"), last=False)
        chunk = full.read(CHUNK)
    yield from cutter.cut("", last=True)


class _Cutter:
    """Cuts text that arrives in pieces; what is left incomplete waits for the next piece."""

    def __init__(self) -> None:
        self._text = ""
        self._separators: Separators | None = None
        self._boundary = _NEXT_ISA
        self._astray = False

    def cut(self, text: str, *, last: bool) -> Iterator[Run | Stray]:
        self._text += text
        position = 0
        while position < len(self._text):
            before, inside = position, self._separators is not None
            step = self._within(position, last=last) if inside else self._between(position, last=last)
            position, item = step
            if item is not None:
                yield item
            if position == before and inside == (self._separators is not None):
                break
        self._text = self._text[position:]

    def _between(self, position: int, *, last: bool) -> tuple[int, Run | Stray | None]:
        """Look for the next ISA; whatever else is there is stray."""
        text = self._text
        while position < len(text) and text[position] in BLANKS:
            position += 1
        if len(text) - position < _SHORTEST_HEAD and not last:
            return position, None
        isa, after = isa_of(text, position)
        separators = read_separators(isa)
        if separators is not None:
            self._separators, self._astray = separators, False
            self._boundary = _boundary(separators)
            return after, Run(separators, [_repaired(isa[:-1])])
        if position == len(text):
            return position, None
        found = _NEXT_ISA.search(text, position + 1)
        # Without one, the last characters may be the beginning of one.
        end = found.start() if found else len(text) if last else len(text) - len("ISA")
        if self._astray:
            return end, None
        self._astray = True
        reason = "bad_isa" if text.startswith("ISA", position) else "not_x12"
        return end, Stray(reason, _bytes(text[position:end]))

    def _within(self, position: int, *, last: bool) -> tuple[int, Run | Stray | None]:
        """Cut segments up to the end of the interchange, as far as there is text."""
        separators = self._separators
        assert separators is not None  # noqa: S101 - the caller asks only then
        text, mark = self._text, separators.terminator
        while position < len(text) and text[position] in BLANKS and text[position] != mark:
            position += 1
        if text.startswith("IEA" + separators.element, position):
            end = text.find(mark, position)
            if end < 0 and not last:
                return self._waiting(position)
            self._separators = None
            end = len(text) if end < 0 else end
            return end + 1, Run(separators, self._pieces(text[position:end], separators))
        if text.startswith("ISA" + separators.element, position):
            self._separators = None
            return position, None
        boundary = self._boundary.search(text, position)
        end = boundary.start() if boundary else len(text) if last else text.rfind(mark, position)
        if end < position:
            return self._waiting(position)
        return end + 1, Run(separators, self._pieces(text[position:end], separators))

    def _waiting(self, position: int) -> tuple[int, Stray | None]:
        if len(self._text) - position <= LONGEST_SEGMENT:
            return position, None
        self._separators, self._astray = None, True
        return len(self._text), Stray("segment_too_long", _bytes(self._text[position:]))

    @staticmethod
    def _pieces(text: str, separators: Separators) -> list[str]:
        for end in LINE_ENDS:
            if end != separators.terminator and end in text:
                text = text.replace(end, "")
        if separators.terminator + " " in text:
            pieces = [piece.lstrip(" ") for piece in text.split(separators.terminator)]
            return [_repaired(piece) for piece in pieces if piece]
        pieces = [piece for piece in text.split(separators.terminator) if piece]
        return pieces if text.isascii() else [_repaired(piece) for piece in pieces]


def _boundary(separators: Separators) -> re.Pattern[str]:
    """Return where an interchange ends. Blanks exclude the terminator: each character is then looked at once."""
    blanks = "".join(blank for blank in "\r\n " if blank != separators.terminator)
    mark, part = re.escape(separators.terminator), re.escape(separators.element)
    return re.compile(f"{mark}[{blanks}]*+(?=(?:ISA|IEA){part})")


def _repaired(piece: str) -> str:
    """Return the UTF-8 that a piece holds; where it holds none, it is Latin-1 and stays."""
    if piece.isascii():
        return piece
    try:
        return piece.encode("latin-1").decode()
    except UnicodeDecodeError:
        return piece


def _bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")

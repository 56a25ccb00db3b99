"""Reading bytes forwards: what a reader needs of a stream, and reads that are never short."""

from typing import Protocol


class Readable(Protocol):
    """What bytes are read from, forwards only."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...


class FullReads:
    """A stream whose reads are as long as was asked for, but for the last.

    Sockets, pipes and members of a compressed file return what they have at hand. A reader must not see it: what it
    decides by the beginning of a chunk (a byte order mark, a format) or by its length must be the same for the same
    bytes.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, fewer at the end only."""
        first = self._stream.read(size)
        if len(first) == size or not first:
            return first
        pieces, missing = [first], size - len(first)
        while missing and (piece := self._stream.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

"""Streams made while they are read: larger than memory, or with short reads."""

import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast


class Lazy(io.RawIOBase):
    """Parts one after the other, none of which is made before it is read.

    `most` bounds what a reader may ask for at once; `taken` counts what it got.
    """

    def __init__(self, parts: Iterable[bytes], most: int = 1 << 20) -> None:
        self._parts: Iterator[bytes] = iter(parts)
        self._most = most
        self._rest = b""
        self.taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        assert 0 < size <= self._most
        while len(self._rest) < size and (part := next(self._parts, b"")):
            self._rest += part
        piece, self._rest = self._rest[:size], self._rest[size:]
        self.taken += len(piece)
        return piece


class Trickle(io.RawIOBase):
    """Content in pieces of the given sizes, in turn, whatever is asked for: as sockets and pipes do it."""

    def __init__(self, content: bytes, sizes: Iterable[int]) -> None:
        self._content = io.BytesIO(content)
        self._sizes = list(sizes)
        self._reads = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._sizes[self._reads % len(self._sizes)]
        self._reads += 1
        return self._content.read(wanted if size < 0 else min(size, wanted))


def binary(stream: io.RawIOBase) -> BinaryIO:
    """The stream as the type that readers are declared with."""
    return cast("BinaryIO", stream)

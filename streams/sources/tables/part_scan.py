"""Whether a large part of a workbook can be read in small memory: openpyxl keeps a whole row, and all beside rows.

A sheet of a gibibyte of rows is read row by row. The same gibibyte as one row, or as elements beside rows, would become
some 25 times as much memory.
"""

from typing import IO
from xml.parsers import expat  # a document type is refused before (`archive`), so there are no entities

BESIDE_ROWS = 1_000_000
"""Elements beside rows and shared texts: merged cells, links, formats. Excel itself keeps 65,530 links of a sheet."""

WITHIN_ROW = 100_000
"""Elements of a row or a shared text: 16,384 columns (Excel's limit) of up to six each."""

SHARED_TEXTS = 4_000_000
SHARED_TEXTS_BYTES = 256 * 1024 * 1024
"""Of the texts that cells share openpyxl keeps all: at most some 700 MiB with these limits."""

DEEPEST = 32

_CHUNK = 1 << 20
_CHUNKS_OF_ONE_TEXT = 4
"""A text has 32,767 characters at most, 200 KB where each is written as an entity."""

_KEPT_SHORT = frozenset({"row", "si"})


class _TooMuch(Exception):  # noqa: N818 - ends the scan
    """More than may be."""


class _Scan:
    def __init__(self) -> None:
        self.elements = self.texts = self._depth = self._beside = self._within = self._inside = 0

    def start(self, name: str, _: object) -> None:
        self.elements += 1
        self._depth += 1
        local = name.rpartition(":")[2]
        if local in _KEPT_SHORT:
            self.texts += local == "si"
            self._inside += 1
            self._within = 0
        elif self._inside:
            self._within += 1
        else:
            self._beside += 1
        if (
            self._beside > BESIDE_ROWS
            or self._within > WITHIN_ROW
            or self._depth > DEEPEST
            or self.texts > SHARED_TEXTS
        ):
            raise _TooMuch

    def end(self, name: str) -> None:
        self._depth -= 1
        self._inside -= name.rpartition(":")[2] in _KEPT_SHORT


def reads_in_small_memory(part: IO[bytes]) -> bool:
    """Return whether the XML of a part has rows of bounded size and little else; what is no XML has not."""
    scan, parser = _Scan(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = scan.start, scan.end
    silent = before = size = 0
    try:
        while chunk := part.read(_CHUNK):
            parser.Parse(chunk, False)
            silent = silent + 1 if scan.elements == before else 0
            before = scan.elements
            size += len(chunk)
            if silent >= _CHUNKS_OF_ONE_TEXT or (scan.texts and size > SHARED_TEXTS_BYTES):
                return False
        parser.Parse(b"", True)
    except (_TooMuch, expat.ExpatError, ValueError, LookupError):
        return False
    return True

"""Tables to canonical events: every row becomes an event or a refusal, or is left out by a rule of the mapping."""

import itertools
from collections.abc import Iterator
from typing import BinaryIO

from streams.sources.api import Item, Origin, Refused
from streams.sources.reads import FullReads
from streams.sources.tables.delimited import rows as delimited_rows
from streams.sources.tables.header import Header, find_header
from streams.sources.tables.limits import HEADER_ROWS
from streams.sources.tables.lines import Line, lines
from streams.sources.tables.mapped import Mapper
from streams.sources.tables.mapping import Mapping
from streams.sources.tables.rows import Row
from streams.sources.tables.sniffing import DELIMITERS, OLD_EXCEL
from streams.sources.tables.tally import Tally, count
from streams.sources.tables.workbook import MAGIC, workbook_rows

_HEAD_LINES = 3 * HEADER_ROWS
"""Lines in which the header is looked for; a notice above it may have line feeds in its cell."""


def read_table(stream: BinaryIO, origin: Origin, mapping: Mapping, tally: Tally | None = None) -> Iterator[Item]:
    """Yield an event or a refusal for every row that the mapping does not drop, in the order of the file.

    Args:
        stream: CSV, TSV or XLSX; told apart by content.
        origin: names the source and the file.
        mapping: what the columns mean.
        tally: counts what else there is to know (dropped rows, flags); a new one where none is given.
    """
    tally = Tally() if tally is None else tally
    for item in _items(stream, origin, mapping, tally):
        if isinstance(item, Refused):
            count(tally.refused, item.reason)
        else:
            tally.events += 1
        yield item


def _items(stream: BinaryIO, origin: Origin, mapping: Mapping, tally: Tally) -> Iterator[Item]:
    head = _Peeked(stream)
    if head.start.startswith(OLD_EXCEL):
        yield Refused("old_excel_format", "file", head.start)
        return
    is_workbook = head.start.startswith(MAGIC)
    header, rows = _workbook(head, mapping) if is_workbook else _text(head, mapping)
    if header.problem:
        place = "header: " + ", ".join(header.missing) if header.missing else "header"
        yield Refused(header.problem, place, head.start)
        return
    tally.columns = header.names
    mapper = Mapper(mapping, header, origin, tally, "xlsx" if is_workbook else "csv")
    for row in rows:
        if row.number <= header.number and row.number:
            continue
        tally.rows += 1
        if row.latin_1:
            tally.flag("latin_1")
        if row.blank and not row.problem:
            tally.blank += 1
            continue
        item = mapper.item(row)
        if item is not None:
            yield item


def _workbook(head: "_Peeked", mapping: Mapping) -> tuple[Header, Iterator[Row]]:
    rows = workbook_rows(head, mapping.sheet)
    first = list(itertools.islice(rows, HEADER_ROWS))
    return find_header(first, mapping), itertools.chain(first, rows)


def _text(head: "_Peeked", mapping: Mapping) -> tuple[Header, Iterator[Row]]:
    """Find the header with each delimiter; the first that finds all columns is the file's."""
    all_lines = lines(head)
    first = list(itertools.islice(all_lines, _HEAD_LINES))
    delimiters = (mapping.delimiter,) if mapping.delimiter else DELIMITERS
    headers = [(find_header(delimited_rows(iter(first), delimiter), mapping), delimiter) for delimiter in delimiters]
    header, delimiter = min(headers, key=lambda found: _distance(found[0]))
    rest: Iterator[Line] = itertools.chain(first, all_lines)
    return header, delimited_rows(rest, delimiter)


def _distance(header: Header) -> tuple[bool, bool, int]:
    """Order headers: found, then those that lack the fewest columns, then those where no row could be read."""
    return bool(header.problem), not header.missing, len(header.missing)


class _Peeked:
    """A stream whose beginning was looked at."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = FullReads(stream)
        self.start = self._stream.read(4096)
        self._left = self.start

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, at least one before the end."""
        if self._left:
            piece, self._left = self._left[:size], self._left[size:]
            return piece
        return self._stream.read(size)

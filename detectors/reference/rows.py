"""Reference tables as rows of texts: the header found below notices, columns by name, dates and codes read strictly.

Loaders take rows, wherever they come from: `delimited_rows` cuts text, and a workbook's rows fit as they are.
"""

import csv
import datetime
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from detectors.reference.service_minutes import TableError

Rows = Iterable[Sequence[str]]

HEADER_ROWS = 40
"""Rows in which a header is looked for; the NCCI files have a notice of up to a dozen lines above it."""


class BadRow(Struct, frozen=True):
    """A row that was left out: where it stood (counted from 1, the header included), and why. Never its values."""

    number: int
    reason: str


def delimited_rows(lines: Iterable[str]) -> Iterator[list[str]]:
    """Cut lines into rows: by tabs where one of the first lines has some, else by commas with quotation marks.

    Raises:
        TableError: where a quoted cell is never closed, or larger than `csv.field_size_limit()` (128 KiB).
    """
    rest = iter(lines)
    head = list(itertools.islice(rest, HEADER_ROWS))
    tabbed = any("\t" in line for line in head)
    reader = csv.reader(itertools.chain(head, rest), delimiter="\t" if tabbed else ",", strict=not tabbed)
    try:
        yield from reader
    except csv.Error:
        message = f"line {reader.line_num}: not delimited text"
        raise TableError(message) from None


class Table(Struct):
    """A table whose header was found: where each wanted column is, and the rows below."""

    columns: dict[str, int]
    rows: Iterator[tuple[int, Sequence[str]]]

    def cell(self, row: Sequence[str], name: str) -> str:
        """Return a cell without spaces around it, "" where the row is too short."""
        index = self.columns.get(name, -1)
        return row[index].strip() if 0 <= index < len(row) else ""

    def validity(self, row: Sequence[str]) -> tuple[datetime.date, datetime.date]:
        """Return the days `from` and `to` of a row, both included; an empty one is open.

        Raises:
            ValueError: for what is no day of the form 2026-11-22.
        """
        since, until = self.cell(row, "from"), self.cell(row, "to")
        return (
            datetime.date.fromisoformat(since) if since else datetime.date.min,
            datetime.date.fromisoformat(until) if until else datetime.date.max,
        )


def find_table(rows: Rows, wanted: Mapping[str, Sequence[str]], what: str) -> Table:
    """Find the header: the first row that has every wanted column.

    Args:
        rows: notices, header, data.
        wanted: our name of a column to the beginnings of its heading, any of which may be used; compared without case,
            spacing and line feeds. An alternative "" makes the column optional.
        what: names the table, for errors.

    Raises:
        TableError: where there is no such row; names the columns that are missing.
    """
    numbered = ((number, row) for number, row in enumerate(rows, 1))
    fewest = list(wanted)
    for _, (_, row) in zip(range(HEADER_ROWS), numbered, strict=False):
        headings = [_folded(cell) for cell in row]
        columns = {name: _position(headings, beginnings) for name, beginnings in wanted.items()}
        missing = [name for name, index in columns.items() if index < 0 and "" not in wanted[name]]
        if not missing:
            return Table({name: index for name, index in columns.items() if index >= 0}, numbered)
        fewest = min(fewest, missing, key=len)
    message = f"{what}: no header with the columns {', '.join(fewest)} in the first {HEADER_ROWS} rows"
    raise TableError(message)


def compact_day(text: str) -> datetime.date | None:
    """Return the day of `YYYYMMDD`; None for what stands for no day (empty, `00000000`, `*`).

    Raises:
        ValueError: for all else.
    """
    if not text.strip("0") or text == "*":
        return None
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        raise ValueError
    return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _position(headings: list[str], beginnings: Sequence[str]) -> int:
    """Return where a heading begins so: one that is equal before one that only begins so."""
    for beginning in beginnings:
        folded = _folded(beginning)
        if not folded:
            continue
        if folded in headings:
            return headings.index(folded)
        found = next((index for index, heading in enumerate(headings) if heading.startswith(folded)), -1)
        if found >= 0:
            return found
    return -1


def _folded(heading: str) -> str:
    return "".join(heading.casefold().split())

"""`UPDATED.csv` of the LEIE as a source: every exclusion becomes an event, the same one in every issue of the list."""

import datetime
from collections.abc import Iterator
from typing import BinaryIO

from detectors.events import Event, ExclusionContext, event_id, event_type
from detectors.events.envelope import EARLIEST
from detectors.reference.leie import COLUMNS, Exclusion, midnight, read_exclusions
from detectors.reference.rows import BadRow
from detectors.reference.service_minutes import TableError
from streams.sources.api import Item, Origin, Refused
from streams.sources.tables.delimited import rows
from streams.sources.tables.lines import lines
from streams.sources.tables.rows import Row

TYPE = event_type(ExclusionContext(from_=datetime.date(2026, 1, 1)))


def looks_like_leie(head: bytes) -> bool:
    """Return whether a file begins with the header of the LEIE."""
    first = head.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0].upper().replace(b'"', b"").replace(b" ", b"").strip()
    return first == ",".join(COLUMNS).encode()


def read_leie(stream: BinaryIO, origin: Origin) -> Iterator[Item]:
    """Yield an event for every exclusion, known from its first day on, and a refusal for every other row."""
    seen = _Seen(rows(lines(stream), ","))
    try:
        for found in read_exclusions(seen):
            if isinstance(found, BadRow):
                yield Refused(seen.row.problem or found.reason, f"line {seen.row.number}", seen.row.raw)
            else:
                yield _item(found, origin, seen.row)
    except TableError:
        yield Refused("missing_column", "header: " + ", ".join(COLUMNS), seen.row.raw)


class _Seen:
    """Rows as the loader takes them, the last one at hand for a refusal."""

    def __init__(self, source: Iterator[Row]) -> None:
        self._source = source
        self.row = Row(0, [], b"")

    def __iter__(self) -> Iterator[list[str]]:
        for row in self._source:
            self.row = row
            # A row that cannot be read has no cells; one that cannot be a row makes the loader say so.
            yield [str(cell) for cell in row.cells] if not row.problem else [row.problem]


def _item(found: Exclusion, origin: Origin, row: Row) -> Item:
    if found.context.from_ < EARLIEST.date():
        return Refused("impossible_date", f"line {row.number}", row.raw)
    return Event(
        id=event_id(origin.source, f"leie\x1f{found.key}", found.content or "1"),
        source=origin.source,
        type=TYPE,
        time=midnight(found.context.from_),
        data=found.context,
    )

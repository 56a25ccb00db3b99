"""Trying a mapping on a file before it is used: the first rows mapped, and what was not understood."""

from typing import BinaryIO

from msgspec import Struct

from detectors.events import Event
from streams.sources.api import Origin, Refused
from streams.sources.tables.mapping import Mapping
from streams.sources.tables.reading import read_table
from streams.sources.tables.tally import Tally

LOOKED_AT_ROWS = 1_000
"""Rows that a trial reads, mapped or not."""


class NotMapped(Struct, frozen=True):
    """A row that was refused: where, and why."""

    place: str
    reason: str


class Trial(Struct):
    """What a trial found.

    `events` are the first rows mapped, identifiers as the file has them: for the eyes of who may see the file. All else
    is names, reasons and counts. `used_columns` are those that the file has and the mapping means, `unused_columns` are
    columns of the file that the mapping does not mention, `absent_columns` optional ones of the mapping that the file
    does not have, `unmapped` counts values that a value map does not know, by column.
    """

    events: list[Event]
    refused: list[NotMapped]
    tally: Tally
    used_columns: list[str]
    unused_columns: list[str]
    absent_columns: list[str]

    @property
    def unmapped(self) -> dict[str, int]:
        """Values that no value map knows, by column."""
        return self.tally.unmapped


def try_mapping(stream: BinaryIO, mapping: Mapping, rows: int = 10) -> Trial:
    """Map the first `rows` rows of a table, and look at the first thousand for what is not understood.

    Raises:
        OSError: where the stream cannot be read.
    """
    tally = Tally()
    events: list[Event] = []
    refused: list[NotMapped] = []
    for item in read_table(stream, Origin("urn:wardwatch:trial", "trial"), mapping, tally):
        if isinstance(item, Refused):
            if len(refused) < rows:
                refused.append(NotMapped(item.place, item.reason))
        elif len(events) < rows:
            events.append(item)
        if tally.rows >= LOOKED_AT_ROWS:
            break
    known = {_folded(column) for column in mapping.columns}
    present = {_folded(column) for column in tally.columns}
    return Trial(
        events,
        refused,
        tally,
        [column for column in tally.columns if column and _folded(column) in known],
        [column for column in tally.columns if column and _folded(column) not in known],
        [column for column in mapping.columns if tally.columns and _folded(column) not in present],
    )


def _folded(column: str) -> str:
    return " ".join(column.casefold().split())

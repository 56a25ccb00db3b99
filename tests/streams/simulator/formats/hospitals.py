"""What the tests of the formats share: a hospital written in a format, and read again as `wardwatch ingest` reads."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from detectors.events import Data, Event
from streams.file_formats import Reading, format_of, records_of
from streams.input_file import open_input
from streams.simulator import FORMATS, Simulated
from streams.simulator.formats import Sheet
from streams.sources.tables import Tally

Pair = tuple[Event, Event]
"""An event of the simulator, and what was read of it."""


def written(name: str, items: Iterable[Simulated], out: Path) -> dict[str, tuple[Sheet, list[Simulated]]]:
    """Write a format; return its files, each with the items that it took."""
    files = FORMATS[name](out)
    taken: dict[str, tuple[Sheet, list[Simulated]]] = {
        sheet.path.relative_to(out).as_posix(): (sheet, []) for sheet in files.sheets
    }
    for item in items:
        before = {file: sheet.records for file, (sheet, _) in taken.items()}
        files.write(item)
        for file, (sheet, own) in taken.items():
            if sheet.records > before[file]:
                own.append(item)
    files.close()
    return {file: both for file, both in taken.items() if both[1]}


def read(sheet: Sheet) -> Iterator[Event]:
    """Read a file as `wardwatch ingest` does; nothing of it is refused."""
    with open_input(sheet.path) as file:
        for item in records_of(file, format_of(file), Reading(mapping=sheet.mapping), Tally()):
            assert isinstance(item, Event), item
            yield item


def shown(read: Data, wanted: Data) -> str:
    """Return both for the eyes of who looks into a failure: structs show nothing of themselves."""
    return f"{msgspec.to_builtins(read)}\nread, wanted\n{msgspec.to_builtins(wanted)}"


def pairs(sheet: Sheet, items: list[Simulated]) -> Iterator[Pair]:
    """Yield each event beside what was read of it."""
    for item, found in zip(items, read(sheet), strict=True):
        yield item.event, found

"""One file of records in a real format, and which of its records are labelled."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from detectors.events import Event
from streams.file_formats import Reading, format_of, records_of
from streams.input_file import open_input
from streams.simulator.record import Label, Simulated
from streams.sources.tables import Mapping, Tally


class Sheet:
    """A file that is made with its first record; what was there before goes.

    `mapping` says what the columns mean, where the file is a table.
    """

    def __init__(self, path: Path, mapping: Mapping | None = None) -> None:
        self.path = path
        self.mapping = mapping
        self.records = 0
        self._file: BinaryIO | None = None
        self._labelled: dict[int, tuple[Label, ...]] = {}
        path.unlink(missing_ok=True)

    def count(self, item: Simulated) -> None:
        """Take note that the next record of the file is the one of `item`."""
        if item.labels:
            self._labelled[self.records] = item.labels
        self.records += 1

    def write(self, payload: bytes) -> None:
        """Write bytes."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("wb")
        self._file.write(payload)

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()

    def labels(self) -> Iterator[tuple[str, Label]]:
        """Yield the labels under the event ids that `wardwatch ingest` gives, from the usual source.

        The closed file is read as `ingest` reads it: ids follow from records by rules that only the readers know.
        """
        if not self._labelled:
            return
        reading = Reading(mapping=self.mapping)
        with open_input(self.path) as file:
            for number, item in enumerate(records_of(file, format_of(file), reading, Tally())):
                if isinstance(item, Event):
                    for label in self._labelled.get(number, ()):
                        yield item.id, label


class Files(Protocol):
    """The files of one format."""

    @property
    def sheets(self) -> list[Sheet]:
        """Return the files."""
        ...

    def write(self, item: Simulated) -> None:
        """Write an event, unless the format has no place for it."""
        ...

    def close(self) -> None:
        """Finish and close the files."""
        ...

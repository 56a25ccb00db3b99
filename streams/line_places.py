"""Where the lines of several files stand, so that the n-th line of a replay can be named by file and number."""

from bisect import bisect_right
from pathlib import Path


class LinePlaces:
    """Takes note of lines in the order in which they are read. Memory grows with files and blank lines only."""

    def __init__(self) -> None:
        self._noted = 0
        self._starts: list[int] = []
        self._runs: list[tuple[Path, int]] = []

    def note(self, path: Path, number: int) -> None:
        """Take note of the next line: line `number`, from 1, of `path`."""
        if not self._runs or self.at(self._noted) != (path, number):
            self._starts.append(self._noted)
            self._runs.append((path, number))
        self._noted += 1

    def at(self, index: int) -> tuple[Path, int]:
        """Return the file and the number of the line with that index, from 0.

        Raises:
            LookupError: where no line of it was noted, nor any before it.
        """
        run = bisect_right(self._starts, index) - 1
        if run < 0:
            raise LookupError(index)
        path, first = self._runs[run]
        return path, first + index - self._starts[run]

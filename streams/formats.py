"""The files that programs read and write (design.md §8): CloudEvents as JSON lines in; findings and scores out."""

import csv
import datetime
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

import msgspec

from alerting.store.store import Ledger
from detectors.finding import Finding
from detectors.retraction import Retraction
from detectors.stage import Score
from streams.line_places import LinePlaces
from streams.sources.inflation import LARGEST_RATIO, is_bomb

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LONGEST_LINE = 4 * 1024 * 1024
"""Of a longer line the rest is skipped: four times what an event may have (1 MiB), so it is refused anyway."""

LOOKED_AT_LINES = 100
"""A file none of whose first lines begins an object is of another format."""

SCORE_COLUMNS = ("event_id", "time", "type", "entity_type", "entity_ref", "risk", "alert", "top_detector")

_COMPUTED = ("=", "+", "-", "@", "\t", "\r")
_BREAKING = str.maketrans("\r\n\t\0", "    ")
_GZIP_MAGIC = b"\x1f\x8b"
_XZ_MAGIC = b"\xfd7zXZ\x00"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class InputFileError(Exception):
    """A file that cannot be read as JSON lines; the text names the file and says why."""


def read_lines(paths: Iterable[Path], places: LinePlaces | None = None) -> Iterator[bytes]:
    """Yield the lines of the files one after the other, without line ends; gzip and xz are recognised by their content.

    Blank lines are left out. Memory stays small whatever the size of a file or of a line. `places` is told where each
    line stands.

    Raises:
        InputFileError: where a file is missing, unreadable, damaged, or plainly not JSON lines.
    """
    for path in paths:
        yield from _checked(path, _lines_of(path, partial(places.note, path) if places is not None else _untold))


def lines_in(stream: BinaryIO, path: Path) -> Iterator[bytes]:
    """Yield the lines of an open file as `read_lines` does; it is not compressed.

    Raises:
        InputFileError: where it is plainly not JSON lines; `path` names it.
    """
    return _checked(path, _split(stream))


def instant(seconds: float) -> str:
    """Return RFC 3339 in UTC, milliseconds only where there are some."""
    moment = datetime.datetime.fromtimestamp(round(seconds, 3), datetime.UTC)
    written = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return written.replace("+00:00", "Z")


def inert(text: str) -> str:
    """Return a text as a cell that no spreadsheet computes, for an id is whatever its sender wrote.

    A quotation mark is put before one that would be taken for a formula, and line ends, tabs and NULs become spaces: a
    carriage return begins a new row in some readers (OWASP, "CSV Injection"). All others stay as they are.
    """
    return (f"'{text}" if text.startswith(_COMPUTED) else text).translate(_BREAKING)


class ReplayFiles:
    """Writes findings and retractions, one JSON object a line, and scores, one CSV row an event under a header.

    Each may be None. Retractions have a file of their own, so that every line of the other is a finding.
    """

    def __init__(self, findings: BinaryIO | None, scores: TextIO | None, retractions: BinaryIO | None = None) -> None:
        self._findings = findings
        self._retractions = retractions
        self._encoder = msgspec.json.Encoder()
        self._scores = csv.writer(scores, lineterminator="\n") if scores else None
        if self._scores:
            self._scores.writerow(SCORE_COLUMNS)

    def findings(self, findings: Sequence[Finding]) -> None:
        """Write findings."""
        if self._findings:
            self._findings.write(self._encoder.encode_lines([finding_row(finding) for finding in findings]))

    def retractions(self, retractions: Sequence[Retraction]) -> None:
        """Write which findings, written before, are withdrawn, when (event time) and why."""
        if self._retractions:
            rows = [
                {"id": one.finding_id, "retracted_at": instant(one.at), "reason": one.reason} for one in retractions
            ]
            self._retractions.write(self._encoder.encode_lines(rows))

    def scores(self, scores: Sequence[Score], alerted: set[str]) -> None:
        """Write scores; `alerted` holds the ids of the events that made an alert."""
        if self._scores:
            self._scores.writerows(
                (
                    inert(score.event_id),
                    instant(score.time),
                    score.type,
                    score.entity.type,
                    inert(score.entity.ref),
                    f"{score.risk:.2f}",
                    "true" if score.event_id in alerted else "false",
                    score.top_detector,
                )
                for score in scores
            )


@contextmanager
def replay_files(findings: Path | None, scores: Path | None, retractions: Path | None = None) -> Iterator[ReplayFiles]:
    """Open the files of a replay for writing, those that have a path.

    Raises:
        OSError: where a file cannot be written.
    """
    with ExitStack() as opened:
        findings_file = opened.enter_context(_private(findings)) if findings else None
        scores_file = None
        if scores:
            scores_file = opened.enter_context(io.TextIOWrapper(_private(scores), encoding="utf-8", newline=""))
        retractions_file = opened.enter_context(_private(retractions)) if retractions else None
        yield ReplayFiles(findings_file, scores_file, retractions_file)


def _private(path: Path) -> BinaryIO:
    """Open a file for writing that, where it is new, only its owner can read: tokens are still PHI."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def ledger_json(ledger: Ledger) -> bytes:
    """Return the ledger file of design.md §8, indented, with a line end."""
    return msgspec.json.format(msgspec.json.encode(ledger), indent=2) + b"\n"


def finding_row(finding: Finding) -> dict[str, object]:
    """Return a finding as design.md §8 names its fields; `incident_id` and `queue` only where there is one."""
    row: dict[str, object] = {
        "id": finding.id,
        "event_id": finding.event_id,
        "at": instant(finding.at),
        "kind": finding.kind,
        "detector": finding.detector,
        "version": finding.version,
        "severity": finding.severity,
        "risk": finding.risk,
        "entity": finding.entity,
        "entities": finding.entities,
        "reasons": finding.reasons,
        "features": finding.features,
        "alert": finding.alert,
    }
    more = {"incident_id": finding.incident_id, "queue": finding.queue}
    return row | {name: value for name, value in more.items() if value}


def _untold(_: int) -> None:
    """Keep no places of lines."""


def _lines_of(path: Path, note: Callable[[int], None]) -> Iterator[bytes]:
    try:
        with path.open("rb") as file, _decompressed(file) as stream:
            yield from _split(stream, note)
    except (OSError, EOFError, lzma.LZMAError, zlib.error, _Bomb) as error:
        message = f"{path}: {_why(error)}"
        raise InputFileError(message) from None


def _split(stream: BinaryIO, note: Callable[[int], None] = _untold) -> Iterator[bytes]:
    begins_file = True
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        cut = not line.endswith(b"\n") and len(line) == LONGEST_LINE
        if begins_file:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            begins_file = False
        line = line.strip()
        if line:
            note(number)
            yield line
        while cut:
            rest = stream.readline(LONGEST_LINE)
            cut = bool(rest) and not rest.endswith(b"\n")


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, _Bomb):
        return f"it unpacks to more than {LARGEST_RATIO} times its size, as no export does"
    return "the compressed file is damaged or incomplete"


def _decompressed(file: io.BufferedReader) -> io.BufferedReader:
    start = file.peek(len(_XZ_MAGIC))
    if start.startswith(_GZIP_MAGIC):
        return io.BufferedReader(_Inflated(gzip.GzipFile(fileobj=file), file), 1 << 20)
    if start.startswith(_XZ_MAGIC):
        return io.BufferedReader(_Inflated(lzma.LZMAFile(file), file), 1 << 20)
    return file


class _Bomb(Exception):  # noqa: N818 - a verdict on a file
    """A compressed file that holds hundreds of times its size."""


class _Inflated(io.RawIOBase):
    """What a decompressor makes of a file, as long as it is no bomb."""

    def __init__(self, inflated: io.BufferedIOBase, file: io.BufferedReader) -> None:
        self._inflated = inflated
        self._file = file
        self._made = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Inflate into a buffer, and return how many bytes; none at the end."""
        made = self._inflated.readinto(buffer)
        self._made += made
        if is_bomb(self._file.tell(), self._made):
            raise _Bomb
        return made


def _checked(path: Path, lines: Iterator[bytes]) -> Iterator[bytes]:
    """Pass lines on; refuse the file where none of its first lines begins an object."""
    held: list[bytes] = []
    for line in lines:
        held.append(line)
        if line.startswith(b"{"):
            break
        if len(held) == LOOKED_AT_LINES:
            break
    if held and not held[-1].startswith(b"{"):
        message = f"{path}: not CloudEvents as JSON lines (no line begins with an opening brace)"
        raise InputFileError(message)
    yield from held
    yield from lines

"""The formats of files in one table, and telling them apart by what a file begins with."""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from streams.formats import LOOKED_AT_LINES, InputFileError, lines_in
from streams.input_file import InputFile, open_input
from streams.sources.api import Item, Origin
from streams.sources.atna import looks_like_atna, read_atna
from streams.sources.fhir import Directory, learn_providers, looks_like_fhir, looks_like_providers, read_fhir
from streams.sources.hl7 import looks_like_hl7, read_hl7
from streams.sources.limits import SourceLimits
from streams.sources.tables import PRESETS, Mapping, Tally, looks_like_table, read_table
from streams.sources.tables.leie import looks_like_leie, read_leie
from streams.sources.x12 import looks_like_x12, read_x12

AUTO = "auto"
"""In place of a format: whichever the content is."""

CLOUDEVENTS = "cloudevents"
TABLE = "table"

SOURCE_PREFIX = "urn:wardwatch:src:"

Record = Item | bytes
"""What a file holds: an item of a source adapter, or a line of CloudEvents, which names its own source."""


class Reading(Struct, frozen=True):
    """How files are read.

    Args:
        zone: of times without offset.
        mapping: what columns mean.
        source: "" for the usual one of the format.
        limits: of these, the depth of XML and JSON counts.
        providers: of FHIR, known from other files of the same export.
    """

    zone: datetime.tzinfo = datetime.UTC
    mapping: Mapping | None = None
    source: str = ""
    limits: SourceLimits = SourceLimits()
    providers: Directory | None = None


class Format(Struct, frozen=True):
    """One format. `version` goes up when its reader yields other items than before: the journal counts items.

    `looks_like` judges the first bytes, some ten thousand; `needs_zone` says whether its times may lack an offset.
    """

    looks_like: Callable[[bytes], bool]
    read: Callable[[InputFile, Origin, Reading, Tally], Iterator[Record]]
    version: int = 1
    needs_zone: bool = False


def _looks_like_cloudevents(head: bytes) -> bool:
    lines = head.removeprefix(b"\xef\xbb\xbf").splitlines()[:LOOKED_AT_LINES]
    return any(line.lstrip().startswith(b"{") and _SPECVERSION.search(line) for line in lines)


_SPECVERSION = re.compile(rb'"specversion"\s*:')


def _read_table(file: InputFile, origin: Origin, reading: Reading, tally: Tally) -> Iterator[Item]:
    return read_table(file.stream, origin, _mapping(file, reading), tally)


def _mapping(file: InputFile, reading: Reading) -> Mapping:
    if reading.mapping is None:
        message = f"{file.path}: a table; say what its columns mean with --mapping FILE, or one of {', '.join(PRESETS)}"
        raise InputFileError(message)
    return reading.mapping


def _read_x12(file: InputFile, origin: Origin, reading: Reading, _: Tally) -> Iterator[Item]:
    return read_x12(file.stream, origin, reading.zone)


def _read_fhir(file: InputFile, origin: Origin, reading: Reading, _: Tally) -> Iterator[Item]:
    return read_fhir(file.stream, origin, reading.limits, reading.providers)


def with_providers(reading: Reading, paths: Iterable[Path]) -> Reading:
    """Return `reading` with the providers that those files of a FHIR bulk export describe which hold nothing else.

    Raises:
        InputFileError: where one of them is damaged. A path that cannot be opened is left to whoever reads it.
    """
    providers = Directory()
    for path in paths:
        if path.is_file():
            with open_input(path) as file:
                if looks_like_providers(file.head):
                    learn_providers(file.stream, providers)
    return structs.replace(reading, providers=providers) if len(providers) else reading


def _read_hl7(file: InputFile, origin: Origin, reading: Reading, _: Tally) -> Iterator[Item]:
    return read_hl7(file.stream, origin, reading.zone)


FORMATS: dict[str, Format] = {
    CLOUDEVENTS: Format(_looks_like_cloudevents, lambda file, *_: lines_in(file.stream, file.path)),
    "x12": Format(looks_like_x12, _read_x12, needs_zone=True),
    "fhir": Format(looks_like_fhir, _read_fhir),
    "atna": Format(looks_like_atna, lambda file, origin, reading, _: read_atna(file.stream, origin, reading.limits)),
    "hl7": Format(looks_like_hl7, _read_hl7, needs_zone=True),
    "leie": Format(looks_like_leie, lambda file, origin, *_: read_leie(file.stream, origin)),
    TABLE: Format(lambda head: looks_like_table(head, ""), _read_table),
}
"""Name to format: what `--format` takes."""

_MORE_SPECIAL = {"leie": TABLE}
"""A format to the one that it is a case of."""


def format_of(file: InputFile) -> str:
    """Return the format of a file, by its content; its name counts only for a table that cannot be told from text.

    Raises:
        InputFileError: where it has none of the formats, or may have several; the text names file, formats and way out.
    """
    found = {name for name, candidate in FORMATS.items() if candidate.looks_like(file.head)}
    found -= {_MORE_SPECIAL[name] for name in found if name in _MORE_SPECIAL}
    if not found and looks_like_table(file.head, _bare_name(file)):
        return TABLE
    if len(found) == 1:
        return found.pop()
    if found:
        message = f"{file.path}: may be {' or '.join(sorted(found))}; say which with --format"
    else:
        message = f"{file.path}: looks like none of {', '.join(FORMATS)}; if it is one of them, say which with --format"
    raise InputFileError(message)


def check(file: InputFile, name: str, reading: Reading) -> None:
    """Make sure that all is said that a format asks for.

    Raises:
        InputFileError: where it is not.
    """
    if name == TABLE:
        _mapping(file, reading)


def records_of(file: InputFile, name: str, reading: Reading, tally: Tally) -> Iterator[Record]:
    """Yield what a file of a format holds, the same in every run.

    Raises:
        InputFileError: where the format asks for what `reading` does not say, or the file cannot be read on.
    """
    return FORMATS[name].read(file, origin_of(file, name, reading), reading, tally)


def origin_of(file: InputFile, name: str, reading: Reading) -> Origin:
    """Return where the items of a file are said to be from.

    A file is known by its hash: under another name it is the same file, and the next export of the same name is not.
    """
    usual = SOURCE_PREFIX + (reading.mapping.name if name == TABLE and reading.mapping else name)
    return Origin(reading.source or usual, file.digest[:32])


def reading_code(name: str, reading: Reading) -> str:
    """Return what names a way to read a file: it differs where the items may differ."""
    form = FORMATS[name]
    parts = [name, str(form.version)]
    if form.needs_zone:
        parts.append(str(reading.zone))
    if name in ("atna", "fhir") and reading.limits.depth != SourceLimits().depth:
        parts.append(f"depth {reading.limits.depth}")
    if name == TABLE and reading.mapping is not None:
        parts.append(sha256(_encoder.encode(reading.mapping)).hexdigest())
    return " ".join(parts)


def _bare_name(file: InputFile) -> str:
    name = file.path.name.lower()
    return name.rpartition(".")[0] if name.endswith((".gz", ".xz", ".zip")) else name


def _plain(value: object) -> str:
    if isinstance(value, re.Pattern):
        return str(value.pattern)
    raise NotImplementedError


_encoder = msgspec.json.Encoder(enc_hook=_plain, order="deterministic")

"""What `ingest` and `watch` share: how files are read, and where the journal is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from monitor.failure import Failure
from monitor.keys import TokenKeys
from monitor.settings import Settings
from streams.file_formats import AUTO, FORMATS, Reading
from streams.file_ingest import Place
from streams.journal import Journal, JournalError
from streams.pan import masked
from streams.sources.limits import SourceLimits
from streams.sources.local_time import zone as zone_named
from streams.sources.tables import PRESETS, MappingError, load_mapping
from streams.tokens import derived_key

JOURNAL = "ingest.sqlite"

LONGEST_SOURCE = 256
"""Characters that the attribute `source` of an event may have (`detectors.events.envelope`)."""

_USUAL = SourceLimits()

FormatOption = Annotated[
    str,
    typer.Option("--format", metavar="FORMAT", help=f"{AUTO} (by content), or one of {', '.join(FORMATS)}."),
]
MappingOption = Annotated[
    str,
    typer.Option(
        "--mapping", metavar="NAME_OR_FILE", help=f"What the columns of tables mean: a file, or {', '.join(PRESETS)}."
    ),
]
SourceOption = Annotated[
    str,
    typer.Option(
        "--source", metavar="URN", help="Source of the events; without it urn:wardwatch:src: and format or mapping."
    ),
]
ZoneOption = Annotated[
    str, typer.Option("--zone", metavar="TZ", help="Zone of times without offset, such as America/Chicago.")
]


def reading_of(format_name: str, mapping: str, source: str, zone: str, limits: SourceLimits = _USUAL) -> Reading:
    """Return how files are to be read.

    Raises:
        typer.BadParameter: where an option is not what it should be.
        Failure: where the mapping is refused, with what is wrong with it.
    """
    if format_name not in (AUTO, *FORMATS):
        message = f"there is no format {format_name!r}; there are {AUTO}, {', '.join(FORMATS)}"
        raise typer.BadParameter(message, param_hint="--format")
    found = zone_named(zone or "UTC")
    if found is None:
        message = f"there is no zone {zone!r}; write it as America/Chicago"
        raise typer.BadParameter(message, param_hint="--zone")
    if len(source) > LONGEST_SOURCE or not source.isprintable() or masked(source.encode()) != source.encode():
        message = f"a source has up to {LONGEST_SOURCE} printable characters and no card number"
        raise typer.BadParameter(message, param_hint="--source")
    try:
        return Reading(found, load_mapping(mapping, zone) if mapping else None, source, limits)
    except MappingError as error:
        raise Failure("\n  ".join(["the mapping is wrong:", *map(str, error.problems)])) from None


def place_of(settings: Settings, keys: TokenKeys) -> Place:
    """Return where files are sent: a key of another number or content makes other tokens, so it is another place."""
    name = derived_key(keys.current.key, "journal").hex()[:16]
    return Place(settings.broker, f"{keys.current.id}:{name}")


@contextmanager
def journal_of(settings: Settings) -> Iterator[Journal]:
    """Give the journal in the data folder.

    Raises:
        Failure: where it cannot be used, wherever in the block this is noticed.
    """
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"{settings.data_dir} cannot be made ({error.strerror}); set another WARDWATCH_DATA_DIR"
        raise Failure(message) from None
    try:
        with Journal(settings.data_dir / JOURNAL) as journal:
            yield journal
    except JournalError as error:
        raise Failure(str(error)) from None

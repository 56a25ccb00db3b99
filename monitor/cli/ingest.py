"""`wardwatch ingest`: files of every format into Kafka, each once."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from monitor.cli.file_options import (
    FormatOption,
    MappingOption,
    SourceOption,
    ZoneOption,
    journal_of,
    place_of,
    reading_of,
)
from monitor.cli.file_reports import answer
from monitor.cli.shared import (
    ConfigOption,
    JsonOption,
    load_settings,
    progress_console,
    remark,
)
from monitor.failure import ExitCode, Failure
from monitor.keys import local_keys, required_keys
from monitor.listening_addresses import source_limits
from monitor.settings import Settings
from monitor.topics import require_broker, topic_plan
from monitor.vault import Door, opened_door
from streams.file_formats import AUTO, CLOUDEVENTS, Reading, with_providers
from streams.file_ingest import Courier, Delivery, FileReport, Place, look_at, report_on
from streams.formats import InputFileError
from streams.ingest import IngestError, publishing
from streams.input_file import InputFile, open_input
from streams.journal import Journal
from streams.security import KafkaSecurity
from streams.tokens import KEY_BYTES, Tokeniser

Showing = Callable[[InputFile], Callable[[FileReport], None]]
"""Begins to show the progress of a file, and returns what goes on with it."""


def ingest(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Files, also of gzip, xz, or ZIP of one file.", exists=True),
    ],
    *,
    format_name: FormatOption = AUTO,
    mapping: MappingOption = "",
    source: SourceOption = "",
    zone: ZoneOption = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and count, send nothing; needs neither broker nor key.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Send also what was sent before.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send files to the source topics, each once.

    They may hold CloudEvents, X12, FHIR, ATNA, HL7 v2, the LEIE, or a table that a mapping explains. It ends when
    the broker has all of them. A file that was sent is not sent a second time, and one that was interrupted is gone on
    with. Identifiers become tokens before anything is sent, except in CloudEvents, where the worker does it. What
    cannot be mapped goes to the dead letters, with its reason. Of a FHIR bulk export, give all files at once: claims
    find the NPIs of their providers in those of Practitioner and Organization.

    Ends with 0 when every file was sent, dead letters or not; with 1 when a file could not be read to its end, or none
    of its records could be mapped.

    Example:
        wardwatch ingest claims.837 remits.835.gz --zone America/Chicago
        wardwatch ingest access.csv --mapping epic_access --dry-run
    """
    settings = load_settings(config)
    reading = _beside(reading_of(format_name, mapping, source, zone, source_limits(settings)), files)
    with _progress() as showing:
        if dry_run:
            reports = _looked_at(files, format_name, settings, reading, showing)
        else:
            security = require_broker(settings)
            only_raw = _formats(files, format_name, reading) <= {CLOUDEVENTS}
            keys = local_keys(settings) if only_raw else required_keys(settings)
            with opened_door(settings, keys) as door, journal_of(settings) as journal:
                sender = _Sender(settings, security, door, journal, place_of(settings, keys), again)
                courier = Courier(door.tokeniser, topic_plan(settings), reading)
                reports = sender.send(files, format_name, courier, showing)
            _tell_of_vault(door)
    answer(reports, as_json=as_json)
    raise typer.Exit(ExitCode.OK if all(report.is_well for report in reports) else ExitCode.FAILED)


def _beside(reading: Reading, files: Sequence[Path]) -> Reading:
    try:
        return with_providers(reading, files)
    except InputFileError:
        return reading  # told where the file itself is read


def _formats(files: Sequence[Path], format_name: str, reading: Reading) -> set[str]:
    """Return the formats of the files, "" of a pipe, which can be read only once.

    Raises:
        Failure: where a file cannot be told, so that nothing of the first one is sent either.
    """
    found, problems = set(), []
    for path in files:
        if not path.is_file():
            found.add("" if format_name == AUTO else format_name)
            continue
        try:
            with open_input(path) as file:
                report = report_on(file, reading, format_name)
        except InputFileError as error:
            problems.append(str(error))
            continue
        if report.outcome != "empty":
            found.add(report.format)
    if problems:
        raise Failure("\n  ".join(problems if len(problems) == 1 else ["nothing was sent:", *problems]))
    return found


@dataclass(frozen=True)
class _Sender:
    """Sends files to the broker of the settings."""

    settings: Settings
    security: KafkaSecurity
    door: Door
    journal: Journal
    place: Place
    again: bool

    def send(self, files: Sequence[Path], format_name: str, courier: Courier, showing: Showing) -> list[FileReport]:
        """Send files one after the other.

        Raises:
            Failure: where the broker does not take them.
        """
        try:
            return asyncio.run(self._send(files, format_name, courier, showing))
        except (IngestError, KafkaError) as error:
            said = str(error) if isinstance(error, IngestError) else f"{type(error).__name__} from the broker"
            message = f"{said}; start it again, and it goes on from there"
            raise Failure(message) from None

    async def _send(
        self, files: Sequence[Path], format_name: str, courier: Courier, showing: Showing
    ) -> list[FileReport]:
        reports = []
        kafka = publishing(self.settings.broker, topic_plan(self.settings), self.security.for_aiokafka())
        async with kafka as publisher:
            delivery = Delivery(courier, self.door.publisher(publisher), self.journal, self.place, again=self.again)
            for path in files:
                report = FileReport(str(path))
                try:
                    with open_input(path) as file:
                        report = courier.report(file, format_name)
                        await delivery.send(file, report, showing(file))
                except InputFileError as error:
                    report.problem = str(error)
                reports.append(report)
        return reports


def _tell_of_vault(door: Door) -> None:
    if door.writer is not None and door.writer.waiting:
        remark(f"wardwatch: the vault did not take {door.writer.waiting} tokens; nobody can look them up yet")


def _looked_at(
    files: Sequence[Path], format_name: str, settings: Settings, reading: Reading, showing: Showing
) -> list[FileReport]:
    nothing_is_kept = Tokeniser({0: bytes(KEY_BYTES)}, 0)
    courier = Courier(nothing_is_kept, topic_plan(settings), reading)
    reports = []
    for path in files:
        report = FileReport(str(path))
        try:
            with open_input(path) as file:
                report = courier.report(file, format_name)
                look_at(file, report, courier, showing(file))
        except InputFileError as error:
            report.problem = str(error)
        reports.append(report)
    return reports


@contextmanager
def _progress() -> Iterator[Showing]:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=progress_console()) as bar:

        def showing(file: InputFile) -> Callable[[FileReport], None]:
            task = bar.add_task(file.path.name, total=file.size)
            return lambda report: bar.update(
                task, completed=file.position(), description=f"{file.path.name}: {report.read:,} records"
            )

        yield showing

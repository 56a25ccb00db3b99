"""`wardwatch ingest`: files of every format into Kafka, each once."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # has no py.typed
from msgspec import Struct, field
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from monitor.cli.file_options import FormatOption, MappingOption, SourceOption, ZoneOption, journal_of, reading_of
from monitor.cli.shared import (
    ConfigOption,
    JsonOption,
    answer_json,
    load_settings,
    progress_console,
    remark,
    say,
)
from monitor.failure import ExitCode, Failure
from monitor.keys import local_keys
from monitor.listening_addresses import source_limits
from monitor.settings import Settings
from monitor.topics import require_broker, topic_plan
from monitor.vault import Door, opened_door
from streams.file_formats import AUTO, Reading
from streams.file_ingest import Courier, Delivery, FileReport, look_at
from streams.formats import InputFileError
from streams.ingest import IngestError, publishing
from streams.input_file import InputFile, open_input
from streams.security import KafkaSecurity
from streams.sources.reasons import sentence
from streams.tokens import KEY_BYTES, Tokeniser

Showing = Callable[[InputFile], Callable[[FileReport], None]]
"""Begins to show the progress of a file, and returns what goes on with it."""


class Summary(Struct):
    """What became of all files: sums of their reports, and the reports."""

    read: int = 0
    sent_before: int = 0
    published: int = 0
    dead_letters: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    files: list[FileReport] = field(default_factory=list)


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
    cannot be mapped goes to the dead letters, with its reason.

    Ends with 0 when every file was sent, dead letters or not; with 1 when a file could not be read to its end, or none
    of its records could be mapped.

    Example:
        wardwatch ingest claims.837 remits.835.gz --zone America/Chicago
        wardwatch ingest access.csv --mapping epic_access --dry-run
    """
    settings = load_settings(config)
    reading = reading_of(format_name, mapping, source, zone, source_limits(settings))
    with _progress() as showing:
        if dry_run:
            reports = _looked_at(files, format_name, settings, reading, showing)
        else:
            security = require_broker(settings)
            with opened_door(settings, local_keys(settings)) as door:
                courier = Courier(door.tokeniser, topic_plan(settings), reading)
                _check(files, format_name, courier)
                reports = _sent(
                    files, format_name, settings, security, courier, door=door, again=again, showing=showing
                )
            _tell_of_vault(door)
    _answer(reports, as_json=as_json)
    raise typer.Exit(ExitCode.OK if all(report.is_well for report in reports) else ExitCode.FAILED)


def _check(files: Sequence[Path], format_name: str, courier: Courier) -> None:
    """Make sure that every file can be told, before anything of the first one is sent. A pipe can be read only once."""
    problems = []
    for path in files:
        try:
            if path.is_file():
                with open_input(path) as file:
                    courier.report(file, format_name)
        except InputFileError as error:
            problems.append(str(error))
    if problems:
        raise Failure("\n  ".join(problems if len(problems) == 1 else ["nothing was sent:", *problems]))


def _sent(
    files: Sequence[Path],
    format_name: str,
    settings: Settings,
    security: KafkaSecurity,
    courier: Courier,
    *,
    door: Door,
    again: bool,
    showing: Showing,
) -> list[FileReport]:
    async def send_all() -> list[FileReport]:
        reports = []
        async with publishing(settings.broker, topic_plan(settings), security.for_aiokafka()) as publisher:
            delivery = Delivery(courier, door.publisher(publisher), journal, settings.broker, again=again)
            for path in files:
                try:
                    with open_input(path) as file:
                        reports.append(courier.report(file, format_name))
                        await delivery.send(file, reports[-1], showing(file))
                except InputFileError as error:
                    reports.append(FileReport(str(path), problem=str(error)))
        return reports

    with journal_of(settings) as journal:
        try:
            return asyncio.run(send_all())
        except (IngestError, KafkaError) as error:
            said = str(error) if isinstance(error, IngestError) else f"{type(error).__name__} from the broker"
            message = f"{said}; start it again, and it goes on from there"
            raise Failure(message) from None


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
        try:
            with open_input(path) as file:
                reports.append(courier.report(file, format_name))
                look_at(file, reports[-1], courier, showing(file))
        except InputFileError as error:
            reports.append(FileReport(str(path), problem=str(error)))
    return reports


@contextmanager
def _progress() -> Iterator[Showing]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=progress_console()) as bar:

        def showing(file: InputFile) -> Callable[[FileReport], None]:
            task = bar.add_task(file.path.name, total=file.size)
            return lambda report: bar.update(
                task, completed=file.position(), description=f"{file.path.name}: {report.read:,} records"
            )

        yield showing


def _answer(reports: Sequence[FileReport], *, as_json: bool) -> None:
    if as_json:
        answer_json(_summary(reports))
        return
    for report in reports:
        _tell(report)
    if len(reports) > 1:
        summary = _summary(reports)
        say(f"{len(reports)} files, {summary.read:,} records: {summary.published:,} are in Kafka now.")


def _summary(reports: Sequence[FileReport]) -> Summary:
    summary = Summary(files=list(reports))
    for report in reports:
        summary.read += report.read
        summary.sent_before += report.sent_before
        summary.published += report.published
        for counts, more in ((summary.dead_letters, report.dead_letters), (summary.left_out, report.left_out)):
            for reason, n in more.items():
                counts[reason] = counts.get(reason, 0) + n
    return summary


def _tell(report: FileReport) -> None:
    say(_SENTENCES[report.outcome](report))
    for reason, n in sorted(report.left_out.items()):
        say(f"  {n:,} left out by the mapping: {reason}")
    for reason, n in sorted(report.dead_letters.items()):
        said = "will be refused" if report.outcome == "looked_at" else "refused"
        say(f"  {n:,} {said}: {reason}. {sentence(reason)}")
    for refusal in report.first_refusals:
        say(f"    {refusal.place}: {refusal.reason}")
    if report.nothing_fits:
        remark(f"wardwatch: {report.file}: none of its records could be mapped; is it {report.format}?")
    if report.problem:
        remark(f"wardwatch: {report.problem}")


def _sentence_of_sent(report: FileReport) -> str:
    before = f", {report.sent_before:,} were sent before" if report.sent_before else ""
    return f"{report.file}: {report.published:,} of {_records(report)} are in Kafka now{before}."


def _sentence_of_failed(report: FileReport) -> str:
    return _sentence_of_sent(report) if report.published else f"{report.file}: failed after {_records(report)}."


def _records(report: FileReport) -> str:
    form = f" ({report.format})" if report.format else ""
    return f"{report.read:,} record{'' if report.read == 1 else 's'}{form}"


_SENTENCES: dict[str, Callable[[FileReport], str]] = {
    "sent": _sentence_of_sent,
    "changed": _sentence_of_sent,
    "failed": _sentence_of_failed,
    "already_sent": lambda report: (
        f"{report.file}: {_records(report)} were sent before, nothing is sent now; --again sends them again."
    ),
    "looked_at": lambda report: f"{report.file}: {_records(report)}, nothing was sent.",
    "empty": lambda report: f"{report.file}: is empty.",
}

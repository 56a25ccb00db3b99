"""`wardwatch mapping`: what the columns of a table mean: the mappings there are, and trying one on a file."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.file_options import ZoneOption, reading_of
from monitor.cli.shared import JsonOption, answer_json, answer_table, new_app, say
from monitor.failure import ExitCode, Failure
from monitor.mapping_trial import TARGET_OF, Example, TrialReport, report_of
from streams.file_formats import TABLE
from streams.formats import InputFileError
from streams.input_file import InputFile, open_input
from streams.sources.limits import SourceLimits
from streams.sources.tables import PRESETS, Mapping, Trial, load_mapping, preset_text, try_mapping
from streams.tokens import KEY_BYTES, Tokeniser

ANY_ZONE = "UTC"
"""For what does not depend on the zone: which columns a preset needs."""

app = new_app("Try what the columns of a table mean, before it is ingested.")


@app.command("list")
def list_mappings(as_json: JsonOption = False) -> None:
    """List the mappings that come with Wardwatch.

    Example:
        wardwatch mapping list
    """
    rows = []
    for name in PRESETS:
        mapping = load_mapping(name, ANY_ZONE)
        rows.append(
            {
                "name": name,
                "target": TARGET_OF[mapping.type_name],
                "needed_columns": ", ".join(mapping.required_columns),
            }
        )
    if as_json:
        answer_json(rows)
    else:
        answer_table(rows, "There are no mappings.")


@app.command()
def show(name: Annotated[str, typer.Argument(metavar="NAME", help="One of `wardwatch mapping list`.")]) -> None:
    """Show a mapping that comes with Wardwatch, to copy and change.

    Example:
        wardwatch mapping show epic_access > ours.yml
    """
    if name not in PRESETS:
        message = f"there is no mapping {name}; there are {', '.join(PRESETS)}"
        raise Failure(message)
    say(preset_text(name).rstrip("\n"))


@app.command("try")
def try_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV or XLSX; also of gzip, xz, or ZIP.")],
    mapping: Annotated[
        str,
        typer.Option("--mapping", metavar="NAME_OR_FILE", help="A mapping; without it, the preset that fits best."),
    ] = "",
    zone: ZoneOption = "",
    *,
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=1, max=1000, help="Rows to show.")] = 3,
    show_identifiers: Annotated[
        bool,
        typer.Option("--show-identifiers", help="Show identifiers as they are. What you see may be kept in a log."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the first rows of a table as events, and what of it was not understood. Nothing is sent.

    Looks at the first thousand rows. Identifiers are shown as tokens that hold for this answer only.

    Ends with 0 when rows become events, with 1 when none does.

    Example:
        wardwatch mapping try access.csv --mapping epic_access --zone America/Chicago
    """
    name = mapping or _fitting_preset(file)
    if name in PRESETS and not zone:
        message = f"{name} does not say in which zone its times are; add --zone, such as --zone America/Chicago"
        raise Failure(message)
    chosen = reading_of(TABLE, name, "", zone, SourceLimits()).mapping
    assert chosen is not None  # noqa: S101 - a name was given, and it was read
    trial = _tried(file, chosen, rows)
    tokeniser = None if show_identifiers else Tokeniser({0: secrets.token_bytes(KEY_BYTES)}, 0)
    report = report_of(str(file), chosen, trial, tokeniser)
    if as_json:
        answer_json(report)
    else:
        _tell(report, is_masked=not show_identifiers)
    raise typer.Exit(ExitCode.OK if report.is_usable else ExitCode.FAILED)


@contextmanager
def _opened(file: Path) -> Iterator[InputFile]:
    try:
        with open_input(file) as opened:
            yield opened
    except InputFileError as error:
        raise Failure(str(error)) from None


def _tried(file: Path, mapping: Mapping, rows: int) -> Trial:
    with _opened(file) as opened:
        return try_mapping(opened.stream, mapping, rows)


def _fitting_preset(file: Path) -> str:
    """Return the preset that uses most of the columns of a file, among those that find all they need."""
    used = {name: len(_tried(file, load_mapping(name, ANY_ZONE), 1).used_columns) for name in PRESETS}
    best = max(used, key=lambda name: used[name])
    if not used[best]:
        message = (
            f"{file}: no preset fits its columns; write a mapping (docs/mappings.md), or see what one needs with "
            "`wardwatch mapping list`"
        )
        raise Failure(message)
    return best


def _tell(report: TrialReport, *, is_masked: bool) -> None:
    say(f"{report.file}: {report.mapping} makes events of the target {report.target}.")
    for what, columns in (
        ("used", report.columns.used),
        ("ignored, as the mapping does not mention them", report.columns.ignored),
        ("optional in the mapping, not in the file", report.columns.absent),
    ):
        if columns:
            say(f"  columns {what}: {', '.join(columns)}")
    for example in report.examples:
        _tell_example(example)
    for row in report.not_converted:
        say(f"  {row.place}: {row.reason}. {row.means}")
    more = sum(report.refused.values()) - len(report.not_converted)
    if more > 0:
        say(f"  and {more:,} more rows are refused")
    for what, counts in (
        ("values that the mapping's list does not know", report.unknown_values),
        ("left out by the mapping", report.left_out),
        ("worth knowing", report.worth_knowing),
    ):
        for name, n in sorted(counts.items()):
            say(f"  {what}: {name}, {n:,} times")
    if is_masked and report.examples:
        say("Identifiers are tokens that hold for this answer only; --show-identifiers shows them.")
    say(report.verdict)


def _tell_example(example: Example) -> None:
    say(f"  {example.place}")
    width = max(map(len, example.fields), default=0)
    for name, value in example.fields.items():
        say(f"    {name:<{width}}  {value}")

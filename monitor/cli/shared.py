"""What the commands share: options, loading settings, and the ways to answer."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from monitor import settings
from monitor.durations import seconds_of
from monitor.settings import Settings

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="YAML file with settings; environment variables win over it."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer with JSON, for programs.")]

InputOption = Annotated[
    list[Path], typer.Option("--in", metavar="FILE...", help="CloudEvents, one JSON object a line; context first.")
]
MoreArgument = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE...", help="More files, after that of --in.", show_default=False)
]
BudgetOption = Annotated[
    float | None,
    typer.Option(
        "--alerts-per-day", metavar="N", min=0.001, help="Another alert budget; high and critical rules go beyond it."
    ),
]
WarmUpOption = Annotated[
    str, typer.Option("--warm-up", metavar="DURATION", help="Learn for so long before anything alerts, as in 7d.")
]

WIDTH = 100
"""Columns of help."""

TABLE_WIDTH = 160
"""Columns of tables where the output is no terminal and COLUMNS does not say how many there are."""


def new_app(help_text: str) -> typer.Typer:
    """Return a group of commands with our looks: plain help, no colours, the same everywhere."""
    return typer.Typer(
        help=help_text,
        rich_markup_mode=None,
        add_completion=False,
        no_args_is_help=True,
        context_settings={"terminal_width": WIDTH, "help_option_names": ["--help", "-h"]},
    )


def as_incident_id(text: str) -> str:
    """Return the id of an incident as it is kept, however it was typed.

    >>> as_incident_id("inc-7f3k9q2m")
    'INC-7F3K9Q2M'
    """
    return text.upper() if text[:4].upper() == "INC-" else text


def load_settings(config: Path | None) -> Settings:
    """Return the settings of this process, or end with every problem in them."""
    return settings.load(config)


def duration(text: str) -> float:
    """Return the seconds of a duration, or end with what is wrong with it."""
    try:
        return seconds_of(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def say(text: str) -> None:
    """Write one line of an answer."""
    typer.echo(text)


def remark(text: str) -> None:
    """Write one line that is not part of the answer."""
    typer.echo(text, err=True)


def counted(n: int, one: str) -> str:
    """Return a number of things in words.

    >>> counted(1, "finding"), counted(2, "finding")
    ('1 finding', '2 findings')
    """
    return f"{n} {one if n == 1 else f'{one}s'}"


def answer_json(value: object) -> None:
    """Write a value as indented JSON."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def answer_table(rows: Sequence[Mapping[str, object]], empty: str) -> None:
    """Write rows as a table whose columns are their keys, or one line where there are none."""
    if not rows:
        say(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(rows[0]):
        # What the first column names is typed into other commands: it stays whole.
        table.add_column(column.replace("_", " "), overflow="fold", no_wrap=place == 0)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console().print(table)


def console() -> Console:
    """Return standard output as Rich sees it now; where it is no terminal, COLUMNS says how wide it is."""
    width = None if sys.stdout.isatty() else get_terminal_size((TABLE_WIDTH, 0)).columns
    return Console(width=width, highlight=False)


def progress_console() -> Console:
    """Return standard error for progress; silent where it is no terminal, so that logs stay readable."""
    return Console(stderr=True, quiet=not sys.stderr.isatty())

"""`wardwatch ingest`: files into Kafka, as a source system would send them."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from monitor.cli.shared import ConfigOption, JsonOption, answer_json, load_settings, progress_console, say
from monitor.failure import Failure
from monitor.keys import local_tokeniser
from monitor.topics import require_broker, topic_plan
from streams.formats import read_lines
from streams.ingest import IngestError, IngestSummary
from streams.ingest import ingest as publish
from streams.intake import Intake


def ingest(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CloudEvents, one JSON object a line.", exists=True)
    ],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send files of events to the source topics.

    It ends when the broker has all of them. Sending a file twice does no harm: the events are counted as duplicates.

    Example:
        wardwatch ingest context.jsonl events.jsonl
    """
    settings = load_settings(config)
    security = require_broker(settings)
    intake = Intake(local_tokeniser(settings))
    with Progress(TextColumn("{task.description}"), TimeElapsedColumn(), console=progress_console()) as bar:
        task = bar.add_task("0 lines sent", total=None)
        try:
            summary = asyncio.run(
                publish(
                    read_lines(files),
                    intake,
                    settings.broker,
                    topic_plan(settings),
                    security=security.for_aiokafka(),
                    progress=lambda so_far: bar.update(task, description=f"{so_far.published:,} lines sent"),
                )
            )
        except IngestError as error:
            message = f"{error}; start it again, what was sent is then counted as duplicate"
            raise Failure(message) from None
    _answer(summary, as_json=as_json)


def _answer(summary: IngestSummary, *, as_json: bool) -> None:
    if as_json:
        answer_json(summary)
        return
    say(f"{summary.published} of {summary.read} lines are in Kafka.")
    for reason, n in summary.dead_letters.items():
        say(f"  {n} will be refused: {reason}")

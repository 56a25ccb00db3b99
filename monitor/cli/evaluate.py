"""`wardwatch evaluate`: how well injected incidents are found."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from monitor.backtest import backtest
from monitor.cli.shared import (
    BudgetOption,
    ConfigOption,
    JsonOption,
    WarmUpOption,
    console,
    duration,
    load_settings,
    progress_console,
    say,
)
from monitor.failure import Failure
from streams.collector import settle_collector
from streams.formats import InputFileError, read_lines


def evaluate(
    events: Annotated[Path, typer.Option("--events", metavar="FILE", help="CloudEvents, one JSON object a line.")],
    labels: Annotated[
        Path,
        typer.Option("--labels", metavar="FILE", help="CSV: event_id,scenario,incident, one row a labelled event."),
    ],
    *,
    context: Annotated[
        list[Path] | None, typer.Option("--context", metavar="FILE", help="Read before the events; may be repeated.")
    ] = None,
    warm_up: WarmUpOption = "0s",
    alerts_per_day: BudgetOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replay labelled events and tell how many incidents were found.

    Per scenario recall and delay; overall precision, recall, average precision and alerts a day.

    Example:
        wardwatch evaluate --context context.jsonl --events events.jsonl --labels labels.csv
    """
    # Not before it is needed: scikit-learn takes more than a second to import.
    from monitor import evaluation  # noqa: PLC0415

    settings = load_settings(config)
    collected = evaluation.Collected()
    settle_collector()
    try:
        with labels.open(encoding="utf-8", newline="") as lines:
            truth = evaluation.read_labels(lines)
        with Progress(TextColumn("{task.description}"), TimeElapsedColumn(), console=progress_console()) as bar:
            task = bar.add_task("0 lines read", total=None)
            result = backtest(
                settings,
                read_lines([*(context or []), events]),
                warm_up=duration(warm_up),
                alerts_per_day=alerts_per_day,
                sink=collected,
                progress=lambda read: bar.update(task, description=f"{read:,} lines read"),
            )
    except (InputFileError, evaluation.EvaluationInputError) as error:
        raise Failure(str(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        message = f"{labels} cannot be read: {reason}"
        raise Failure(message) from None
    if result.is_unreadable:
        message = "every line became a dead letter, so nothing was looked at; `wardwatch replay` names the first"
        raise Failure(message)
    report = evaluation.evaluate_run(collected.alerts, collected.rows, truth)
    if as_json:
        say(evaluation.as_json(report).decode().rstrip())
    else:
        console().print(evaluation.as_table(report))

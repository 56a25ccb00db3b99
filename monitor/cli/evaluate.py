"""`wardwatch evaluate`: how well injected incidents are found."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from detectors.visit import StageName
from monitor.backtest import backtest
from monitor.catalogue import read_rules
from monitor.cli.shared import (
    BudgetOption,
    ConfigOption,
    JsonOption,
    WarmUpOption,
    console,
    duration,
    load_settings,
    progress_console,
    remark,
    say,
)
from monitor.detection import build_stages
from monitor.failure import Failure
from monitor.model_files import current_models
from streams.collector import settle_collector
from streams.emulation import Steps
from streams.formats import InputFileError, read_lines

if TYPE_CHECKING:
    from monitor.evaluation import Report


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
    decoys: Annotated[
        Path | None,
        typer.Option("--decoys", metavar="FILE", help="CSV: event_id,decoy; else decoys.csv beside the labels."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for evaluation.json, .png and .html.")
    ] = None,
    least_recall: Annotated[
        float, typer.Option("--min-recall", min=0, max=1, metavar="SHARE", help="End with 1 where recall is less.")
    ] = 0.0,
    least_precision: Annotated[
        float,
        typer.Option("--min-precision", min=0, max=1, metavar="SHARE", help="The same of precision."),
    ] = 0.0,
    verdicts_after: Annotated[
        str,
        typer.Option(
            "--verdicts-after",
            metavar="DURATION",
            help="Give every case its true verdict so long after its first alert, and let the desk learn from it.",
        ),
    ] = "",
    warm_up: WarmUpOption = "0s",
    alerts_per_day: BudgetOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replay labelled events and tell how many incidents were found.

    Per scenario recall and delay; overall precision, recall, average precision and alerts a day, with 95 % intervals;
    which decoys alerted. docs/evaluation.md says how each figure is counted.

    Example:
        wardwatch evaluate --context context.jsonl --events events.jsonl --labels labels.csv --out evaluation
    """
    # Not before it is needed: numpy and the models take a second to import.
    from monitor import evaluation  # noqa: PLC0415

    settings = load_settings(config)
    collected = evaluation.Collected()
    settle_collector()
    try:
        with labels.open(encoding="utf-8", newline="") as lines:
            truth = evaluation.read_labels(lines)
        marked = _decoys(decoys, labels)
        stages: dict[StageName, Steps] = {**build_stages(settings, read_rules(settings), current_models(settings))}
        counter = stages["user"] = evaluation.ExplainedCounter(stages["user"], {label.event_id for label in truth})
        labelled = {label.event_id for label in truth}
        reviewers = evaluation.Reviewers(collected, labelled, duration(verdicts_after)) if verdicts_after else None
        with Progress(TextColumn("{task.description}"), TimeElapsedColumn(), console=progress_console()) as bar:
            task = bar.add_task("0 lines read", total=None)
            result = backtest(
                settings,
                read_lines([*(context or []), events]),
                warm_up=duration(warm_up),
                alerts_per_day=alerts_per_day,
                sink=reviewers or collected,
                progress=lambda read: bar.update(task, description=f"{read:,} lines read"),
                stages=stages,
                clock=reviewers.clock if reviewers else time.time,
                meet=reviewers.meet if reviewers else lambda _: None,
            )
    except (InputFileError, evaluation.EvaluationInputError) as error:
        raise Failure(str(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        message = f"{getattr(error, 'filename', None) or labels} cannot be read: {reason}"
        raise Failure(message) from None
    if result.is_unreadable:
        message = "every line became a dead letter, so nothing was looked at; `wardwatch replay` names the first"
        raise Failure(message)
    report = evaluation.evaluate_run(
        collected.found,
        collected.rows,
        truth,
        budget=alerts_per_day or settings.alerts_per_day,
        decoys=marked,
        explained=counter.share,
    )
    if out is not None:
        _write(report, out)
    if as_json:
        say(evaluation.as_json(report).decode().rstrip())
    else:
        console().print(evaluation.as_table(report))
    _require("recall", report.recall, least_recall)
    _require("precision", report.precision, least_precision)


def _decoys(named: Path | None, labels: Path) -> dict[str, str]:
    """Read the file of decoys, the one that is named or else the one beside the labels, if there is one."""
    from monitor import evaluation  # noqa: PLC0415

    path = named or labels.with_name("decoys.csv")
    if named is None and not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        return evaluation.read_decoys(lines)


def _write(report: "Report", out: Path) -> None:
    """Write the report and its picture into a folder."""
    from monitor import evaluation  # noqa: PLC0415

    try:
        from monitor.evaluation import picture  # noqa: PLC0415
    except ModuleNotFoundError:
        message = "pictures need Matplotlib: pip install 'wardwatch[pictures]', or leave --out away"
        raise Failure(message) from None
    png = picture.as_png(report)
    files = {
        "evaluation.json": evaluation.as_json(report),
        "evaluation.png": png,
        "evaluation.html": picture.as_page(report, png),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (out / name).write_bytes(content)
    except OSError as error:
        message = f"{out} cannot be written: {error.strerror}; name another folder"
        raise Failure(message) from None
    remark(f"{', '.join(files)} are in {out}")


def _require(name: str, value: float | None, least: float) -> None:
    if (value or 0.0) < least:
        reached = "unknown" if value is None else f"{value:.3f}"
        message = f"{name} is {reached}, less than the {least:g} that was asked for"
        raise Failure(message)

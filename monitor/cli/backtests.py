"""`wardwatch simulate`, `replay` and `train`: files in, files out, no broker."""

import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from monitor.backtest import backtest
from monitor.cli.models import PrivateKeyOption
from monitor.cli.shared import (
    BudgetOption,
    ConfigOption,
    InputOption,
    JsonOption,
    MoreArgument,
    WarmUpOption,
    answer_json,
    counted,
    duration,
    load_settings,
    progress_console,
    remark,
    say,
)
from monitor.failure import Failure
from monitor.model_files import MODELS, open_store
from monitor.training import train as train_model
from streams.collector import settle_collector
from streams.formats import InputFileError, ledger_json, read_lines, replay_files
from streams.line_places import LinePlaces
from streams.replay import ReplayResult
from streams.simulator import FORMATS, JSON_LINES, build_hospital, write
from streams.simulator.reference_tables import reference_tables
from streams.sources.reasons import sentence


def simulate(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write into; made where missing.")],
    *,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="Days of events.")] = 7,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same hospital.")] = 1,
    scale: Annotated[float, typer.Option("--scale", min=0.001, max=100, help="1.0 is a hospital of 400 beds.")] = 0.05,
    format_names: Annotated[
        str, typer.Option("--format", metavar="NAMES", help=f"Formats, parted by commas: {', '.join(FORMATS)}.")
    ] = JSON_LINES,
    as_json: JsonOption = False,
) -> None:
    """Write a simulated hospital with labelled incidents.

    DIR then holds context.jsonl, events.jsonl, labels.csv, decoys.csv and reference tables (WARDWATCH_TABLES_DIR), such
    as service_minutes.csv. Other formats go into folders of their names, with labels under the ids that ingest gives:
    labels-x12.csv and so on.

    Example:
        wardwatch simulate --days 7 --seed 1 --scale 0.05 --out hospital
        wardwatch simulate --format x12,fhir,atna,csv --out hospital
    """
    formats = _formats(format_names)
    try:
        written = write(out, days, seed, scale, formats=formats)
        for name, text in reference_tables(build_hospital(scale, seed), days).items():
            (out / name).parent.mkdir(exist_ok=True)
            (out / name).write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{out} cannot be written: {error.strerror}; name another folder"
        raise Failure(message) from None
    if as_json:
        answer_json(written)
        return
    if JSON_LINES in formats:
        say(f"{written.events} events, {written.context} of context and {written.incidents} incidents are in {out}.")
        say(f"Next: wardwatch replay --in {out / 'context.jsonl'} {out / 'events.jsonl'} --out-findings findings.jsonl")
        return
    simulated = f"{written.events} events, {written.context} of context and {written.incidents} incidents"
    say(f"Of {simulated}, {out} has what the formats can say:")
    for name, records in written.files.items():
        mapping = f" --mapping {Path(name).stem} --zone UTC" if name.endswith(".csv") else ""
        say(f"  {records:,} records: wardwatch ingest {out / name}{mapping}")


def _formats(names: str) -> list[str]:
    """Return the formats named, each once."""
    chosen = list(dict.fromkeys(name.strip() for name in names.split(",")))
    unknown = [name for name in chosen if name not in FORMATS]
    if unknown:
        message = f"there is no format {unknown[0]!r}; there are {', '.join(FORMATS)}"
        raise typer.BadParameter(message, param_hint="--format")
    return chosen


def replay(
    first: InputOption,
    more: MoreArgument = None,
    *,
    out_findings: Annotated[
        Path | None, typer.Option("--out-findings", metavar="FILE", help="Findings, one JSON object a line.")
    ] = None,
    out_scores: Annotated[
        Path | None, typer.Option("--out-scores", metavar="FILE", help="Scores as CSV, one row an event.")
    ] = None,
    out_retractions: Annotated[
        Path | None,
        typer.Option("--out-retractions", metavar="FILE", help="Which findings were withdrawn, when and why, as JSON."),
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option("--ledger", metavar="FILE", help="What became of every event, as JSON.")
    ] = None,
    alerts_per_day: BudgetOption = None,
    partitions: Annotated[
        int | None, typer.Option("--partitions", metavar="N", min=1, max=512, help="Partitions to emulate.")
    ] = None,
    warm_up: WarmUpOption = "0s",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run files through the live code, without a broker.

    Intake, stages and desk are those of the workers: the backtest is the live code. Lines that cannot be read are named
    by file and number, and become dead letters; it ends with 1 when that is all of them.

    Example:
        wardwatch replay --in context.jsonl events.jsonl --out-findings F.jsonl --ledger L.json --warm-up 3d
    """
    settings = load_settings(config)
    settle_collector()
    try:
        with (
            replay_files(out_findings, out_scores, out_retractions) as sink,
            Progress(TextColumn("{task.description}"), TimeElapsedColumn(), console=progress_console()) as bar,
        ):
            task = bar.add_task("0 lines read", total=None)
            places = LinePlaces()
            result = backtest(
                settings,
                read_lines([*first, *(more or [])], places),
                partitions=partitions,
                warm_up=duration(warm_up),
                alerts_per_day=alerts_per_day,
                sink=sink,
                progress=lambda read: bar.update(task, description=f"{read:,} lines read"),
            )
        if ledger is not None:
            ledger.write_bytes(ledger_json(result.ledger))
    except InputFileError as error:
        raise Failure(str(error)) from None
    except OSError as error:
        message = f"{error.filename} cannot be written: {error.strerror}; name another file"
        raise Failure(message) from None
    _answer(result, as_json=as_json)
    _tell_bad_lines(result, places)
    if result.is_unreadable:
        message = "every line became a dead letter, so nothing was looked at; the first are named above"
        raise Failure(message)


def _tell_bad_lines(result: ReplayResult, places: LinePlaces) -> None:
    for bad in result.bad_lines:
        path, number = places.at(bad.index)
        remark(": ".join(part for part in (f"{path}:{number}", bad.reason, bad.detail) if part))
    more = sum(result.ledger.dead_letters.values()) - len(result.bad_lines)
    if more > 0:
        remark(f"and {more:,} more lines became dead letters")


def _answer(result: ReplayResult, *, as_json: bool) -> None:
    """Tell the ledger in its own words."""
    ledger = result.ledger
    if as_json:
        answer_json(ledger)
        return
    dead_letters, filtered = sum(ledger.dead_letters.values()), sum(ledger.filtered.values())
    say(
        f"{ledger.received} received: {ledger.scored} scored, {ledger.applied} applied (context), "
        f"{ledger.duplicates} duplicates, {dead_letters} dead letters, {filtered} filtered."
    )
    for reason, n in sorted(ledger.dead_letters.items()):
        say(f"  {n} dead letters: {reason}. {sentence(reason)}")
    for reason, n in sorted(ledger.filtered.items()):
        say(f"  {n} filtered: {reason}")
    for detector, n in sorted(result.failures.items()):
        say(f"  {n} events that {detector} failed on")
    withdrawn = f" ({ledger.withdrawn} withdrawn)" if ledger.withdrawn else ""
    findings, alerts = counted(ledger.findings, "finding"), counted(ledger.alerts, "alert")
    say(f"{findings}{withdrawn}, {alerts}, {counted(ledger.incidents, 'incident')}.")


def train(
    first: InputOption,
    private_key: PrivateKeyOption,
    more: MoreArgument = None,
    *,
    name: Annotated[str, typer.Option("--model", metavar="NAME", help=f"One of {', '.join(MODELS)}.")] = "user-stage",
    version: Annotated[
        str, typer.Option("--version", metavar="VERSION", help="Name of this training; the time where not given.")
    ] = "",
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same files and seed give the same model.")] = 1,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a model on files of events.

    It goes, signed, into the model store, and is used once it is promoted.

    Example:
        wardwatch train --in context.jsonl events.jsonl --private-key models.key
    """
    if name not in MODELS:
        message = f"there is no model {name!r}; give one of {', '.join(MODELS)}"
        raise typer.BadParameter(message)
    settings = load_settings(config)
    now = datetime.datetime.now(datetime.UTC)
    store = open_store(settings, private_key)
    chosen = version or now.strftime("%Y%m%dt%H%M%S")
    try:
        manifest = train_model(settings, store, name, chosen, [*first, *(more or [])], seed=seed, now=now)
    except InputFileError as error:
        raise Failure(str(error)) from None
    if as_json:
        answer_json(manifest)
        return
    say(f"{name} {chosen} is in the store, trained on {manifest.metrics['rows']:.0f} rows.")
    say(f"To use it: wardwatch models promote {name} {chosen} --private-key {private_key}")

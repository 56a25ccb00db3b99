"""The simulated hospital as files: JSON lines and labels (design.md §8), and the formats that hospitals have."""

import csv
import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from detectors.events import AccessEvent, BillingTransaction
from streams.simulator.formats import FORMATS, JSON_LINES, Sheet
from streams.simulator.record import Label
from streams.simulator.simulation import simulate
from streams.simulator.timing import START


class Written(Struct, frozen=True):
    """How much was simulated: events (accesses and transactions), context events, labels, incidents.

    `files` is how much was written: records by file. A format leaves out what it has no words for.
    """

    events: int
    context: int
    labels: int
    incidents: int
    files: dict[str, int]


def write(
    out: Path,
    days: int,
    seed: int,
    scale: float,
    start: datetime.datetime = START,
    *,
    formats: Sequence[str] = (JSON_LINES,),
) -> Written:
    """Simulate, and write the files into the folder `out`, which is made where it is missing.

    Args:
        out: the folder. Of each format but JSON lines the files are in a folder of its name.
        days: how many days of events.
        seed: not negative.
        scale: 1.0 is the default hospital.
        start: midnight UTC of the first day.
        formats: names of `FORMATS`, each once. Labels go by the ids that events have: `labels.csv` holds those of JSON
            lines, `labels-x12.csv` those that events have when `wardwatch ingest` reads them from X12, and so on;
            `decoys.csv` names the events of JSON lines that are part of a decoy.
    """
    out.mkdir(parents=True, exist_ok=True)
    writers = {name: FORMATS[name](out) for name in formats}
    events = context = 0
    labels: list[tuple[str, Label]] = []
    marked: list[tuple[str, str]] = []
    try:
        for item in simulate(days, seed, scale, start):
            if isinstance(item.event.data, AccessEvent | BillingTransaction):
                events += 1
            else:
                context += 1
            labels.extend((item.event.id, label) for label in item.labels)
            if item.decoy:
                marked.append((item.event.id, item.decoy))
            for writer in writers.values():
                writer.write(item)
    finally:
        for writer in writers.values():
            writer.close()
    for name, writer in writers.items():
        if name == JSON_LINES:
            _write_labels(out / "labels.csv", labels)
            _write_rows(out / "decoys.csv", ("event_id", "decoy"), marked)
        else:
            _write_labels(out / f"labels-{name}.csv", _read_labels(writer.sheets))
    return Written(
        events=events,
        context=context,
        labels=len(labels),
        incidents=len({label.incident for _, label in labels}),
        files={
            sheet.path.relative_to(out).as_posix(): sheet.records
            for writer in writers.values()
            for sheet in writer.sheets
            if sheet.records
        },
    )


def _read_labels(sheets: Iterable[Sheet]) -> Iterable[tuple[str, Label]]:
    for sheet in sheets:
        yield from sheet.labels()


def _write_labels(path: Path, labels: Iterable[tuple[str, Label]]) -> None:
    rows = ((event, label.scenario, label.incident, "yes" if label.completes else "") for event, label in labels)
    _write_rows(path, ("event_id", "scenario", "incident", "completes"), rows)


def _write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)

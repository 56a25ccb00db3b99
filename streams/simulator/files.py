"""The simulated hospital as files: `events.jsonl`, `context.jsonl` and `labels.csv` (design.md §8)."""

import csv
import datetime
from pathlib import Path

from msgspec import Struct

from detectors.events import AccessEvent, BillingTransaction
from detectors.events.envelope import encode_structured
from streams.simulator.simulation import simulate
from streams.simulator.timing import START


class Written(Struct, frozen=True):
    """How much was written: events (accesses and transactions), context events, labels, incidents."""

    events: int
    context: int
    labels: int
    incidents: int


def write(out: Path, days: int, seed: int, scale: float, start: datetime.datetime = START) -> Written:
    """Simulate, and write the three files into the folder `out`, which is made where it is missing."""
    out.mkdir(parents=True, exist_ok=True)
    events = context = labels = 0
    incidents = set()
    with (
        (out / "events.jsonl").open("wb") as event_file,
        (out / "context.jsonl").open("wb") as context_file,
        (out / "labels.csv").open("w", newline="", encoding="utf-8") as label_file,
    ):
        table = csv.writer(label_file, lineterminator="\n")
        table.writerow(("event_id", "scenario", "incident"))
        for item in simulate(days, seed, scale, start):
            line = encode_structured(item.event) + b"\n"
            if isinstance(item.event.data, AccessEvent | BillingTransaction):
                events += 1
                event_file.write(line)
            else:
                context += 1
                context_file.write(line)
            for label in item.labels:
                labels += 1
                incidents.add(label.incident)
                table.writerow((item.event.id, label.scenario, label.incident))
    return Written(events=events, context=context, labels=labels, incidents=len(incidents))

"""The files of design.md §8, and the decoys."""

import csv
from pathlib import Path

from detectors.events import AccessEvent, BillingTransaction
from detectors.events.envelope import decode_structured
from streams.simulator import simulate, write
from tests.streams.simulator.ward import SCALE


def test_files_hold_what_was_simulated(tmp_path: Path) -> None:
    written = write(tmp_path / "new" / "folder", 2, 6, SCALE)
    folder = tmp_path / "new" / "folder"
    assert sorted(path.name for path in folder.iterdir()) == [
        "context.jsonl",
        "decoys.csv",
        "events.jsonl",
        "labels.csv",
    ]
    items = list(simulate(2, 6, SCALE))
    for name, is_event in (("events.jsonl", True), ("context.jsonl", False)):
        lines = (folder / name).read_bytes().splitlines()
        expected = [
            item.event for item in items if isinstance(item.event.data, AccessEvent | BillingTransaction) == is_event
        ]
        assert [decode_structured(line)[0] for line in lines] == expected
        assert len(lines) == (written.events if is_event else written.context)
    with (folder / "labels.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["event_id", "scenario", "incident", "completes"]
    assert [(row[0], row[1], row[2], row[3] == "yes") for row in rows[1:]] == [
        (item.event.id, label.scenario, label.incident, label.completes) for item in items for label in item.labels
    ]
    with (folder / "decoys.csv").open(newline="") as file:
        rows_of_decoys = list(csv.reader(file))
    assert rows_of_decoys == [["event_id", "decoy"], *([item.event.id, item.decoy] for item in items if item.decoy)]
    assert len(rows_of_decoys) > 100
    assert written.labels == len(rows) - 1
    assert written.incidents == len({row[2] for row in rows[1:]})


def test_writing_again_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write(tmp_path / name, 1, 6, SCALE)
    for name in ("events.jsonl", "context.jsonl", "labels.csv", "decoys.csv"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()

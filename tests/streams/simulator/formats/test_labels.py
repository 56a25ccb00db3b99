"""Labels go by the ids that `wardwatch ingest` gives."""

import csv
from pathlib import Path

import pytest

from detectors.events import Event
from streams.file_formats import Reading, format_of, records_of
from streams.input_file import open_input
from streams.simulator import simulate, write
from streams.sources.tables import PRESETS, Tally, load_mapping


def ingested(path: Path) -> list[Event]:
    mapping = load_mapping(path.stem, "America/Chicago") if path.stem in PRESETS else None
    with open_input(path) as file:
        return [
            item
            for item in records_of(file, format_of(file), Reading(mapping=mapping), Tally())
            if isinstance(item, Event)
        ]


@pytest.mark.parametrize(("name", "scenarios"), [("x12", {"B01", "B05", "B14"}), ("csv", {"B22", "B25"})])
def test_labels_name_what_was_injected(name: str, scenarios: set[str], tmp_path: Path) -> None:
    days, seed, scale = 2, 7, 0.003
    write(tmp_path, days, seed, scale, formats=[name])
    with (tmp_path / f"labels-{name}.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["event_id", "scenario", "incident", "completes"]
    read = {event.id: event for path in sorted((tmp_path / name).iterdir()) for event in ingested(path)}
    # The moment of an event is in every format; incidents of a day do not share one.
    labelled = {
        (label.incident, round(item.event.time, 2))
        for item in simulate(days, seed, scale)
        for label in item.labels
        if label.scenario in scenarios
    }
    found = {(incident, round(read[number].time, 2)) for number, scenario, incident, _ in rows if scenario in scenarios}
    assert found == labelled
    assert scenarios <= {scenario for _, scenario, _, _ in rows}


def test_files_of_a_run_before_are_replaced(tmp_path: Path) -> None:
    written = write(tmp_path, 1, 1, 0.002, formats=["x12"])
    stale = tmp_path / "x12" / "claims-institutional.x12"
    stale.write_text("left over")
    assert write(tmp_path, 1, 1, 0.002, formats=["x12"]) == written
    assert stale.exists() == ("x12/claims-institutional.x12" in written.files)

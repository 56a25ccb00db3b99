"""A simulated hospital in the formats of hospitals, and `wardwatch ingest --dry-run` over it: nothing is refused."""

import json
from pathlib import Path

from streams.sources.tables import PRESETS
from tests.monitor.cli.conftest import Wardwatch


def test_what_is_simulated_can_be_ingested(wardwatch: Wardwatch, tmp_path: Path) -> None:
    out = tmp_path / "hospital"
    simulated = wardwatch(
        "simulate",
        "--days",
        "1",
        "--seed",
        "3",
        "--scale",
        "0.003",
        "--format",
        "x12,fhir,atna,csv",
        "--out",
        out,
        "--json",
    )
    assert simulated.code == 0
    files = json.loads(simulated.out)["files"]
    assert {name.partition("/")[0] for name in files} == {"x12", "fhir", "atna", "csv"}
    assert not (out / "events.jsonl").exists()
    plain = [name for name in files if not name.startswith("csv/")]
    tables = [[name] for name in files if name.startswith("csv/")]
    for names in (plain, *tables):
        mapping = ["--mapping", Path(names[0]).stem, "--zone", "UTC"] if Path(names[0]).stem in PRESETS else []
        ran = wardwatch("ingest", *(out / name for name in names), *mapping, "--dry-run", "--json")
        assert ran.code == 0, ran.err
        summary = json.loads(ran.out)
        assert summary["dead_letters"] == {}
        assert summary["read"] == sum(files[name] for name in names)


def test_an_unknown_format_is_told(wardwatch: Wardwatch, tmp_path: Path) -> None:
    ran = wardwatch("simulate", "--format", "x12,edifact", "--out", tmp_path / "hospital")
    assert ran.code == 2
    assert "edifact" in ran.err
    assert not (tmp_path / "hospital").exists()

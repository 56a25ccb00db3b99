"""Mappings, listed, shown and tried on files; and that what a trial shows names nobody."""

import gzip
import json
import re
from pathlib import Path

import pytest

from streams.sources.tables import PRESETS, load_mapping, preset_text
from tests.monitor.cli.conftest import Wardwatch

HEADER = "ACCESS_TIME,USER_ID,PAT_ID,METRIC_NAME,DEPARTMENT"
ROWS = [
    "2026-03-02 09:14:03,jdoe-canary,Z4711-canary,Chart Opened,ICU",
    "soon,jdoe-canary,Z4712-canary,Chart Opened,ICU",
]

PATIENTS = """\
mapping: deaths
target: patient
zone: UTC
fields:
  time: {column: Changed, formats: ["%Y-%m-%d %H:%M"]}
  patient_ref: MRN
  deceased_at: {column: Died, formats: ["%Y-%m-%d %H:%M"], empty_means_none: true}
id: row
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "access.csv"
    path.write_text("\n".join([HEADER, *ROWS, ""]))
    return path


def test_mappings_are_listed_and_shown_as_they_can_be_used(wardwatch: Wardwatch, tmp_path: Path) -> None:
    listed = json.loads(wardwatch("mapping", "list", "--json").out)
    assert [row["name"] for row in listed] == list(PRESETS)
    assert listed[0] == {
        "name": "epic_access",
        "target": "phi_access",
        "needed_columns": "ACCESS_TIME, USER_ID, PAT_ID, METRIC_NAME",
    }
    shown = wardwatch("mapping", "show", "epic_access").out
    assert shown == preset_text("epic_access")
    (tmp_path / "ours.yml").write_text(shown)
    assert load_mapping(tmp_path / "ours.yml", "UTC") == load_mapping("epic_access", "UTC")
    assert "there are epic_access" in wardwatch("mapping", "show", "epic_acces").err


def test_a_trial_masks_who_it_is_about_unless_told_otherwise(wardwatch: Wardwatch, table: Path) -> None:
    words = ("mapping", "try", table, "--mapping", "epic_access", "--zone", "America/Chicago")
    for masked in (wardwatch(*words), wardwatch(*words, "--json")):
        assert masked.code == 0
        assert "canary" not in masked.out + masked.err
        assert re.search(r"u0:[\w-]{7}…", masked.out)
    first, second = (json.loads(wardwatch(*words, "--json").out)["examples"][0]["fields"] for _ in range(2))
    assert first["actor.id"] != second["actor.id"], "the key is a new one for each answer"
    assert "actor.id           jdoe-canary" in wardwatch(*words, "--show-identifiers").out


def test_a_trial_says_what_was_used_and_what_was_not(wardwatch: Wardwatch, table: Path) -> None:
    told = json.loads(wardwatch("mapping", "try", table, "--zone", "America/Chicago", "--json").out)
    assert told["mapping"] == "epic_access", "the preset that fits"
    assert told["columns"] == {
        "used": ["ACCESS_TIME", "USER_ID", "PAT_ID", "METRIC_NAME"],
        "ignored": ["DEPARTMENT"],
        "absent": ["WORKSTATION_ID"],
    }
    assert [(row["place"], row["reason"]) for row in told["not_converted"]] == [
        ("line 3, column ACCESS_TIME", "unknown_time_format")
    ]
    # 09:14:03 in Chicago, which is at -06:00 on 2 March 2026.
    assert told["examples"][0]["fields"]["occurred_at"] == "2026-03-02T15:14:03Z"
    assert (told["rows"], told["events"], told["is_usable"]) == (2, 1, True)
    assert told["verdict"] == "Usable in part: of 2 rows, 1 become events; refused: 1."


def test_what_names_somebody_in_free_text_is_masked(wardwatch: Wardwatch, tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text(
        PATIENTS.replace("  deceased_at: {column: Died", "  geo5: Area\n  deceased_at: {column: Died")
    )
    (tmp_path / "own.csv").write_text("MRN,Died,Changed,Area\n1,,2026-03-02 09:00,call 312-555-0134\n")
    words = ("mapping", "try", tmp_path / "own.csv", "--mapping", tmp_path / "own.yml")
    assert "312-555-0134" not in wardwatch(*words).out
    assert "***" in wardwatch(*words).out
    assert "312-555-0134" in wardwatch(*words, "--show-identifiers").out


def test_dates_of_persons_are_cut_to_their_year(wardwatch: Wardwatch, tmp_path: Path) -> None:
    (tmp_path / "deaths.yml").write_text(PATIENTS)
    (tmp_path / "deaths.csv").write_text("MRN,Died,Changed\n1,2026-03-01 04:00,2026-03-02 09:00\n2,,2026-03-02 09:00\n")
    words = ("mapping", "try", tmp_path / "deaths.csv", "--mapping", tmp_path / "deaths.yml", "--json")
    dead, alive = (row["fields"] for row in json.loads(wardwatch(*words).out)["examples"])
    assert (dead["deceased_at"], dead["time"]) == ("2026…", "2026-03-02T09:00:00+00:00")
    assert alive["deceased_at"] == "null"


def test_compressed_files_are_tried_too(wardwatch: Wardwatch, table: Path, tmp_path: Path) -> None:
    packed = tmp_path / "access.csv.gz"
    packed.write_bytes(gzip.compress(table.read_bytes()))
    assert wardwatch("mapping", "try", packed, "--zone", "UTC").code == 0


def test_no_more_rows_than_asked_for_are_shown(wardwatch: Wardwatch, tmp_path: Path) -> None:
    path = tmp_path / "access.csv"
    path.write_text("\n".join([HEADER, *(ROWS[index % 2] for index in range(3_000)), ""]))
    told = json.loads(wardwatch("mapping", "try", path, "--zone", "UTC", "--rows", "2", "--json").out)
    assert len(told["examples"]) == len(told["not_converted"]) == 2
    assert told["verdict"] == "Usable in part: of the first 1,000 rows, 500 become events; refused: 500."
    assert "and 498 more rows are refused" in wardwatch("mapping", "try", path, "--zone", "UTC", "--rows", "2").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("access.csv", "--mapping", "openemr", "--zone", "UTC"), "Not usable: the columns that the mapping needs"),
        (("access.csv",), "epic_access does not say in which zone its times are; add --zone"),
        (("none.csv", "--zone", "UTC"), "none.csv: No such file"),
        (("other.csv",), "no preset fits its columns"),
        (("access.csv", "--mapping", "wrong.yml"), "wrong.yml:2: target must be one of"),
        (("access.csv", "--mapping", "none.yml"), "none.yml:1: cannot be read"),
        (("bad.csv", "--mapping", "epic_access", "--zone", "UTC"), "Not usable: none of 1 rows becomes an event"),
    ],
)
def test_what_cannot_be_used_fails_and_says_why(
    wardwatch: Wardwatch, table: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(table.parent)
    Path("other.csv").write_text("a,b\n1,2\n")
    Path("bad.csv").write_text(f"{HEADER}\n{ROWS[1]}\n")
    Path("wrong.yml").write_text("mapping: m\ntarget: phi_acces\nfields: {}\nid: row\n")
    ran = wardwatch("mapping", "try", *words)
    assert ran.code == 1
    assert said in ran.out + ran.err
    assert "canary" not in ran.out + ran.err

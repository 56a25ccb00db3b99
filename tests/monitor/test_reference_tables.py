"""The tables of a site are found by the settings, by date, and refused as a whole where a row is wrong."""

import datetime
from pathlib import Path

import pytest

from detectors.reference.zip_places import Place
from monitor.failure import Failure
from monitor.reference_tables import read_references
from monitor.setting_rules import problems_between
from monitor.settings import Settings

date = datetime.date.fromisoformat


def test_every_table_is_read(tmp_path: Path) -> None:
    pairs, attributes, periods = (tmp_path / name for name in ("pairs.txt", "attributes.csv", "global.csv"))
    pairs.write_text("Column 1\tColumn 2\tEffective Date\tDeletion Date\tModifier\n10000\t20000\t20260101\t*\t1\n")
    attributes.write_text("code,sex,min_age,max_age,from,to\n59400,F,,,,\n", encoding="utf-8-sig")
    periods.write_text("HCPCS,GLOB DAYS\n66984,090\n")
    weights = tmp_path / "weights.csv"
    weights.write_text("MS-DRG,MS-DRG Title,Weights,Geometric mean LOS,Arithmetic mean LOS\n193,X WITH MCC,1.3,4,5\n")
    limits = tmp_path / "limits"
    limits.mkdir()
    for quarter, units in (("2025-10-01", 1), ("2026-01-01", 2)):
        text = f"HCPCS/CPT Code,MUE Value,MUE Adjudication Indicator\n10000,{units},3 Date of Service Edit: Clinical\n"
        (limits / f"{quarter}.csv").write_text(text)
    (limits / "README.md").write_text("from CMS")
    found = read_references(
        Settings(
            procedure_pairs=pairs,
            code_attributes=attributes,
            global_days=periods,
            unit_limits=limits,
            drg_weights=weights,
        )
    )
    assert found.pairs is not None
    assert found.pairs.find("10000", "20000", date("2026-03-02")) is not None
    assert found.unit_limits is not None
    by_quarter = [found.unit_limits.find("10000", date(day)) for day in ("2025-12-31", "2026-01-01")]
    assert [limit.units for limit in by_quarter if limit] == [1, 2]
    assert (list(found.code_attributes), list(found.global_days)) == (["59400"], ["66984"])
    assert [group.severity for group in found.drg_weights["193"]] == ["mcc"]


def test_without_settings_there_are_none() -> None:
    found = read_references(Settings())
    assert (found.pairs, found.unit_limits, found.code_attributes, found.global_days) == (None, None, {}, {})


def test_half_a_table_is_refused_with_the_row(tmp_path: Path) -> None:
    table = tmp_path / "attributes.csv"
    table.write_text("code,sex,min_age,max_age,from,to\n59400,F,,,,\n90670,,old,,,\n")
    with pytest.raises(Failure, match=r"1 rows cannot be used, the first is row 3 \(bad_attributes\)"):
        read_references(Settings(code_attributes=table))


def test_what_is_no_table_or_no_quarter_is_named(tmp_path: Path) -> None:
    (tmp_path / "no.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Failure, match="no text in UTF-8"):
        read_references(Settings(global_days=tmp_path / "no.csv"))
    with pytest.raises(Failure, match="first day of its quarter"):
        read_references(Settings(unit_limits=tmp_path))
    (tmp_path / "no.csv").write_text("a,b\n")
    with pytest.raises(Failure, match="no header"):
        read_references(Settings(procedure_pairs=tmp_path / "no.csv"))


@pytest.mark.parametrize("name", ["procedure_pairs", "code_attributes", "global_days", "unit_limits"])
def test_a_path_that_leads_nowhere_is_told_before_the_start(tmp_path: Path, name: str) -> None:
    settings = {
        "procedure_pairs": Settings(procedure_pairs=tmp_path / "none"),
        "code_attributes": Settings(code_attributes=tmp_path / "none"),
        "global_days": Settings(global_days=tmp_path / "none"),
        "unit_limits": Settings(unit_limits=tmp_path / "none"),
    }[name]
    assert [problem.name for problem in problems_between(settings, [])] == [f"WARDWATCH_{name.upper()}"]


def test_a_folder_of_tables_stands_for_every_setting_that_names_none(tmp_path: Path) -> None:
    folder, own = tmp_path / "tables", tmp_path / "own.csv"
    folder.mkdir()
    (folder / "service_minutes.csv").write_text("code,minutes,each\nX30,30,30\n")
    (folder / "zip_places.csv").write_text("zip,lat,lon\n100,40.7,-74.0\n")
    own.write_text("code,minutes,each\nX45,45,45\n")
    found = read_references(Settings(tables_dir=folder))
    assert list(found.minutes) == ["X30"]
    assert found.zip_places == {"100": Place(40.7, -74.0)}
    assert found.pairs is None
    assert list(read_references(Settings(tables_dir=folder, service_minutes=own)).minutes) == ["X45"]


def test_a_folder_of_tables_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="is no folder; correct WARDWATCH_TABLES_DIR"):
        read_references(Settings(tables_dir=tmp_path / "nowhere"))
    (tmp_path / "zip_places.csv").write_text("zip,lat,lon\n1,2,3\n")
    with pytest.raises(Failure, match=r"zip_places\.csv: .* line 2"):
        read_references(Settings(tables_dir=tmp_path))

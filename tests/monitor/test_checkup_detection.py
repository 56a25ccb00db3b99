"""`wardwatch doctor` on detection: the site's thresholds, and what is silent for want of a table."""

from pathlib import Path

from monitor.checkup import examine
from monitor.checkup_detection import BLIND_WITHOUT, check_tables, check_thresholds
from monitor.reference_tables import USUAL_NAMES
from monitor.settings import Settings

MINUTES = "code,minutes,each,share\n99215,40,0,1\n"


def test_every_table_says_what_is_silent_without_it() -> None:
    assert set(BLIND_WITHOUT) == set(USUAL_NAMES)


def test_tables_that_are_absent_are_told_and_are_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "service_minutes.csv").write_text(MINUTES)
    check = check_tables(Settings(tables_dir=tmp_path))
    assert check.ok
    assert check.detail.startswith(f"1 of {len(USUAL_NAMES)} are there; silent without ")
    assert "unit_limits (B03)" in check.detail
    assert "B05" not in check.detail


def test_a_table_that_is_none_fails(tmp_path: Path) -> None:
    (tmp_path / "service_minutes.csv").write_text("code\n99215\n")
    check = examine(Settings(tables_dir=tmp_path, broker="127.0.0.1:1"))["tables"]
    assert not check.ok


def test_thresholds_of_the_site_are_told(tmp_path: Path) -> None:
    path = tmp_path / "thresholds.yml"
    path.write_text("mass_access_cap: 80\n")
    assert check_thresholds(Settings()).detail == "the defaults"
    assert check_thresholds(Settings(thresholds=path)).detail == str(path)
    path.write_text("mass_access_cop: 80\n")
    wrong = examine(Settings(thresholds=path, broker="127.0.0.1:1"))["thresholds"]
    assert not wrong.ok
    assert "did you mean mass_access_cap?" in wrong.detail

"""A backup that is made while somebody writes comes back whole, and is verified; a changed one does not come back."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from alerting.commands import RecordFindings
from monitor.archive import opened_archive
from monitor.catalogue import read_rules
from monitor.response import build_desk, opened_store
from monitor.secret import Secret
from monitor.settings import Settings
from tests.alerting.building import a_finding
from tests.monitor.cli.conftest import KEY, Wardwatch

VAULT = "fedcba9876543210" * 4


@pytest.fixture
def case(tmp_path: Path) -> str:
    """The id of a case in a store beside an archive, both of which have been written to."""
    settings = Settings(data_dir=tmp_path / "data", token_key=Secret(KEY))
    with opened_archive(settings), opened_store(settings) as store:
        desk = build_desk(settings, store, read_rules(settings))
        (opened,) = desk.handle(RecordFindings([a_finding()])).opened
    return opened


def test_what_is_backed_up_comes_back_and_is_verified(wardwatch: Wardwatch, tmp_path: Path, case: str) -> None:
    live = create_engine(f"sqlite:///{tmp_path / 'data' / 'wardwatch.sqlite'}")
    with live.connect() as writer:
        writer.exec_driver_sql("UPDATE incidents SET reason = 'not yet written'")  # and never committed
        made = wardwatch("backup", tmp_path / "backup")
    live.dispose()
    assert (made.code, made.out) == (0, "copied archive.sqlite\ncopied wardwatch.sqlite\n")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "backup").iterdir()} == {0o600}

    elsewhere = {"data_dir": tmp_path / "elsewhere"}
    restored = wardwatch("restore", tmp_path / "backup", **elsewhere)
    assert restored.code == 0
    assert "wardwatch audit verify" in restored.out
    shown = wardwatch("incidents", "show", case, **elsewhere)
    assert shown.code == 0
    assert "not yet written" not in shown.out
    assert wardwatch("audit", "verify", **elsewhere).code == 0


def test_the_vault_is_part_of_it(wardwatch: Wardwatch, tmp_path: Path) -> None:
    assert wardwatch("vault", "audit", vault_key=VAULT).code == 0
    made = wardwatch("backup", tmp_path / "backup", vault_key=VAULT)
    assert "copied vault.sqlite" in made.out
    without = wardwatch("restore", tmp_path / "backup", data_dir=tmp_path / "elsewhere")
    assert without.code == 1
    assert "WARDWATCH_VAULT_KEY" in without.err
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_is_written_over(wardwatch: Wardwatch, tmp_path: Path, case: str) -> None:
    assert wardwatch("backup", tmp_path / "backup").code == 0
    for words in (("backup", tmp_path / "backup"), ("restore", tmp_path / "backup")):
        ran = wardwatch(*words)
        assert ran.code == 1
        assert "is there already; nothing was written over" in ran.err
    assert wardwatch("incidents", "show", case).code == 0


@pytest.mark.parametrize("change", ["changed", "missing", "no manifest"])
def test_what_is_not_as_it_was_backed_up_is_refused(
    wardwatch: Wardwatch, tmp_path: Path, case: str, change: str
) -> None:
    assert case
    assert wardwatch("backup", tmp_path / "backup").code == 0
    copy = tmp_path / "backup" / "wardwatch.sqlite"
    if change == "changed":
        copy.write_bytes(copy.read_bytes()[:-1] + b"x")
    elif change == "missing":
        copy.unlink()
    else:
        (tmp_path / "backup" / "manifest.json").write_text("{}")
    ran = wardwatch("restore", tmp_path / "backup", data_dir=tmp_path / "elsewhere")
    assert ran.code == 1
    assert not (tmp_path / "elsewhere").exists()


def test_of_a_server_the_command_is_told_without_its_password(wardwatch: Wardwatch, tmp_path: Path) -> None:
    url = "postgresql+psycopg://wardwatch:hunter2@db.example/incidents"
    ran = wardwatch("backup", tmp_path / "backup", database_url=url)
    assert ran.code == 1
    command = (
        "pg_dump --format custom --host db.example --port 5432 --username wardwatch --file wardwatch.dump incidents"
    )
    assert command in ran.err
    assert "hunter2" not in ran.err + ran.out

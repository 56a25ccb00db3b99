"""A backup that is made while somebody writes comes back whole, and is verified; a changed one does not come back."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from alerting.commands import RecordFindings
from monitor.archive import opened_archive
from monitor.catalogue import read_rules
from monitor.failure import Failure
from monitor.postgres_copies import dump, require_empty, restore
from monitor.response import build_desk, opened_store
from monitor.secret import Secret
from monitor.settings import Settings
from streams.embedded import free_port
from tests.alerting.building import a_finding
from tests.monitor.cli.conftest import KEY, Wardwatch
from tests.services.postgres import PostgresServer

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


def test_without_pg_dump_the_command_is_told_without_its_password(
    wardwatch: Wardwatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    url = "postgresql+psycopg://wardwatch:hunter2@db.example/incidents"
    ran = wardwatch("backup", tmp_path / "backup", database_url=url)
    assert ran.code == 1
    command = (
        "pg_dump --format custom --host db.example --port 5432 --username wardwatch --file wardwatch.dump incidents"
    )
    assert command in ran.err
    assert "hunter2" not in ran.err + ran.out


def served(url: str) -> dict[str, object]:
    return {"database_url": url}


@pytest.fixture
def filled(postgres_server: PostgresServer, tmp_path: Path) -> tuple[str, str]:
    """A database of PostgreSQL with a case, and the case's id."""
    postgres_url = postgres_server.create_database()
    settings = Settings(data_dir=tmp_path / "data", token_key=Secret(KEY), database_url=Secret(postgres_url))
    with opened_store(settings) as store:
        desk = build_desk(settings, store, read_rules(settings))
        (opened,) = desk.handle(RecordFindings([a_finding()])).opened
    return postgres_url, opened


def test_a_database_of_postgresql_comes_back_and_is_verified(
    wardwatch: Wardwatch, tmp_path: Path, filled: tuple[str, str], postgres_server: PostgresServer
) -> None:
    url, case = filled
    made = wardwatch("backup", tmp_path / "backup", **served(url))
    assert (made.code, made.out) == (0, "copied wardwatch.dump\n"), made.err
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "backup").iterdir()} == {
        "wardwatch.dump": 0o600, "manifest.json": 0o600,
    }  # fmt: skip
    again = wardwatch("restore", tmp_path / "backup", **served(url))
    assert (again.code, "has tables already; nothing was written over" in again.err) == (1, True)
    empty = served(postgres_server.create_database())
    restored = wardwatch("restore", tmp_path / "backup", **empty)
    assert restored.code == 0, restored.err
    assert wardwatch("incidents", "show", case, **empty).code == 0
    assert wardwatch("audit", "verify", **empty).code == 0


def test_a_copy_of_postgresql_that_was_changed_does_not_come_back(
    wardwatch: Wardwatch, tmp_path: Path, filled: tuple[str, str], postgres_server: PostgresServer
) -> None:
    assert wardwatch("backup", tmp_path / "backup", **served(filled[0])).code == 0
    copy = tmp_path / "backup" / "wardwatch.dump"
    copy.write_bytes(copy.read_bytes()[:-1] + b"x")
    empty = postgres_server.create_database()
    assert "is not what was backed up" in wardwatch("restore", tmp_path / "backup", **served(empty)).err
    require_empty(make_url(empty))


def test_a_server_that_does_not_answer_leaves_nothing(wardwatch: Wardwatch, tmp_path: Path, case: str) -> None:
    assert case
    url = f"postgresql+psycopg://wardwatch:hunter2:x@127.0.0.1:{free_port()}/incidents"
    ran = wardwatch("backup", tmp_path / "backup", database_url=url)
    assert ran.code == 1
    assert "wardwatch: incidents on 127.0.0.1 cannot be copied: connection to server at" in ran.err
    assert "hunter2" not in ran.err + ran.out
    assert list((tmp_path / "backup").iterdir()) == []


def test_a_copy_that_cannot_be_read_again_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that writes half a copy and says that all is well, as on a disk that loses what is written."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("pg_dump", "#!/bin/sh\nprintf half > $4\n"), ("pg_restore", "#!/bin/sh\nexit 1\n")):
        (programs / name).write_text(text)
        (programs / name).chmod(0o700)
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(Failure, match="the copy of incidents cannot be read again"):
        dump(make_url("postgresql+psycopg://db.example/incidents"), tmp_path / "out" / "x.dump")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_password_is_in_no_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    script = (
        '#!/bin/sh\necho "$@" >> {0}/words\n'
        "for word in $@; do case $word in passfile=*) cat ${{word#passfile=}} >> {0}/pass;; esac; done\nexit 3\n"
    )
    for name in ("pg_dump", "pg_restore"):
        (programs / name).write_text(script.format(tmp_path))
        (programs / name).chmod(0o700)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    url = make_url("postgresql+psycopg://ana:a%3Ab%5Cc@db.example:5433/incidents?sslmode=verify-full")
    with pytest.raises(Failure, match="cannot be copied: pg_dump ended with 3"):
        dump(url, tmp_path / "out" / "x.dump")
    with pytest.raises(Failure, match="pg_restore ended with 3"):
        restore(url, tmp_path / "x.dump")
    words = (tmp_path / "words").read_text()
    assert "a:b" not in words and "sslmode=verify-full" in words and "port=5433" in words
    assert (tmp_path / "pass").read_text() == "*:*:*:*:a\\:b\\\\c\n" * 2
    assert list((tmp_path / "out").iterdir()) == []


def test_without_pg_restore_the_command_is_told(
    wardwatch: Wardwatch, tmp_path: Path, filled: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wardwatch("backup", tmp_path / "backup", **served(filled[0])).code == 0
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = wardwatch("restore", tmp_path / "backup", **served(filled[0]))
    assert ran.code == 1
    assert "pg_restore --single-transaction --no-owner --no-acl --host 127.0.0.1" in ran.err

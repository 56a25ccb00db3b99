"""The doctor's checks, those that need no broker."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.checkup import CHECKS, examine
from monitor.health import Check
from monitor.keys import local_keys
from monitor.secret import Secret
from monitor.settings import Settings


def checked(name: str, settings: Settings) -> Check:
    check: Callable[[Settings], Check] = CHECKS[name]
    return check(settings)


def test_a_check_that_cannot_be_made_fails_with_what_to_do() -> None:
    results = examine(Settings(broker="127.0.0.1:1"))
    assert not results["broker"].ok
    assert "correct WARDWATCH_BROKER" in results["topics"].detail


def test_looking_at_it_makes_no_database(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    assert checked("database", settings).ok
    assert checked("clock", settings).ok
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("url", ["postgresql+psycopg://u:hunter2@127.0.0.1:1/db", "nonsense"])
def test_a_database_that_is_not_there(url: str) -> None:
    result = examine(Settings(database_url=Secret(url)))["database"]
    assert not result.ok
    assert "WARDWATCH_DATABASE_URL" in result.detail
    assert "hunter2" not in result.detail


def test_the_clock_is_compared_with_that_of_postgresql(postgres_url: str) -> None:
    settings = Settings(database_url=Secret(postgres_url))
    assert checked("database", settings).detail == "postgresql"
    result = checked("clock", settings)
    assert result.ok
    assert result.detail.endswith("from the database's")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert not checked("disk", Settings(data_dir=file)).ok


def test_a_key_that_commands_made_here_is_told_before_one_makes_another(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    missing = checked("keys", settings)
    assert not missing.ok
    assert "openssl rand" in missing.detail
    local_keys(settings)
    kept = checked("keys", settings)
    assert kept.ok
    assert "openssl" not in kept.detail
    assert f"WARDWATCH_TOKEN_KEY_FILE={tmp_path / 'token.key'}" in kept.detail


def test_keys_and_models_are_told() -> None:
    assert checked("keys", Settings(token_key=Secret("ab" * 32))).detail == "key 1"
    assert "none are used" in checked("models", Settings()).detail

"""What holds PHI is for its owner alone, whatever the umask of who starts Wardwatch."""

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.failure import Failure
from monitor.private_files import write_private
from monitor.response import opened_store
from monitor.settings import load
from streams.formats import replay_files


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_store_and_its_folder(tmp_path: Path) -> None:
    with opened_store(load(environment={"WARDWATCH_DATA_DIR": str(tmp_path / "data")})) as store:
        assert store.incidents() == []
        files = {path.name: mode(path) for path in (tmp_path / "data").iterdir()}
    assert mode(tmp_path / "data") == 0o700
    assert files["wardwatch.sqlite"] == 0o600
    assert set(files.values()) == {0o600}  # the journals, too


def test_of_a_file_that_does_not_fit_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(Failure, match="cannot be written"):
            write_private(path, b"x" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not path.exists()
    write_private(path, b"x" * 100)
    with pytest.raises(Failure, match="is there already"):
        write_private(path, b"y")


def test_the_files_of_a_replay(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("findings.jsonl", "scores.csv", "retractions.jsonl")]
    with replay_files(*paths):
        pass
    assert [mode(path) for path in paths] == [0o600] * 3

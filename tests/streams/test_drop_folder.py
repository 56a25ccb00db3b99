"""Drop folders: only whole files are offered, and nothing that lies there is ever overwritten."""

import os
from pathlib import Path

import pytest

from streams.drop_folder import LONGEST_NAME, DropFolder

NOW = 1_772_442_843.0
SETTLE = 5.0


class Clock:
    """A clock that is set by hand; files that a test writes are from its present."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def drop(tmp_path: Path, clock: Clock) -> DropFolder:
    return DropFolder(tmp_path, SETTLE, clock)


def put(path: Path, content: str = "x", at: float = NOW) -> Path:
    path.write_text(content)
    os.utime(path, (at, at))
    return path


def offered(drop: DropFolder) -> list[str]:
    return [path.name for path in drop.look().complete]


def test_a_file_is_complete_when_it_was_left_alone_for_long_enough(
    tmp_path: Path, drop: DropFolder, clock: Clock
) -> None:
    put(tmp_path / "a.837")
    assert (offered(drop), drop.look().growing) == ([], 1)
    clock.now += 4.9
    assert offered(drop) == []
    put(tmp_path / "a.837", "xx", clock.now)
    clock.now += 4.9
    assert offered(drop) == []
    clock.now += 0.2
    assert (offered(drop), drop.look().growing) == (["a.837"], 0)


def test_a_file_that_was_there_long_before_is_complete_at_once(tmp_path: Path, drop: DropFolder) -> None:
    put(tmp_path / "new", at=NOW - 6)
    put(tmp_path / "old", at=NOW - 600)
    assert offered(drop) == ["old", "new"]


def test_a_time_in_the_future_is_no_obstacle(tmp_path: Path, drop: DropFolder, clock: Clock) -> None:
    put(tmp_path / "a", at=NOW + 3_600)
    assert offered(drop) == []
    clock.now += SETTLE
    assert offered(drop) == ["a"]


@pytest.mark.parametrize("name", [".a.837", "a.837.part", "a.tmp", "a.837.filepart", "A.PART"])
def test_a_file_in_the_making_is_left_alone_until_it_is_renamed(tmp_path: Path, drop: DropFolder, name: str) -> None:
    unfinished = put(tmp_path / name, at=NOW - 600)
    assert drop.look().growing == 0
    assert offered(drop) == []
    put(unfinished, at=NOW)
    unfinished.rename(tmp_path / "a.837")
    assert offered(drop) == ["a.837"], "a rename is atomic: there is nothing to wait for"


def test_what_is_no_file_of_the_folder_is_never_offered(tmp_path: Path, drop: DropFolder) -> None:
    outside = put(tmp_path.parent / f"{tmp_path.name}-outside", at=NOW - 600)
    (tmp_path / "link").symlink_to(outside)
    (tmp_path / "sub").mkdir()
    put(tmp_path / "sub" / "inner", at=NOW - 600)
    put(tmp_path / "done" / "before", at=NOW - 600)
    os.mkfifo(tmp_path / "pipe")
    look = drop.look()
    assert (look.complete, look.growing) == ([], 0)


def test_what_is_put_away_lies_beside_others_of_its_name(tmp_path: Path, drop: DropFolder) -> None:
    for number in range(3):
        drop.put_away(put(tmp_path / "a.837.gz", str(number)), "done")
    found = {path.name: path.read_text() for path in (tmp_path / "done").iterdir()}
    assert found == {"a.837.gz": "0", "a.837-2.gz": "1", "a.837-3.gz": "2"}
    assert offered(drop) == []


def test_beside_a_failed_file_lies_why(tmp_path: Path, drop: DropFolder) -> None:
    put(tmp_path / "failed" / "a.csv.why.txt", "somebody's own file")
    target = drop.put_away(put(tmp_path / "a.csv", "data"), "failed", "2 missing_id\n")
    found = {path.name: path.read_text() for path in (tmp_path / "failed").iterdir()}
    assert target == tmp_path / "failed" / "a.csv"
    assert found == {
        "a.csv": "data",
        "a.csv.why.txt": "somebody's own file",
        "a.csv.why-2.txt": "2 missing_id\n",
    }


def test_the_longest_name_is_put_away_too(tmp_path: Path, drop: DropFolder) -> None:
    name = "é" * 125 + ".csv"
    assert len(os.fsencode(name)) == LONGEST_NAME - 1
    for _ in range(2):
        drop.put_away(put(tmp_path / name), "failed", "why\n")
    names = {path.name for path in (tmp_path / "failed").iterdir()}
    assert len(names) == 4
    assert sum(each.endswith(".csv") for each in names) == 2


def test_why_may_hold_a_name_in_any_encoding(tmp_path: Path, drop: DropFolder) -> None:
    name = os.fsdecode(b"odd\xff.csv")
    target = drop.put_away(put(tmp_path / name), "failed", f"{name}: is no table\n")
    assert target.with_name(f"{name}.why.txt").read_text() == "odd\\udcff.csv: is no table\n"


def test_what_vanished_leaves_nothing_behind(tmp_path: Path, drop: DropFolder) -> None:
    with pytest.raises(FileNotFoundError):
        drop.put_away(tmp_path / "a", "failed", "why")
    assert list((tmp_path / "failed").iterdir()) == []


def test_what_is_left_alone_is_offered_again_when_it_changes(tmp_path: Path, drop: DropFolder, clock: Clock) -> None:
    path = put(tmp_path / "a", at=NOW - 600)
    put(tmp_path / "b", at=NOW - 500)
    assert offered(drop) == ["a", "b"]
    drop.leave_alone(path)
    assert offered(drop) == ["b"]
    put(path, "changed")
    clock.now += SETTLE
    assert offered(drop) == ["b", "a"]


def test_it_needs_a_folder_of_its_own(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(FileNotFoundError):
        DropFolder(tmp_path / "missing", SETTLE, clock)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "done").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotADirectoryError):
        DropFolder(tmp_path, SETTLE, clock)

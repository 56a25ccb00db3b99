"""The journal: what was noted is there after a restart, and every part of a work tells it from others."""

import stat
from pathlib import Path

import msgspec
import pytest

from streams.journal import Journal, JournalError, Sent, Work

WORK = Work("broker:9092 x-", "urn:wardwatch:src:x12", "ab" * 32, "x12 1 UTC", "p1:abc")


def test_what_was_never_begun_is_at_its_start(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite") as journal:
        assert journal.sent(WORK) == Sent(0, {}, finished=False)


def test_what_was_noted_is_there_after_a_restart(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite") as journal:
        journal.note(WORK, Sent(2_000, {"missing_field": 3}))
        journal.note(WORK, Sent(4_000, {"missing_field": 3, "pan_found": 1}))
    with Journal(tmp_path / "j.sqlite") as journal:
        assert journal.sent(WORK) == Sent(4_000, {"missing_field": 3, "pan_found": 1}, finished=False)
        journal.note(WORK, Sent(4_100, {}, finished=True))
    with Journal(tmp_path / "j.sqlite") as journal:
        assert journal.sent(WORK) == Sent(4_100, {}, finished=True)


@pytest.mark.parametrize("part", Work.__struct_fields__)
def test_every_part_makes_another_work(tmp_path: Path, part: str) -> None:
    other = msgspec.structs.replace(WORK, **{part: "other"})
    with Journal(tmp_path / "j.sqlite") as journal:
        journal.note(WORK, Sent(5, {}, finished=True))
        assert journal.sent(other) == Sent()
        journal.note(other, Sent(1))
        assert journal.sent(WORK).acknowledged == 5


def test_two_processes_may_use_it(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite") as one, Journal(tmp_path / "j.sqlite") as other:
        one.note(WORK, Sent(1))
        other.note(WORK, Sent(2))
        assert one.sent(WORK).acknowledged == 2


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite"):
        assert stat.S_IMODE((tmp_path / "j.sqlite").stat().st_mode) == 0o600


def test_a_file_that_is_no_journal_is_named(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    path.write_bytes(b"not a database, and long enough to see it" * 100)
    with pytest.raises(JournalError, match=r"j\.sqlite cannot be used as journal; move it away"):
        Journal(path)


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalError):
        Journal(tmp_path / "nowhere" / "j.sqlite")


def test_counts_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite") as journal:
        journal.note(WORK, Sent(1))
        journal._run("UPDATE sent SET dead_letters = 'x'")
        with pytest.raises(JournalError):
            journal.sent(WORK)

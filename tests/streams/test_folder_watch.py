"""What becomes of a dropped file when things go wrong: it stays, or lies in `failed` with the reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from streams.drop_folder import DropFolder
from streams.file_formats import Reading
from streams.file_ingest import Courier, Delivery, FileReport, RefusedAt
from streams.folder_watch import Fate, FolderWatch, why_text
from streams.ingest import IngestError
from streams.input_file import InputFile
from streams.topics import TopicPlan
from tests.streams.samples import access, line, tokeniser

Happening = Callable[[InputFile, FileReport], None]


class Sent(Delivery):
    """Sends nowhere; while it does, something happens."""

    def __init__(self, happening: Happening) -> None:
        self._happening = happening

    async def send(
        self,
        file: InputFile,
        report: FileReport,
        progress: Callable[[FileReport], None] = lambda _: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        report.outcome = "sent"
        self._happening(file, report)


async def taken(folder: Path, happening: Happening = lambda *_: None, path: Path | None = None) -> Fate:
    drop = DropFolder(folder, 0.0, lambda: 0.0)
    watch = FolderWatch(drop, Courier(tokeniser(), TopicPlan(), Reading()), lambda: False)
    return await watch.take(path or dropped(folder), Sent(happening))


def dropped(folder: Path) -> Path:
    path = folder / "a"
    path.write_bytes(line(access()))
    return path


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def grow(file: InputFile, _: FileReport) -> None:
    with file.path.open("ab") as growing:
        growing.write(b"\n")


def vanish(file: InputFile, _: FileReport) -> None:
    file.path.unlink()


def swap(file: InputFile, _: FileReport) -> None:
    other = file.path.with_name("b")
    other.write_bytes(b"another")
    other.replace(file.path)


def stopped(_: InputFile, report: FileReport) -> None:
    report.outcome = "stopped"


def fault(*_: object) -> None:
    raise LookupError("MRN4711")


def broker_away(*_: object) -> None:
    raise IngestError("KafkaTimeoutError")


async def test_what_was_sent_is_done(tmp_path: Path) -> None:
    assert await taken(tmp_path) == "done"
    assert names(tmp_path) == {"done/a"}


@pytest.mark.parametrize("happening", [grow, swap, stopped])
async def test_what_changed_or_was_not_finished_stays(tmp_path: Path, happening: Happening) -> None:
    assert await taken(tmp_path, happening) == "stays"
    assert names(tmp_path) == {"a"}


async def test_what_vanishes_is_no_failure(tmp_path: Path) -> None:
    assert await taken(tmp_path, vanish) == "stays"
    assert await taken(tmp_path, path=tmp_path / "gone") == "stays"
    assert names(tmp_path) == set()


async def test_a_fault_of_ours_fails_one_file_and_quotes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert await taken(tmp_path, fault) == "failed"
    assert names(tmp_path) == {"failed/a", "failed/a.why.txt"}
    assert (tmp_path / "failed" / "a.why.txt").read_text() == "internal error LookupError; the log says where\n"
    assert [record.message for record in caplog.records] == ["A file could not be read", "A file is failed"]


async def test_while_the_broker_is_away_a_file_stays(tmp_path: Path) -> None:
    with pytest.raises(IngestError):
        await taken(tmp_path, broker_away)
    assert names(tmp_path) == {"a"}


async def test_drawers_that_were_cleared_away_come_back(tmp_path: Path) -> None:
    assert await taken(tmp_path, lambda *_: (tmp_path / "done").rmdir()) == "done"
    assert names(tmp_path) == {"done/a"}


async def test_what_cannot_be_put_away_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def obstruct(*_: object) -> None:
        (tmp_path / "done").rmdir()
        (tmp_path / "done").write_text("in the way")

    drop = DropFolder(tmp_path, 0.0, lambda: 0.0)
    watch = FolderWatch(drop, Courier(tokeniser(), TopicPlan(), Reading()), lambda: False)
    path = dropped(tmp_path)
    drop.look()
    assert await watch.take(path, Sent(obstruct)) == "stays"
    assert caplog.records[-1].message.startswith("A file cannot be put away")
    assert [each.name for each in drop.look().complete] == ["done"], "not the file"


def test_the_reason_has_no_values() -> None:
    report = FileReport(
        "/drop/a.csv",
        "table",
        "sent",
        read=2,
        dead_letters={"missing_id": 2},
        first_refusals=[RefusedAt("missing_id", "line 2"), RefusedAt("missing_id", "line 3")],
    )
    assert why_text(report).splitlines() == [
        "none of its 2 records could be used, read as table",
        "2 missing_id",
        "line 2: missing_id",
        "line 3: missing_id",
    ]

"""`wardwatch watch` on a broker: what is dropped arrives and is put away, whatever else happens."""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from streams.embedded import EmbeddedBroker, free_port
from streams.ingest import IN_FLIGHT
from streams.topics import SOURCES, TopicPlan
from tests.monitor.cli.conftest import KEY, Ran, Wardwatch
from tests.monitor.cli.journals import acknowledged
from tests.monitor.cli.processes import environment, started, wait_for
from tests.streams.kafka_records import everything
from tests.streams.samples import access, line
from tests.streams.sources.hl7.adt import adt
from tests.streams.sources.x12.samples import CLAIM, professional


@dataclass(frozen=True)
class Drop:
    """A drop folder and the settings of who watches it."""

    settings: dict[str, str]
    wardwatch: Wardwatch
    folder: Path
    log: Path

    def once(self, *words: str) -> Ran:
        return self.wardwatch("watch", self.folder, "--once", "--settle", "0s", *words, **self.settings)

    def put(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def names(self, *below: str) -> set[str]:
        return {path.name for path in self.folder.joinpath(*below).iterdir() if not path.is_dir()}

    def ids(self) -> list[str]:
        plan = TopicPlan(prefix=self.settings["topic_prefix"])
        found = asyncio.run(everything(self.settings["broker"], *map(plan.name, SOURCES)))
        return [record.headers.get("ce_id", b"").decode() for _, record in found]

    def said(self) -> list[dict[str, object]]:
        return [json.loads(text) for text in self.log.read_text().splitlines()]


@pytest.fixture
def drop(embedded_broker: EmbeddedBroker, topics_prefix: str, wardwatch: Wardwatch, tmp_path: Path) -> Drop:
    settings = {
        "broker": embedded_broker.bootstrap,
        "topic_prefix": topics_prefix,
        "partitions": "2",
        "data_dir": str(tmp_path / "data"),
        "token_key": KEY,
    }
    made = Drop(settings, wardwatch, tmp_path / "drop", tmp_path / "watch.log")
    made.folder.mkdir()
    assert wardwatch("topics", "create", **settings).code == 0
    return made


@pytest.fixture
def watching(drop: Drop) -> Iterator[subprocess.Popen[bytes]]:
    with started(["watch", str(drop.folder), "--settle", "0.3s"], environment(drop.settings), drop.log) as process:
        yield process


def test_files_are_taken_as_they_come_until_told_to_stop(drop: Drop, watching: subprocess.Popen[bytes]) -> None:
    drop.put("a.837", professional(CLAIM))
    drop.put(".b.hl7", adt())
    drop.put("c.part", adt())
    wait_for("a.837", (drop.folder / "done" / "a.837").exists, drop.log, pause=0.05)
    (drop.folder / "c.part").rename(drop.folder / "Doe Jane MRN4711.hl7")
    wait_for("the other", lambda: len(drop.names("done")) == 2, drop.log, pause=0.05)
    drop.put("d.txt", b"hello\n")
    wait_for("the failed", lambda: len(drop.names("failed")) == 2, drop.log, pause=0.05)
    watching.send_signal(signal.SIGTERM)
    assert watching.wait(30) == 0, drop.log.read_text()

    assert drop.names() == {".b.hl7"}
    assert drop.names("done") == {"a.837", "Doe Jane MRN4711.hl7"}
    assert drop.names("failed") == {"d.txt", "d.txt.why.txt"}
    assert "looks like none of cloudevents, x12" in (drop.folder / "failed" / "d.txt.why.txt").read_text()
    assert len(drop.ids()) == 2
    said = drop.said()
    assert [entry["message"] for entry in said] == [
        "Watch starts", "A file is done", "A file is done", "A file is failed", "Watch ends",
    ]  # fmt: skip
    assert "MRN4711" not in drop.log.read_text()


def test_once_takes_what_is_there(drop: Drop) -> None:
    drop.put("a", line(access()))
    assert drop.once().code == 0
    assert (drop.names(), drop.names("done"), len(drop.ids())) == (set(), {"a"}, 1)
    drop.put("a", line(access()))
    assert drop.once().code == 0
    assert (drop.names("done"), len(drop.ids())) == ({"a", "a-2"}, 1), "the same file is not sent twice"


def test_of_a_failed_file_the_text_says_why_without_values(drop: Drop) -> None:
    drop.put("a.csv", b"id,date,event,user,patient_id,success\n1,nonsense,view,u1,MRN4711,1\n")
    assert drop.once("--mapping", "openemr", "--zone", "UTC").code == 1
    assert (drop.folder / "failed" / "a.csv.why.txt").read_text().splitlines() == [
        "none of its 1 records could be used, read as table",
        "1 unknown_time_format",
        "line 2, column date: unknown_time_format",
    ]
    assert len(drop.ids()) == 1, "the row is a dead letter all the same"


def test_what_cannot_be_read_is_put_away_with_the_reason(drop: Drop) -> None:
    damaged = b"\x1f\x8b" + bytes(50)
    drop.put("a.gz", damaged)
    assert drop.once().code == 1
    assert drop.names("failed") == {"a.gz", "a.gz.why.txt"}
    assert "damaged" in (drop.folder / "failed" / "a.gz.why.txt").read_text()


def test_links_and_folders_stay(drop: Drop, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(line(access()))
    (drop.folder / "link").symlink_to(outside)
    (drop.folder / "sub").mkdir()
    (drop.folder / "sub" / "inner").write_bytes(line(access()))
    assert drop.once().code == 0
    assert drop.names() == {"link"}
    assert outside.exists()
    assert drop.ids() == []


def test_files_that_may_still_grow_are_left(drop: Drop) -> None:
    drop.put("a", line(access()))
    ran = drop.wardwatch("watch", drop.folder, "--once", "--settle", "1h", **drop.settings)
    assert ran.code == 0
    assert "still grow" in ran.err
    assert drop.names() == {"a"}


def test_a_file_that_waits_for_the_broker_arrives_when_it_is_there(
    topics_prefix: str, wardwatch: Wardwatch, tmp_path: Path
) -> None:
    port = free_port()
    drop = Drop(
        {
            "broker": f"127.0.0.1:{port}",
            "topic_prefix": topics_prefix,
            "partitions": "2",
            "data_dir": str(tmp_path / "data"),
            "token_key": KEY,
        },
        wardwatch,
        tmp_path / "drop",
        tmp_path / "log",
    )
    drop.folder.mkdir()
    drop.put("a", line(access()))
    assert drop.once().code == 1
    assert drop.names() == {"a"}
    words = ["watch", str(drop.folder), "--settle", "0s"]
    with started(words, environment(drop.settings), drop.log) as process:
        wait_for("the warning", lambda: "Files wait" in drop.log.read_text(), drop.log)
        with EmbeddedBroker(port):
            wait_for("a second one", lambda: "there is no topic" in drop.log.read_text(), drop.log)
            assert wardwatch("topics", "create", **drop.settings).code == 0
            wait_for("the file", lambda: drop.names("done") == {"a"}, drop.log)
            assert drop.ids() == ["e1"]
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


def test_a_kill_loses_nothing_and_sends_nothing_again(drop: Drop) -> None:
    rows = "".join(f"{n},2026-03-02 09:14:03,view,u{n % 50},MRN{n},1\n" for n in range(12_000))
    path = drop.put("a.csv", f"id,date,event,user,patient_id,success\n{rows}".encode())
    os.utime(path, (time.time() - 60, time.time() - 60))
    words = ["watch", str(drop.folder), "--mapping", "openemr", "--zone", "UTC"]
    journal = Path(drop.settings["data_dir"]) / "ingest.sqlite"
    with started(words, environment(drop.settings), drop.log) as process:
        wait_for("the journal", lambda: acknowledged(journal) > 0, drop.log, pause=0.01)
        process.kill()
        process.wait(30)
    assert drop.names() == {"a.csv"}
    before = acknowledged(journal)
    assert 0 < before < 12_000
    assert drop.once("--mapping", "openemr", "--zone", "UTC").code == 0
    assert drop.names("done") == {"a.csv"}
    ids = drop.ids()
    assert len(set(ids)) == 12_000
    assert len(ids) <= 12_000 + IN_FLIGHT


def test_a_folder_that_cannot_be_used_is_told(drop: Drop) -> None:
    (drop.folder / "done").write_text("in the way")
    ran = drop.once()
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "File exists" in ran.err

"""`wardwatch ingest` on a broker: every format arrives, once, across kills; what cannot be mapped is told and kept."""

import asyncio
import gzip
import json
import shlex
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from streams.embedded import EmbeddedBroker
from streams.ingest import IN_FLIGHT
from streams.intake import Intake
from streams.records import SourceRecord
from streams.tokens import Tokeniser
from streams.topics import SOURCES, TopicPlan
from tests.conftest import Broker
from tests.docs.pages import ROOT, commands
from tests.monitor.cli.conftest import KEY, Ran, Wardwatch
from tests.monitor.cli.journals import acknowledged
from tests.monitor.cli.processes import environment, started, wait_for
from tests.streams.kafka_records import everything
from tests.streams.samples import access, line
from tests.streams.sources.hl7.adt import adt
from tests.streams.sources.x12.samples import CLAIM, professional

HEADER = "id,date,event,user,patient_id,success,category\n"
CSV = HEADER + "".join(f"{n},2026-03-02 09:14:{n:02},patient-record-select,u{n % 3},MRN{n},1,x\n" for n in range(10))
OPENEMR = ("--mapping", "openemr", "--zone", "America/Chicago")


@dataclass(frozen=True)
class Site:
    """One installation on a shared broker."""

    settings: dict[str, str]
    wardwatch: Wardwatch
    folder: Path

    def run(self, *words: str | Path) -> Ran:
        return self.wardwatch(*words, **self.settings)

    def report(self, *words: str | Path) -> dict[str, object]:
        ran = self.run("ingest", *words, "--json")
        assert ran.code == 0, ran.err
        answer: dict[str, object] = json.loads(ran.out)
        return answer

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def records(self) -> list[SourceRecord]:
        plan = TopicPlan(prefix=self.settings["topic_prefix"])
        found = asyncio.run(everything(self.settings["broker"], *map(plan.name, SOURCES)))
        return [record for _, record in found]


def site_on(broker: Broker, prefix: str, wardwatch: Wardwatch, folder: Path) -> Site:
    settings = {
        "broker": broker.bootstrap,
        "topic_prefix": prefix,
        "partitions": "2",
        "data_dir": str(folder / "data"),
        "token_key": KEY,
    }
    made = Site(settings, wardwatch, folder)
    assert made.run("topics", "create").code == 0
    return made


@pytest.fixture
def site(embedded_broker: EmbeddedBroker, topics_prefix: str, wardwatch: Wardwatch, tmp_path: Path) -> Site:
    return site_on(embedded_broker, topics_prefix, wardwatch, tmp_path)


def counts(report: dict[str, object]) -> tuple[object, object, object]:
    return report["read"], report["sent_before"], report["published"]


def test_files_of_several_formats_arrive_once(site: Site) -> None:
    files = [
        site.put("a", CSV),
        site.put("b", professional(CLAIM)),
        site.put("c", adt()),
        site.put("d", line(access())),
        site.put("e", b""),
    ]
    report = site.report(*files, *OPENEMR)
    assert counts(report) == (13, 0, 13)
    assert report["dead_letters"] == {}
    again = site.report(*files, *OPENEMR)
    assert counts(again) == (13, 13, 0)
    assert counts(site.report(files[0], *OPENEMR, "--again")) == (10, 0, 10)
    assert counts(site.report(files[0], *OPENEMR)) == (10, 10, 0)

    records = site.records()
    assert len(records) == 23
    assert len({record.headers["ce_id"] for record in records}) == 13
    result = Intake(Tokeniser({1: bytes.fromhex(KEY)}, 1)).admit(records)
    assert (len(result.visits), result.dead_letters) == (23, [])
    of_adapters = b"".join(record.value or b"" for record in records if record.headers["ce_id"] != b"e1")
    for raw in (b"MRN", b"DOE", b"M100", b"4711", b'"u1"'):
        assert raw not in of_adapters


def test_it_says_what_it_did_in_words(site: Site) -> None:
    path = site.put("a.csv", CSV + "11,nonsense,patient-record-select,u1,MRN4711,1,x\n12,,backup,,,,\n")
    ran = site.run("ingest", path, *OPENEMR)
    assert ran.code == 0, "one bad row among ten is a dead letter, not a failure"
    assert ran.out.splitlines() == [
        f"{path}: 11 of 11 records (table) are in Kafka now.",
        "  1 left out by the mapping: not_about_a_record",
        "  1 refused: unknown_time_format. A time is in none of the formats that the mapping lists.",
        "    line 12, column date: unknown_time_format",
    ]
    ran = site.run("ingest", path, path, *OPENEMR)
    assert ran.out.splitlines()[0] == (
        f"{path}: 11 records (table) were sent before, nothing is sent now; --again sends them again."
    )
    assert ran.out.splitlines()[-1] == "2 files, 22 records: 0 are in Kafka now."


def test_a_refusal_reaches_the_intake_with_reason_and_source(site: Site) -> None:
    site.report(site.put("a.csv", CSV + "11,nonsense,patient-record-select,u1,MRN4711,1,x\n"), *OPENEMR)
    result = Intake(Tokeniser({1: bytes.fromhex(KEY)}, 1)).admit(site.records())
    (letter,) = result.dead_letters
    assert (letter.reason, letter.detail) == ("unknown_time_format", "line 12, column date")
    rows = [row for entry in result.entries for row in entry.rows]
    assert {row.source for row in rows} == {"urn:wardwatch:src:openemr"}
    assert sum(row.n for row in rows if row.outcome == "received") == 11


def test_a_file_of_which_nothing_fits_does_not_end_well(site: Site) -> None:
    path = site.put("a.csv", HEADER + "11,nonsense,patient-record-select,u1,MRN4711,1,x\n")
    for _ in range(2):  # the second time nothing is sent, and it is no better
        ran = site.run("ingest", path, *OPENEMR)
        assert ran.code == 1
        assert ran.err == f"wardwatch: {path}: none of its records could be mapped; is it table?\n"
        assert "MRN4711" not in ran.out


def test_files_that_cannot_be_told_stop_all_before_anything_is_sent(site: Site) -> None:
    good, bad, table = site.put("a", line(access())), site.put("b", "hello\n"), site.put("c", CSV)
    ran = site.run("ingest", good, bad, table)
    assert ran.code == 1
    assert [text.split(": ")[0].strip() for text in ran.err.splitlines()] == [
        "wardwatch",
        str(bad),
        str(table),
    ]
    assert site.records() == []
    assert site.run("ingest", bad, "--format", "hl7").code == 1, "its one message is refused"
    assert [record.headers["wardwatch_refused"] for record in site.records()] == [b"no_message_header"]


def test_a_file_that_ends_early_is_sent_as_far_as_it_can_be_read(site: Site) -> None:
    rows = "".join(f"{n},2026-03-02 09:14:03,view,u{n},MRN{n * n},1,x\n" for n in range(16_000))
    whole = gzip.compress((HEADER + rows).encode())
    path = site.put("a.csv.gz", whole[: len(whole) // 2])
    ran = site.run("ingest", path, *OPENEMR, "--json")
    report = json.loads(ran.out)
    assert ran.code == 1
    assert report["files"][0]["problem"] == f"{path}: the compressed file is damaged or incomplete"
    assert 0 < report["published"] < 16_000
    assert len(site.records()) == report["published"]
    assert counts(site.report(site.put("a.csv.gz", whole), *OPENEMR)) == (16_000, 0, 16_000), "it is another file"


def test_only_raw_events_are_sent_without_the_key_of_the_workers(site: Site) -> None:
    without = {**site.settings, "token_key": ""}
    raw, table = site.put("a", line(access())), site.put("b", CSV)
    ran = site.wardwatch("ingest", raw, table, *OPENEMR, **without)
    assert (ran.code, site.records()) == (1, [])
    assert "WARDWATCH_TOKEN_KEY is not set" in ran.err
    assert site.wardwatch("ingest", raw, **without).code == 0
    assert len(site.records()) == 1


def test_with_another_key_a_file_is_sent_again(site: Site) -> None:
    path = site.put("a", CSV)
    assert counts(site.report(path, *OPENEMR)) == (10, 0, 10)
    ran = site.wardwatch("ingest", path, *OPENEMR, "--json", **{**site.settings, "token_key": KEY[::-1]})
    assert counts(json.loads(ran.out)) == (10, 0, 10)


def test_a_dry_run_needs_nothing_and_sends_nothing(wardwatch: Wardwatch, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(CSV + "11,nonsense,patient-record-select,u1,MRN4711,1,x\n")
    ran = wardwatch("ingest", path, *OPENEMR, "--dry-run", broker="127.0.0.1:1", token_key="")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [
        f"{path}: 11 records (table), nothing was sent.",
        "  1 will be refused: unknown_time_format. A time is in none of the formats that the mapping lists.",
        "    line 12, column date: unknown_time_format",
    ]
    assert not (tmp_path / "data").exists()
    bad = tmp_path / "b"
    bad.write_text("hello\n")
    ran = wardwatch("ingest", path, bad, *OPENEMR, "--dry-run")
    assert (ran.code, ran.out.splitlines()[-1]) == (1, "2 files, 11 records: nothing was sent.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "docx"], "there is no format 'docx'"),
        (["--zone", "Mars/Olympus"], "there is no zone 'Mars/Olympus'"),
        (["--source", "urn:4111111111111111"], "no card number"),
        (["--source", "x" * 257], "up to 256"),
    ],
)
def test_wrong_options_are_told(wardwatch: Wardwatch, tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "a").write_text("x")
    ran = wardwatch("ingest", tmp_path / "a", *words, "--dry-run")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert said in ran.err


@pytest.mark.parametrize("command", commands(ROOT / "docs" / "ingest.md"))
def test_the_commands_of_the_page_have_options_that_exist(wardwatch: Wardwatch, command: str) -> None:
    words = shlex.split(command)
    assert words[0] == "wardwatch"
    assert wardwatch(*words[1:], "--help").code == 0
    assert wardwatch(*words[1:], "--no-such-option", "--help").code == 2


def test_a_wrong_mapping_is_told_by_line(wardwatch: Wardwatch, tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_text("mapping: x\ntarget: nothing\n")
    ran = wardwatch("ingest", tmp_path / "m.yml", "--mapping", tmp_path / "m.yml", "--dry-run")
    assert ran.code == 1
    assert "m.yml:2" in ran.err


ROWS = 16_000


def test_after_a_kill_it_goes_on_and_only_what_was_under_way_is_sent_twice(
    broker: Broker, topics_prefix: str, wardwatch: Wardwatch, tmp_path: Path
) -> None:
    site = site_on(broker, topics_prefix, wardwatch, tmp_path)
    rows = (f"{n},2026-03-02 09:14:03,patient-record-select,u{n % 50},MRN{n % 999},1,x\n" for n in range(ROWS))
    path, journal = site.put("a.csv", HEADER + "".join(rows)), tmp_path / "data" / "ingest.sqlite"
    log = tmp_path / "log"
    with started(["ingest", str(path), *OPENEMR], environment(site.settings), log) as process:
        wait_for("the journal", lambda: acknowledged(journal) > 0 or process.poll() is not None, log, pause=0.01)
        process.kill()
        assert process.wait(30) == -signal.SIGKILL, log.read_text()
    report = site.report(path, *OPENEMR)
    read, before, published = counts(report)
    assert isinstance(before, int)
    assert isinstance(published, int)
    assert 0 < before < ROWS
    assert (read, before + published) == (ROWS, ROWS)

    ids = [record.headers["ce_id"] for record in site.records()]
    assert len(set(ids)) == ROWS
    assert ROWS <= len(ids) <= ROWS + IN_FLIGHT
    assert counts(site.report(path, *OPENEMR)) == (ROWS, ROWS, 0)

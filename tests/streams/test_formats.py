"""Files in: any size, compressed or not, refused with a reason. Files out: exactly design.md §8."""

import gzip
import io
import lzma
from pathlib import Path

import msgspec
import pytest

from alerting.store.ledger_rows import Totals
from alerting.store.store import Ledger
from detectors.finding import Entity, Finding
from detectors.stage import Score
from streams.formats import (
    LONGEST_LINE,
    LOOKED_AT_LINES,
    InputFileError,
    ReplayFiles,
    finding_row,
    instant,
    ledger_json,
    read_lines,
    replay_files,
)
from streams.line_places import LinePlaces

FINDING = Finding(
    id="f1",
    event_id="e1",
    at=1772442843.25,
    kind="rule",
    detector="A09",
    version=1,
    severity="high",
    risk=81.5,
    entity=Entity("user", "u1:x"),
    entities=[Entity("patient", "p1:y"), Entity("user", "u1:x")],
    reasons=["Opened 212 charts."],
    features={"charts": 212.0},
    alert=True,
    incident_id="INC-1",
)


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_lines_are_read_whatever_the_compression(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    first = written(tmp_path, "first", pack(b'\xef\xbb\xbf{"a":1}\n\n  {"b":2}\r\nnot json\n'))
    second = written(tmp_path, "second", pack(b'{"c":3}'))
    assert list(read_lines([first, second])) == [b'{"a":1}', b'{"b":2}', b"not json", b'{"c":3}']


def test_every_line_can_be_named_by_its_file_and_number(tmp_path: Path) -> None:
    first, empty = written(tmp_path, "first", b"\n{\n\n\n2\n3\n"), written(tmp_path, "empty", b"\n")
    second, places = written(tmp_path, "second", gzip.compress(b"{\n")), LinePlaces()
    with pytest.raises(LookupError):
        places.at(0)
    assert len(list(read_lines([first, empty, second, first], places))) == 7
    numbers = [(first, 2), (first, 5), (first, 6), (second, 1), (first, 2), (first, 5), (first, 6)]
    assert [places.at(index) for index in range(7)] == numbers


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    assert list(read_lines([written(tmp_path, "empty", b""), written(tmp_path, "blank", b"\n\n")])) == []


def test_a_line_without_end_is_cut(tmp_path: Path) -> None:
    long = b"{" + b" " * (2 * LONGEST_LINE) + b"}"
    assert list(read_lines([written(tmp_path, "f", long + b'\n{"a":1}\n')])) == [b"{", b'{"a":1}']
    exact = b"{" + b"x" * (LONGEST_LINE - 2) + b"\n"
    assert list(read_lines([written(tmp_path, "g", exact * 2)])) == [exact.strip()] * 2


def test_bad_lines_before_the_first_object_are_passed_on(tmp_path: Path) -> None:
    junk = b"junk\n" * (LOOKED_AT_LINES - 1)
    assert len(list(read_lines([written(tmp_path, "f", junk + b"{}\n")]))) == LOOKED_AT_LINES


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a,b,c\n" * LOOKED_AT_LINES, "not CloudEvents as JSON lines"),
        (b"a,b\n", "not CloudEvents as JSON lines"),
        (gzip.compress(b'{"a":1}\n' * 1000)[:-12], "the compressed file is damaged or incomplete"),
        (lzma.compress(b'{"a":1}\n' * 1000)[:40], "the compressed file is damaged or incomplete"),
    ],
)
def test_an_unusable_file_is_named_with_the_reason(tmp_path: Path, content: bytes, why: str) -> None:
    path = written(tmp_path, "events.jsonl", content)
    with pytest.raises(InputFileError, match="events.jsonl: " + why):
        list(read_lines([path]))


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"gone\.jsonl: No such file or directory"):
        list(read_lines([tmp_path / "gone.jsonl"]))
    with pytest.raises(InputFileError, match="Is a directory"):
        list(read_lines([tmp_path]))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1772442843.0, "2026-03-02T09:14:03Z"),
        (1772442843.25, "2026-03-02T09:14:03.250Z"),
        (-1.0, "1969-12-31T23:59:59Z"),
    ],
)
def test_instants_are_rfc_3339(seconds: float, text: str) -> None:
    assert instant(seconds) == text


def test_a_finding_has_the_fields_of_the_design() -> None:
    stream = io.BytesIO()
    ReplayFiles(stream, None).findings([FINDING, msgspec.structs.replace(FINDING, incident_id=None, alert=False)])
    first, second = (msgspec.json.decode(line) for line in stream.getvalue().splitlines())
    assert first == {
        "id": "f1",
        "event_id": "e1",
        "at": "2026-03-02T09:14:03.250Z",
        "kind": "rule",
        "detector": "A09",
        "version": 1,
        "severity": "high",
        "risk": 81.5,
        "entity": {"type": "user", "ref": "u1:x"},
        "entities": [{"type": "patient", "ref": "p1:y"}, {"type": "user", "ref": "u1:x"}],
        "reasons": ["Opened 212 charts."],
        "features": {"charts": 212.0},
        "alert": True,
        "incident_id": "INC-1",
    }
    assert second == {name: value for name, value in first.items() if name != "incident_id"} | {"alert": False}


def test_no_field_of_a_finding_is_forgotten() -> None:
    whole = msgspec.structs.replace(FINDING, queue="billing_quality")
    assert {*finding_row(whole), "window", "source", "department"} == set(Finding.__struct_fields__)


def test_scores_are_rows_under_a_header(tmp_path: Path) -> None:
    scores = [
        Score("e1", 1772442843.0, "org.wardwatch.phi.access.v1", Entity("user", "u1:x"), 81.456, "A09"),
        Score("e,2", 1772442844.0, "org.wardwatch.phi.access.v1", Entity("user", "u1:x"), 0.0, ""),
    ]
    with replay_files(None, tmp_path / "s.csv") as files:
        files.findings([FINDING])
        files.scores(scores, {"e1"})
    assert (tmp_path / "s.csv").read_text() == (
        "event_id,time,type,entity_type,entity_ref,risk,alert,top_detector\n"
        "e1,2026-03-02T09:14:03Z,org.wardwatch.phi.access.v1,user,u1:x,81.46,true,A09\n"
        '"e,2",2026-03-02T09:14:04Z,org.wardwatch.phi.access.v1,user,u1:x,0.00,false,\n'
    )


def test_files_without_a_path_are_not_written(tmp_path: Path) -> None:
    with replay_files(tmp_path / "f.jsonl", None) as files:
        files.findings([])
        files.scores([], set())
    assert [path.name for path in tmp_path.iterdir()] == ["f.jsonl"]


def test_the_ledger_file_has_the_fields_of_the_design() -> None:
    totals = Totals(received=3, scored=1, dead_letters={"not_json": 1}, filtered={"no_entity": 1})
    ledger = Ledger(received=3, scored=1, dead_letters={"not_json": 1}, filtered={"no_entity": 1}, findings=2)
    ledger.per_source["a"] = totals
    shown = msgspec.json.decode(ledger_json(ledger))
    fates = {
        "received": 3, "scored": 1, "applied": 0, "duplicates": 0, "dead_letters": {"not_json": 1},
        "filtered": {"no_entity": 1},
    }  # fmt: skip
    assert shown == fates | {
        "findings": 2, "alerts": 0, "incidents": 0, "withdrawn": 0, "per_source": {"a": fates},
    }  # fmt: skip

"""Formats are told by content, whatever a file is called; what cannot be told is said with a way out."""

import gzip
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from detectors.events import Event
from streams.file_formats import (
    FORMATS,
    TABLE,
    Reading,
    check,
    format_of,
    origin_of,
    reading_code,
    records_of,
)
from streams.formats import InputFileError
from streams.input_file import open_input
from streams.sources.api import Refused
from streams.sources.limits import SourceLimits
from streams.sources.tables import Tally, load_mapping
from tests.streams.samples import access, line
from tests.streams.sources.atna.samples import HEADER as SYSLOG
from tests.streams.sources.atna.samples import message
from tests.streams.sources.fhir.samples import audit_event
from tests.streams.sources.hl7.adt import adt
from tests.streams.sources.tables.made import mapping, workbook
from tests.streams.sources.tables.test_leie import FIRM, PERSON
from tests.streams.sources.tables.test_leie import HEADER as LEIE
from tests.streams.sources.x12.samples import CLAIM, professional

TABLE_ROWS = [
    ["Key", "Time", "User", "Patient", "What"],
    ["k1", "2026-03-02 09:14:03", "u1", "MRN1", "open"],
    ["k2", "2026-03-02 09:14:04", "u1", "MRN2", "print"],
]
CSV = "".join(",".join(row) + "\n" for row in TABLE_ROWS).encode()
READING = Reading(mapping=mapping())

SAMPLES: list[tuple[str, bytes, int]] = [
    ("cloudevents", line(access()) + b"\n" + line(access(), id="e2"), 2),
    ("cloudevents", b"\xef\xbb\xbfjunk\n" + line(access()), 2),
    ("x12", professional(CLAIM), 1),
    ("fhir", json.dumps(audit_event()).encode(), 1),
    ("fhir", json.dumps(audit_event(), indent=2).encode(), 1),
    ("atna", message(), 1),
    ("atna", SYSLOG + message() + b"\n" + SYSLOG + message() + b"\n", 2),
    ("hl7", adt(), 1),
    ("hl7", b"\x0b" + adt() + b"\x1c\r\x0b" + adt() + b"\x1c\r", 2),
    ("leie", (LEIE + PERSON + FIRM).encode(), 2),
    (TABLE, CSV, 2),
    (TABLE, CSV.replace(b",", b"\t"), 2),
    (TABLE, CSV.decode().encode("utf-16"), 2),
    (TABLE, workbook(TABLE_ROWS), 2),
]


def put(folder: Path, content: bytes, name: str = "upload.dat") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("name", "content", "records"), SAMPLES)
def test_a_format_is_told_by_content_and_read(
    tmp_path: Path, name: str, content: bytes, records: int, *, packed: bool
) -> None:
    with open_input(put(tmp_path, gzip.compress(content) if packed else content)) as file:
        assert format_of(file) == name
        found = list(records_of(file, name, READING, Tally()))
        assert len(found) == records
        assert all(isinstance(record, bytes if name == "cloudevents" else Event) for record in found)


@pytest.mark.parametrize(("name", "content", "records"), SAMPLES)
def test_a_file_reads_the_same_in_every_run(tmp_path: Path, name: str, content: bytes, records: int) -> None:
    runs = []
    for path in (put(tmp_path, content), put(tmp_path, content, "renamed.dat")):
        with open_input(path) as file:
            runs.append(list(records_of(file, name, READING, Tally())))
    assert runs[0] == runs[1]
    assert len(runs[0]) == records


def test_every_format_has_a_sample() -> None:
    assert {name for name, _, _ in SAMPLES} == set(FORMATS)


@pytest.mark.parametrize("content", [b"hello\n", b"\x00\x01\x02", b'{"a": 1}\n', b"<html></html>", b"%PDF-1.4"])
def test_what_is_none_of_them_is_told_with_what_was_tried(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, content)
    with open_input(path) as file, pytest.raises(InputFileError) as raised:
        format_of(file)
    assert str(raised.value) == (
        f"{path}: looks like none of cloudevents, x12, fhir, atna, hl7, leie, table;"
        " if it is one of them, say which with --format"
    )


def test_what_may_be_several_is_told(tmp_path: Path) -> None:
    row = b"2026-03-02,u1," + message().replace(b"\n", b" ").replace(b",", b" ") + b"\n"
    path = put(tmp_path, b"at,who,what\n" + row * 3)
    with open_input(path) as file, pytest.raises(InputFileError, match="may be atna or table; say which with --format"):
        format_of(file)


def test_the_name_decides_only_what_the_content_leaves_open(tmp_path: Path) -> None:
    one_column = b"Patient\nMRN1\n"
    with open_input(put(tmp_path, one_column)) as file, pytest.raises(InputFileError):
        format_of(file)
    with open_input(put(tmp_path, one_column, "a.csv")) as file:
        assert format_of(file) == TABLE
    with open_input(put(tmp_path, gzip.compress(one_column), "a.csv.gz")) as file:
        assert format_of(file) == TABLE
    with open_input(put(tmp_path, professional(CLAIM), "b.csv")) as file:
        assert format_of(file) == "x12"


def test_a_table_asks_for_a_mapping(tmp_path: Path) -> None:
    with open_input(put(tmp_path, CSV)) as file:
        with pytest.raises(InputFileError, match="what its columns mean with --mapping FILE, or one of epic_access"):
            check(file, TABLE, Reading())
        with pytest.raises(InputFileError, match="--mapping"):
            records_of(file, TABLE, Reading(), Tally())
        check(file, TABLE, READING)
        check(file, "x12", Reading())


def test_the_origin_is_the_format_or_the_mapping_and_the_hash(tmp_path: Path) -> None:
    with open_input(put(tmp_path, CSV)) as file:
        assert origin_of(file, "x12", READING).source == "urn:wardwatch:src:x12"
        assert origin_of(file, TABLE, READING).source == "urn:wardwatch:src:test_access"
        assert origin_of(file, TABLE, Reading(source="urn:me")).source == "urn:me"
        assert origin_of(file, TABLE, READING).file_id == file.digest[:32]


@pytest.mark.parametrize(("name", "content"), [("fhir", json.dumps(audit_event()).encode()), ("atna", message())])
def test_the_depth_that_a_source_may_have_is_kept(name: str, content: bytes, tmp_path: Path) -> None:
    with open_input(put(tmp_path, content)) as file:
        (item,) = records_of(file, name, Reading(limits=SourceLimits(depth=1)), Tally())
    assert isinstance(item, Refused)
    assert item.reason == "too_deep"


def test_another_way_to_read_has_another_code() -> None:
    chicago = Reading(zone=ZoneInfo("America/Chicago"))
    assert reading_code("x12", Reading()) == "x12 1 UTC"
    assert reading_code("x12", chicago) == "x12 1 America/Chicago"
    assert reading_code("fhir", chicago) == "fhir 1"
    deeper = Reading(limits=SourceLimits(depth=64))
    assert [reading_code(name, deeper) for name in ("fhir", "hl7")] == ["fhir 1 depth 64", "hl7 1 UTC"]
    tables = [
        reading_code(TABLE, Reading(mapping=made))
        for made in (
            mapping(),
            load_mapping("openemr", "America/Chicago"),
            load_mapping("openemr", "America/Denver"),
            load_mapping("openemr", "America/Chicago"),
        )
    ]
    assert len(set(tables)) == 3
    assert tables[1] == tables[3]

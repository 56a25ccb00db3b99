"""Files made to do harm at the door: bombs, tricks of archives and workbooks. Each ends with a reason."""

import csv
import gzip
import io
import itertools
import json
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from detectors.finding import Entity
from detectors.result import Score
from streams.file_formats import Reading, format_of, records_of
from streams.formats import InputFileError, ReplayFiles, read_lines
from streams.input_file import open_input
from streams.sources.fhir import read_fhir
from streams.sources.tables import Tally
from streams.sources.tables.part_scan import BESIDE_ROWS, SHARED_TEXTS, WITHIN_ROW, reads_in_small_memory
from streams.sources.tables.workbook import workbook_rows
from streams.sources.zip_directory import LARGEST_DIRECTORY, is_too_long
from tests.streams.samples import access, line
from tests.streams.sources.fhir.samples import audit_event
from tests.streams.sources.hl7.adt import ORIGIN
from tests.streams.sources.hostile import CSV, LAUGHS, MIB, said, table
from tests.streams.sources.lazy import Lazy, binary
from tests.streams.sources.tables.made import ACCESS, changed, mapping, workbook

COLUMNS = ["Key", "Time", "User", "Patient", "What"]
ROW = ["k1", "2026-03-02T09:14:03", "u1", "p1", "open"]
SHEET = workbook([COLUMNS, ROW])


def deflated(block: bytes, times: int) -> Iterator[bytes]:
    """A gzip file of a block many times, made while it is read."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for _ in range(times):
        if piece := packer.compress(block):
            yield piece
    yield packer.flush()


def ingested(path: Path) -> list[str]:
    """What becomes of a file that somebody hands in, or why it is not taken."""
    try:
        with open_input(path) as file:
            reading = Reading(ZoneInfo("UTC"), mapping(ACCESS))
            return said(list(records_of(file, format_of(file), reading, Tally())))
    except InputFileError as error:
        return [str(error).removeprefix(f"{path}: ")]


# Bombs


def test_a_gzip_bomb_of_fhir_is_let_go_after_some_dozen_mebibytes() -> None:
    ten_gib = Lazy(deflated(b" " * MIB, 10 * 1024))
    items = list(read_fhir(binary(ten_gib), ORIGIN))
    assert said(items) == ["compression_bomb"]
    assert ten_gib.taken < MIB


def test_what_is_much_and_no_bomb_is_read_on() -> None:
    resource = json.dumps(audit_event()).encode()
    noise = b'{"resourceType":"Basic","id":"%d"}\n'
    lines = b"".join(noise % (number * 7919) for number in range(50_000))
    items = said(list(read_fhir(io.BytesIO(gzip.compress(lines + resource)), ORIGIN)))
    assert items == ["unsupported_resource"] * 50_000 + ["event"]


@pytest.mark.parametrize("pack", [lambda data: gzip.compress(data, 9), lzma.compress], ids=["gzip", "xz"])
def test_bombs_of_lines_end_with_what_they_are(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "events.jsonl"
    assert callable(pack)
    path.write_bytes(pack(line(access()) + b"\n" + bytes(80 * MIB)))
    lines = read_lines([path])
    assert json.loads(next(lines))["id"] == "e1"
    with pytest.raises(InputFileError, match="unpacks to more than 500 times its size"):
        list(lines)
    assert ingested(path)[-1].startswith("unpacks to more than 500 times")


def test_a_damaged_gzip_file_of_lines_is_told(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    packed = bytearray(gzip.compress(line(access()) * 50))
    packed[30:40] = bytes(10)
    path.write_bytes(packed)
    with pytest.raises(InputFileError, match="damaged or incomplete"):
        list(read_lines([path]))


# Archives


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return made.getvalue()


def linked(name: str) -> zipfile.ZipInfo:
    part = zipfile.ZipInfo(name)
    part.external_attr = (stat.S_IFLNK | 0o777) << 16
    return part


@pytest.mark.parametrize("name", ["../../outside.csv", "/outside.csv", "C:\\outside.csv", "a/../../b.csv"])
def test_the_path_of_a_member_is_never_used(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    path = inner / "file.zip"
    path.write_bytes(zipped((name, CSV)))
    assert ingested(path) == ["event"]
    assert [found.name for found in tmp_path.rglob("*") if found.is_file()] == ["file.zip"]


def test_tricks_of_archives(tmp_path: Path) -> None:
    path = tmp_path / "file.zip"
    encrypted = bytearray(zipped(("a.csv", CSV)))
    encrypted[6] |= 1
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    tricks = {
        "a link": (zipped((linked("a.csv"), b"/etc/passwd")), "looks like none of"),
        "two of a name": (zipped(("a.csv", CSV), ("A.csv", CSV)), "the archive holds 2 files"),
        "an archive inside": (zipped(("a.zip", zipped(("a.csv", CSV)))), "looks like none of"),
        "encrypted": (bytes(encrypted), "the archive is encrypted"),
        "nothing": (zipped(), "damaged or incomplete"),
        "cut": (zipped(("a.csv", CSV))[:-30], "damaged or incomplete"),
    }
    for name, (content, expected) in tricks.items():
        path.write_bytes(content)
        (why,) = ingested(path)
        assert expected in why or (name == "nothing" and "looks like none" in why), name


def test_a_list_of_millions_of_parts_is_not_read(tmp_path: Path) -> None:
    whole = zipped(("xl/workbook.xml", b"<workbook/>"))
    end = whole.index(b"PK\x05\x06")
    listed = whole[: end + 12] + struct.pack("<L", LARGEST_DIRECTORY + 1) + whole[end + 16 :]
    for content in (listed, listed + b"PK\x05\x06", whole[:end] + b"PK\x06\x07" + bytes(16) + whole[end:]):
        assert is_too_long(io.BytesIO(content))
        assert table(content) == ["too_many_parts"]
        path = tmp_path / "file.zip"
        path.write_bytes(content)
        assert "too many files" in ingested(path)[0]
    assert not is_too_long(io.BytesIO(whole))


# Workbooks


def sheet_with(part: bytes) -> bytes:
    return changed(SHEET, "xl/worksheets/sheet1.xml", part)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (changed(SHEET, "xl/sharedStrings.xml", LAUGHS + b"]><sst>&j;</sst>"), "unsafe_xml"),
        (sheet_with(b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x"><worksheet/>'), "unsafe_xml"),
        (changed(SHEET, "xl/media/image1.png", b"<worksheet/>"), "unsafe_xml"),
        (sheet_with('<?xml version="1.0" encoding="utf-16"?><worksheet/>'.encode("utf-16")), "unsafe_xml"),
        (sheet_with(b"<worksheet><sheetData>" + b"<row/>" * 3_000_000 + b"</sheetData></worksheet>"), "zip_bomb"),
        (sheet_with(b"<worksheet><sheetData><row>"), "damaged_workbook"),
    ],
    ids=["laughs", "outer", "picture", "encoding", "ratio", "damaged"],
)
def test_workbooks_that_do_harm(content: bytes, reason: str) -> None:
    assert table(content) == [reason]


def test_what_a_sheet_says_of_its_size_makes_no_rows() -> None:
    part = zipfile.ZipFile(io.BytesIO(SHEET)).read("xl/worksheets/sheet1.xml")
    giant = part.replace(b'ref="A1:E2"', b'ref="A1:XFD1048576"')
    assert giant != part
    assert table(sheet_with(giant)) == ["event"]


def test_links_to_other_workbooks_are_not_followed() -> None:
    outer = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" '
        b'Target="file:///etc/passwd" TargetMode="External"/></Relationships>'
    )
    content = changed(SHEET, "xl/externalLinks/_rels/externalLink1.xml.rels", outer)
    assert table(changed(content, "xl/externalLinks/externalLink1.xml", b"<externalLink/>")) == ["event"]


def test_parts_that_would_fill_memory_are_not_opened() -> None:
    def judged(*parts: bytes) -> bool:
        return reads_in_small_memory(io.BytesIO(b"<worksheet>" + b"".join(parts) + b"</worksheet>"))

    cells = b"<row>" + b"<c><v>1</v></c>" * 1_000 + b"</row>"
    assert judged(cells * 100)
    assert not judged(b"<x/>" * (BESIDE_ROWS + 1))
    assert not judged(b"<x/><row/>" * BESIDE_ROWS)
    assert not judged(b"<row>", b"<c/>" * (WITHIN_ROW + 1), b"</row>")
    assert not judged(b"<si/>" * (SHARED_TEXTS + 1))
    assert not judged(b"<a>" * 40, b"</a>" * 40)
    assert not judged(b"<t>", b"A" * 8 * MIB, b"</t>")
    assert not judged(b'<t a="', b"A" * 8 * MIB, b'"/>')
    assert not judged(b"<t><![CDATA[", b"<" * 8 * MIB, b"]]></t>")
    assert not judged(b"<t>")


def test_a_workbook_that_never_ends_is_not_taken_whole() -> None:
    stream = Lazy(itertools.chain([SHEET], itertools.repeat(bytes(MIB), 300)))
    rows = list(workbook_rows(binary(stream)))
    assert [found.problem for found in rows] == ["too_large"]
    assert stream.taken < 260 * MIB


def test_an_identifier_is_no_formula_in_what_we_export() -> None:
    exported = io.StringIO()
    written = {
        "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0",
        "+1": "'+1",
        "-1": "'-1",
        "@SUM(1)": "'@SUM(1)",
        "\t=1": "' =1",
        "\r=1": "' =1",
        "a\r=1,b\n": "a =1,b ",
        "0f-=+@": "0f-=+@",
    }
    scores = [Score(text, 0.0, "t", Entity("user", text), 1.5, "a05") for text in written]
    ReplayFiles(None, exported).scores(scores, set())
    rows = list(csv.reader(io.StringIO(exported.getvalue(), newline="")))[1:]
    assert [(row[0], row[4]) for row in rows] == [(text, text) for text in written.values()]

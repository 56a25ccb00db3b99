"""XLSX: types of cells, formulas, and archives that must not be opened."""

import datetime
import io
import struct
import zipfile
from typing import Any

import pytest

from streams.sources.api import Refused
from streams.sources.tables import Tally, looks_like_table
from tests.streams.sources.tables.made import ACCESS, access, changed, events, read, reasons, workbook

HEADER = ["Key", "Time", "User", "Patient", "What"]
MORNING = datetime.datetime(2026, 3, 2, 9, 14, 3)  # noqa: DTZ001 - as a sheet has it
UTC = datetime.datetime(2026, 3, 2, 14, 14, 3, tzinfo=datetime.UTC)


def test_dates_numbers_and_texts_are_read() -> None:
    content = workbook(
        [
            ["Report of today"],
            [],
            HEADER,
            [17, MORNING, 4711.0, True, "open"],
            [],
            ["k", "2026-03-02T09:14:03", 0.1 + 0.2, None, "print"],
        ]
    )
    first, second = events(read(content))
    assert access(first).occurred_at == access(second).occurred_at == UTC
    assert (access(first).actor.id, access(second).actor.id) == ("4711", "0.3")
    seen = access(first)
    assert seen.patient is not None
    assert seen.patient.ref == "true"
    assert access(second).patient is None
    assert seen.src is not None
    assert (seen.src.format, seen.src.ordinal) == ("xlsx", 4)


def test_rows_below_the_head_are_read_and_numbered() -> None:
    rows: list[list[Any]] = [HEADER, *([f"k{n}", MORNING, "u", "p", "open"] for n in range(2, 60))]
    items = events(read(workbook(rows)))
    assert [access(item).src.ordinal for item in items] == list(range(2, 60))  # type: ignore[union-attr]  # all have one


def test_cells_beside_the_table_are_refused() -> None:
    rows: list[list[Any]] = [HEADER, *([f"k{n}", MORNING, "u", "p", "open"] for n in range(2, 60))]
    rows[2] = [*rows[2], "beside"]
    rows[40] = [*rows[40], "beside"]
    items = read(workbook(rows))
    refused = [item for item in items if isinstance(item, Refused)]
    assert reasons(refused) == [("too_many_cells", "line 3"), ("too_many_cells", "line 41")]
    assert len(items) - len(refused) == 56


def test_formulas_in_used_columns_are_refused_and_in_others_ignored() -> None:
    content = workbook(
        [[*HEADER, "Sum"], ["k", MORNING, "=A1", "p", "open", "x"], ["k", MORNING, "u", "p", "open", "=1+1"]]
    )
    refused, good = read(content)
    assert reasons([refused]) == [("formula_cell", "line 2")]
    assert access(good).actor.id == "u"


def test_a_sheet_is_chosen_by_name() -> None:
    content = workbook([HEADER, ["k", MORNING, "u", "p", "open"]], sheet="Audit")
    assert len(events(read(content, ACCESS + "table: {sheet: Audit}\n"))) == 1
    assert reasons(read(content, ACCESS + "table: {sheet: Other}\n")) == [("missing_sheet", "header")]


def test_a_wrong_statement_of_size_hides_nothing() -> None:
    content = workbook([HEADER, ["k", MORNING, "u", "p", "open"]])
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    lying = changed(content, "xl/worksheets/sheet1.xml", sheet.replace(b'ref="A1:E2"', b'ref="A1"'))
    assert len(events(read(lying))) == 1


def test_a_bomb_is_not_opened() -> None:
    good = workbook([HEADER])
    assert reasons(read(changed(good, "xl/media/a.bin", bytes(32 * 1024 * 1024)))) == [("zip_bomb", "header")]


def test_a_stated_size_beyond_all_measure_is_refused() -> None:
    good = workbook([HEADER])
    name = b"xl/workbook.xml"
    # The uncompressed size stands 22 bytes before the name in an entry of the directory (APPNOTE.TXT, 4.3.12).
    place = good.rindex(name) - 22
    bomb = good[:place] + struct.pack("<I", 2**31) + good[place + 4 :]
    assert reasons(read(bomb)) == [("zip_bomb", "header")]


@pytest.mark.parametrize(
    "part",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><sst>&b;</sst>',
        b"<!-- c --><!DOCTYPE sst SYSTEM 'file:///etc/passwd'><sst/>",
        '<?xml version="1.0" encoding="utf-16"?><sst/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="cp037"?><sst/>',
        b"<!-- " + b"-x" * 40_000 + b" --><sst/>",
    ],
)
def test_parts_with_document_types_or_other_encodings_are_not_opened(part: bytes) -> None:
    assert reasons(read(changed(workbook([HEADER]), "xl/sharedStrings.xml", part))) == [("unsafe_xml", "header")]


def test_damaged_and_foreign_archives_are_refused() -> None:
    good = workbook([HEADER, ["k", MORNING, "u", "p", "open"]])
    assert reasons(read(good[: len(good) // 2])) == [("damaged_workbook", "header")]
    assert reasons(read(changed(good, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>"))) == [
        ("damaged_workbook", "header")
    ]
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("../../etc/passwd", "x")
    assert reasons(read(other.getvalue())) == [("not_a_workbook", "header")]


def test_a_sheet_that_breaks_off_yields_what_it_had() -> None:
    rows: list[list[Any]] = [HEADER, *([f"k{n}", MORNING, "u", "p", "open"] for n in range(2, 30))]
    content = workbook(rows)
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    cut = changed(content, "xl/worksheets/sheet1.xml", sheet[: sheet.index(b'<row r="26"')] + b"<row r=")
    tally = Tally()
    items = read(cut, tally=tally)
    assert tally.events == 24
    assert reasons(items[24:]) == [("damaged_workbook", "line 0")]


def test_it_looks_like_a_table() -> None:
    assert looks_like_table(workbook([HEADER])[:512], "x.xlsx")
    assert looks_like_table(workbook([HEADER])[:4096], "export")

"""CSV and TSV: encodings, line ends, quotation marks, limits, damage."""

import datetime
import hashlib
import io

import pytest

from streams.sources.api import Refused
from streams.sources.tables import Tally, looks_like_table
from streams.sources.tables.delimited import rows
from streams.sources.tables.lines import lines
from tests.streams.sources.tables.made import ACCESS, ORIGIN, access, events, read, reasons

HEADER = "Key,Time,User,Patient,What\n"
ROW = "k1,2026-03-02T09:14:03,u1,p1,open\n"


def cells(text: str, delimiter: str = ",") -> list[list[str]]:
    return [[str(cell) for cell in row.cells] for row in rows(lines(io.BytesIO(text.encode())), delimiter)]


def problems(content: bytes) -> list[str]:
    return [row.problem for row in rows(lines(io.BytesIO(content)), ",")]


def test_a_row_becomes_an_event_with_all_its_parts() -> None:
    (event,) = events(read((HEADER + ROW).encode()))
    seen = access(event)
    # New York is at -05:00 on 2 March 2026: 09:14:03 is 14:14:03 UTC.
    assert seen.occurred_at == datetime.datetime(2026, 3, 2, 14, 14, 3, tzinfo=datetime.UTC)
    assert event.time == 1772460843.0
    assert (seen.actor.id, seen.action, seen.patient and seen.patient.ref) == ("u1", "read", "p1")
    assert seen.src is not None
    assert (seen.src.format, seen.src.file_id, seen.src.ordinal) == ("csv", "file-1", 2)
    assert event.source == ORIGIN.source
    assert event.id == hashlib.sha256(b"urn:wardwatch:src:test\x1ftest_access\x1fk1\x1f1").hexdigest()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_change_nothing(encoding: str, end: str) -> None:
    tally = Tally()
    text = (HEADER + ROW.replace("u1", "Jos\u00e9")).replace("\n", end)
    assert access(read(text.encode(encoding), tally=tally)[0]).actor.id == "Jos\u00e9"
    assert tally.flags == ({"latin_1": 1} if encoding == "latin-1" else {})


def test_both_byte_orders_of_utf_16_are_read() -> None:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert len(events(read(mark + (HEADER + ROW).encode(encoding)))) == 1


def test_utf_16_that_breaks_off_is_refused_where_it_does() -> None:
    content = (HEADER + ROW + ROW.replace("k1", "k2")).encode("utf-16")[:-1]
    # Half of the last line feed is gone: both rows are whole, and the end is told.
    assert [type(item).__name__ for item in read(content)] == ["Event", "Event", "Refused"]


def test_utf_16_without_a_mark_is_refused_as_what_it_looks_like() -> None:
    assert reasons(read((HEADER + ROW).encode("utf-16-le"))) == [("nul_character", "header")]


def test_rows_of_two_encodings_are_both_read() -> None:
    content = HEADER.encode() + ROW.replace("u1", "\u00fc").encode() + ROW.replace("u1", "\u00fc").encode("latin-1")
    assert [access(item).actor.id for item in read(content)] == ["\u00fc", "\u00fc"]


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    assert len(events(read((HEADER + ROW).replace(",", delimiter).encode()))) == 1


def test_quoted_cells_hold_anything() -> None:
    assert cells('a,"b,c","d""e","f\ng",""\nh\n') == [["a", "b,c", 'd"e', "f\ng", ""], ["h"]]
    assert cells('"",""\n"""",x') == [["", ""], ['"', "x"]]
    assert cells('"a\n""\nb",c') == [['a\n"\nb', "c"]]
    assert cells('a,5" x,b\n') == [["a", '5" x', "b"]]
    assert cells('"a",') == [["a", ""]]


def test_bad_quotation_marks_refuse_their_row_only() -> None:
    assert problems(b'"a"b,c\nd\n') == ["bad_quotes", ""]
    assert problems(b'a,"b\nc\n') == ["unclosed_quote"]
    assert problems(b'"' + b"x\n" * 1_500) == ["unclosed_quote"] + [""] * 500


def test_limits_of_cells_columns_and_rows() -> None:
    assert problems(b"a" * 32_767 + b"\n" + b"a" * 32_768) == ["", "cell_too_large"]
    assert problems(b"," * 1_023 + b"\n" + b"," * 1_024) == ["", "too_many_columns"]
    assert problems(b"a," * 600_000 + b"\nb\n") == ["too_large", ""]


def test_nul_characters_are_refused() -> None:
    assert problems(b"a\0b\nc\n") == ["nul_character", ""]


def test_a_header_is_found_below_a_title_and_a_notice() -> None:
    content = 'Access report\n"two\nlines"\n\n' + HEADER.upper().replace("KEY", "  key ") + ROW
    assert len(events(read(content.encode()))) == 1


def test_a_title_that_cannot_be_read_hides_no_header() -> None:
    content = b'"Report" of today\n' + (HEADER + ROW).encode()
    assert len(events(read(content))) == 1
    assert reasons(read(b'"Report" of today\n')) == [("bad_quotes", "header")]


def test_a_missing_column_is_named() -> None:
    assert reasons(read((HEADER.replace("User", "Usr") + ROW).encode())) == [("missing_column", "header: User")]


def test_a_column_that_is_there_twice_is_refused() -> None:
    content = HEADER.replace("What", "User") + ROW
    assert reasons(read(content.encode(), ACCESS.replace("What", "User"))) == [("duplicate_column", "header: User")]


def test_empty_files_are_told() -> None:
    assert reasons(read(b"")) == [("empty_table", "header")]
    assert reasons(read(b"\n\n")) == [("empty_table", "header")]
    assert read(HEADER.encode()) == []


def test_rows_of_another_length_are_refused() -> None:
    content = HEADER + "k1,2026-03-02T09:14:03,u1,p1\n" + ROW[:-1] + ",more\n" + ROW[:-1] + ",,\n\n"
    first, second, third = read(content.encode())
    assert reasons([first, second]) == [("too_few_cells", "line 2"), ("too_many_cells", "line 3")]
    assert len(events([third])) == 1


def test_a_refusal_keeps_the_record_for_the_dead_letters_and_shows_nothing_else() -> None:
    (item,) = read((HEADER + ROW.replace("open", "secret value")).encode())
    assert isinstance(item, Refused)
    assert (item.reason, item.place) == ("unmapped_value", "line 2, column What")
    assert item.payload == b"k1,2026-03-02T09:14:03,u1,p1,secret value"
    assert "secret" not in repr(item)


def test_old_excel_files_are_refused_by_name() -> None:
    assert reasons(read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))) == [("old_excel_format", "file")]


def test_formulas_in_text_are_data_and_flagged() -> None:
    tally = Tally()
    content = HEADER + ROW.replace("u1", "=cmd()") + ROW.replace("u1", "-12.50") + ROW.replace("u1", "@x")
    assert [access(item).actor.id for item in read(content.encode(), tally=tally)] == ["=cmd()", "-12.50", "@x"]
    assert tally.flags == {"formula_text": 2}


def test_looks_like_table() -> None:
    assert looks_like_table((HEADER + ROW).encode(), "x.txt")
    assert looks_like_table((HEADER + ROW).encode("utf-16"), "x.txt")
    assert looks_like_table(b"one\n", "x.csv")
    assert looks_like_table(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.xls")
    assert not looks_like_table(b'{"a":1,"b":2}\n{"a":1,"b":2}\n', "x.jsonl")
    assert not looks_like_table(b"MSH|^~\\&|a|b\rPID|1\r", "x.csv")
    assert not looks_like_table(b"one\ntwo\n", "x.txt")
    assert not looks_like_table(b"PK\x03\x04....", "x.zip")
    assert not looks_like_table(b"a,b\0\nc,d\ne,f\n", "x.csv")

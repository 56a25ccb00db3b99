"""Finding the header and cutting rows."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.reference.rows import compact_day, delimited_rows, find_table
from detectors.reference.service_minutes import TableError


def test_tabs_and_commas_are_told_apart() -> None:
    assert list(delimited_rows(["a,b\tc\n", "d\te\n"])) == [["a,b", "c"], ["d", "e"]]
    assert list(delimited_rows(['"a,b",c\n', '"d\n', 'e",f\n'])) == [["a,b", "c"], ["d\ne", "f"]]


def test_a_quote_that_is_never_closed_is_told_by_line() -> None:
    with pytest.raises(TableError, match="line 2: not delimited text"):
        list(delimited_rows(["a,b\n", '"c,d\n']))


def test_the_header_is_found_below_a_notice_and_its_columns_by_beginning() -> None:
    rows = [["Notice: code"], ["Modifier\n0=no", "Code ", "Code 2"], ["1", " x ", "y"]]
    table = find_table(rows, {"code": ("CODE",), "modifier": ("Modifier",), "rare": ("Rare", "")}, "test")
    ((number, row),) = table.rows
    assert number == 3
    assert [table.cell(row, name) for name in ("code", "modifier", "rare")] == ["x", "1", ""]
    assert table.cell(["1"], "code") == ""


def test_missing_columns_are_named() -> None:
    with pytest.raises(TableError, match="test: no header with the columns b in the first 40 rows"):
        find_table([["a"], ["c"]], {"a": ("a",), "b": ("b",)}, "test")


def test_compact_days() -> None:
    assert compact_day("20260302") == datetime.date(2026, 3, 2)
    assert [compact_day(text) for text in ("", "00000000", "*")] == [None, None, None]
    for text in ("20260230", "2026-03-02", "2026030", "\u0662\u0660\u0662\u0660\u0660\u0661\u0660\u0661", "abcdefgh"):
        with pytest.raises(ValueError):
            compact_day(text)


@given(st.lists(st.text(max_size=30), max_size=50))
def test_any_lines_are_rows_or_a_table_error(lines: list[str]) -> None:
    try:
        for row in delimited_rows(lines):
            assert all(isinstance(cell, str) for cell in row)
    except TableError as error:
        assert "not delimited text" in str(error)

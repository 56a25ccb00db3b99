"""Sex and age of codes; the codes are made up."""

import datetime

import pytest

from detectors.reference.code_attributes import find_attributes, load_code_attributes
from detectors.reference.rows import delimited_rows
from detectors.reference.service_minutes import TableError

HEADER = "code,sex,min_age,max_age,from,to\n"


def test_attributes_hold_on_their_days() -> None:
    rows = HEADER + "x1000,f,,,,2025-12-31\nX1000,,12,55,2026-01-01,\n\nX2000,M,0,17,,\n"
    table, bad = load_code_attributes(delimited_rows(rows.splitlines(keepends=True)))
    assert bad == []
    before = find_attributes(table, "X1000", datetime.date(2025, 12, 31))
    since = find_attributes(table, "x1000", datetime.date(2026, 1, 1))
    assert before is not None
    assert since is not None
    assert (before.sex, before.min_age, before.max_age) == ("F", 0, 150)
    assert (since.sex, since.min_age, since.max_age) == ("", 12, 55)
    assert find_attributes(table, "X3000", datetime.date(2026, 1, 1)) is None


def test_rows_that_say_nothing_usable_are_told() -> None:
    rows = (
        HEADER + ",F,,,,\nX,Q,,,,\nX,F,9,8,,\nX,F,old,,,\nX,F,,151,,\nX,F,,,2026-02-30,\nX,F,,,2026-02-02,2026-02-01\n"
    )
    table, bad = load_code_attributes(delimited_rows(rows.splitlines(keepends=True)))
    assert table == {}
    assert [row.number for row in bad] == [2, 3, 4, 5, 6, 7, 8]


def test_another_table_is_refused() -> None:
    with pytest.raises(TableError, match="code attributes: no header"):
        load_code_attributes([["code", "minutes"]])

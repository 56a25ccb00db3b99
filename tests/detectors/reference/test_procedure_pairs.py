"""NCCI PTP edits in the layout of the CMS files; codes and pairs are made up, the notice is ours."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.reference.procedure_pairs import ProcedurePairs, load_procedure_pairs
from detectors.reference.rows import BadRow, delimited_rows
from detectors.reference.service_minutes import TableError

NOTICE = "A notice of the owner of the codes stands here.\nColumn1/Column2 Edits\n"
LONG_HEADER = (
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\n\t\t\t\t*=no data\t1=allowed\t\n\t\t\t\t\t9=not applicable\t\n"
)
SHORT_HEADER = (
    "Column 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\tDeletion Date *=no data\t"
    "Modifier 0=not allowed 1=allowed 9=not applicable\tPTP Edit Rationale\n"
)
EDITS = (
    "X1000\tX2000\t\t20200101\t*\t0\tmade up\n"
    "X1000\tX3000\t*\t19960101\t20191231\t1\tmade up\n"
    "X1000\tX3000\t\t20210701\t*\t9\tmade up\n"
)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def load(text: str) -> tuple[ProcedurePairs, list[BadRow]]:
    return load_procedure_pairs(delimited_rows(text.splitlines(keepends=True)))


@pytest.mark.parametrize("header", [LONG_HEADER, SHORT_HEADER])
def test_edits_hold_from_their_first_to_their_last_day(header: str) -> None:
    pairs, bad = load(NOTICE + header + EDITS)
    assert (len(pairs), bad) == (3, [])
    edit = pairs.find("X1000", "X2000", day("2020-01-01"))
    assert edit is not None
    assert (edit.since, edit.until, edit.modifier) == (day("2020-01-01"), None, 0)
    assert pairs.find("X1000", "X2000", day("2019-12-31")) is None


def test_a_pair_that_was_deleted_and_came_back() -> None:
    pairs, _ = load(SHORT_HEADER + EDITS)
    found = [
        pairs.find("X1000", "X3000", day(text)) for text in ("2019-12-31", "2020-01-01", "2021-06-30", "2021-07-01")
    ]
    assert [edit.modifier if edit else None for edit in found] == [1, None, None, 9]
    assert found[0] is not None
    assert found[0].until == day("2019-12-31")
    assert [pairs.active_on(day(text)) for text in ("1995-12-31", "2000-01-01", "2020-06-01", "2022-01-01")] == [
        0,
        1,
        1,
        2,
    ]


def test_columns_have_an_order_that_either_way_does_not_ask_for() -> None:
    pairs, _ = load(SHORT_HEADER + EDITS)
    assert pairs.find("X2000", "X1000", day("2026-01-01")) is None
    edit = pairs.either_way("X2000", "X1000", day("2026-01-01"))
    assert edit is not None
    assert (edit.column_1, edit.column_2) == ("X1000", "X2000")


def test_rows_that_are_no_edits_are_told() -> None:
    rows = (
        "X1\tX2000\t\t20200101\t*\t0\t\nX1000\tX2000\t\t20201301\t*\t0\t\n"
        "X1000\tX2000\t\t*\t*\t0\t\nX1000\tX2000\t\t20200101\t*\t7\t\n"
    )
    pairs, bad = load(SHORT_HEADER + rows)
    assert len(pairs) == 0
    assert [(row.number, row.reason) for row in bad] == [
        (2, "bad_code"), (3, "impossible_date"), (4, "missing_effective_date"), (5, "bad_modifier_indicator"),
    ]  # fmt: skip
    assert pairs.find("X1000", "X2000", day("2020-01-01")) is None


def test_codes_of_another_length_match_nothing() -> None:
    pairs, _ = load(SHORT_HEADER + EDITS)
    assert pairs.find("", "X2000", day("2026-01-01")) is None
    assert pairs.find("X1000", "X2-00", day("2026-01-01")) is None


def test_another_table_is_refused() -> None:
    with pytest.raises(TableError, match="PTP edits: no header"):
        load("code,minutes\n99213,20\n")


code = st.text("AZ09", min_size=5, max_size=5)
edit_row = st.tuples(code, code, st.integers(1, 28), st.integers(1, 28))


@given(st.lists(edit_row, max_size=30), st.integers(1, 28))
@settings(max_examples=100, deadline=None)
def test_the_arrays_agree_with_a_plain_search(rows: list[tuple[str, str, int, int]], number: int) -> None:
    made = [[one, two, "", f"202602{first:02}", f"202602{last:02}", "1", ""] for one, two, first, last in rows]
    header = ["Column 1", "Column 2", "", "Effective Date", "Deletion Date", "Modifier", ""]
    pairs, _ = load_procedure_pairs([header, *made])
    for one, two, _, _ in rows:
        wanted = any((one, two) == (a, b) and first <= number <= last for a, b, first, last in rows)
        assert (pairs.find(one, two, datetime.date(2026, 2, number)) is not None) == wanted

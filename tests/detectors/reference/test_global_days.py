"""Global surgical periods: read strictly, looked up by date of service."""

import datetime

import pytest

from detectors.reference.global_days import find_period, load_global_days
from detectors.reference.rows import BadRow
from detectors.reference.service_minutes import TableError

date = datetime.date.fromisoformat


def test_the_relative_value_file_as_it_is() -> None:
    rows = [
        ["2026 National Physician Fee Schedule Relative Value File"],
        ["HCPCS", "MOD", "DESCRIPTION", "STATUS CODE", "GLOB DAYS"],
        ["66984", "", "", "A", "090"],
        ["11400", "", "", "A", "010"],
        ["20610", "", "", "A", "000"],
        ["99213", "", "", "A", "XXX"],
        ["99024", "", "", "B", "ZZZ"],
        [],
        ["G0000", "", "", "A", "45"],
    ]
    table, bad = load_global_days(rows)
    assert {code: find_period(table, code, date("2026-03-02")) for code in ("66984", "11400", "20610", "99213")} == {
        "66984": 90, "11400": 10, "20610": 0, "99213": 0,
    }  # fmt: skip
    assert bad == [BadRow(9, "bad_global_days")]


@pytest.mark.parametrize(
    ("day", "period"), [("2024-12-31", 0), ("2025-01-01", 10), ("2025-12-31", 10), ("2026-01-01", 90)]
)
def test_a_period_by_date_of_service(day: str, period: int) -> None:
    table, bad = load_global_days(
        [
            ["code", "days", "from", "to"],
            ["10000", "010", "2025-01-01", "2025-12-31"],
            ["10000", "090", "2026-01-01", ""],
            ["20000", "090", "2026-02-30", ""],
        ]
    )
    assert find_period(table, "10000", date(day)) == period
    assert bad == [BadRow(4, "impossible_date")]


def test_a_table_without_a_header_is_none() -> None:
    with pytest.raises(TableError, match="code, days"):
        load_global_days([["a", "b"]])

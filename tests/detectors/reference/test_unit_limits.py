"""NCCI MUE tables in the layout of the CMS files; codes and values are made up, the notice is ours."""

import datetime

import pytest

from detectors.reference.rows import BadRow, delimited_rows
from detectors.reference.service_minutes import TableError
from detectors.reference.unit_limits import Quarter, UnitLimits, load_unit_limits

JANUARY, APRIL = datetime.date(2026, 1, 1), datetime.date(2026, 4, 1)
NOTICE = '"A notice of the owner of the codes,\nof several lines",,,\n'


def load(
    rows: str, since: datetime.date = JANUARY, column: str = "Practitioner Services MUE Values"
) -> tuple[Quarter, list[BadRow]]:
    header = f'"HCPCS/\nCPT Code",{column},MUE Adjudication Indicator,MUE Rationale\n'
    return load_unit_limits(delimited_rows((NOTICE + header + rows).splitlines(keepends=True)), since)


@pytest.mark.parametrize(
    "column",
    ["Practitioner Services MUE Values", "Outpatient Hospital Services MUE Values", "DME Supplier Services MUE Values"],
)
def test_all_three_files_are_read(column: str) -> None:
    quarter, bad = load(
        "X1000,2,3 Date of Service Edit: Clinical,made up\nX2000,0,1 Line Edit,made up\n", column=column
    )
    assert bad == []
    assert {code: (limit.units, limit.indicator) for code, limit in quarter.limits.items()} == {
        "X1000": (2, 3),
        "X2000": (0, 1),
    }


def test_each_quarter_replaces_the_one_before_as_a_whole() -> None:
    first, _ = load("X1000,2,3,x\nX2000,1,2,x\n")
    second, _ = load("X1000,4,3,x\n", APRIL)
    limits = UnitLimits([second, first])
    days = (datetime.date(2025, 12, 31), JANUARY, datetime.date(2026, 3, 31), APRIL)
    assert [limit.units if (limit := limits.find("x1000", day)) else None for day in days] == [None, 2, 2, 4]
    assert [limits.find("X2000", day) is not None for day in days] == [False, True, True, False]
    assert [len(limits.active_on(day)) for day in days] == [0, 2, 2, 1]


def test_rows_that_are_no_limits_are_told() -> None:
    _, bad = load("X1,2,3,x\n,,,\nX1000,many,3,x\nX1000,2,4,x\nX1000,12345678,1,x\nX1000,2\n")
    # The notice and the header are rows 1 and 2, whatever lines they take.
    assert [(row.number, row.reason) for row in bad] == [
        (3, "bad_code"), (5, "bad_units"), (6, "bad_adjudication_indicator"), (7, "bad_units"),
        (8, "bad_adjudication_indicator"),
    ]  # fmt: skip


def test_another_table_is_refused() -> None:
    with pytest.raises(TableError, match="MUE table: no header"):
        load_unit_limits([["Column 1", "Column 2"]], JANUARY)

"""Diagnosis-related groups: read strictly, looked up by day of discharge."""

import datetime

import pytest

from detectors.reference.drg_weights import DrgWeight, find_weight, load_drg_weights, severity_of
from detectors.reference.rows import BadRow
from detectors.reference.service_minutes import TableError

date = datetime.date.fromisoformat


def test_table_five_as_it_is() -> None:
    table, bad = load_drg_weights(
        [
            ["TABLE 5.—LIST OF MEDICARE SEVERITY DIAGNOSIS-RELATED GROUPS"],
            ["MS-DRG", "FY 2026 Final Post-Acute DRG", "FY 2026 Final Special Pay DRG", "MDC", "TYPE", "MS-DRG Title",
             "Weights", "Geometric mean LOS", "Arithmetic mean LOS"],
            ["001", "No", "No", "PRE", "SURG", "HEART TRANSPLANT WITH MCC", "27.2000", "28.4", "36.3"],
            ["193", "Yes", "No", "04", "MED", "SIMPLE PNEUMONIA AND PLEURISY WITH MCC", "1.2954", "3.9", "4.8"],
            ["998", "No", "No", "", "**", "PRINCIPAL DIAGNOSIS INVALID AS DISCHARGE DIAGNOSIS", "0.0000", "0.0", "0.0"],
            ["999", "No", "No", "", "**", "UNGROUPABLE", "**", "**", "**"],
            ["194", "Yes", "No", "04", "MED", "SIMPLE PNEUMONIA AND PLEURISY WITH CC", "many", "3.0", "3.6"],
            [],
            ["* Relative weights are adjusted."],
        ]
    )  # fmt: skip
    assert find_weight(table, "1", date("2026-03-02")) == DrgWeight(27.2, 28.4, 36.3, "mcc")
    assert find_weight(table, "193", date("2026-03-02")) == DrgWeight(1.2954, 3.9, 4.8, "mcc")
    assert find_weight(table, "999", date("2026-03-02")) is None
    assert bad == [BadRow(5, "bad_drg_figures"), BadRow(7, "bad_drg_figures")]


@pytest.mark.parametrize(
    ("title", "severity"),
    [
        ("DIABETES WITH MCC", "mcc"),
        ("DIABETES W CC", "cc"),
        ("DIABETES WITH CC/MCC", "cc"),
        ("Diabetes without CC/MCC", "none"),
        ("DIABETES W/O MCC", "none"),
        ("SEPTICEMIA OR SEVERE SEPSIS WITHOUT MV >96 HOURS WITH MCC", "mcc"),
        ("CHEST PAIN", ""),
        ("SEPTICEMIA WITH MV >96 HOURS", ""),
    ],
)
def test_the_title_tells_the_complication(title: str, severity: str) -> None:
    assert severity_of(title) == severity


@pytest.mark.parametrize(
    ("geometric", "arithmetic", "shortest"),
    [
        # s = sqrt(2 ln(5.6 / 4.4)) = 0.6945; 4.4 exp(-1.389) = 1.097.
        (4.4, 5.6, 1.097),
        (3.0, 3.0, 3.0),
        # An arithmetic mean below the geometric cannot be.
        (3.0, 2.0, 3.0),
    ],
)
def test_two_standard_deviations_below_the_mean(geometric: float, arithmetic: float, shortest: float) -> None:
    assert DrgWeight(1.0, geometric, arithmetic).shortest == pytest.approx(shortest, abs=0.001)


def test_a_group_by_day_of_discharge() -> None:
    rows = [
        ["DRG", "title", "weight", "GMLOS", "AMLOS", "from", "to"],
        ["193", "X", "1.2", "4", "5", "2024-10-01", "2025-09-30"],
        ["193", "X", "1.3", "4", "5", "2025-10-01", ""],
        ["194", "X", "1.3", "4", "5", "2025-13-01", ""],
        ["12A", "X", "1.3", "4", "5", "", ""],
        ["195", "X", "-1", "4", "5", "", ""],
        ["196", "X", "nan", "4", "5", "", ""],
    ]
    table, bad = load_drg_weights(rows)
    days = ("2024-09-30", "2024-10-01", "2025-09-30", "2025-10-01")
    found = [find_weight(table, "193", date(day)) for day in days]
    assert [group.weight if group else 0 for group in found] == [0, 1.2, 1.2, 1.3]
    reasons = ["impossible_date", "bad_drg", "bad_drg_figures", "bad_drg_figures"]
    assert bad == [BadRow(number, reason) for number, reason in enumerate(reasons, 4)]


def test_a_table_without_a_header_is_none() -> None:
    with pytest.raises(TableError, match="drg, title"):
        load_drg_weights([["a", "b"]])

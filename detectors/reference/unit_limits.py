"""NCCI medically unlikely edits (B03): the most units of a code, for a line or a day, by quarter.

The quarterly CMS files state no dates: whoever loads one says from which day on it holds. Each replaces the one before
it as a whole, so that a code that is gone has no limit any more. The files stay with the site.
"""

import bisect
import datetime
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from detectors.reference.rows import BadRow, Rows, find_table

COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("HCPCS/CPT Code", "HCPCS/", "HCPCS"),
    "units": (
        "Practitioner Services MUE Values", "Outpatient Hospital Services MUE Values",
        "DME Supplier Services MUE Values", "MUE Value", "Practitioner", "Outpatient", "Facility", "DME",
    ),
    "indicator": ("MUE Adjudication Indicator", "MAI"),
}  # fmt: skip
"""Our names to the beginnings of CMS's headings in the practitioner, outpatient hospital and supplier files."""

MOST_UNITS = 1_000_000


class UnitLimit(Struct, frozen=True):
    """The most units of a code. `indicator` 1: on a line; 2: on a day, without exception; 3: on a day, rebuttable."""

    code: str
    units: int
    indicator: Literal[1, 2, 3]


class Quarter(Struct, frozen=True):
    """One file: the limits from its first day on, until the next file's."""

    since: datetime.date
    limits: dict[str, UnitLimit]


class UnitLimits:
    """Limits of several quarters, by date of service."""

    def __init__(self, quarters: Iterable[Quarter]) -> None:
        self._quarters = sorted(quarters, key=lambda quarter: quarter.since)
        self._since = [quarter.since for quarter in self._quarters]

    def active_on(self, day: datetime.date) -> dict[str, UnitLimit]:
        """Return all limits that hold on a day; none before the first quarter that was loaded."""
        index = bisect.bisect_right(self._since, day) - 1
        return self._quarters[index].limits if index >= 0 else {}

    def find(self, code: str, day: datetime.date) -> UnitLimit | None:
        """Return the limit of a code on a date of service."""
        return self.active_on(day).get(code.upper())


def load_unit_limits(rows: Rows, since: datetime.date) -> tuple[Quarter, list[BadRow]]:
    """Read one file.

    Args:
        rows: the notice, the header and the limits.
        since: the first day of its quarter.

    Returns:
        The quarter, and the rows that are no limit.

    Raises:
        TableError: where there is no header.
    """
    table = find_table(rows, COLUMNS, "MUE table")
    limits: dict[str, UnitLimit] = {}
    bad: list[BadRow] = []
    for number, row in table.rows:
        code, units = table.cell(row, "code").upper(), table.cell(row, "units")
        # The cell is a text that begins with the digit, such as "3 Date of Service Edit: Clinical".
        indicator = _INDICATORS.get(table.cell(row, "indicator")[:1])
        if not any(cell.strip() for cell in row):
            continue
        if len(code) != 5 or not (code.isascii() and code.isalnum()):
            bad.append(BadRow(number, "bad_code"))
        elif not (units.isascii() and units.isdigit()) or len(units) > 7 or int(units) > MOST_UNITS:
            bad.append(BadRow(number, "bad_units"))
        elif indicator is None:
            bad.append(BadRow(number, "bad_adjudication_indicator"))
        else:
            limits[code] = UnitLimit(code, int(units), indicator)
    return Quarter(since, limits), bad


_INDICATORS: dict[str, Literal[1, 2, 3]] = {"1": 1, "2": 2, "3": 3}

"""Global surgical periods (B36): the days of follow-up that the price of a procedure includes, from the site's table.

The Medicare fee schedule's relative value file (PPRRVU, columns `HCPCS` and `GLOB DAYS`) can be used as it is; a table
of the site may add the days `from` and `to` (`YYYY-MM-DD`, both included) between which a row holds. Only 000, 010 and
090 are periods; XXX, YYY, ZZZ and MMM are not.
"""

import datetime
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from detectors.reference.rows import BadRow, Rows, find_table

COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("HCPCS", "code"),
    "days": ("GLOB DAYS", "GLOBDAYS", "GLOB", "days"),
    "from": ("from", ""),
    "to": ("to", ""),
}
"""Our names to the beginnings of the headings."""

_PERIODS: dict[str, Literal[0, 10, 90]] = {"000": 0, "010": 10, "090": 90}
_NO_PERIOD = frozenset({"", "XXX", "YYY", "ZZZ", "MMM"})


class GlobalPeriod(Struct, frozen=True):
    """The days that follow a procedure and are paid with it, on dates of service from `since` to `until`, included."""

    days: Literal[0, 10, 90]
    since: datetime.date = datetime.date.min
    until: datetime.date = datetime.date.max


def find_period(table: Mapping[str, list[GlobalPeriod]], code: str, day: datetime.date) -> int:
    """Return the days of follow-up that a code includes on a date of service; 0 where it has no period."""
    return next((row.days for row in table.get(code.upper(), ()) if row.since <= day <= row.until), 0)


def load_global_days(rows: Rows) -> tuple[dict[str, list[GlobalPeriod]], list[BadRow]]:
    """Read the table; returns the periods by code, and the rows that say nothing usable.

    Raises:
        TableError: where there is no header.
    """
    table = find_table(rows, COLUMNS, "global days")
    found: dict[str, list[GlobalPeriod]] = {}
    bad: list[BadRow] = []
    for number, row in table.rows:
        code, days = table.cell(row, "code").upper(), table.cell(row, "days").upper()
        if not any(cell.strip() for cell in row) or days in _NO_PERIOD:
            continue
        if days not in _PERIODS or not code:
            bad.append(BadRow(number, "bad_global_days"))
            continue
        try:
            since, until = table.validity(row)
        except ValueError:
            bad.append(BadRow(number, "impossible_date"))
            continue
        found.setdefault(code, []).append(GlobalPeriod(_PERIODS[days], since, until))
    return found, bad

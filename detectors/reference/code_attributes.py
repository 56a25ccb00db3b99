"""Which sex and ages a code stands for (B16), from a table of the site: `code,sex,min_age,max_age,from,to`.

Ages are full years, both ends included; days are `YYYY-MM-DD`, both ends included; an empty cell sets no bound.
A code may have several rows for several times. Patients may be transgender or intersex, and newborns may be billed on
their mother: what does not fit is a matter of billing quality, never of fraud alone (domain.md §2.2, B16).
"""

import datetime
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from detectors.reference.rows import BadRow, Rows, Table, find_table

OLDEST = 150


class CodeAttributes(Struct, frozen=True):
    """What one row says of a code."""

    code: str
    sex: Literal["", "F", "M"]
    min_age: int = 0
    max_age: int = OLDEST
    since: datetime.date = datetime.date.min
    until: datetime.date = datetime.date.max

    def active_on(self, day: datetime.date) -> bool:
        """Whether the row holds on a date of service."""
        return self.since <= day <= self.until


def find_attributes(table: Mapping[str, list[CodeAttributes]], code: str, day: datetime.date) -> CodeAttributes | None:
    """Return what holds of a code on a date of service."""
    return next((row for row in table.get(code.upper(), ()) if row.active_on(day)), None)


def load_code_attributes(rows: Rows) -> tuple[dict[str, list[CodeAttributes]], list[BadRow]]:
    """Read the table; returns the rows by code, and those that say nothing usable.

    Raises:
        TableError: where there is no header.
    """
    wanted = {name: (name,) for name in ("code", "sex", "min_age", "max_age", "from", "to")}
    table = find_table(rows, wanted, "code attributes")
    found: dict[str, list[CodeAttributes]] = {}
    bad: list[BadRow] = []
    for number, row in table.rows:
        if not any(cell.strip() for cell in row):
            continue
        try:
            attributes = _attributes(table, [cell.strip() for cell in row])
        except ValueError:
            bad.append(BadRow(number, "bad_attributes"))
            continue
        found.setdefault(attributes.code, []).append(attributes)
    return found, bad


_SEXES: dict[str, Literal["", "F", "M"]] = {"": "", "F": "F", "M": "M"}


def _attributes(table: Table, row: list[str]) -> CodeAttributes:
    code, sex = table.cell(row, "code").upper(), table.cell(row, "sex").upper()
    low, high = _age(table.cell(row, "min_age"), 0), _age(table.cell(row, "max_age"), OLDEST)
    since, until = table.cell(row, "from"), table.cell(row, "to")
    attributes = CodeAttributes(
        code,
        _SEXES.get(sex, ""),
        low,
        high,
        datetime.date.fromisoformat(since) if since else datetime.date.min,
        datetime.date.fromisoformat(until) if until else datetime.date.max,
    )
    if not code or sex not in _SEXES or low > high or attributes.since > attributes.until:
        raise ValueError
    return attributes


def _age(text: str, default: int) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 3 or int(text) > OLDEST:
        raise ValueError
    return int(text)

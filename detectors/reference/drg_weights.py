"""Weights and lengths of stay of diagnosis-related groups (B35), from the table of the site.

Table 5 of the yearly final rule of the inpatient prospective payment system (CMS, public domain) can be used as it is:
columns `MS-DRG`, `MS-DRG Title`, `Weights`, `Geometric mean LOS` and `Arithmetic mean LOS`. A table of the site may add
the days `from` and `to` (`YYYY-MM-DD`, both included) between which a row holds. Whether a group is for stays with a
major complication (MCC) or another one (CC) is read off its title.
"""

import datetime
import math
import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from detectors.reference.rows import BadRow, Rows, find_table

COLUMNS: dict[str, tuple[str, ...]] = {
    "drg": ("MS-DRG", "DRG"),
    "title": ("MS-DRG Title", "title"),
    "weight": ("Weights", "Relative Weight", "weight"),
    "geometric": ("Geometric mean LOS", "GMLOS"),
    "arithmetic": ("Arithmetic mean LOS", "AMLOS"),
    "from": ("from", ""),
    "to": ("to", ""),
}
"""Our names to the beginnings of the headings."""

Severity = Literal["", "none", "cc", "mcc"]

_SPLIT = re.compile(r"\b(WITHOUT|W/O|WITH|W)\s+(CC/MCC|MCC|CC)\b")
_NO_FIGURE = frozenset({"", "*", "**", "-", "--", ".", "N/A"})
"""Groups that are not paid by weight, such as those that cannot be grouped."""


class DrgWeight(Struct, frozen=True):
    """One group, on days of discharge from `since` to `until`, included. Lengths of stay are in days.

    `severity` is the complication that the group is for: empty where groups are not told apart by it.
    """

    weight: float
    geometric: float
    arithmetic: float
    severity: Severity = ""
    since: datetime.date = datetime.date.min
    until: datetime.date = datetime.date.max

    @property
    def shortest(self) -> float:
        """The length of stay two standard deviations below the mean, on the scale of logarithms.

        Of a lognormal the arithmetic mean is the geometric times exp(s^2 / 2), which tells its deviation s.
        """
        deviation = math.sqrt(2 * math.log(max(self.arithmetic / self.geometric, 1.0)))
        return self.geometric * math.exp(-2 * deviation)


def find_weight(table: Mapping[str, list[DrgWeight]], drg: str, day: datetime.date) -> DrgWeight | None:
    """Return a group on the day of discharge; None where the table has none."""
    return next((row for row in table.get(drg.zfill(3), ()) if row.since <= day <= row.until), None)


def load_drg_weights(rows: Rows) -> tuple[dict[str, list[DrgWeight]], list[BadRow]]:
    """Read the table; returns the rows by group, and the numbers of those that say nothing usable.

    Raises:
        TableError: where there is no header.
    """
    table = find_table(rows, COLUMNS, "DRG weights")
    found: dict[str, list[DrgWeight]] = {}
    bad: list[BadRow] = []
    for number, row in table.rows:
        drg, title = table.cell(row, "drg"), table.cell(row, "title")
        figures = [table.cell(row, name) for name in ("weight", "geometric", "arithmetic")]
        if not (drg.isascii() and drg.isdigit()):
            # Notes stand below the table.
            if any(figures):
                bad.append(BadRow(number, "bad_drg"))
            continue
        if _NO_FIGURE.issuperset(figures):
            continue
        try:
            weight, geometric, arithmetic = map(_positive, figures)
        except ValueError:
            bad.append(BadRow(number, "bad_drg_figures"))
            continue
        try:
            since, until = table.validity(row)
        except ValueError:
            bad.append(BadRow(number, "impossible_date"))
            continue
        known = DrgWeight(weight, geometric, arithmetic, severity_of(title), since, until)
        found.setdefault(drg.zfill(3), []).append(known)
    return found, bad


def severity_of(title: str) -> Severity:
    """Return the complication that a group is for by its title."""
    found = _SPLIT.findall(title.upper())
    if not found:
        return ""
    word, of = found[-1]
    if word.startswith(("WITHOUT", "W/O")):
        return "none"
    return "mcc" if of == "MCC" else "cc"


def _positive(text: str) -> float:
    figure = float(text.replace(",", ""))
    if not 0 < figure < 1_000:
        raise ValueError
    return figure

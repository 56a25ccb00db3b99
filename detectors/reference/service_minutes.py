"""Minimum minutes of a service by procedure code (B05): supplied by the site, since code tables are licensed."""

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detectors.events.billing import Line


@dataclass(frozen=True)
class ServiceMinutes:
    """The fewest minutes that the code stands for.

    `minutes` is for the first unit; `each` for every unit after it (timed therapy: n units need 15 n - 7 minutes, so
    8 and 15). `share` weighs a code that has no time floor when it is chosen by medical decision making (0.5).
    """

    minutes: float
    each: float
    share: float = 1.0


class TableError(ValueError):
    """A reference table that cannot be read; says which line and what is expected."""


def load(lines: Iterable[str]) -> dict[str, ServiceMinutes]:
    """Read a CSV with the columns `code,minutes,each,share`.

    Raises:
        TableError: naming the line.
    """
    table: dict[str, ServiceMinutes] = {}
    reader = csv.DictReader(lines)
    try:
        for row in reader:
            minutes = ServiceMinutes(_number(row["minutes"]), _number(row["each"]), _number(row.get("share") or "1"))
            if not row["code"]:
                raise ValueError
            table[row["code"]] = minutes
    except (KeyError, TypeError, ValueError, csv.Error):
        message = f"service minutes, line {reader.line_num}: expected code,minutes,each[,share] with numbers"
        raise TableError(message) from None
    return table


def _number(text: str) -> float:
    value = float(text)
    if not 0 <= value < math.inf:
        raise ValueError
    return value


def minutes_of(line: Line, table: Mapping[str, ServiceMinutes]) -> float:
    """Return the fewest minutes that a service line stands for; 0 for codes without a known time.

    A unit basis of `MJ` states minutes outright (SV103, anaesthesia). Technical components (`TC`) need no physician.
    """
    if line.unit_basis == "MJ":
        return max(line.units, 0.0)
    known = table.get(line.code)
    if known is None or line.units <= 0 or "TC" in line.modifiers:
        return 0.0
    return known.share * (known.minutes + known.each * (line.units - 1))

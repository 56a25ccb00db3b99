"""Fiscal periods as sources write them."""

import calendar
import datetime
import re

_PERIOD = re.compile(r"(\d{4})-?(\d{2})(?:-?(\d{2}))?")


def end_of_period(text: str) -> datetime.date | None:
    """Return the last day of a fiscal period, `2026-03`, `202603`, or its last day itself; None for anything else."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2])
    if not 1 <= month <= 12:
        return None
    last = calendar.monthrange(year, month)[1]
    return datetime.date(year, month, min(int(found[3] or last), last) or 1)

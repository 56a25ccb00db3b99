"""Six years by the calendar, as 45 CFR 164.316(b)(2)(i) and 164.528(a)(3) count them."""

from datetime import UTC, datetime

YEARS_KEPT = 6
"""From creation or from when it was last in effect, whichever is later (domain.md §4.1 H7); H22 looks as far back."""


def years_after(at: float, years: int = YEARS_KEPT) -> float:
    """Return the same instant so many years later; of a 29 February the day after, where there is none.

    >>> datetime.fromtimestamp(years_after(datetime(2024, 2, 29, tzinfo=UTC).timestamp()), UTC).isoformat()
    '2030-03-01T00:00:00+00:00'
    """
    moment = datetime.fromtimestamp(at, UTC)
    try:
        return moment.replace(year=moment.year + years).timestamp()
    except ValueError:
        return moment.replace(year=moment.year + years, month=3, day=1).timestamp()


def years_before(at: float, years: int = YEARS_KEPT) -> float:
    """Return the same instant so many years earlier; of a 29 February the day before, where there is none."""
    moment = datetime.fromtimestamp(at, UTC)
    try:
        return moment.replace(year=moment.year - years).timestamp()
    except ValueError:
        return moment.replace(year=moment.year - years, day=28).timestamp()

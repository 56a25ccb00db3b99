"""Values to elements of X12, and elements to segments (X12.5, X12.6)."""

import datetime

END = "~\n"
"""Ends a segment; the line end is for people."""

_MARKS = str.maketrans("*^:~\r\n", "      ")
"""X12 has no way to write its separators inside an element."""


def segment(*elements: str) -> str:
    """Return a segment, without empty elements at its end."""
    return "*".join(elements).rstrip("*") + END


def composite(*components: str) -> str:
    """Return a composite, without empty components at its end."""
    return ":".join(components).rstrip(":")


def text(value: str) -> str:
    """Return a text without separators."""
    return value.translate(_MARKS)


def amount(cents: int) -> str:
    """Return cents as dollars."""
    dollars, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{dollars}.{rest:02d}"


def quantity(value: float) -> str:
    """Return a quantity, without a fraction where it is whole."""
    return f"{value:.15g}"


def day(date: datetime.date) -> str:
    """Return CCYYMMDD."""
    return date.strftime("%Y%m%d")


def moment(instant: datetime.datetime) -> tuple[str, str]:
    """Return CCYYMMDD and HHMMSSDD: X12 tells hundredths of a second and no finer."""
    return day(instant), f"{instant:%H%M%S}{instant.microsecond // 10_000:02d}"


def minute(instant: datetime.datetime) -> str:
    """Return CCYYMMDDHHMM."""
    return instant.strftime("%Y%m%d%H%M")

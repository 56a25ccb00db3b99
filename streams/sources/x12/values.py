"""Elements to values: cents without floats, dates, quantities. A bad one is refused by element, never quoted."""

import datetime
import re
from functools import lru_cache

from detectors.events.envelope import EARLIEST, LATEST

PADDING: list[str] = [""] * 32
"""Put behind a split segment, so that every element asked for is there, empty (CAS, the longest, has 19)."""

MAXIMUM_CENTS = 10**12
"""Amounts from ten thousand million up are mistakes: claims stay under a hundred million (X12N TR3, 10 digits)."""

MAXIMUM_UNITS = 1_000_000
_CACHED = 8_192


class BadElement(Exception):  # noqa: N818 - a verdict on input, not a fault of ours
    """An element that cannot be what it must be: a stable reason, and its name such as CLM02."""

    def __init__(self, reason: str, element: str) -> None:
        super().__init__(f"{reason}: {element}")
        self.reason = reason
        self.element = element


def cents(elements: list[str], at: int) -> int:
    """Return the amount at `at` in cents; an empty element is none."""
    try:
        return _cents(elements[at])
    except ValueError as error:
        raise _bad(error, elements, at) from None


def required_cents(elements: list[str], at: int) -> int:
    """Return the amount at `at` in cents; it must be there."""
    text = elements[at]
    if not text:
        raise BadElement("missing_element", _name(elements, at))
    try:
        return _cents(text)
    except ValueError as error:
        raise _bad(error, elements, at) from None


def required(elements: list[str], at: int) -> str:
    """Return the element at `at`; it must not be empty."""
    text = elements[at]
    if not text or text.isspace():
        raise BadElement("missing_element", _name(elements, at))
    return text


def quantity(elements: list[str], at: int, absent: float) -> float:
    """Return the quantity at `at`, or `absent` where it is empty."""
    if not elements[at]:
        return absent
    try:
        return _quantity(elements[at])
    except ValueError as error:
        raise _bad(error, elements, at) from None


def number(elements: list[str], at: int) -> int:
    """Return the count at `at`, zero where it is empty."""
    text = elements[at]
    if not text:
        return 0
    if len(text) > 9 or not (text.isascii() and text.isdigit()):
        raise BadElement("bad_number", _name(elements, at))
    return int(text)


def day(elements: list[str], at: int) -> datetime.date | None:
    """Return the date CCYYMMDD at `at`, None where it is empty."""
    if not elements[at]:
        return None
    try:
        return date_of(elements[at])
    except ValueError as error:
        raise _bad(error, elements, at) from None


def days(elements: list[str], qualifier_at: int) -> tuple[datetime.date | None, datetime.date | None]:
    """Return first and last day of a date (D8, DT) or of a range (RD8); the value follows its qualifier."""
    at = qualifier_at + 1
    text = elements[at]
    if not text:
        return None, None
    try:
        if elements[qualifier_at] == "RD8":
            first, _, last = text.partition("-")
            return date_of(first), date_of(last)
        first_day = date_of(text[:8] if elements[qualifier_at] == "DT" else text)
    except ValueError as error:
        raise _bad(error, elements, at) from None
    return first_day, first_day


def instant(date: datetime.date, elements: list[str], at: int, zone: datetime.tzinfo) -> datetime.datetime:
    """Return the instant of `date` at the time HHMM, HHMMSS or HHMMSSDD at `at`; midnight where none stands."""
    try:
        return at_time(date, elements[at], zone)
    except ValueError as error:
        raise _bad(error, elements, at) from None


@lru_cache(maxsize=_CACHED)
def date_of(text: str) -> datetime.date:
    """Return the date CCYYMMDD. Raises ValueError with the reason."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        raise ValueError("bad_date")
    try:
        date = datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise ValueError("impossible_date") from None
    if not EARLIEST.date() <= date < LATEST.date():
        raise ValueError("impossible_date")
    return date


def at_time(date: datetime.date, text: str, zone: datetime.tzinfo) -> datetime.datetime:
    """Return the instant, in UTC, of a local time. Raises ValueError with the reason."""
    if text and (len(text) not in (4, 6, 7, 8) or not (text.isascii() and text.isdigit())):
        raise ValueError("bad_time")
    try:
        # Behind the seconds stand tenths (D) or hundredths (DD).
        parts = int(text[6:8].ljust(2, "0"))
        time = datetime.time(int(text[:2] or 0), int(text[2:4] or 0), int(text[4:6] or 0), parts * 10_000)
        # A day inside the range stays inside it in every zone.
        return datetime.datetime.combine(date, time, zone).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise ValueError("impossible_time") from None


@lru_cache(maxsize=_CACHED)
def valid_npi(npi: str) -> bool:
    """Whether an NPI has ten digits and the check digit of ISO/IEC 7812 over the prefix 80840 (45 CFR 162.406)."""
    if len(npi) != 10 or not (npi.isascii() and npi.isdigit()):
        return False
    total = 24  # What the prefix 80840 adds.
    for place, digit in enumerate(map(int, npi)):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


_SURELY_SMALL = 10
"""Digits before the point that keep an amount under `MAXIMUM_CENTS`."""

_AMOUNT = re.compile(r"(-?)([0-9]{0,16})(?:\.([0-9]{0,16}))?")


@lru_cache(maxsize=_CACHED)
def _cents(text: str) -> int:
    whole, _, part = text.partition(".")
    if len(part) == 2 and len(whole) <= _SURELY_SMALL and text.isascii() and whole.isdigit() and part.isdigit():
        return int(whole + part)
    if not text:
        return 0
    match = _AMOUNT.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        raise ValueError("bad_amount")
    part = (match[3] or "").rstrip("0")
    if len(part) > 2:
        raise ValueError("amount_below_cents")
    amount = int(match[2] or 0) * 100 + int(part.ljust(2, "0"))
    if amount >= MAXIMUM_CENTS:
        raise ValueError("amount_too_large")
    return -amount if match[1] else amount


@lru_cache(maxsize=_CACHED)
def _quantity(text: str) -> float:
    match = _AMOUNT.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        raise ValueError("bad_quantity")
    value = float(text)
    if abs(value) > MAXIMUM_UNITS:
        raise ValueError("quantity_too_large")
    return value


def _name(elements: list[str], at: int) -> str:
    return f"{elements[0][:3]}{at:02d}"


def _bad(error: ValueError, elements: list[str], at: int) -> BadElement:
    return BadElement(str(error), _name(elements, at))

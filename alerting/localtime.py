"""Local time: when a clock on the wall shows what, and how times are written in a response plan."""

import datetime
import re
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def instant(day: datetime.date, minutes: int, zone: ZoneInfo) -> float:
    """Return when a local clock shows so many minutes since midnight of a day, in seconds since the epoch.

    What the clock skips in spring is as much later as it skips; what it shows twice in autumn is the first time.
    """
    local = datetime.datetime.combine(day, datetime.time(), zone) + datetime.timedelta(minutes=minutes)
    return local.timestamp()


def local_day(at: float, zone: ZoneInfo) -> datetime.date:
    """Return the local day of an instant."""
    return datetime.datetime.fromtimestamp(at, zone).date()


def minutes_of(text: str) -> int:
    """Return a time of day in minutes since midnight.

    >>> minutes_of("08:30")
    510

    Raises:
        ValueError: where it is none.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        message = f"{text!r} is no time of day; write 08:00"
        raise ValueError(message)
    return int(found[1]) * 60 + int(found[2])


def weekday_of(text: str) -> int:
    """Return a weekday by its name or the first three letters of it; 0 is Monday.

    Raises:
        ValueError: where it is none.
    """
    word = text.casefold()
    for names in (WEEKDAYS, _FULL):
        if word in names:
            return names.index(word)
    message = f"{text!r} is no weekday; write one of {', '.join(WEEKDAYS)}"
    raise ValueError(message)

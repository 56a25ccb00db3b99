"""When news that are collected are told together: `hourly`, `daily 08:00`, `weekly mon 08:00`, in the site's zone."""

import datetime
from zoneinfo import ZoneInfo

from alerting.localtime import instant, local_day, minutes_of, weekday_of

_HOUR = 3600.0
_WORDS = {"hourly": 1, "daily": 2, "weekly": 3}


def next_time(period: str, after: float, zone: ZoneInfo) -> float:
    """Return the first time of a period after an instant; both in seconds since the epoch.

    Raises:
        ValueError: where the text is no period.
    """
    word, *rest = period.casefold().split() or [""]
    if _WORDS.get(word) != 1 + len(rest):
        message = f"{period!r} is no period; write hourly, daily 08:00 or weekly mon 08:00"
        raise ValueError(message)
    if word == "hourly":
        return (after // _HOUR + 1) * _HOUR
    minutes = minutes_of(rest[-1])
    weekday = weekday_of(rest[0]) if word == "weekly" else None
    day = local_day(after, zone)
    while True:
        if weekday in (None, day.weekday()) and (at := instant(day, minutes, zone)) > after:
            return at
        day += datetime.timedelta(days=1)


def period_problem(period: str) -> str:
    """Return what is wrong with a period; nothing where it is one."""
    try:
        next_time(period, 0.0, ZoneInfo("UTC"))
    except ValueError as error:
        return str(error)
    return ""

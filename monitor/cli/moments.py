"""Times on the command line: days, instants and durations from now."""

import datetime
import math
from zoneinfo import ZoneInfo

import typer

from monitor.durations import seconds_of

WHEN = "a day (2026-04-01), a time (2026-04-01T18:00, local unless it has a zone), or a time from now (2h)"


def start_of(text: str, now: float, zone: str) -> float:
    """Return when something begins: a day at its first instant, a time, or so long from now."""
    return _instant(text, now, zone, days=0)


def end_of(text: str, now: float, zone: str) -> float:
    """Return when something ends: a day after its last instant, a time, or so long from now."""
    return _instant(text, now, zone, days=1)


def shown(at: float) -> str:
    """Return an instant for people, in UTC.

    >>> shown(1_772_442_843.0)
    '2026-03-02 09:14'
    """
    if not math.isfinite(at) or at >= 2.5e11:  # after the last year of calendars
        return "-"
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%d %H:%M")


def _instant(text: str, now: float, zone: str, *, days: int) -> float:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        pass
    else:
        midnight = datetime.datetime.combine(day + datetime.timedelta(days=days), datetime.time(), ZoneInfo(zone))
        return midnight.timestamp()
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return now + _duration(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).timestamp()


def _duration(text: str) -> float:
    try:
        return seconds_of(text)
    except ValueError:
        message = f"{text!r} is no time; write {WHEN}"
        raise typer.BadParameter(message) from None

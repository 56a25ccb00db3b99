"""Times on the command line: days, instants and durations from now."""

import datetime
import math
from collections.abc import Callable
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

import typer

from monitor.durations import seconds_of
from monitor.failure import Failure
from monitor.response_plan import response_plan
from monitor.settings import Settings

WHEN = "a day (2026-04-01), a time (2026-04-01T18:00, local unless it has a zone), or a time from now (2h)"

SINCE = "a day (2026-04-01), a time (2026-04-01T18:00) in the zone of the response plan or its own, or so long ago (8h)"


def start_of(text: str, now: float, zone: str) -> float:
    """Return when something begins: a day at its first instant, a time, or so long from now."""
    return _instant(text, now, zone, days=0)


def end_of(text: str, now: float, zone: str) -> float:
    """Return when something ends: a day after its last instant, a time, or so long from now."""
    return _instant(text, now, zone, days=1)


def since(text: str, now: float, zone: str) -> float:
    """Return when what is asked for begins: with a day, a time, or so long ago; at the beginning of all for no text."""
    if not text:
        return 0.0
    try:
        return now - seconds_of(text)
    except ValueError:
        pass
    try:
        return _instant(text, now, zone, days=0)
    except typer.BadParameter:
        message = f"{text!r} is no time; write {SINCE}"
        raise typer.BadParameter(message) from None


Telling: TypeAlias = Callable[[float], str]
"""How a row tells an instant: `shown` in a zone for people, `written` for programs."""


def shown(at: float, zone: str = "UTC", *, seconds: bool = False) -> str:
    """Return an instant for people, with the zone that it is told in.

    >>> shown(1_772_442_843.0, "America/Chicago")
    '2026-03-02 03:14 CST'
    """
    if not _is_in_calendars(at):
        return "-"
    form = "%Y-%m-%d %H:%M:%S %Z" if seconds else "%Y-%m-%d %H:%M %Z"
    return datetime.datetime.fromtimestamp(at, ZoneInfo(zone)).strftime(form)


def written(at: float) -> str:
    """Return an instant for programs, in UTC.

    >>> written(1_772_442_843.0)
    '2026-03-02 09:14'
    """
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%d %H:%M") if _is_in_calendars(at) else "-"


def site_zone(settings: Settings) -> str:
    """Return the zone of the site's response plan; UTC where there is none that can be read."""
    try:
        return response_plan(settings).zone
    except Failure:  # whoever looks at a case is not kept from it by a mistake in the plan
        return "UTC"


def telling(settings: Settings, *, as_json: bool) -> Telling:
    """Return how the rows of an answer tell instants: in the zone of the site, or for programs."""
    return written if as_json else partial(shown, zone=site_zone(settings))


def _is_in_calendars(at: float) -> bool:
    return math.isfinite(at) and at < 2.5e11  # before the last year of calendars


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

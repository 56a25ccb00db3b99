"""Layers of a schedule: who has which turn by the local clock. Pure.

A turn begins and ends at a time of day where the schedule is, so over a change of the clock it is an hour shorter or
longer; every turn begins at the very instant at which the one before it ends.
"""

import datetime
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from msgspec import Struct

from alerting.localtime import WEEKDAYS, instant, local_day, minutes_of, weekday_of

_DAY_MINUTES = 24 * 60
_SPAN = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+(\d\d:\d\d)-(\d\d:\d\d)")
_TURN = re.compile(r"(\d{1,3}) days?")
_WORDS = {"daily": 1, "weekly": 7}


class Layer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People who take turns.

    `turn` is `daily`, `weekly` or a number of days (`14 days`); the first one begins on the day `starts` at the local
    time `handover`, so a weekly turn changes on its weekday. `hours` limit the layer to spans of the week
    (`mon-fri 17:00-08:00`, which ends the next morning); without any it is there all the time.
    """

    people: tuple[str, ...]
    starts: datetime.date
    name: str = ""
    turn: str = "weekly"
    handover: str = "08:00"
    hours: tuple[str, ...] = ()

    def person_at(self, at: float, zone: ZoneInfo) -> str:
        """Return who has the turn at an instant, empty where nobody has."""
        number = self._turn_at(at, zone)
        if number < 0 or not self._is_within_hours(at, zone):
            return ""
        return self.people[number % len(self.people)]

    def changes(self, first: float, last: float, zone: ZoneInfo) -> Iterator[float]:
        """Yield every instant from `first` to `last` at which somebody else may have the turn."""
        number = max(0, self._turn_at(first, zone))
        while (begins := self._begins(number, zone)) <= last:
            yield begins
            number += 1
        spans = [span for text in self.hours for span in spans_of(text)]
        day = local_day(first, zone) - datetime.timedelta(days=1)
        while spans and instant(day, 0, zone) <= last:
            for weekday, opens, closes in spans:
                if weekday == day.weekday():
                    yield from (instant(day, minutes, zone) for minutes in (opens, closes))
            day += datetime.timedelta(days=1)

    def problems(self, place: str, people: frozenset[str]) -> Iterator[str]:
        """Yield what is wrong with it, a sentence each that begins with its place in the plan."""
        if not self.people:
            yield f"{place}: it has no people"
        yield from (f"{place}: {name!r} is nobody in `people`" for name in self.people if name not in people)
        try:
            days_of(self.turn)
            minutes_of(self.handover)
            for text in self.hours:
                list(spans_of(text))
        except ValueError as error:
            yield f"{place}: {error}"

    def _begins(self, number: int, zone: ZoneInfo) -> float:
        day = self.starts + datetime.timedelta(days=number * days_of(self.turn))
        return instant(day, minutes_of(self.handover), zone)

    def _turn_at(self, at: float, zone: ZoneInfo) -> int:
        """Return the number of the turn that an instant lies in, below 0 before the first."""
        number = (local_day(at, zone) - self.starts).days // days_of(self.turn)
        while self._begins(number, zone) > at:
            number -= 1
        while self._begins(number + 1, zone) <= at:
            number += 1
        return number

    def _is_within_hours(self, at: float, zone: ZoneInfo) -> bool:
        if not self.hours:
            return True
        today = local_day(at, zone)
        return any(
            weekday == day.weekday() and instant(day, opens, zone) <= at < instant(day, closes, zone)
            for day in (today - datetime.timedelta(days=1), today)
            for text in self.hours
            for weekday, opens, closes in spans_of(text)
        )


def days_of(turn: str) -> int:
    """Return the length of a turn in days.

    >>> days_of("weekly"), days_of("14 days")
    (7, 14)

    Raises:
        ValueError: where it is none.
    """
    found = _TURN.fullmatch(turn)
    days = int(found[1]) if found else _WORDS.get(turn, 0)
    if not days:
        message = f"{turn!r} is no length of a turn; write daily, weekly or 14 days"
        raise ValueError(message)
    return days


def spans_of(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield weekday, begin and end of a span of the week, the latter in minutes since the midnight that begins the day.

    >>> list(spans_of("fri-sat 17:00-08:00"))
    [(4, 1020, 1920), (5, 1020, 1920)]

    Raises:
        ValueError: where it is none.
    """
    found = _SPAN.fullmatch(text.casefold().strip())
    if found is None:
        message = f"{text!r} is no span of the week; write mon-fri 17:00-08:00"
        raise ValueError(message)
    first, last = weekday_of(found[1]), weekday_of(found[2] or found[1])
    opens = minutes_of(found[3])
    closes = _DAY_MINUTES if found[4] == "24:00" else minutes_of(found[4])
    if closes <= opens:
        closes += _DAY_MINUTES
    for number in range((last - first) % len(WEEKDAYS) + 1):
        yield (first + number) % len(WEEKDAYS), opens, closes

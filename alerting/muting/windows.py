"""Maintenance windows that come again: so many hours on certain days, by the clock on the wall. Pure.

A window begins and ends by local time. In the night in which the clock is put forward it is an hour shorter, in the
other an hour longer; a time that does not exist that night is the same distance after midnight as on other days, and of
a time that exists twice the first begins a window and the second ends it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from msgspec import Struct

Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

_DAYS_BEFORE = 2
"""How long before an instant the window may have begun that it lies in: less than a day, and the zone."""


class Span(Struct, frozen=True):
    """From one instant to before another, in seconds since the epoch."""

    start: float
    end: float


class Recurrence(Struct, frozen=True, kw_only=True):
    """When a window comes again: on these days (all, where none is named), from `starts` until `ends` (`HH:MM`).

    One that ends at or before the time at which it starts ends the next day. `weeks` names which of that weekday in
    the month it is (1 the first, -1 the last), any where it is empty.
    """

    starts: str
    ends: str
    days: tuple[Weekday, ...] = ()
    weeks: tuple[Literal[1, 2, 3, 4, 5, -1], ...] = ()

    def span_of(self, day: date, zone: ZoneInfo) -> Span | None:
        """Return the window that begins on a day, None where none does."""
        if self.days and WEEKDAYS[day.weekday()] not in self.days:
            return None
        if self.weeks and not {(day.day - 1) // 7 + 1, _from_the_end(day)} & set(self.weeks):
            return None
        starts, ends = time.fromisoformat(self.starts), time.fromisoformat(self.ends)
        last_day = day if ends > starts else day + timedelta(days=1)
        start = datetime.combine(day, starts.replace(fold=0), zone)
        end = datetime.combine(last_day, ends, zone)
        # Of two times that a clock shows twice the second; for one that it never shows, fold=1 would be the earlier.
        end = max(end, end.replace(fold=1), key=datetime.timestamp) if _is_shown_twice(end) else end
        return Span(start.timestamp(), end.timestamp()) if end.timestamp() > start.timestamp() else None

    def at(self, now: float, zone: ZoneInfo) -> Span | None:
        """Return the window that an instant lies in; the one that ends last where several do."""
        found = [span for span in self._near(now, zone) if span.start <= now < span.end]
        return max(found, key=lambda span: span.end, default=None)

    def after(self, now: float, zone: ZoneInfo) -> Span | None:
        """Return the next window that begins later, within a year."""
        return next((span for span in self._near(now, zone, days=366) if span.start > now), None)

    def problem(self) -> str:
        """Return what is wrong with it, or an empty text."""
        for name in ("starts", "ends"):
            text = getattr(self, name)
            try:
                is_time = len(text) == len("00:00") and time.fromisoformat(text).tzinfo is None
            except ValueError:
                is_time = False
            if not is_time:
                return f"{name} {text!r} is no time of day such as 22:30"
        return ""

    def _near(self, now: float, zone: ZoneInfo, *, days: int = 1) -> Iterator[Span]:
        today = datetime.fromtimestamp(now, UTC).astimezone(zone).date()
        for number in range(-_DAYS_BEFORE, days + 1):
            if span := self.span_of(today + timedelta(days=number), zone):
                yield span


def _from_the_end(day: date) -> int:
    """Return -1 for the last of its weekday in its month."""
    return -1 if (day + timedelta(days=7)).month != day.month else 0


def _is_shown_twice(moment: datetime) -> bool:
    return moment.replace(fold=1).timestamp() > moment.replace(fold=0).timestamp()

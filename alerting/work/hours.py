"""Business hours: when a number of working hours after an instant has passed, where the site is."""

import datetime
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct, structs

MOST_DAYS = 3_700
"""Ten years: whoever works so rarely that a deadline lies further away has made a mistake."""

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")


class BusinessHours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When people work, by weekday and local time: `08:00-17:00`, several spans with commas, empty for not at all."""

    monday: str = "08:00-17:00"
    tuesday: str = "08:00-17:00"
    wednesday: str = "08:00-17:00"
    thursday: str = "08:00-17:00"
    friday: str = "08:00-17:00"
    saturday: str = ""
    sunday: str = ""

    def spans(self, weekday: int) -> list[tuple[int, int]]:
        """Return the working hours of a weekday (0 is Monday) as minutes since its midnight.

        Raises:
            ValueError: if they are not written as hours.
        """
        return _week_of(self)[weekday]

    @property
    def day_seconds(self) -> float:
        """The length of a business day: that of the longest."""
        return 60.0 * max(sum(end - start for start, end in self.spans(weekday)) for weekday in range(7))

    def problems(self) -> list[str]:
        """Return what is wrong with them, a sentence each that names the place."""
        problems = []
        for name, text in structs.asdict(self).items():
            try:
                _spans_of(text)
            except ValueError as error:
                problems.append(f"business_hours: {name}: {error}")
        if not problems and not self.day_seconds:
            problems.append("business_hours: nobody ever works")
        return problems


def business_deadline(
    start: float,
    seconds: float,
    hours: BusinessHours,
    zone: str,
    holidays: Collection[datetime.date] = (),
) -> float:
    """Return when so many seconds of business hours have passed since `start`.

    Both are seconds since the epoch. Hours are those of the wall clock in `zone`; what is counted is time that really
    passes, so an hour that a change of the clock skips or repeats counts as it was lived. Nothing left to wait is over
    at once, also at night.

    Raises:
        ValueError: if nobody works so much within ten years.
    """
    left = seconds
    if left <= 0:
        return start
    for opens, closes in _open_times(start, hours, ZoneInfo(zone), holidays):
        begins = max(opens, start)
        if closes - begins >= left:
            return begins + left
        left -= max(0.0, closes - begins)
    message = f"nobody works for {seconds:.0f} seconds within ten years"
    raise ValueError(message)


def business_seconds(
    start: float,
    end: float,
    hours: BusinessHours,
    zone: str,
    holidays: Collection[datetime.date] = (),
) -> float:
    """Return how many seconds of business hours lie between two instants; at most ten years are looked at."""
    worked = 0.0
    for opens, closes in _open_times(start, hours, ZoneInfo(zone), holidays):
        if opens >= end:
            break
        worked += max(0.0, min(closes, end) - max(opens, start))
    return worked


def zone_problem(zone: str) -> str:
    """Return what is wrong with the name of a time zone; nothing where there is one."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"there is no time zone {zone!r}; give a name such as America/Chicago"
    return ""


def _open_times(
    start: float, hours: BusinessHours, zone: ZoneInfo, holidays: Collection[datetime.date]
) -> Iterator[tuple[float, float]]:
    """Yield when work begins and ends, in seconds since the epoch, from the local day of `start` on."""
    first = datetime.datetime.fromtimestamp(start, zone).date()
    spans = [hours.spans(weekday) for weekday in range(7)]
    for number in range(MOST_DAYS):
        day = first + datetime.timedelta(days=number)
        if day in holidays:
            continue
        for opens, closes in spans[day.weekday()]:
            yield _instant(day, opens, zone), _instant(day, closes, zone)


def _instant(day: datetime.date, minutes: int, zone: ZoneInfo) -> float:
    """Return the instant at which a local clock shows so many minutes since midnight of a day."""
    local = datetime.datetime.combine(day, datetime.time(), zone) + datetime.timedelta(minutes=minutes)
    return local.timestamp()


@lru_cache(maxsize=16)
def _week_of(hours: BusinessHours) -> list[list[tuple[int, int]]]:
    return [_spans_of(text) for text in structs.astuple(hours)]


def _spans_of(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = _SPAN.fullmatch(part)
        if found is None:
            message = f"{part!r} is no span of hours; write 08:00-17:00"
            raise ValueError(message)
        opens = int(found[1]) * 60 + int(found[2])
        closes = int(found[3] or found[5]) * 60 + int(found[4] or found[6])
        if closes <= opens or (spans and opens < spans[-1][1]):
            message = f"{part!r} ends before it begins, or before the span before it has ended"
            raise ValueError(message)
        spans.append((opens, closes))
    return spans

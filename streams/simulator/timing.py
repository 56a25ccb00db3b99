"""Time and chance: instants, days counted from the start, and one random generator for each purpose and day."""

import datetime
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.void]

HOUR = 3600.0
DAY = 86400.0

START = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)
"""The default start: a Monday, the first of its month."""

_EARLIEST_DAY = 100_000
"""Added to the number of a day, so that days before the start seed generators too."""


def instant(seconds: float) -> datetime.datetime:
    """Return seconds since the epoch as an aware instant, to the millisecond."""
    return datetime.datetime.fromtimestamp(round(seconds, 3), datetime.UTC)


def generator(seed: int, purpose: str, day: int = 0) -> np.random.Generator:
    """Return the generator of one purpose and day: what one part draws never shifts what another part draws."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), day + _EARLIEST_DAY])


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days counted from the start; local time is UTC. `origin` is midnight of day 0 in seconds since the epoch."""

    origin: float

    def begin(self, day: int) -> float:
        """Return midnight of `day`, in seconds since the epoch."""
        return self.origin + day * DAY

    def date(self, day: int) -> datetime.date:
        """Return the date of `day`."""
        return instant(self.begin(day)).date()

    def day_of(self, seconds: float) -> int:
        """Return the day that an instant lies in."""
        return int((seconds - self.origin) // DAY)

    def weekday(self, day: int) -> int:
        """Return 0 for Monday to 6 for Sunday."""
        return self.date(day).weekday()

    def is_first_monday(self, day: int) -> bool:
        """Return whether `day` is the first Monday of its month: passwords expire."""
        return self.weekday(day) == 0 and self.date(day).day <= 7

    def is_clock_change(self, day: int) -> bool:
        """Return whether clocks change on `day`: the second Sunday of March, the first of November (15 U.S.C. 260a)."""
        date = self.date(day)
        return date.weekday() == 6 and (date.month, (date.day - 1) // 7) in ((3, 1), (11, 0))

    def is_month_end(self, day: int) -> bool:
        """Return whether the month ends within two days: coding closes its books."""
        return self.date(day + 2).day <= 2


def calendar_from(start: datetime.datetime) -> Calendar:
    """Return the calendar that begins at `start`.

    Raises:
        ValueError: unless `start` is midnight UTC.
    """
    if start.tzinfo is None or start.astimezone(datetime.UTC).time() != datetime.time():
        raise ValueError("start must be midnight UTC, with its offset")
    return Calendar(origin=start.timestamp())

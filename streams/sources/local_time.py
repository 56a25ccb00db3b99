"""Local wall-clock times to instants: what happens where a clock is put forward or back is decided here, once.

A time that a clock showed twice (put back in autumn) is taken as the first of the two; one that it never showed (put
forward in spring) is taken by the offset before the change, so that it moves on by the hour that was skipped (PEP 495,
fold 0). Neither is refused: the error is an hour at most, and a lost access is worse. Both are told to the caller.
"""

import datetime
import re
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Doubt = Literal["", "ambiguous_local_time", "nonexistent_local_time"]

_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,31}){0,2}")
"""Names of the IANA database have three parts at most; zoneinfo looks any other up as a path of files and packages."""

_EARLIEST = datetime.datetime(1, 1, 3, tzinfo=datetime.UTC)
_LATEST = datetime.datetime(9999, 12, 29, tzinfo=datetime.UTC)


def zone(name: str) -> ZoneInfo | None:
    """Return the IANA time zone of that name, or None where there is none."""
    if not _ZONE_NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def instant(local: datetime.datetime, place: datetime.tzinfo) -> tuple[datetime.datetime, Doubt]:
    """Return the UTC instant of a wall-clock time, and what is doubtful about it.

    Args:
        local: a time without offset, or with one, which then decides.
        place: where the clock hangs.

    Raises:
        OverflowError: within two days of the first or last instant that a `datetime` holds.
    """
    if not _EARLIEST <= local.replace(tzinfo=datetime.UTC) <= _LATEST:
        raise OverflowError
    if local.tzinfo is not None:
        return local.astimezone(datetime.UTC), ""
    first = local.replace(tzinfo=place, fold=0)
    before, after = first.utcoffset(), first.replace(fold=1).utcoffset()
    moment = first.astimezone(datetime.UTC)
    if before == after or before is None or after is None:
        return moment, ""
    return moment, "ambiguous_local_time" if before > after else "nonexistent_local_time"

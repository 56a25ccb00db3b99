"""Days as people type them."""

import datetime

from monitor.failure import Failure


def beginning_of(day: str) -> float:
    """Return when a day such as `2026-01-31` begins in UTC, in seconds since the epoch; 0 for an empty text.

    Raises:
        Failure: where it is no date.
    """
    if not day:
        return 0.0
    try:
        return datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(), datetime.UTC).timestamp()
    except ValueError:
        message = f"{day!r} is no date; write it as 2026-01-31"
        raise Failure(message) from None

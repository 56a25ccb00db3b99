"""Volumes of sources as tests need them: a steady past of weeks, and what the test changes of it."""

import datetime
from collections.abc import Callable

from detectors.arrivals import KEPT_SLOTS, SLOT_SECONDS, WEEK, ArrivalBook, Arrivals

NOON = int(datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC).timestamp()) // SLOT_SECONDS
"""Monday, 2026-03-02T12:00Z."""

EHR = "urn:wardwatch:src:ehr-prod"


def slot(text: str) -> int:
    """The slot that begins at a time such as 2026-03-02T09:15."""
    moment = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)
    return int(moment.timestamp()) // SLOT_SECONDS


def a_book(volume: Callable[[int], int], *, end: int = NOON, weeks: float = 6, source: str = EHR) -> ArrivalBook:
    """A book in which everything was watched and a source sent `volume(slot)` in each slot of so many weeks."""
    book = ArrivalBook(end)
    slots = range(end - int(weeks * WEEK), end)
    book.write([(source, one, volume(one)) for one in slots], range(end - KEPT_SLOTS, end))
    return book


def arrivals(volume: Callable[[int], int], *, end: int = NOON, weeks: float = 6) -> Arrivals:
    """The arrivals of the only source of `a_book`."""
    return dict(a_book(volume, end=end, weeks=weeks).sources())[EHR]

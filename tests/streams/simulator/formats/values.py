"""Values that hypothesis draws for the fields of events."""

import datetime
import string
from typing import Any

from hypothesis import strategies as st

from detectors.events import Data, Event, event_id, event_type
from streams.simulator.providers import npi

plain = st.text(string.ascii_uppercase + string.digits + "-.", min_size=1, max_size=20)
"""What X12 can hold: its separators and other alphabets have no place in it."""

words = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters=";^~|/"), min_size=1, max_size=20
).filter(lambda text: text.casefold() not in ("unknown", "anonymous", "none", "null"))
"""Any letters and marks, but those by which identifiers and lists are parted, and what stands for no name."""

cents = st.integers(-(10**9), 10**9)
dates = st.dates(datetime.date(1990, 1, 1), datetime.date(2099, 12, 31))
npis = st.integers(0, 99_999_999).map(npi)


def moments(microseconds: int = 1_000) -> st.SearchStrategy[datetime.datetime]:
    """Instants on a grid of so many microseconds."""
    first, last = datetime.datetime(2000, 1, 1), datetime.datetime(2099, 12, 31)  # noqa: DTZ001 - hypothesis adds UTC
    drawn = st.datetimes(first, last, timezones=st.just(datetime.UTC))
    return drawn.map(lambda instant: instant.replace(microsecond=instant.microsecond // microseconds * microseconds))


def degrees(most: int) -> st.SearchStrategy[float]:
    """Numbers of four decimals."""
    return st.integers(-most * 10_000, most * 10_000).map(lambda number: number / 10_000)


def maybe(strategy: st.SearchStrategy[Any], otherwise: Any = "") -> st.SearchStrategy[Any]:
    """A value or none."""
    return st.just(otherwise) | strategy


def event(data: Data, at: datetime.datetime | None = None) -> Event:
    moment = getattr(data, "occurred_at", at)
    assert moment is not None
    return Event(
        id=event_id("drawn", repr(hash(moment))),
        source="urn:wardwatch:src:drawn",
        type=event_type(data),
        time=moment.timestamp(),
        data=data,
    )

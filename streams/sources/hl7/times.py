"""HL7 v2 times (HL7 2.5.1, 2.A.22): `YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]`."""

import datetime
import re

from detectors.events import BadRecord
from streams.sources.local_time import instant

_TIME = re.compile(
    r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:(?P<hour>[0-9]{2})(?:(?P<minute>[0-9]{2})(?:(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,6}))?)?)?)?"
    r"(?P<offset>[+-][0-9]{4})?"
)


def read_time(text: str, zone: datetime.tzinfo, place: str, *, ends_day: bool = False) -> datetime.datetime | None:
    """Return the UTC instant of a time, None where there is none.

    Args:
        text: the time.
        zone: of times without offset.
        place: names the field, for errors.
        ends_day: whether a day without an hour means its last second (a death, a discharge) or its first.

    Raises:
        BadRecord: where it is no time, or one of a month or a year only.
    """
    if not text:
        return None
    match = _TIME.fullmatch(text)
    if match is None:
        raise BadRecord("impossible_date", place)
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    if match["hour"] is None and ends_day:
        hour, minute, second = 23, 59, 59
    try:
        local = datetime.datetime(  # noqa: DTZ001 - placed in its zone below
            int(match["year"]), int(match["month"]), int(match["day"]), hour, minute, second,
            int((match["fraction"] or "0").ljust(6, "0")),
        )  # fmt: skip
        moment, _ = instant(local.replace(tzinfo=_offset(match["offset"])), zone)
    except (ValueError, OverflowError):
        raise BadRecord("impossible_date", place) from None
    return moment


def _offset(text: str | None) -> datetime.tzinfo | None:
    if not text:
        return None
    minutes = int(text[1:3]) * 60 + int(text[3:5])
    return datetime.timezone(datetime.timedelta(minutes=-minutes if text[0] == "-" else minutes))

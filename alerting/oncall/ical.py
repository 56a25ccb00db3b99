"""A schedule as a calendar that mail programs can subscribe to: RFC 5545, times in UTC."""

import datetime
import hashlib
from collections.abc import Iterable

from alerting.oncall.schedules import Shift

_MOST_OCTETS = 75
"""Of a content line, without its end (RFC 5545, 3.1)."""


def calendar(schedule: str, shifts: Iterable[Shift], now: float) -> str:
    """Return a calendar with an event for each shift that somebody has; `now` is when it is made."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Wardwatch//On call//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(f'On call: {schedule}')}",
    ]
    for shift in shifts:
        if shift.duty.person:
            lines += _event(schedule, shift, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _event(schedule: str, shift: Shift, now: float) -> list[str]:
    identity = "\x1f".join((schedule, shift.duty.person, str(shift.first)))
    return [
        "BEGIN:VEVENT",
        f"UID:{hashlib.sha256(identity.encode()).hexdigest()[:32]}@wardwatch",
        f"DTSTAMP:{_time(now)}",
        f"DTSTART:{_time(shift.first)}",
        f"DTEND:{_time(shift.last)}",
        f"SUMMARY:{_text(f'{shift.duty.person} is on call: {schedule}')}",
        f"DESCRIPTION:{_text(shift.duty.because)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _time(at: float) -> str:
    return datetime.datetime.fromtimestamp(int(at), datetime.UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """Escape a value of type TEXT (RFC 5545, 3.3.11); what ends a line becomes a space."""
    for written, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,")):
        text = text.replace(written, escaped)
    return " ".join(text.split())


def _folded(line: str) -> str:
    """Fold a line after 75 octets, between characters (RFC 5545, 3.1)."""
    folded, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > _MOST_OCTETS:
            folded, octets = f"{folded}\r\n ", 1
        folded, octets = folded + character, octets + size
    return folded

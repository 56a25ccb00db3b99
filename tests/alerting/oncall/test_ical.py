"""The calendar of a schedule, read back by another library."""

import datetime

import icalendar

from alerting.oncall.ical import calendar
from alerting.oncall.schedules import Duty, Shift, shifts
from tests.alerting.oncall.test_schedules import WEEKLY, at


def test_another_library_reads_the_same_shifts() -> None:
    first, last = at("2026-03-02T08:00"), at("2026-03-23T08:00")
    text = calendar("security", shifts(WEEKLY, first, last, "UTC"), at("2026-03-01T00:00"))
    read = icalendar.Calendar.from_ical(text)
    assert (str(read["VERSION"]), str(read["X-WR-CALNAME"])) == ("2.0", "On call: security")
    events = [
        (str(event["SUMMARY"]), event.decoded("DTSTART").timestamp(), event.decoded("DTEND").timestamp())
        for event in read.walk("VEVENT")
    ]
    weeks = [at(f"2026-03-{day:02d}T08:00") for day in (2, 9, 16, 23)]
    assert events == [
        (f"{name} is on call: security", begin, end)
        for name, begin, end in zip(("ana", "ben", "cho"), weeks, weeks[1:], strict=False)
    ]
    assert len({str(event["UID"]) for event in read.walk("VEVENT")}) == 3
    assert read.walk("VEVENT")[1].decoded("DTSTART") == datetime.datetime(2026, 3, 9, 13, tzinfo=datetime.UTC)


def test_lines_are_folded_and_text_is_escaped() -> None:
    name = "Nächte; Wochenende, \\ und ein sehr langer Name für einen Dienst an der Universitätsklinik \N{SNOWMAN}" * 2
    text = calendar(name, [Shift(0.0, 60.0, Duty("dee", "line\nbreak"))], 0.0)
    assert text.endswith("END:VCALENDAR\r\n")
    lines = text.encode().split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert b"\n" not in b"".join(lines)
    read = icalendar.Calendar.from_ical(text)
    (event,) = read.walk("VEVENT")
    assert str(event["SUMMARY"]) == f"dee is on call: {name}"
    assert str(event["DESCRIPTION"]) == "line break"


def test_nobody_has_no_event() -> None:
    text = calendar("security", [Shift(0.0, 60.0, Duty(""))], 0.0)
    assert icalendar.Calendar.from_ical(text).walk("VEVENT") == []

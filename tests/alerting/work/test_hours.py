"""Business hours: deadlines over nights, weekends, holidays and changes of the clock, reckoned by hand."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.work.hours import BusinessHours, business_deadline, business_seconds, zone_problem

HOUR = 3600.0
CHICAGO = "America/Chicago"
OFFICE = BusinessHours()
ALWAYS = BusinessHours(**dict.fromkeys(BusinessHours.__struct_fields__, "00:00-24:00"))


def at(text: str, zone: str = CHICAGO) -> float:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("sentence", "start", "hours", "expected"),
    [
        ("within a day", "2026-03-02T09:00", 2, "2026-03-02T11:00"),
        ("to the very end of the day", "2026-03-02T09:00", 8, "2026-03-02T17:00"),
        ("over night", "2026-03-02T16:00", 2, "2026-03-03T09:00"),
        ("from before the day begins", "2026-03-02T03:00", 1, "2026-03-02T09:00"),
        ("from after it has ended", "2026-03-02T20:00", 1, "2026-03-03T09:00"),
        ("one business day", "2026-03-02T10:00", 9, "2026-03-03T10:00"),
        ("over a weekend", "2026-03-06T16:00", 2, "2026-03-09T09:00"),
        ("from a Sunday", "2026-03-08T12:00", 1, "2026-03-09T09:00"),
        ("five business days", "2026-03-03T10:00", 45, "2026-03-10T10:00"),
        ("over the holiday of the third", "2026-03-02T16:00", 2, "2026-03-04T09:00"),
        ("over the change to summer time", "2026-03-06T16:30", 1, "2026-03-09T08:30"),
        ("over the change back", "2026-10-30T16:30", 1, "2026-11-02T08:30"),
    ],
)
def test_deadlines(sentence: str, start: str, hours: float, expected: str) -> None:
    holidays = [datetime.date(2026, 3, 3)] if "holiday" in sentence else []
    due = business_deadline(at(start), hours * HOUR, OFFICE, CHICAGO, holidays)
    assert due == at(expected), sentence


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        # 2026-03-08 has 23 hours in Chicago, 2026-11-01 has 25: time that passes is what counts.
        ("2026-03-08T00:00", 23, "2026-03-09T00:00"),
        ("2026-11-01T00:00", 25, "2026-11-02T00:00"),
    ],
)
def test_days_that_the_clock_shortens_or_lengthens(start: str, hours: float, expected: str) -> None:
    assert business_deadline(at(start), hours * HOUR, ALWAYS, CHICAGO) == at(expected)


def test_a_span_that_the_clock_skips_has_no_time_in_it() -> None:
    night = BusinessHours(**dict.fromkeys(BusinessHours.__struct_fields__, "02:00-03:00"))
    assert business_deadline(at("2026-03-07T02:30"), HOUR, night, CHICAGO) == at("2026-03-09T02:30")


def test_spans_with_a_break() -> None:
    hours = BusinessHours(monday="08:00-12:00, 13:00-17:00")
    assert business_deadline(at("2026-03-02T11:00"), 2 * HOUR, hours, CHICAGO) == at("2026-03-02T14:00")
    assert (hours.day_seconds, OFFICE.day_seconds) == (9 * HOUR, 9 * HOUR)


def test_nothing_left_is_due_at_once() -> None:
    assert business_deadline(at("2026-03-08T03:00"), 0.0, OFFICE, CHICAGO) == at("2026-03-08T03:00")


@given(
    start=st.floats(at("2026-01-01T00:00"), at("2027-01-01T00:00")),
    seconds=st.floats(1.0, 400 * HOUR),
    zone=st.sampled_from([CHICAGO, "UTC", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]),
)
def test_between_start_and_deadline_lies_what_was_asked_for(start: float, seconds: float, zone: str) -> None:
    due = business_deadline(start, seconds, OFFICE, zone)
    assert business_seconds(start, due, OFFICE, zone) == pytest.approx(seconds, abs=1e-3)
    local = datetime.datetime.fromtimestamp(due - 1e-3, ZoneInfo(zone))
    assert local.weekday() < 5
    assert datetime.time(8) <= local.time() <= datetime.time(17)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("8-17", "'8-17' is no span of hours; write 08:00-17:00"),
        ("17:00-08:00", "'17:00-08:00' ends before it begins"),
        ("08:00-12:00, 11:00-13:00", "'11:00-13:00' ends before it begins, or before the span before it has ended"),
        ("08:00-24:30", "'08:00-24:30' is no span of hours"),
    ],
)
def test_what_is_wrong_with_hours_is_said(text: str, says: str) -> None:
    (problem,) = BusinessHours(tuesday=text).problems()
    assert problem.startswith(f"business_hours: tuesday: {says}")


def test_hours_in_which_nobody_works_are_wrong() -> None:
    never = BusinessHours(**dict.fromkeys(BusinessHours.__struct_fields__, ""))
    assert never.problems() == ["business_hours: nobody ever works"]
    with pytest.raises(ValueError, match="nobody works for 60 seconds"):
        business_deadline(at("2026-03-02T09:00"), 60.0, never, CHICAGO)


def test_zones_have_names() -> None:
    assert zone_problem(CHICAGO) == ""
    assert "no time zone 'Mars'" in zone_problem("Mars")
    assert "no time zone '../etc'" in zone_problem("../etc")

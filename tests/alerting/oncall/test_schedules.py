"""Who is on call: by hand where the answer is known, and laws that hold of every schedule."""

import datetime
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.oncall.layers import Layer, days_of, spans_of
from alerting.oncall.schedules import NOBODY, Duty, Override, Schedule, gaps, schedule_problems, shifts, who

CHICAGO = "America/Chicago"
FIRST_MONDAY = datetime.date(2026, 3, 2)
PEOPLE = ("ana", "ben", "cho")


def at(text: str, zone: str = CHICAGO) -> float:
    """The instant of a local time."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def a_schedule(*layers: Layer) -> Schedule:
    return Schedule(name="security", zone=CHICAGO, layers=layers)


WEEKLY = a_schedule(Layer(people=PEOPLE, starts=FIRST_MONDAY, handover="08:00"))


@pytest.mark.parametrize(
    ("when", "person"),
    [
        ("2026-03-02T07:59:59", ""),
        ("2026-03-02T08:00:00", "ana"),
        ("2026-03-08T12:00:00", "ana"),  # clocks went forward at 02:00
        ("2026-03-09T07:59:59", "ana"),
        ("2026-03-09T08:00:00", "ben"),
        ("2026-03-16T08:00:00", "cho"),
        ("2026-03-23T08:00:00", "ana"),
        ("2026-11-02T07:59:59", "ben"),  # clocks went back the day before; 35 weeks after the first Monday
        ("2026-11-02T08:00:00", "cho"),
    ],
)
def test_a_week_changes_at_eight_by_the_local_clock(when: str, person: str) -> None:
    assert who(WEEKLY, at(when), "UTC").person == person


def test_the_week_in_which_clocks_change_is_an_hour_shorter_or_longer() -> None:
    found = list(shifts(WEEKLY, at("2026-03-02T08:00"), at("2026-03-16T08:00"), "UTC"))
    assert [(shift.duty.person, (shift.last - shift.first) / 3600) for shift in found] == [("ana", 167), ("ben", 168)]
    found = list(shifts(WEEKLY, at("2026-10-26T08:00"), at("2026-11-02T08:00"), "UTC"))
    assert [(shift.last - shift.first) / 3600 for shift in found] == [169]


def test_the_first_layer_that_has_somebody_counts() -> None:
    nights = Layer(
        name="nights", people=("dee",), starts=FIRST_MONDAY, handover="00:00", hours=("mon-fri 17:00-08:00",)
    )
    schedule = a_schedule(nights, Layer(name="days", people=("ana",), starts=FIRST_MONDAY, turn="daily"))
    assert who(schedule, at("2026-03-03T16:59:59"), "UTC") == Duty("ana", "days")
    assert who(schedule, at("2026-03-03T17:00:00"), "UTC") == Duty("dee", "nights")
    assert who(schedule, at("2026-03-04T07:59:59"), "UTC") == Duty("dee", "nights")
    assert who(schedule, at("2026-03-04T08:00:00"), "UTC") == Duty("ana", "days")
    assert who(schedule, at("2026-03-07T07:59:59"), "UTC") == Duty("dee", "nights")  # Friday's night ends on Saturday
    assert who(schedule, at("2026-03-07T20:00:00"), "UTC") == Duty("ana", "days")


def an_override(first: str, last: str, person: str, number: int = 1) -> Override:
    return Override(
        id=number, schedule="security", person=person, first=at(first), last=at(last),
        author="ana", reason="ill", created_at=float(number),
    )  # fmt: skip


def test_overrides_go_before_layers_and_the_newest_before_older_ones() -> None:
    overrides = [
        an_override("2026-03-03T00:00", "2026-03-05T00:00", "ben", 1),
        an_override("2026-03-04T00:00", "2026-03-04T12:00", "cho", 2),
    ]
    assert [
        (shift.duty.person, shift.duty.because)
        for shift in shifts(WEEKLY, at("2026-03-02T08:00"), at("2026-03-09T08:00"), "UTC", overrides)
    ] == [
        ("ana", "layer 1"), ("ben", "override"), ("cho", "override"), ("ben", "override"), ("ana", "layer 1"),
    ]  # fmt: skip
    other = Schedule(name="privacy", layers=WEEKLY.layers, zone=CHICAGO)
    assert who(other, at("2026-03-04T06:00"), "UTC", overrides).person == "ana"


def test_gaps_are_found() -> None:
    office = a_schedule(
        Layer(people=("ana",), starts=FIRST_MONDAY, handover="00:00", hours=("mon-thu 08:00-24:00", "fri 08:00-17:00"))
    )
    assert gaps(office, at("2026-03-02T00:00"), at("2026-03-04T00:00"), "UTC") == [
        (at("2026-03-02T00:00"), at("2026-03-02T08:00")),
        (at("2026-03-03T00:00"), at("2026-03-03T08:00")),
    ]
    assert gaps(WEEKLY, at("2026-03-02T08:00"), at("2026-12-31T00:00"), "UTC") == []
    assert gaps(WEEKLY, at("2026-02-01T00:00"), at("2026-02-02T00:00"), "UTC") == [
        (at("2026-02-01T00:00"), at("2026-02-02T00:00"))
    ]


ZONES = st.sampled_from([CHICAGO, "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "UTC", "Asia/Kathmandu"])
TURNS = st.sampled_from(["daily", "weekly", "2 days", "14 days"])
TIMES = st.builds(lambda hour, minute: f"{hour:02d}:{minute:02d}", st.integers(0, 23), st.sampled_from([0, 30, 59]))
DAYS = st.dates(datetime.date(2025, 1, 1), datetime.date(2027, 12, 31))


@settings(max_examples=60, deadline=None)
@given(zone=ZONES, turn=TURNS, handover=TIMES, starts=DAYS, offset=st.integers(0, 400 * 86_400))
def test_a_layer_has_exactly_one_person_at_every_instant(
    zone: str, turn: str, handover: str, starts: datetime.date, offset: int
) -> None:
    layer = Layer(people=PEOPLE, starts=starts, turn=turn, handover=handover)
    schedule = Schedule(name="security", zone=zone, layers=(layer,))
    begin = next(iter(layer.changes(0.0, 4e9, ZoneInfo(zone))))
    first, last = begin + offset, begin + offset + 40 * 86_400
    found = list(shifts(schedule, first, last, "UTC"))
    assert [found[0].first, found[-1].last] == [first, last]
    assert all(one.last == other.first for one, other in itertools.pairwise(found))
    for shift in found:
        assert shift.duty.person in PEOPLE
        middle = (shift.first + shift.last) / 2
        assert {who(schedule, moment, "UTC") for moment in (shift.first, middle, shift.last - 1)} == {shift.duty}
    for one, other in itertools.pairwise(found):
        assert PEOPLE[(PEOPLE.index(one.duty.person) + 1) % 3] == other.duty.person
        day_before, local, day_after = (
            datetime.datetime.fromtimestamp(other.first + number * 86_400, ZoneInfo(zone)) for number in (-1, 0, 1)
        )
        assert local.strftime("%H:%M") == handover or day_before.utcoffset() != day_after.utcoffset()


@settings(max_examples=40, deadline=None)
@given(zone=ZONES, spans=st.lists(st.tuples(st.integers(0, 6), TIMES, TIMES), max_size=3), offset=st.integers(0, 3_000))
def test_shifts_are_what_who_says(zone: str, spans: list[tuple[int, str, str]], offset: int) -> None:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    hours = tuple(f"{names[day]} {opens}-{closes}" for day, opens, closes in spans)
    layer = Layer(people=PEOPLE, starts=datetime.date(2026, 1, 1), turn="daily", hours=hours)
    schedule = Schedule(name="security", zone=zone, layers=(layer,))
    first = at("2026-01-05T00:00", zone) + offset * 3600
    found = list(shifts(schedule, first, first + 10 * 86_400, "UTC"))
    for number in range(0, 10 * 86_400, 3 * 3600 + 11):
        (shift,) = [one for one in found if one.first <= first + number < one.last]
        assert who(schedule, first + number, "UTC") == shift.duty


def test_spans_and_turns_are_read() -> None:
    assert list(spans_of("Sat-Mon 22:00-24:00")) == [(5, 1320, 1440), (6, 1320, 1440), (0, 1320, 1440)]
    assert [days_of(turn) for turn in ("daily", "weekly", "1 day", "10 days")] == [1, 7, 1, 10]
    for wrong in ("yearly", "0 days", "-1 days"):
        with pytest.raises(ValueError, match="is no length of a turn"):
            days_of(wrong)


def test_a_schedule_tells_what_is_wrong_with_it() -> None:
    wrong = Layer(people=("zoe",), starts=FIRST_MONDAY, turn="often", handover="8", hours=("always",))
    schedules = (
        Schedule(name="a", layers=(wrong, Layer(people=(), starts=FIRST_MONDAY, handover="8"))),
        Schedule(name="a", zone="Mars/Olympus", layers=()),
    )
    assert list(schedule_problems(schedules, frozenset({"ana"}))) == [
        "schedules: 'a' is there more than once",
        "schedules: a: layer 1: 'zoe' is nobody in `people`",
        "schedules: a: layer 1: 'often' is no length of a turn; write daily, weekly or 14 days",
        "schedules: a: layer 2: it has no people",
        "schedules: a: layer 2: '8' is no time of day; write 08:00",
        "schedules: a: there is no time zone 'Mars/Olympus'; give a name such as America/Chicago",
        "schedules: a: it has no layers",
    ]
    assert who(Schedule(name="b", layers=()), 0.0, "UTC") == NOBODY

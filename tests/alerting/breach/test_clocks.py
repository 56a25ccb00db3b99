"""The clocks, against dates worked out by hand and the vectors of domain.md §9."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.breach.clocks import (
    Hold,
    day_of,
    held_on,
    hold_problem,
    is_late,
    notice_due,
    shifted,
    stage_of,
    yearly_due,
)

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def written(stated_on: date, until: date) -> Hold:
    return Hold(kind="written", stated_on=stated_on, until=until)


@pytest.mark.parametrize(
    ("discovered", "sixty", "yearly"),
    [
        (date(2026, 1, 15), date(2026, 3, 16), date(2027, 3, 1)),  # domain.md §9
        (date(2027, 7, 1), date(2027, 8, 30), date(2028, 2, 29)),  # domain.md §9; 2028 is a leap year
        (date(2028, 1, 15), date(2028, 3, 15), date(2029, 3, 1)),  # 29 February lies within
        (date(2026, 12, 31), date(2027, 3, 1), date(2027, 3, 1)),
        (date(2027, 1, 1), date(2027, 3, 2), date(2028, 2, 29)),  # one day later, a year more
        (date(2099, 12, 31), date(2100, 3, 1), date(2100, 3, 1)),  # 2100 is no leap year
    ],
)
def test_due_dates(discovered: date, sixty: date, yearly: date) -> None:
    assert notice_due(discovered) == sixty
    assert yearly_due(discovered) == yearly


@given(DAYS)
def test_the_yearly_clock_ends_on_the_sixtieth_day_of_the_next_year(discovered: date) -> None:
    due = yearly_due(discovered)
    assert due.year == discovered.year + 1
    assert due.timetuple().tm_yday == 60


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-01-16T04:59:59Z", "America/New_York", date(2026, 1, 15)),  # winter: five hours behind
        ("2026-01-16T05:00:00Z", "America/New_York", date(2026, 1, 16)),
        ("2026-07-16T03:59:59Z", "America/New_York", date(2026, 7, 15)),  # summer: four
        ("2026-07-16T04:00:00Z", "America/New_York", date(2026, 7, 16)),
        ("2026-01-16T09:59:59Z", "Pacific/Honolulu", date(2026, 1, 15)),  # no summer time
        ("2026-07-16T10:00:00Z", "Pacific/Honolulu", date(2026, 7, 16)),
        ("2026-01-15T14:00:00Z", "Pacific/Guam", date(2026, 1, 16)),  # ahead of UTC
        ("2026-03-08T06:59:59Z", "America/New_York", date(2026, 3, 8)),  # the night of 23 hours
        ("2026-11-01T05:30:00Z", "America/New_York", date(2026, 11, 1)),  # half past one, for the first time
        ("2026-11-01T06:30:00Z", "America/New_York", date(2026, 11, 1)),  # and for the second
        ("2026-11-02T04:59:59Z", "America/New_York", date(2026, 11, 1)),  # the day of 25 hours
    ],
)
def test_a_day_is_local(instant: str, zone: str, day: date) -> None:
    assert day_of(datetime.fromisoformat(instant).timestamp(), zone) == day


def test_sixty_days_are_days_of_the_calendar_not_of_24_hours() -> None:
    """Between 2026-01-15 and 2026-03-16 an hour is lost in New York; the last minute of the last day is in time."""
    last_minute = datetime(2026, 3, 17, 3, 59, tzinfo=UTC).timestamp()
    assert stage_of(notice_due(date(2026, 1, 15)), day_of(last_minute, "America/New_York")) == "5_days_left"
    assert stage_of(notice_due(date(2026, 1, 15)), day_of(last_minute + 60, "America/New_York")) == "overdue"


@pytest.mark.parametrize(
    ("after", "stage"),
    [
        (0, ""), (29, ""), (30, "30_days_left"), (44, "30_days_left"), (45, "15_days_left"), (54, "15_days_left"),
        (55, "5_days_left"), (60, "5_days_left"), (61, "overdue"), (101, "overdue"),
    ],
)  # fmt: skip
def test_stages_after_30_45_and_55_days(after: int, stage: str) -> None:
    discovered = date(2026, 1, 15)
    assert stage_of(notice_due(discovered), discovered + timedelta(days=after)) == stage


def test_presence_health_was_late() -> None:
    """OCR 2017: 863 individuals told 101 days after discovery instead of 60 (domain.md H21)."""
    discovered = date(2013, 10, 22)
    assert is_late(notice_due(discovered), discovered + timedelta(days=101))
    assert not is_late(notice_due(discovered), discovered + timedelta(days=60))


@pytest.mark.parametrize(
    ("holds", "due"),
    [
        ([], date(2026, 3, 16)),
        ([written(date(2026, 2, 1), date(2026, 2, 20))], date(2026, 3, 16)),  # over before the clock ends
        ([written(date(2026, 2, 1), date(2026, 3, 15))], date(2026, 3, 16)),
        ([written(date(2026, 2, 1), date(2026, 3, 16))], date(2026, 3, 17)),
        ([written(date(2026, 2, 1), date(2026, 5, 31))], date(2026, 6, 1)),
        # An oral statement, then within its thirty days a written one: the clock is carried on.
        (
            [
                written(date(2026, 4, 1), date(2026, 8, 31)),
                Hold(kind="oral", stated_on=date(2026, 3, 10), until=date(2026, 4, 9)),
            ],
            date(2026, 9, 1),
        ),
        ([written(date(2026, 3, 17), date(2026, 5, 31))], date(2026, 3, 16)),  # too late: it was overdue already
    ],
)
def test_holds_shift_what_is_due(holds: list[Hold], due: date) -> None:
    assert shifted(date(2026, 3, 16), holds) == due


@given(DAYS, st.lists(st.tuples(st.integers(-90, 90), st.integers(0, 120)), max_size=4))
def test_a_hold_never_shortens_a_clock_nor_lets_it_end_while_it_holds(due: date, spans: list[tuple[int, int]]) -> None:
    holds = [written(due + timedelta(days=start), due + timedelta(days=start + length)) for start, length in spans]
    end = shifted(due, holds)
    assert end >= due
    assert not (held_on(holds, end) and any(hold.stated_on <= due <= hold.until for hold in holds if end == due))


@pytest.mark.parametrize(
    ("hold", "wrong"),
    [
        (Hold(kind="oral", stated_on=date(2026, 2, 1), until=date(2026, 3, 3)), ""),  # 30 days
        (Hold(kind="oral", stated_on=date(2026, 2, 1), until=date(2026, 3, 4)), "30 days"),
        (Hold(kind="oral", stated_on=date(2028, 2, 1), until=date(2028, 3, 2)), ""),  # a leap year
        (Hold(kind="oral", stated_on=date(2028, 2, 1), until=date(2028, 3, 3)), "30 days"),
        (written(date(2026, 2, 1), date(2027, 2, 1)), ""),
        (written(date(2026, 2, 2), date(2026, 2, 1)), "no earlier"),
    ],
)
def test_what_holds_may_be(hold: Hold, wrong: str) -> None:
    assert wrong in hold_problem(hold)
    assert bool(wrong) == bool(hold_problem(hold))


def oral(stated_on: date, until: date) -> Hold:
    return Hold(kind="oral", stated_on=stated_on, until=until)


FEBRUARY = oral(date(2026, 2, 1), date(2026, 3, 3))


@pytest.mark.parametrize(
    ("others", "hold", "is_refused"),
    [
        ([FEBRUARY], oral(date(2026, 3, 3), date(2026, 4, 2)), True),  # begins on its last day
        ([FEBRUARY], oral(date(2026, 3, 4), date(2026, 4, 3)), True),  # begins on the day after
        ([FEBRUARY], oral(date(2026, 3, 5), date(2026, 4, 4)), False),  # a day lies between
        ([FEBRUARY], oral(date(2026, 1, 20), date(2026, 2, 10)), True),  # written down later, together 42 days
        ([FEBRUARY], oral(date(2026, 2, 20), date(2026, 3, 3)), False),  # said again, no longer than before
        ([oral(date(2026, 2, 1), date(2026, 2, 10))], oral(date(2026, 2, 9), date(2026, 3, 3)), False),  # 30 in all
        (
            [oral(date(2026, 2, 1), date(2026, 2, 10)), oral(date(2026, 2, 11), date(2026, 2, 20))],
            oral(date(2026, 2, 21), date(2026, 3, 4)),  # day 31 since the first of the three
            True,
        ),
        ([FEBRUARY], written(date(2026, 3, 3), date(2026, 9, 1)), False),
        ([written(date(2026, 2, 1), date(2026, 3, 3))], oral(date(2026, 3, 3), date(2026, 4, 2)), False),
    ],
)
def test_oral_holds_cannot_be_chained(others: list[Hold], hold: Hold, is_refused: bool) -> None:
    assert ("oral statements that follow each other" in hold_problem(hold, others)) == is_refused
    assert bool(hold_problem(hold, others)) == is_refused


def test_held_on_includes_both_ends() -> None:
    hold = written(date(2026, 2, 2), date(2026, 2, 4))
    held = [day for day in range(1, 6) if held_on([hold], date(2026, 2, day))]
    assert held == [2, 3, 4]

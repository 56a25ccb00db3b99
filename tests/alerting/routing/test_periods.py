"""When digests are told."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from alerting.routing.periods import next_time, period_problem

CHICAGO = ZoneInfo("America/Chicago")


def at(text: str) -> float:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=CHICAGO).timestamp()


@pytest.mark.parametrize(
    ("period", "after", "expected"),
    [
        ("hourly", "2026-03-02T08:00", "2026-03-02T09:00"),
        ("hourly", "2026-03-02T08:59", "2026-03-02T09:00"),
        ("daily 08:00", "2026-03-02T07:59", "2026-03-02T08:00"),
        ("daily 08:00", "2026-03-02T08:00", "2026-03-03T08:00"),
        ("daily 08:00", "2026-03-07T09:00", "2026-03-08T08:00"),  # 23 hours later: clocks go forward
        ("daily 02:30", "2026-03-07T09:00", "2026-03-08T03:30"),  # there is no 02:30
        ("weekly Mon 08:00", "2026-03-02T08:00", "2026-03-09T08:00"),
        ("weekly fri 17:30", "2026-03-02T08:00", "2026-03-06T17:30"),
    ],
)
def test_the_next_time_is_local(period: str, after: str, expected: str) -> None:
    assert next_time(period, at(after), CHICAGO) == at(expected)


@pytest.mark.parametrize(
    ("period", "problem"),
    [
        ("daily", "'daily' is no period; write hourly, daily 08:00 or weekly mon 08:00"),
        ("", "'' is no period; write hourly, daily 08:00 or weekly mon 08:00"),
        ("hourly 08:00", "'hourly 08:00' is no period; write hourly, daily 08:00 or weekly mon 08:00"),
        ("daily 8", "'8' is no time of day; write 08:00"),
        ("weekly moon 08:00", "'moon' is no weekday; write one of mon, tue, wed, thu, fri, sat, sun"),
        ("weekly xyz 08:00", "'xyz' is no weekday; write one of mon, tue, wed, thu, fri, sat, sun"),
        ("hourly", ""),
    ],
)
def test_a_period_tells_what_is_wrong_with_it(period: str, problem: str) -> None:
    assert period_problem(period) == problem

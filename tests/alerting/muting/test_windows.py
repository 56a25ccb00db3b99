"""Windows that come again, by the clock on the wall: what a calendar on paper says."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from alerting.muting.rules import Inhibition, MaintenanceWindow, Muting
from alerting.muting.windows import Recurrence, Span

NEW_YORK = ZoneInfo("America/New_York")
UTC_ZONE = ZoneInfo("UTC")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def span(start: str, end: str) -> Span:
    return Span(at(start), at(end))


@pytest.mark.parametrize(
    ("starts", "ends", "day", "expected"),
    [
        # An ordinary night; 2026-03-07 is EST, five hours behind.
        ("01:00", "04:00", date(2026, 3, 7), span("2026-03-07T06:00", "2026-03-07T09:00")),
        # The clock goes from 02:00 to 03:00 on 2026-03-08: the same hours are one fewer.
        ("01:00", "04:00", date(2026, 3, 8), span("2026-03-08T06:00", "2026-03-08T08:00")),
        # It goes from 02:00 back to 01:00 on 2026-11-01: one more.
        ("00:30", "04:00", date(2026, 11, 1), span("2026-11-01T04:30", "2026-11-01T09:00")),
        # 01:30 comes twice: the first begins, the second ends.
        ("01:30", "03:00", date(2026, 11, 1), span("2026-11-01T05:30", "2026-11-01T08:00")),
        ("00:30", "01:30", date(2026, 11, 1), span("2026-11-01T04:30", "2026-11-01T06:30")),
        # 02:30 never comes on 2026-03-08: two and a half hours after midnight is 03:30.
        ("02:30", "05:00", date(2026, 3, 8), span("2026-03-08T07:30", "2026-03-08T09:00")),
        ("01:00", "02:30", date(2026, 3, 8), span("2026-03-08T06:00", "2026-03-08T07:30")),
        # Over midnight, and a whole day.
        ("22:00", "02:00", date(2026, 3, 2), span("2026-03-03T03:00", "2026-03-03T07:00")),
        ("00:00", "00:00", date(2026, 3, 8), span("2026-03-08T05:00", "2026-03-09T04:00")),
    ],
)
def test_spans_in_new_york(starts: str, ends: str, day: date, expected: Span) -> None:
    assert Recurrence(starts=starts, ends=ends).span_of(day, NEW_YORK) == expected


def test_a_window_comes_on_its_days_only() -> None:
    sundays = Recurrence(starts="22:00", ends="02:00", days=("sun",))
    # 2026-03-01 is a Sunday.
    assert sundays.at(at("2026-03-01T21:59"), UTC_ZONE) is None
    assert sundays.at(at("2026-03-01T22:00"), UTC_ZONE) == span("2026-03-01T22:00", "2026-03-02T02:00")
    assert sundays.at(at("2026-03-02T01:59"), UTC_ZONE) == span("2026-03-01T22:00", "2026-03-02T02:00")
    assert sundays.at(at("2026-03-02T02:00"), UTC_ZONE) is None
    assert sundays.after(at("2026-03-02T02:00"), UTC_ZONE) == span("2026-03-08T22:00", "2026-03-09T02:00")


def test_weeks_of_the_month() -> None:
    second_and_last = Recurrence(starts="01:00", ends="02:00", days=("tue",), weeks=(2, -1))
    tuesdays = [date(2026, 3, day) for day in (3, 10, 17, 24, 31)]
    found = [day.day for day in tuesdays if second_and_last.span_of(day, UTC_ZONE)]
    assert found == [10, 31]
    assert second_and_last.after(at("2026-03-11T00:00"), UTC_ZONE) == span("2026-03-31T01:00", "2026-03-31T02:00")


def test_what_is_wrong_with_the_plan_is_told_at_once() -> None:
    muting = Muting(
        longest_silence_days=0,
        inhibitions=(
            Inhibition(name="a", source=("severity=SEV1",), target=("rule=~(",), equal=()),
            Inhibition(name="a", source=("severity=SEV1",), target=("severity=SEV3",)),
        ),
        maintenance=(
            MaintenanceWindow(name="m", matchers=("rule=~.*",), starts="25:00", ends="06:00", weeks=(7,), zone="Mars"),
        ),
    )
    assert muting.problems("UTC") == [
        "muting: longest_silence_days must be above 0 and at most 366",
        "muting: two inhibitions are named 'a'",
        "muting: inhibition 'a': target: at character 1: in the pattern of rule, at its character 1: "
        "a parenthesis that is not closed",
        "muting: inhibition 'a': equal: at least one label is needed",
        "muting: maintenance 'm': matchers: the matchers hold of every case; name what they are about",
        "muting: maintenance 'm': weeks: 1 to 5, or -1 for the last of the month",
        "muting: maintenance 'm': starts '25:00' is no time of day such as 22:30",
        "muting: maintenance 'm': there is no time zone 'Mars'",
    ]
    assert Muting().problems("UTC") == []

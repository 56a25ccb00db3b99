"""B05, impossible days and weeks, through the real stages (domain.md §2.2)."""

import datetime

import pytest

from detectors.events.billing import Line
from detectors.reference.service_minutes import ServiceMinutes, TableError, load, minutes_of
from tests.detectors.test_billing_patterns import DAY, MINUTES, claim, of
from tests.detectors.watch import Watch


def test_b05_more_than_a_day_has() -> None:
    watch = Watch(minutes=MINUTES)
    # 32 claims of 30 minutes are 960: a long day, not over it. The 33rd makes 990, the 49th 1470.
    for number in range(32):
        watch.see(claim(1, patient=f"P{number}"))
    assert of("B05", watch.findings) == []
    found = of("B05", watch.see(claim(1, patient="P32")))
    assert [(finding.severity, finding.features["minutes"]) for finding in found] == [("high", 990.0)]
    for number in range(33, 48):
        assert of("B05", watch.see(claim(1, patient=f"P{number}"))) == [], "one finding per date and severity"
    found = of("B05", watch.see(claim(1, patient="P48")))
    assert [(finding.severity, finding.features["minutes"]) for finding in found] == [("critical", 1470.0)]
    assert "24.5 hours of service are billed for 2026-03-02; the day has 24." in found[0].reasons[0]


def test_b05_a_void_takes_back_exactly_its_own_minutes() -> None:
    watch = Watch(minutes=MINUTES)
    for number in range(32):
        watch.see(claim(1, patient=f"P{number}", pcn=f"C{number}"))
    watch.see(claim(2, patient="P0", pcn="C0", kind="claim_voided"))
    assert of("B05", watch.see(claim(2, patient="P40", pcn="C40"))) == [], "960 again, not 990"
    assert [finding.severity for finding in of("B05", watch.see(claim(2, patient="P41", pcn="C41")))] == ["high"]


def test_b05_a_replacement_moves_the_minutes_to_its_new_date() -> None:
    watch = Watch(minutes=MINUTES)
    tuesday = Line(code="X30", charge=10_000, dos_from=datetime.date(2026, 3, 3))
    for number in range(32):
        watch.see(claim(1, patient=f"P{number}", pcn=f"C{number}"))
    watch.see(claim(2, tuesday, patient="P0", pcn="C0", kind="claim_replaced"))
    assert of("B05", watch.see(claim(2, patient="P40", pcn="C40"))) == []


def test_b05_a_group_as_rendering_provider_has_no_day() -> None:
    watch = Watch(minutes=MINUTES)
    for number in range(60):
        watch.see(claim(1, patient=f"P{number}", entity="2"))
    assert of("B05", watch.findings) == []


def days_of_claims(watch: Watch, claims: int, *days: int) -> None:
    """Bill so many claims of 53 minutes for each of some days, in that order."""
    for day in days:
        for number in range(claims):
            line = Line(code="X53", charge=day)
            watch.see(claim(1 + day * DAY, line, patient=f"P{number}", pcn=f"C{day}-{number}"))


@pytest.mark.parametrize("days", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (13, 0, 12, 5, 6)])
def test_b05_long_days_add_up_in_any_order(days: tuple[int, ...]) -> None:
    watch = Watch(minutes=MINUTES)
    days_of_claims(watch, 14, *days)  # 14 x 53 = 742 minutes, more than 720
    (found,) = of("B05", watch.findings)
    assert (found.severity, found.features["long_days"]) == ("medium", 5.0)


def test_b05_long_days_beyond_two_weeks_do_not() -> None:
    watch = Watch(minutes=MINUTES)
    days_of_claims(watch, 14, 14, 0, 4, 3, 2)
    assert of("B05", watch.findings) == []


@pytest.mark.parametrize("days", [range(7), range(6, -1, -1)])
def test_b05_a_week_of_more_than_a_hundred_hours_in_any_order(days: range) -> None:
    watch = Watch(minutes=MINUTES)
    days_of_claims(watch, 17, *days)  # 7 x 17 x 53 = 6307 minutes; the 114th claim makes 6042, more than 6000
    weeks = [finding for finding in of("B05", watch.findings) if "week_hours" in finding.features]
    assert {(finding.severity, finding.reasons[0]) for finding in weeks} == {
        ("high", "At least 101 hours are billed for the seven days to 2026-03-08; a working week has 40.")
    }


def test_b05_a_week_may_end_on_a_short_day() -> None:
    watch = Watch(minutes=MINUTES)
    days_of_claims(watch, 18, 0, 1, 2, 3, 4, 5)  # 6 x 18 x 53 = 5724; six more claims make 6042
    assert not any("week_hours" in finding.features for finding in of("B05", watch.findings))
    days_of_claims(watch, 6, 6)
    assert of("B05", watch.findings)[-1].features == {"week_hours": 100.7}


def test_b05_a_void_takes_back_what_was_said_of_the_week_and_nothing_else() -> None:
    watch = Watch(minutes=MINUTES)
    days_of_claims(watch, 18, 0, 1, 2, 3, 4, 5)
    days_of_claims(watch, 6, 6)
    week = [finding.id for finding in of("B05", watch.findings) if "week_hours" in finding.features]
    line = Line(code="X53", charge=0)
    watch.see(claim(1, line, patient="P0", pcn="C0-0", kind="claim_voided"))  # 5989 minutes, and still six long days
    assert [retraction.finding_id for retraction in watch.retractions] == week
    assert len(week) == 1


@pytest.mark.parametrize(
    ("line", "minutes"),
    [
        (Line(code="XTH", units=1), 8),
        (Line(code="XTH", units=2), 23),
        (Line(code="XTH", units=4), 53),
        (Line(code="XEM", units=1), 10),
        (Line(code="X30", units=1, modifiers=["TC"]), 0),
        (Line(code="unknown"), 0),
        (Line(code="X30", units=-1), 0),
        (Line(code="A", units=95, unit_basis="MJ"), 95),
    ],
)
def test_minimum_minutes_of_a_line(line: Line, minutes: float) -> None:
    assert minutes_of(line, MINUTES) == minutes


def test_a_service_minutes_table_says_which_line_is_wrong() -> None:
    assert load(["code,minutes,each,share", "X30,30,30,", "XEM,20,20,0.5"])["XEM"] == ServiceMinutes(20, 20, 0.5)
    with pytest.raises(TableError, match="line 3"):
        load(["code,minutes,each", "X30,30,30", "X31,many,30"])

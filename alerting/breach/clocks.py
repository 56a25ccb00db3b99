"""The clocks of the Breach Notification Rule, as functions over dates.

A day is a calendar day where the covered entity is: `day_of` is the only way from an instant to a day. Sections are
those of 45 CFR part 164, subpart D; the facts and their test vectors are in domain.md §4.1 and §9.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

NOTICE_DAYS = 60
"""Calendar days after discovery: individuals (164.404(b)), media (164.406(b)), HHS from 500 on (164.408(b)), and a
business associate to its covered entity (164.410(b)). An outer limit: less may already be unreasonable delay."""
ORAL_HOLD_DAYS = 30
"""How long an oral statement of law enforcement holds, from its day on (164.412(b))."""

Statement: TypeAlias = Literal["written", "oral"]
Stage: TypeAlias = Literal["", "30_days_left", "15_days_left", "5_days_left", "overdue"]
STAGES: tuple[tuple[int, Stage], ...] = (
    (-1, "overdue"),
    (5, "5_days_left"),
    (15, "15_days_left"),
    (30, "30_days_left"),
)
"""How many days are left at most in a stage. Of a clock of 60 days they begin on the days 61, 55, 45 and 30 after
discovery (domain.md H13)."""


class Hold(Struct, frozen=True, kw_only=True):
    """A delay that law enforcement asked for (164.412), in force to the end of the day `until`.

    Of a written statement `until` is the time that it states; of an oral one it is at most 30 days after its day.
    """

    kind: Statement
    stated_on: date
    until: date


def day_of(at: float, zone: str) -> date:
    """Return the day that an instant (seconds since the epoch) lies in, where the covered entity is.

    >>> day_of(1_768_539_600.0, "America/New_York"), day_of(1_768_539_600.0, "America/Los_Angeles")
    (datetime.date(2026, 1, 16), datetime.date(2026, 1, 15))
    """
    return datetime.fromtimestamp(at, ZoneInfo(zone)).date()


def notice_due(discovered_on: date, days: int = NOTICE_DAYS) -> date:
    """Return the last day for what is due within days of discovery.

    >>> notice_due(date(2026, 1, 15))
    datetime.date(2026, 3, 16)
    """
    return discovered_on + timedelta(days=days)


def yearly_due(discovered_on: date) -> date:
    """Return the last day to submit a breach of fewer than 500: 60 days after the year of its discovery (164.408(c)).

    >>> yearly_due(date(2026, 1, 15)), yearly_due(date(2027, 7, 1))
    (datetime.date(2027, 3, 1), datetime.date(2028, 2, 29))
    """
    return date(discovered_on.year, 12, 31) + timedelta(days=NOTICE_DAYS)


def hold_problem(hold: Hold, others: Sequence[Hold] = ()) -> str:
    """Return why a hold may not be beside the others of its case, or an empty text.

    Oral statements that follow each other without a day between them are one delay: it has 30 days, unless a written
    statement comes (164.412(b)).
    """
    if hold.until < hold.stated_on:
        return "a hold ends no earlier than the day of its statement"
    if hold.kind == "written":
        return ""
    if hold.until > hold.stated_on + timedelta(days=ORAL_HOLD_DAYS):
        return f"an oral statement holds {ORAL_HOLD_DAYS} days at most; a longer hold needs a written one"
    run = _oral_run(hold, others)
    latest = min(one.stated_on for one in run) + timedelta(days=ORAL_HOLD_DAYS)
    if max(one.until for one in run) > latest:
        return (
            f"oral statements that follow each other hold {ORAL_HOLD_DAYS} days at most, until {latest}; a longer hold "
            "needs a written one"
        )
    return ""


def _oral_run(hold: Hold, others: Sequence[Hold]) -> list[Hold]:
    """Return an oral hold with all oral ones that it overlaps or follows, by way of each other."""
    run, left = [hold], [one for one in others if one.kind == "oral"]
    while near := [one for one in left if any(_touch(one, member) for member in run)]:
        run += near
        left = [one for one in left if one not in near]
    return run


def _touch(one: Hold, other: Hold) -> bool:
    day = timedelta(days=1)
    return one.stated_on <= other.until + day and other.stated_on <= one.until + day


def held_on(holds: Sequence[Hold], today: date) -> bool:
    """Return whether law enforcement holds notices back on a day."""
    return any(hold.stated_on <= today <= hold.until for hold in holds)


def shifted(due: date, holds: Sequence[Hold]) -> date:
    """Return when something is due that was held back: the day after the hold, if that is later.

    The rule says that notices are delayed for the time stated, not that days of the hold are added to the sixty. This
    is the stricter reading, so it is right under both.

    >>> shifted(date(2026, 3, 16), [Hold(kind="written", stated_on=date(2026, 2, 1), until=date(2026, 5, 31))])
    datetime.date(2026, 6, 1)
    """
    for hold in sorted(holds, key=lambda one: one.stated_on):
        if hold.stated_on <= due:  # what is overdue already cannot be held back any more
            due = max(due, hold.until + timedelta(days=1))
    return due


def stage_of(due: date, today: date) -> Stage:
    """Return how near the end of a clock is; the last day itself is not overdue."""
    left = (due - today).days
    return next((stage for most, stage in STAGES if left <= most), "")


def is_late(due: date, done_on: date) -> bool:
    """Return whether something was done after its last day."""
    return done_on > due

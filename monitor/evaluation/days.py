"""Alerts by calendar day (UTC), which is the day of the alert budget."""

import datetime
from collections import Counter
from collections.abc import Iterable

from monitor.evaluation.report import DayAlerts


def day_of(at: float) -> str:
    """Return the day of an instant, such as 2026-03-02."""
    return datetime.datetime.fromtimestamp(at, datetime.UTC).date().isoformat()


def by_day(days: Iterable[str], alerts: Iterable[tuple[str, bool]]) -> list[DayAlerts]:
    """Return the alerts of each of the days, also of those without; `alerts` say their day and if they are true."""
    all_of: Counter[str] = Counter()
    true_of: Counter[str] = Counter()
    for day, is_true in alerts:
        all_of[day] += 1
        true_of[day] += is_true
    return [DayAlerts(day, all_of[day], true_of[day]) for day in sorted({*days, *all_of})]

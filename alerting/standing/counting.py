"""Counting how the response stands: with 100,000 open cases, all overdue, a third of a second on SQLite."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, func, select, text

from alerting.auditing.rows import last_checkpoint
from alerting.breach.clocks import day_of
from alerting.breach.duties import DutyKind, unfinished
from alerting.breach.rows import running_files
from alerting.feedback.tables import FEEDBACK_EVENTS, VERDICTS
from alerting.incidents import IncidentKind, Status
from alerting.ocsf.feed import readers_behind
from alerting.oncall.climbs import State
from alerting.oncall.tables import CLIMBS
from alerting.plan import Plan
from alerting.records.review_rows import last_end
from alerting.records.reviews import next_period, overdue_at
from alerting.routing.tables import DIGEST_ITEMS
from alerting.severity import IncidentSeverity
from alerting.slack.tables import SLACK_JOBS
from alerting.standing.tables import IS_OPEN
from alerting.store.schema import INCIDENTS, OPEN_ABOUT_WARDWATCH
from alerting.work.clock import ClockName
from alerting.work.tables import CLOCKS

MOST_BREACHES = 200
"""Files that are looked at for the nearest deadline; the earliest discovered come first, and so do their deadlines."""

Outcome: TypeAlias = Literal["confirmed", "cleared", "neither"]
OUTCOMES: Mapping[bool | None, Outcome] = {True: "confirmed", False: "cleared", None: "neither"}


class Standing(Struct, frozen=True, kw_only=True):
    """How the response stands. What there is none of is left out of a mapping.

    `breach_days` are the days to the nearest deadline, by duty, below zero once it has passed; `review_overdue` and
    `siem_behind` are seconds; `checkpoint_at` is in seconds since the epoch, None before the first checkpoint.
    `climb_steps` were made for the cases that still climb.
    """

    open_cases: Mapping[tuple[IncidentSeverity, Status], int]
    about_wardwatch: Mapping[IncidentKind, int]
    overdue: Mapping[ClockName, int]
    climbs: Mapping[State, int]
    climb_steps: int
    digest_items: int
    breach_days: Mapping[DutyKind, int]
    review_overdue: float
    verdicts: Mapping[tuple[str, Outcome], int]
    feedback_waiting: int
    slack_waiting: int
    checkpoint_at: float | None
    siem_behind: Mapping[str, float]


def standing(connection: Connection, plan: Plan, now: float) -> Standing:
    """Return how the response stands at a time, in seconds since the epoch."""
    checkpoint = last_checkpoint(connection)
    climbs, steps = _climbs(connection)
    return Standing(
        open_cases=_open_cases(connection),
        about_wardwatch=_about_wardwatch(connection),
        overdue=_overdue(connection, now),
        climbs=climbs,
        climb_steps=steps,
        digest_items=_count(connection, DIGEST_ITEMS.c.due_at >= 0.0),
        breach_days=_breach_days(connection, day_of(now, plan.zone)),
        review_overdue=_review_overdue(connection, plan, now),
        verdicts=_verdicts(connection),
        feedback_waiting=_count(connection, FEEDBACK_EVENTS.c.published_at.is_(None)),
        slack_waiting=_count(connection, SLACK_JOBS.c.state == "pending"),
        checkpoint_at=checkpoint.at if checkpoint else None,
        siem_behind=readers_behind(connection, now),
    )


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).where(condition)) or 0


def _open_cases(connection: Connection) -> dict[tuple[IncidentSeverity, Status], int]:
    key = INCIDENTS.c.severity, INCIDENTS.c.status
    query = select(*key, func.count()).where(text(IS_OPEN)).group_by(*key)
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _about_wardwatch(connection: Connection) -> dict[IncidentKind, int]:
    kind = INCIDENTS.c.kind
    query = select(kind, func.count()).where(text(OPEN_ABOUT_WARDWATCH)).group_by(kind)
    return {row[0]: row[1] for row in connection.execute(query)}


def _overdue(connection: Connection, now: float) -> dict[ClockName, int]:
    """Count cases by the clock that has run out; one may be late for several."""
    table = CLOCKS.c
    late: dict[ClockName, ColumnElement[bool]] = {
        "acknowledge": (table.acknowledged_at.is_(None)) & (table.acknowledge_due <= now),
        "act": (table.acted_at.is_(None)) & (table.act_due <= now),
        "resolve": table.resolve_due <= now,
    }
    query = select(*(func.count().filter(condition) for condition in late.values())).where(table.due_at <= now)
    return {name: n for name, n in zip(late, connection.execute(query).one(), strict=True) if n}


def _climbs(connection: Connection) -> tuple[dict[State, int], int]:
    table = CLIMBS.c
    query = select(table.state, func.count(), func.sum(table.position)).where(table.state.in_(("climbing", "answered")))
    rows = connection.execute(query.group_by(table.state)).all()
    return {row[0]: row[1] for row in rows}, sum(row[2] for row in rows if row[0] == "climbing")


def _breach_days(connection: Connection, today: date) -> dict[DutyKind, int]:
    nearest: dict[DutyKind, int] = {}
    for file in running_files(connection, MOST_BREACHES):
        for duty in unfinished(file):
            days = (duty.due - today).days
            nearest[duty.kind] = min(days, nearest.get(duty.kind, days))
    return nearest


def _review_overdue(connection: Connection, plan: Plan, now: float) -> float:
    period = next_period(plan.records, plan.zone, last_end(connection))
    return max(0.0, now - overdue_at(period, plan.records)) if period else 0.0


def _verdicts(connection: Connection) -> dict[tuple[str, Outcome], int]:
    table = VERDICTS.c
    key = table.detector, table.is_confirmed
    query = select(*key, func.count()).where(table.is_withdrawn == False).group_by(*key)  # noqa: E712 -- SQL
    return {(row[0], OUTCOMES[row[1]]): row[2] for row in connection.execute(query)}

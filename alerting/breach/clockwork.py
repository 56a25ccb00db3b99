"""The clocks of breaches as time passes: whoever works on a case hears of each stage once."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from alerting.act import Act
from alerting.breach.clocks import NOTICE_DAYS, STAGES, Stage, day_of, notice_due
from alerting.breach.growing import RESUMED
from alerting.breach.handling import today_of
from alerting.breach.records import RECORD, Begun, Warned
from alerting.breach.rows import (
    add_record,
    files_due,
    files_reopened,
    first_alert_at,
    last_watched,
    mark_told,
    save_watched,
    unassessed_cases,
)
from alerting.breach.warning import warnings_due
from alerting.incidents import Incident
from alerting.timeline import SYSTEM

WARNED = "breach_clock"
"""The word in timelines."""
MOST_AT_ONCE = 100
"""Cases without an assessment that one look tells of: what others do must not wait for long."""
UNASSESSED = "no_assessment"
"""The clock of a grave case about records whose assessment has not begun: it may run since the first alert."""


def pass_breach_clocks(act: Act) -> None:
    """Tell of every clock that has come into its next stage."""
    today = today_of(act)
    _resume(act)
    for file in files_due(act.connection, today):
        incident = act.incident(file.incident_id)
        fresh = warnings_due(file, today)
        for warned in fresh:
            added = add_record(act.connection, incident.id, warned, actor=SYSTEM, at=act.now)
            incident = _note(act, incident, warned, added.hash)
        if fresh:
            act.tell(incident, "breach_due")
    _watch_unassessed(act, today)


def _resume(act: Act) -> None:
    """Let the clocks run again where a case was reopened after its breach was ruled out."""
    for file in files_reopened(act.connection):
        begun = Begun(first_alert_on=file.first_alert_on)
        added = add_record(act.connection, file.incident_id, begun, actor=SYSTEM, at=act.now)
        act.note(act.incident(file.incident_id), action=RESUMED, detail={RECORD: added.hash})


def unassessed_due(connection: Connection, incident: Incident, zone: str) -> date:
    """Return the last day for notices of a case that nobody has assessed, if its first alert started the clock."""
    return notice_due(day_of(first_alert_at(connection, incident), zone))


def _watch_unassessed(act: Act, today: date) -> None:
    """Once a day: a high alert that nobody assesses may have started the clock (164.404(a)(2)).

    What is asked is which stage was not told yet: a case may become grave, open or about records on any day.
    """
    last = last_watched(act.connection)
    if last is not None and last >= today:
        return
    left = MOST_AT_ONCE
    for place, (most, stage) in enumerate(STAGES):  # gravest first: what passed two at once is told of the last
        or_graver = [name for _, name in STAGES[: place + 1]]
        left -= _tell_unassessed(act, stage, today - timedelta(days=NOTICE_DAYS - most), left, or_graver)
        if left <= 0:
            return  # the next look goes on
    save_watched(act.connection, today)


def _tell_unassessed(act: Act, stage: Stage, alerted_by: date, limit: int, untold: Sequence[Stage]) -> int:
    """Tell of cases whose first alert came by a day, and return how many those were."""
    zone = act.policy.plan.zone
    before = _midnight(alerted_by + timedelta(days=1), zone)
    found = unassessed_cases(act.connection, before, limit=limit, untold=untold)
    for incident in found:
        mark_told(act.connection, incident.id, stage)
        warned = Warned(clock=UNASSESSED, stage=stage, due=unassessed_due(act.connection, incident, zone))
        act.tell(_note(act, act.incident(incident.id), warned), "breach_due")
    return len(found)


def _note(act: Act, incident: Incident, warned: Warned, record_hash: str = "") -> Incident:
    detail: dict[str, str | int] = {"clock": warned.clock, "stage": warned.stage, "due": warned.due.isoformat()}
    return act.note(incident, action=WARNED, detail=detail | ({RECORD: record_hash} if record_hash else {}))


def _midnight(day: date, zone: str) -> float:
    return datetime.combine(day, time(), ZoneInfo(zone)).timestamp()

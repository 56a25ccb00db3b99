"""The clocks of an incident: until when it must be acknowledged, acted upon and, where a site wants that, resolved.

Pure: from the clocks before a change, the incident before and after it, and the site's promise, to the clocks after.
The clocks start when the incident is opened; that of acting starts anew when it is reopened. They stop when it is
resolved, and rest while an answer is awaited.
"""

from typing import Literal, TypeAlias, get_args

from msgspec import Struct, structs

from alerting.incidents import Incident
from alerting.severity import IncidentSeverity
from alerting.work.sla import Promise

ClockName: TypeAlias = Literal["acknowledge", "act", "resolve"]
CLOCK_NAMES: tuple[ClockName, ...] = get_args(ClockName)


class Clock(Struct, frozen=True, kw_only=True):
    """The clocks of one incident; all times are seconds since the epoch.

    `acknowledged_at` and `acted_at` are None while nobody did so, `resolve_due` where the site promises nothing,
    `paused_at` while the clocks run, `stopped_at` while the incident is open. `told` are the clocks whose end people
    were told of.
    """

    incident_id: str
    severity: IncidentSeverity
    started_at: float
    acknowledge_due: float
    act_due: float
    acknowledged_at: float | None = None
    acted_at: float | None = None
    resolve_due: float | None = None
    paused_at: float | None = None
    stopped_at: float | None = None
    told: tuple[ClockName, ...] = ()

    @property
    def running(self) -> dict[ClockName, float]:
        """The deadlines that nobody has met yet, by clock; none while they rest or when they have stopped."""
        if self.paused_at is not None or self.stopped_at is not None:
            return {}
        running: dict[ClockName, float] = {}
        if self.acknowledged_at is None:
            running["acknowledge"] = self.acknowledge_due
        if self.acted_at is None:
            running["act"] = self.act_due
        if self.resolve_due is not None:
            running["resolve"] = self.resolve_due
        return running

    @property
    def due_at(self) -> float | None:
        """The earliest deadline that runs."""
        return min(self.running.values(), default=None)

    @property
    def tell_at(self) -> float | None:
        """The earliest deadline that runs and that people were not told of."""
        return min((due for name, due in self.running.items() if name not in self.told), default=None)

    def overdue(self, now: float) -> tuple[ClockName, ...]:
        """Return the clocks that have run out."""
        return tuple(name for name, due in self.running.items() if due <= now)


def started(incident: Incident, promise: Promise) -> Clock:
    """Return the clocks of a new incident."""
    target = promise.targets.of(incident.severity)
    at = incident.opened_at
    return Clock(
        incident_id=incident.id,
        severity=incident.severity,
        started_at=at,
        acknowledge_due=promise.deadline(at, target.acknowledge),
        act_due=promise.deadline(at, target.act),
        resolve_due=promise.deadline(at, target.resolve) if target.resolve else None,
    )


def found(incident: Incident, promise: Promise) -> Clock:
    """Return the clocks of an incident that has none yet, though it was opened long ago: as its status now has them.

    What was done, and since when an answer is awaited, is taken to be of its last change.
    """
    new = structs.replace(incident, status="new", assignee="")
    return changed(started(incident, promise), new, incident, promise)


def concerns_clocks(before: Incident, after: Incident) -> bool:
    """Return whether a change can touch the clocks."""
    return (before.status, before.severity, before.assignee) != (after.status, after.severity, after.assignee)


def changed(clock: Clock, before: Incident, after: Incident, promise: Promise) -> Clock:
    """Return the clocks after a change of their incident, which happened at its `updated_at`."""
    at = after.updated_at
    if not before.is_open and after.is_open:
        clock = _restarted(clock, after, promise, at)
    else:
        clock = _met(clock, before, after, at)
    if after.severity != clock.severity:
        clock = _graver(clock, after.severity, promise, at)
    if after.status == "awaiting_context" and clock.paused_at is None:
        clock = structs.replace(clock, paused_at=at)
    elif after.status != "awaiting_context" and clock.paused_at is not None:
        clock = _resumed(clock, promise, clock.paused_at, at)
    return clock if after.is_open or clock.stopped_at is not None else structs.replace(clock, stopped_at=at)


def _met(clock: Clock, before: Incident, after: Incident, at: float) -> Clock:
    """Note what was done in time or late: a case was seen when it is not new, acted upon when somebody went further."""
    if clock.acknowledged_at is None and after.status != "new":
        clock = structs.replace(clock, acknowledged_at=at)
    went_further = after.status not in ("new", "triaged")
    moved = before.status != after.status or before.assignee != after.assignee
    if clock.acted_at is None and went_further and moved:
        clock = structs.replace(clock, acted_at=at)
    return clock


def _restarted(clock: Clock, incident: Incident, promise: Promise, at: float) -> Clock:
    """Start the clocks of a reopened case: somebody must look at it again."""
    target = promise.targets.of(incident.severity)
    return structs.replace(
        clock,
        severity=incident.severity,
        acknowledged_at=at if clock.acknowledged_at is None else clock.acknowledged_at,
        act_due=promise.deadline(at, target.act),
        acted_at=None,
        resolve_due=promise.deadline(at, target.resolve) if target.resolve else None,
        paused_at=None,
        stopped_at=None,
        told=tuple(name for name in clock.told if name == "acknowledge"),
    )


def _graver(clock: Clock, severity: IncidentSeverity, promise: Promise, at: float) -> Clock:
    """Bring deadlines forward to those of the new severity, counted from now."""
    target = promise.targets.of(severity)
    resolve_due = promise.deadline(at, target.resolve) if target.resolve else None
    known = [due for due in (clock.resolve_due, resolve_due) if due is not None]
    return structs.replace(
        clock,
        severity=severity,
        acknowledge_due=min(clock.acknowledge_due, promise.deadline(at, target.acknowledge)),
        act_due=min(clock.act_due, promise.deadline(at, target.act)),
        resolve_due=min(known, default=None),
    )


def _resumed(clock: Clock, promise: Promise, paused_at: float, at: float) -> Clock:
    """Let the clocks run again: what was left of a deadline when they stood still is left now."""
    target = promise.targets.of(clock.severity)
    resumed = structs.replace(clock, paused_at=None)
    if clock.acted_at is None:
        act_due = promise.postponed(clock.act_due, target.act, paused_at=paused_at, resumed_at=at)
        resumed = structs.replace(resumed, act_due=act_due)
    if clock.resolve_due is not None and target.resolve is not None:
        due = promise.postponed(clock.resolve_due, target.resolve, paused_at=paused_at, resumed_at=at)
        resumed = structs.replace(resumed, resolve_due=due)
    return resumed

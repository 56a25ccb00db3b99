"""Carrying out what people ask about holding news back."""

from collections.abc import Callable
from typing import Any

from msgspec import structs

from alerting.act import Act
from alerting.command import Command
from alerting.incidents import Incident
from alerting.muting.commands import AddSilence, ExpireSilence, Snooze, Unsnooze
from alerting.muting.ending import end_holds
from alerting.muting.matchers import MatcherError, parse_all, too_wide
from alerting.muting.rows import drop_snooze, expire, find_silence, insert_silence, put_snooze
from alerting.muting.silences import Silence, SnoozeEntry, is_officer
from alerting.muting.waiting import end_hold, end_hold_of
from alerting.refusal import Refused

DAY = 86_400.0
_PREFIX = {"silence": "SIL", "maintenance": "MNT"}


def add_silence(act: Act, command: AddSilence) -> Silence:
    """Begin a silence or a maintenance window, or let it begin later; an edit ends the one that it replaces."""
    muting = act.policy.plan.muting
    starts_at = act.now if command.starts_at is None else max(command.starts_at, act.now)
    _require_reason(command.reason)
    if not starts_at < command.ends_at < float("inf"):
        raise Refused("the end must lie in the future, after the beginning")
    if command.ends_at - starts_at > muting.longest_silence_days * DAY:
        message = f"the plan allows at most {muting.longest_silence_days:g} days"
        raise Refused(message)
    if command.including_critical and not is_officer(act.policy.plan, command.actor):
        raise Refused("cases of SEV1 can only be held back by a privacy or security officer of the response plan")
    replaced = _end(act, command.replaces, command.actor) if command.replaces else None
    silence = Silence(
        id=_free_id(act, _PREFIX[command.kind]),
        kind=command.kind,
        matchers=_canonical(command.matchers),
        author=command.actor,
        reason=command.reason,
        starts_at=starts_at,
        ends_at=command.ends_at,
        created_at=act.now,
        including_critical=command.including_critical,
        replaces=command.replaces,
    )
    insert_silence(act.connection, silence)
    if replaced:
        end_holds(act)
        _audit_end(act, replaced)
    act.audit(actor=command.actor, action=f"{command.kind}_begins", outcome="done", subject=silence.id)
    return silence


def expire_silence(act: Act, command: ExpireSilence) -> Silence:
    """End a silence now, and tell of what it held back."""
    ended = _end(act, command.silence_id, command.actor)
    end_holds(act)
    _audit_end(act, ended)
    return ended


def snooze(act: Act, command: Snooze) -> Incident:
    """Let nobody be told of a case for a time."""
    incident = act.incident(command.incident_id)
    longest = act.policy.plan.muting.longest_snooze_days
    _require_reason(command.reason)
    if not incident.is_open:
        message = f"{incident.id} is {incident.status}: there is nothing to snooze"
        raise Refused(message)
    if not act.now < command.until <= act.now + longest * DAY:
        message = f"the end must lie in the future; the plan allows at most {longest:g} days"
        raise Refused(message)
    if incident.severity == "SEV1" and not is_officer(act.policy.plan, command.actor):
        raise Refused("a case of SEV1 can only be snoozed by a privacy or security officer of the response plan")
    entry = SnoozeEntry(
        incident_id=incident.id,
        until=command.until,
        author=command.actor,
        reason=command.reason,
        severity=incident.severity,
        rules=incident.rules,
        created_at=act.now,
    )
    put_snooze(act.connection, entry)
    return act.note(
        incident, action="snooze", actor=command.actor, note=command.reason, detail={"until": round(command.until)}
    )


def unsnooze(act: Act, command: Unsnooze) -> Incident:
    """End a snooze, and tell of what it held back."""
    incident = act.incident(command.incident_id)
    if not drop_snooze(act.connection, incident.id):
        message = f"{incident.id} is not snoozed"
        raise Refused(message)
    act.note(incident, action="unsnooze", actor=command.actor)
    end_hold_of(act.connection, incident.id, act.now)
    end_holds(act)
    return act.incident(incident.id)


def _end(act: Act, silence_id: str, actor: str) -> Silence:
    """Let a silence end now; its cases are looked at again."""
    known = find_silence(act.connection, silence_id)
    if known is None:
        raise Refused("there is no silence or maintenance window of this id")
    if known.state(act.now) == "expired":
        message = f"{known.id} has ended already"
        raise Refused(message)
    expire(act.connection, known.id, at=act.now, by=actor)
    end_hold(act.connection, known.kind, known.id, act.now)
    return structs.replace(known, ends_at=act.now, expired_by=actor)


def _audit_end(act: Act, ended: Silence) -> None:
    """Write it down after the cases are locked: everybody takes the lock of the audit log last."""
    act.audit(actor=ended.expired_by, action=f"{ended.kind}_ends", outcome="done", subject=ended.id)


def _canonical(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the matchers in one form.

    Raises:
        Refused: where one is none, or all together would hold everything back.
    """
    try:
        matchers = parse_all(texts)
    except MatcherError as error:
        raise Refused(str(error)) from None
    if wide := too_wide(matchers):
        raise Refused(wide)
    return tuple(str(matcher) for matcher in matchers)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("a reason is needed")


def _free_id(act: Act, prefix: str) -> str:
    while True:
        drawn = f"{prefix}-{act.incident_ids().removeprefix('INC-')}"
        if find_silence(act.connection, drawn) is None:
            return drawn


HANDLERS: dict[type[Command[Any]], Callable[[Act, Any], Any]] = {
    AddSilence: add_silence,
    ExpireSilence: expire_silence,
    Snooze: snooze,
    Unsnooze: unsnooze,
}
"""What carries out the commands of this area."""

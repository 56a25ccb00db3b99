"""Carrying out what people ask about accounting."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from alerting.act import Act
from alerting.auditing.deleted import CASE_DELETED
from alerting.command import Command
from alerting.records.commands import DeleteExpired, GiveReport, PlaceHold, ReleaseHold, SignReview
from alerting.records.expired import (
    Counts,
    delete_expired,
    holds,
    holds_on_incident,
    insert_hold,
    kept_now,
    release_hold,
)
from alerting.records.holds import LegalHold
from alerting.records.reviewing import sign_review
from alerting.records.years import years_before
from alerting.refusal import Refused

LEAST_PURPOSE = 8
"""Characters of a purpose: enough that a reviewer of the audit log can tell one from another."""


def give_report(act: Act, command: GiveReport) -> None:
    """Write down that a report is made."""
    if len(command.purpose.strip()) < LEAST_PURPOSE:
        message = f"say what it is needed for, in {LEAST_PURPOSE} characters or more"
        raise Refused(message)
    told = f"{command.entries} entries{', with names' if command.names_told else ''}"
    for patient in command.patients:
        act.audit(
            actor=command.actor,
            action=f"report.{command.form}",
            outcome=told,
            subject=patient,
            purpose=command.purpose,
        )


def place_hold(act: Act, command: PlaceHold) -> LegalHold:
    """Keep something from being deleted."""
    if not command.reason.strip():
        raise Refused("a reason is needed")
    if (command.about == "everything") != (not command.ref):
        raise Refused("a hold is on everything, or on one incident or entity that is named")
    if command.about == "incident":
        act.incident(command.ref)
    hold = LegalHold(
        id=f"HOLD-{act.incident_ids().removeprefix('INC-')}",
        about=command.about,
        ref=command.ref,
        author=command.actor,
        reason=command.reason,
        placed_at=act.now,
    )
    insert_hold(act.connection, hold)
    act.audit(actor=command.actor, action="hold.placed", outcome=hold.id, subject=hold.ref, purpose=hold.reason)
    return hold


def carry_holds_over(act: Act, whole: str, part: str, actor: str) -> None:
    """Keep what was split off a case by the holds in force on the case and on what was merged into it."""
    for hold in holds_on_incident(act.connection, whole):
        place_hold(act, PlaceHold(actor=actor, about="incident", ref=part, reason=f"{hold.id}: {hold.reason}"))


def lift_hold(act: Act, command: ReleaseHold) -> LegalHold:
    """Release a hold."""
    if not command.reason.strip():
        raise Refused("a reason is needed")
    hold = next((one for one in holds(act.connection) if one.id == command.hold_id), None)
    if hold is None:
        raise Refused("there is no legal hold of this id")
    if hold.released_at is not None:
        message = f"{hold.id} has been released already"
        raise Refused(message)
    release_hold(act.connection, hold.id, at=act.now, by=command.actor)
    act.audit(actor=command.actor, action="hold.released", outcome=hold.id, subject=hold.ref, purpose=command.reason)
    return structs.replace(hold, released_at=act.now, released_by=command.actor)


def delete_what_is_expired(act: Act, command: DeleteExpired) -> Counts:
    """Delete what has been kept for six years; earlier is refused, whoever asks."""
    before = deletable_before(command.before, act.now)
    kept = kept_now(act.connection)
    deleted = delete_expired(act.connection, before, kept, command.limit)
    for end in deleted.timelines:
        act.audit(actor=command.actor, action=CASE_DELETED, outcome="done", subject=end.hash, incident=end.incident_id)
    counts = structs.asdict(deleted.counts) | {"accesses": command.accesses}
    told = ", ".join(f"{n} {name}" for name, n in counts.items() if n) or "nothing"
    act.audit(actor=command.actor, action="retention.deleted", outcome=told, subject=f"before {_day(before)}")
    return deleted.counts


def deletable_before(asked: float | None, now: float) -> float:
    """Return the time before which everything may be deleted.

    Raises:
        Refused: where what is asked for would delete earlier (45 CFR 164.316(b)(2)(i)).
    """
    latest = years_before(now)
    if asked is not None and asked > latest:
        message = f"nothing from {_day(latest)} or later may be deleted: it is kept for six years"
        raise Refused(message)
    return latest if asked is None else asked


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


HANDLERS: dict[type[Command[Any]], Callable[[Act, Any], Any]] = {
    GiveReport: give_report,
    SignReview: sign_review,
    PlaceHold: place_hold,
    ReleaseHold: lift_hold,
    DeleteExpired: delete_what_is_expired,
}
"""What carries out the commands of this area."""

"""The life of an incident as one table: which command is legal in which status, and where it leads.

The arrows are those of domain.md §4.3. Beside them, so that the table can be worked with: `Resolve` is legal from
every status in which people work on the case itself (a false alarm needs no containment), a case may be assessed for
breach also after containment, and again after it was ruled out, and a finished assessment leads back to the work or to
its end. One arrow is no
command: a case that nobody has worked on is resolved when all its findings are withdrawn (`explained_away`).
"""

from collections.abc import Callable

from msgspec import Struct, structs

from alerting.commands import (
    Acknowledge,
    AssessRisk,
    AwaitContext,
    Close,
    ConfirmBreach,
    Contain,
    FinishNotifying,
    IncidentCommand,
    Merge,
    Remediate,
    Reopen,
    Resolve,
    RuleOutBreach,
    StartInvestigation,
    StartNotifying,
    Suppress,
)
from alerting.incidents import TRUE_POSITIVES, Incident, Status
from alerting.refusal import Refused
from alerting.severity import IncidentSeverity


class IllegalTransition(Refused):
    """A command that the status of its incident, or a guard, does not allow. The message holds no free text."""


GRAVE: frozenset[IncidentSeverity] = frozenset({"SEV1", "SEV2"})
"""What nobody may suppress: somebody is called for it (domain.md §4.4)."""

Guard = Callable[[Incident, IncidentCommand], str]
"""Returns why the command is refused, or an empty text."""


def _gives_verdict_and_reason(_incident: Incident, command: IncidentCommand) -> str:
    complete = isinstance(command, Resolve) and command.verdict and command.reason.strip()
    return "" if complete else "a verdict and a reason are needed"


def _has_verdict_and_breach_is_decided(incident: Incident, _command: IncidentCommand) -> str:
    if incident.verdict is None or not incident.reason.strip():
        return "a verdict and a reason are needed"
    if incident.touches_records and incident.verdict in TRUE_POSITIVES and not incident.breach:
        return "a true positive about patient records needs its breach assessment finished first"
    return ""


def _gives_reason(_incident: Incident, command: IncidentCommand) -> str:
    complete = isinstance(command, Reopen | RuleOutBreach) and command.reason.strip()
    return "" if complete else "a reason is needed"


def _is_small_and_gives_note(incident: Incident, command: IncidentCommand) -> str:
    if incident.severity in GRAVE:
        return f"a case of {incident.severity} is worth somebody's time: resolve it with a verdict and a reason"
    return "" if command.note.strip() else "a reason is needed, as its note"


def _has_another_target(incident: Incident, command: IncidentCommand) -> str:
    other = isinstance(command, Merge) and command.into not in ("", incident.id)
    return "" if other else "another incident to merge into is needed"


class Transition(Struct, frozen=True):
    """Where a command leads, and what it must meet first."""

    to: Status
    guard: Guard | None = None


_RESOLVED = Transition("resolved", _gives_verdict_and_reason)

TRANSITIONS: dict[tuple[Status, type[IncidentCommand]], Transition] = {
    ("new", Acknowledge): Transition("triaged"),
    ("new", Suppress): Transition("suppressed", _is_small_and_gives_note),
    ("triaged", StartInvestigation): Transition("investigating"),
    ("triaged", Merge): Transition("merged", _has_another_target),
    ("triaged", Resolve): _RESOLVED,
    ("investigating", AwaitContext): Transition("awaiting_context"),
    ("investigating", Contain): Transition("contained"),
    ("investigating", AssessRisk): Transition("risk_assessment"),
    ("investigating", Resolve): _RESOLVED,
    ("awaiting_context", StartInvestigation): Transition("investigating"),
    ("contained", Remediate): Transition("remediating"),
    ("contained", AssessRisk): Transition("risk_assessment"),
    ("contained", Resolve): _RESOLVED,
    ("remediating", AssessRisk): Transition("risk_assessment"),
    ("remediating", Resolve): _RESOLVED,
    ("risk_assessment", ConfirmBreach): Transition("breach_confirmed"),
    ("risk_assessment", RuleOutBreach): Transition("not_breach", _gives_reason),
    ("breach_confirmed", StartNotifying): Transition("notifying"),
    ("notifying", FinishNotifying): Transition("notified"),
    ("notified", Contain): Transition("contained"),
    ("notified", Remediate): Transition("remediating"),
    ("notified", Resolve): _RESOLVED,
    ("not_breach", AssessRisk): Transition("risk_assessment"),
    ("not_breach", Contain): Transition("contained"),
    ("not_breach", Remediate): Transition("remediating"),
    ("not_breach", Resolve): _RESOLVED,
    ("resolved", Close): Transition("closed", _has_verdict_and_breach_is_decided),
    ("resolved", Reopen): Transition("investigating", _gives_reason),
}


def moved(incident: Incident, command: IncidentCommand, now: float) -> Incident:
    """Return the incident after the command; its timeline entry is the caller's to write.

    Raises:
        IllegalTransition: if the table or a guard forbids it.
    """
    name = type(command).__name__
    transition = TRANSITIONS.get((incident.status, type(command)))
    if transition is None:
        message = f"{name} is not possible while {incident.id} is {incident.status}"
        raise IllegalTransition(message)
    refusal = transition.guard(incident, command) if transition.guard else ""
    if refusal:
        message = f"{name} of {incident.id}: {refusal}"
        raise IllegalTransition(message)
    moved_to = structs.replace(incident, status=transition.to)
    return _with_fields(moved_to, command, now)


UNTOUCHED: frozenset[Status] = frozenset({"new", "triaged"})
"""Statuses in which nobody has begun to work on an incident."""


def explained_away(incident: Incident, reason: str, now: float) -> Incident:
    """Return an untouched incident resolved by the system, because all that it rested on was withdrawn."""
    return structs.replace(incident, status="resolved", verdict="benign_explained", reason=reason, resolved_at=now)


def _with_fields(incident: Incident, command: IncidentCommand, now: float) -> Incident:
    """Set what a command changes beside the status."""
    match command:
        case Resolve():
            return structs.replace(incident, verdict=command.verdict, reason=command.reason, resolved_at=now)
        case Reopen() | AssessRisk():  # of what is assessed there is no verdict yet
            return structs.replace(incident, verdict=None, reason="", resolved_at=None, breach="")
        case Suppress():
            return structs.replace(incident, reason=command.note)
        case RuleOutBreach() | FinishNotifying():
            return structs.replace(incident, breach="not_breach" if isinstance(command, RuleOutBreach) else "notified")
        case Merge():
            return structs.replace(incident, merged_into=command.into)
        case _:
            return incident

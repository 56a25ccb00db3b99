"""Splitting: findings of a case that are a matter of their own become another case."""

from collections.abc import Sequence

from msgspec import structs

from alerting.act import Act
from alerting.grouping import joined, key_of, opened
from alerting.incidents import Incident
from alerting.records.handling import carry_holds_over
from alerting.refusal import Refused
from alerting.severity import severity_of
from alerting.store.finding_rows import all_findings_of, move_some_findings
from alerting.store.withdrawal_rows import withdrawals_of
from alerting.work.commands import Split
from detectors.finding import Finding


def split(act: Act, command: Split) -> Incident:
    """Move findings of an open case to a new one, note it in both, and tell of both.

    Of the new one people are told as of any that is opened. The case keeps its severity, which only people lower; the
    new one has that of its findings. Where these are about another entity than the case (they came by merging), the new
    case is about that one.
    """
    before = act.incident(command.incident_id)
    if before.kind != "case" or not before.is_open:
        message = f"{before.id} cannot be split: it is no open case"
        raise Refused(message)
    withdrawn = withdrawals_of(act.connection, before.id)
    standing = {one.id: one for one in all_findings_of(act.connection, before.id) if one.id not in withdrawn}
    chosen = [standing[one] for one in dict.fromkeys(command.findings) if one in standing]
    left = [one for one in standing.values() if one.id not in command.findings]
    if not chosen or len(chosen) < len(set(command.findings)):
        message = f"name findings that are part of {before.id} and were not withdrawn"
        raise Refused(message)
    if not left:
        message = f"nothing would be left of {before.id}"
        raise Refused(message)
    detail: dict[str, str | int] = {"from": before.id, "added": len(chosen)}
    new = act.open(
        _case_of(chosen, before, act), action="split_off", actor=command.actor, note=command.reason, detail=detail
    )
    move_some_findings(act.connection, [one.id for one in chosen], new.id)
    detail = {"into": new.id, "findings": len(chosen), "left": len(left)}
    smaller = act.note(
        before,
        _reduced(before, left),
        action="split",
        actor=command.actor,
        note=command.reason,
        detail=detail,
    )
    carry_holds_over(act, before.id, new.id, command.actor)
    act.tell(smaller, "split")
    act.tell(new, "opened")
    return new


def _case_of(findings: Sequence[Finding], before: Incident, act: Act) -> Incident:
    """Return a case of these findings."""
    first = findings[0]
    abouts = {key_of(one.entity, one.queue) for one in findings}
    key, entity = (abouts.pop(), first.entity) if len(abouts) == 1 else (before.key, before.entity)
    case = opened(act.free_id(), "case", key, entity, severity_of(first), at=first.at, now=act.now)
    for finding in findings:
        case, _ = joined(case, finding)
    return structs.replace(case, notified_findings=case.findings)


def _reduced(incident: Incident, left: Sequence[Finding]) -> Incident:
    """Return a case of which these findings are left."""
    return structs.replace(
        incident,
        rules=tuple(rule for rule in incident.rules if any(one.detector == rule for one in left)),
        findings=len(left),
        notified_findings=min(incident.notified_findings, len(left)),
        risk=max(one.risk for one in left),
        first_at=min(one.at for one in left),
        last_at=max(one.at for one in left),
    )

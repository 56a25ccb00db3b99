"""Merging: one incident takes over what another holds."""

from msgspec import structs

from alerting.act import Act
from alerting.breach.growing import EARLIER, reckon_with_earlier, reckon_with_more
from alerting.commands import IncidentCommand, Merge, Suppress
from alerting.incidents import Incident
from alerting.misdirected import news_for_others
from alerting.severity import graver
from alerting.store.finding_rows import move_findings
from alerting.store.incident_rows import find_incident, has_taken_over, redirect_merged
from alerting.subjects import refuse_subject
from alerting.telling import News
from alerting.transitions import IllegalTransition
from alerting.work.overpayment_rows import doubt_overpayments
from alerting.work.rows import follow_merge


def merge(act: Act, merged: Incident, command: Merge) -> list[News]:
    """Give the findings of `merged` to the open incident that the command names, and note it there.

    Whoever merges knows of the evidence; the return value says what others must hear.

    Raises:
        IllegalTransition: if there is no such open incident of the same kind.
        Refused: if it is about whoever merges.
    """
    connection = act.connection
    target = find_incident(connection, command.into, lock=True)
    if target is None or not target.is_open or target.kind != merged.kind:
        message = f"{merged.id} can only be merged into an open incident of its kind"
        raise IllegalTransition(message)
    refuse_subject(connection, act.policy, target, command.actor)
    larger = structs.replace(
        target,
        severity=graver(target.severity, merged.severity),
        rules=tuple(dict.fromkeys((*target.rules, *merged.rules))),
        findings=target.findings + merged.findings,
        notified_findings=target.findings + merged.findings,
        risk=max(target.risk, merged.risk),
        first_at=min(target.first_at, merged.first_at),
        last_at=max(target.last_at, merged.last_at),
        breach=target.breach_with(merged.rules),
    )
    detail: dict[str, str | int] = {"from": merged.id, "added": merged.findings}
    larger = act.note(target, larger, action="took_over", actor=command.actor, detail=detail)
    move_findings(connection, merged.id, target.id)
    redirect_merged(connection, merged.id, target.id)
    follow_merge(connection, merged.id, target.id)
    larger = _doubt_decisions(act, larger, merged)
    if larger.severity != target.severity:
        return [News(larger, "escalated")]
    return news_for_others(connection, [larger], act.policy, act.now)


def refuse_to_suppress_others(act: Act, incident: Incident, command: IncidentCommand) -> None:
    """Let nobody suppress, with a case that nobody has looked at, those that were merged into it.

    Raises:
        IllegalTransition: if some were.
    """
    if isinstance(command, Suppress) and has_taken_over(act.connection, incident.id):
        message = f"{incident.id} has taken over another case: resolve it with a verdict and a reason"
        raise IllegalTransition(message)


def _doubt_decisions(act: Act, larger: Incident, merged: Incident) -> Incident:
    """Let nothing that people decided stand for a case of which they did not know, nor clocks begin after its alert."""
    if merged.touches_billing:
        doubt_overpayments(act.connection, [larger.id])
    if merged.touches_records:
        for action, detail in reckon_with_more(act.connection, larger.id, act.now):
            larger = act.note(larger, action=action, detail=detail)
    if earlier := reckon_with_earlier(act.connection, larger, act.policy.plan.zone, act.now):
        larger = act.note(larger, action=EARLIER, detail=earlier)
    return larger

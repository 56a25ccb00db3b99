"""From a verdict to what is learned: when a case is resolved, reopened, or judged in another system."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from alerting.act import Act
from alerting.command import Command
from alerting.commands import IncidentCommand, Reopen, Resolve
from alerting.feedback.ranking import Ranking
from alerting.feedback.rows import (
    FeedbackEvent,
    VerdictRow,
    clear_stale,
    insert_feedback,
    insert_verdicts,
    is_known,
    load_ranking,
    save_ranking,
    standing_lessons,
    withdraw_verdicts,
)
from alerting.incidents import TRUE_POSITIVES, Incident, Verdict
from alerting.store.finding_rows import findings_by_id, findings_of
from alerting.store.incident_rows import find_incident
from alerting.store.withdrawal_rows import withdrawals_of
from detectors.finding import Finding

OWN_SOURCE = "urn:wardwatch:desk"
"""The source of our own feedback events, by which the intake knows them again."""

CLEARED: frozenset[Verdict] = frozenset({"benign_explained", "false_positive_rule", "false_positive_data"})
"""Verdicts that say that a finding deserved no attention; `duplicate` and `insufficient_data` say nothing of it."""

MOST_FINDINGS = 1_000
"""Of a case, the latest."""


class TakeVerdict(Command[bool], frozen=True, kw_only=True):
    """A verdict from another system, on a finding or a case of ours: learned from, noted, and no transition.

    `actor` is who gave it there; `event_id` makes it count once. The result says whether it was new and about something
    that is known.
    """

    event_id: str
    verdict: Verdict
    at: float
    finding_id: str = ""
    incident_id: str = ""
    note_hash: str = ""


def take_verdict(act: Act, command: TakeVerdict) -> bool:
    """Carry out `TakeVerdict`."""
    if is_known(act.connection, command.event_id):
        return False
    incident_id, findings = command.incident_id, None
    if command.finding_id:
        found = findings_by_id(act.connection, [command.finding_id]).get(command.finding_id)
        incident_id = (found.incident_id or "") if found else ""
        findings = [found] if found else None
    incident = find_incident(act.connection, incident_id, lock=True) if incident_id else None
    if incident is None:
        act.audit(
            actor=command.actor,
            action="take_verdict",
            outcome="unknown_subject",
            subject=command.finding_id or command.incident_id,
        )
        return False
    detail: dict[str, str | int] = {"verdict": command.verdict, "finding": command.finding_id}
    if command.note_hash:
        detail["note_hash"] = command.note_hash
    act.note(incident, action="verdict_elsewhere", actor=command.actor, detail=detail)
    _teach(act, incident, command.event_id, command.verdict, by=command.actor, at=command.at, findings=findings)
    return True


def learn_from(act: Act, after: Incident, command: IncidentCommand, note_hash: str) -> None:
    """Learn from a command that has just given a case a verdict, or taken it back; and tell others of a verdict."""
    if after.kind != "case":
        return
    if not isinstance(command, Reopen | Resolve):
        return
    withdraw_verdicts(act.connection, after.id)
    if isinstance(command, Resolve):
        event = feedback_event(
            after.id, after.revision, command.verdict, by=command.actor, at=act.now, note_hash=note_hash
        )
        insert_feedback(act.connection, event, act.now)
        _teach(act, after, event.id, command.verdict, by=command.actor, at=act.now)


def relearn(act: Act) -> None:
    """Learn anew from all verdicts that stand, where some were taken back."""
    if not clear_stale(act.connection):
        return
    ranking = Ranking.of(None)
    for is_confirmed, findings in standing_lessons(act.connection):
        ranking.learn(findings, is_confirmed=is_confirmed)
    save_ranking(act.connection, ranking)


def feedback_event(
    incident_id: str, revision: int, verdict: Verdict, *, by: str, at: float, note_hash: str
) -> FeedbackEvent:
    """Return the event `org.wardwatch.feedback.v1` (design.md §5) of a verdict on a case."""
    identity = hashlib.sha256(f"{incident_id}\x1f{revision}".encode()).hexdigest()[:32]
    moment = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
    data = {"incident_id": incident_id, "verdict": verdict, "by": by, "at": moment, "note_hash": note_hash}
    event = {
        "specversion": "1.0",
        "id": identity,
        "source": OWN_SOURCE,
        "type": "org.wardwatch.feedback.v1",
        "subject": incident_id,
        "time": moment,
        "data": data,
    }
    return FeedbackEvent(identity, msgspec.json.encode(event))


def _teach(
    act: Act,
    incident: Incident,
    verdict_id: str,
    verdict: Verdict,
    *,
    by: str,
    at: float,
    findings: Sequence[Finding] | None = None,
) -> None:
    """Store the verdict on each finding that stands, and let the model learn from those that speak for the case."""
    if findings is None:
        withdrawn = withdrawals_of(act.connection, incident.id)
        stored = findings_of(act.connection, incident.id, MOST_FINDINGS)
        findings = [finding for finding in stored if finding.id not in withdrawn]
    is_confirmed = True if verdict in TRUE_POSITIVES else False if verdict in CLEARED else None
    speaking = {finding.id for finding in speakers(findings)}
    rows = [
        VerdictRow(
            id=verdict_id,
            finding_id=finding.id,
            incident_id=incident.id,
            detector=finding.detector,
            kind=finding.kind,
            verdict=verdict,
            is_confirmed=is_confirmed,
            decided_by=by,
            decided_at=at,
            speaks=finding.id in speaking,
        )
        for finding in findings
    ]
    insert_verdicts(act.connection, rows)
    if is_confirmed is None or not speaking:
        return
    ranking = load_ranking(act.connection)
    ranking.learn(sorted(speakers(findings), key=lambda finding: finding.id), is_confirmed=is_confirmed)
    save_ranking(act.connection, ranking)


def speakers(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that a case is learned from: one of each detector and kind, the last that alerted if one did.

    A burst of equal findings says the same thing many times.
    """
    chosen: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = (finding.detector, finding.kind)
        if finding.alert or key not in chosen or not chosen[key].alert:
            chosen[key] = finding
    return list(chosen.values())

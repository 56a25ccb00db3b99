"""Which incident a finding belongs to: pure decisions, each with the word for its reason.

One case per actor, across money and records: findings about the same entity join one incident, whatever rule or
stream they come from, as long as they lie within a window of event time of what the incident already holds.
"""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from msgspec import Struct, structs

from alerting.incidents import Incident, IncidentKind
from alerting.severity import IncidentSeverity, graver, severity_of
from detectors.finding import Entity, Finding, Queue

HOUR = 3600.0
DAY = 24 * HOUR

EVIDENCE_FACTOR = 2
"""Evidence that has doubled since people were last told is worth telling (domain.md §4.5)."""

Change: TypeAlias = Literal["opened", "reopened", "escalated", "more_evidence", "new_ground", "joined"]
"""What a finding did to its incident, from the weightiest. New ground is a rule as grave as the whole case, which the
case did not have; of that and of `joined` people are not told (domain.md §4.5)."""

CHANGES: tuple[Change, ...] = ("opened", "reopened", "escalated", "more_evidence", "new_ground", "joined")
UNTOLD: frozenset[Change] = frozenset({"new_ground", "joined"})


class Windows(Struct, frozen=True):
    """How long incidents attract findings.

    `join` is event time in seconds before the first and after the last finding of an open incident; `reopen` is
    seconds after resolution (domain.md §4.5: 7 days).
    """

    join: float = DAY
    reopen: float = 7 * DAY


class Placement(Struct, frozen=True):
    """The incident that takes the finding, None for a new one, and why."""

    incident: Incident | None
    reason: Literal["none_in_window", "open_in_window", "resolved_lately"]


def key_of(entity: Entity, queue: Queue = "") -> str:
    """Return what findings about this entity are grouped by; without NUL, which PostgreSQL cannot hold.

    What goes to another queue makes cases of its own: a coding mistake does not join a case of fraud.
    """
    key = f"{queue}:{entity.type}:{entity.ref}" if queue else f"{entity.type}:{entity.ref}"
    return key.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def place(at: float, incidents: Iterable[Incident], windows: Windows) -> Placement:
    """Choose among the incidents of a key the one that a finding of event time `at` belongs to.

    An open incident goes before a resolved one, the one whose evidence is nearest in time before others.
    """
    ranked = sorted(incidents, key=lambda incident: (_distance(at, incident), -incident.last_at, incident.id))
    for incident in ranked:
        if incident.is_open and incident.first_at - windows.join <= at <= incident.last_at + windows.join:
            return Placement(incident, "open_in_window")
    for incident in ranked:
        if incident.status == "resolved" and _is_reopened_by(at, incident, windows):
            return Placement(incident, "resolved_lately")
    return Placement(None, "none_in_window")


def _distance(at: float, incident: Incident) -> float:
    """Seconds between an event time and the evidence of an incident, 0 within it."""
    return max(0.0, incident.first_at - at, at - incident.last_at)


def _is_reopened_by(at: float, incident: Incident, windows: Windows) -> bool:
    resolved_at = incident.resolved_at if incident.resolved_at is not None else incident.last_at
    return incident.first_at - windows.join <= at <= resolved_at + windows.reopen


def opened(
    incident_id: str,
    kind: IncidentKind,
    key: str,
    entity: Entity | None,
    severity: IncidentSeverity,
    *,
    at: float,
    now: float,
) -> Incident:
    """Return a new incident that holds nothing yet; `at` is event time, `now` the desk's clock."""
    return Incident(
        id=incident_id,
        kind=kind,
        key=key,
        entity=entity,
        status="new",
        severity=severity,
        rules=(),
        findings=0,
        risk=0.0,
        first_at=at,
        last_at=at,
        opened_at=now,
        updated_at=now,
    )


def joined(incident: Incident, finding: Finding) -> tuple[Incident, Change]:
    """Return the incident with the finding in it, and what that changed.

    Severity only ever rises: only people lower it.
    """
    return grown(incident, finding.detector, severity_of(finding), at=finding.at, risk=finding.risk)


def grown(
    incident: Incident, rule: str, severity: IncidentSeverity, *, at: float, risk: float = 0.0
) -> tuple[Incident, Change]:
    """Return the incident with one more piece of evidence, and what that changed."""
    larger = structs.replace(
        incident,
        severity=graver(incident.severity, severity),
        rules=incident.rules if rule in incident.rules else (*incident.rules, rule),
        findings=incident.findings + 1,
        risk=max(incident.risk, risk),
        first_at=min(incident.first_at, at),
        last_at=max(incident.last_at, at),
        breach=incident.breach_with([rule]),
    )
    is_new_ground = rule not in incident.rules and severity == larger.severity
    change = _change(incident, larger, is_new_ground=is_new_ground)
    return (larger if change in UNTOLD else structs.replace(larger, notified_findings=larger.findings)), change


def _change(before: Incident, after: Incident, *, is_new_ground: bool) -> Change:
    """Name what happened."""
    if before.revision == 0 and before.findings == 0:
        return "opened"
    if after.severity != before.severity:
        return "escalated"
    if after.findings >= EVIDENCE_FACTOR * before.notified_findings:
        return "more_evidence"
    return "new_ground" if is_new_ground else "joined"


def weightiest(changes: Iterable[Change]) -> Change:
    """Return the change that matters most to people."""
    return min(changes, key=CHANGES.index)

"""OCSF 1.8.0: Detection Finding (2004) for a finding, Incident Finding (2005) for an incident (domain.md §5).

Events hold tokens, so they have the same boundary as the store. An `external` one has none: no parties, no reasons, no
numbers; only what domain.md §4.6 lets leave.
https://schema.ocsf.io/1.8.0/classes/detection_finding, https://schema.ocsf.io/1.8.0/classes/incident_finding
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from alerting.incidents import FINISHED, TRUE_POSITIVES, VERDICT_OCSF, Incident, Status
from alerting.notification import UNTITLED, bucketed, hour_of, shown_name
from alerting.severity import IncidentSeverity
from detectors.finding import Finding, Kind, Severity

VERSION = "1.8.0"
FINDINGS_CATEGORY = 2
DETECTION_FINDING = 2004
INCIDENT_FINDING = 2005
CREATE, UPDATE, CLOSE = 1, 2, 3
MOST_LISTED = 100
"""Findings that an incident names, the latest."""

SEVERITY_IDS: dict[Severity, int] = {"info": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
RISK_LEVELS: dict[Severity, int] = {"info": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}
ANALYTIC_TYPES: dict[Kind, int] = {"rule": 1, "online": 3, "batch": 4, "supervised": 4, "fused": 2}
"""Rule, Statistical, Learning (Machine Learning / Deep Learning), Behavioral."""
INCIDENT_SEVERITY_IDS: dict[IncidentSeverity, int] = {"SEV1": 5, "SEV2": 4, "SEV3": 3, "SEV4": 2}
PRIORITY_IDS: dict[IncidentSeverity, int] = {"SEV1": 4, "SEV2": 3, "SEV3": 2, "SEV4": 1}
NEW, IN_PROGRESS, ON_HOLD, RESOLVED, CLOSED = 1, 2, 3, 4, 5
STATUS_IDS: dict[Status, int] = {
    "new": NEW,
    "awaiting_context": ON_HOLD,
    "resolved": RESOLVED,
    "closed": CLOSED,
    "merged": CLOSED,
    "suppressed": CLOSED,
}
"""All other statuses are in progress."""

BREACH_STATUSES: frozenset[Status] = frozenset({"risk_assessment", "breach_confirmed", "notifying", "notified"})


class Exporter(Struct, frozen=True, kw_only=True):
    """What events say of where they are from: our version, titles by rule, the console; and if they leave the house."""

    product_version: str
    titles: dict[str, str]
    console_url: str = ""
    is_external: bool = False

    def title_of(self, rule: str) -> str:
        """Return the neutral title of a rule."""
        return self.titles.get(rule, UNTITLED)

    def metadata(self, uid: str, logged_at: float, **more: object) -> dict[str, Any]:
        """Return OCSF's metadata object."""
        product = {"name": "Wardwatch", "vendor_name": "Wardwatch", "version": self.product_version}
        return {"version": VERSION, "product": product, "uid": uid, "logged_time": self.time_of(logged_at), **more}

    def time_of(self, at: float) -> int:
        """Return an instant in milliseconds; what leaves the house says its hour alone."""
        return _hour(at) if self.is_external else _milliseconds(at)


def finding_event(finding: Finding, exporter: Exporter, *, recorded_at: float, is_withdrawn: bool) -> dict[str, Any]:
    """Return the Detection Finding of a finding; one that was withdrawn is closed.

    The end has an id of its own: who drops what comes twice by `metadata.uid` must not drop it.
    """
    activity = CLOSE if is_withdrawn else CREATE
    event: dict[str, Any] = {
        **_base(DETECTION_FINDING, activity, SEVERITY_IDS[finding.severity], exporter.time_of(finding.at)),
        "metadata": exporter.metadata(
            f"{finding.id}:withdrawn" if is_withdrawn else finding.id,
            recorded_at,
            labels=_labels((finding.detector,)),
        ),
        "status_id": RESOLVED if is_withdrawn else NEW,
        "is_alert": finding.alert and not is_withdrawn,
        "finding_info": _finding_info(finding, exporter),
        "risk_level_id": RISK_LEVELS[finding.severity],
    }
    if exporter.is_external:
        return event
    event["finding_info"] |= {"desc": " ".join(finding.reasons), "related_events": [{"uid": finding.event_id}]}
    return event | {
        "risk_score": round(finding.risk),
        "resources": [{"type": entity.type, "uid": entity.ref} for entity in finding.entities or [finding.entity]],
        "evidences": [{"data": {"features": finding.features, "window": finding.window}}],
        "unmapped": {"incident_id": finding.incident_id, "queue": finding.queue},
    }


def incident_event(
    incident: Incident, findings: Sequence[Finding], exporter: Exporter, *, is_new: bool = False
) -> dict[str, Any]:
    """Return the Incident Finding of an incident as it is.

    Args:
        incident: what it is about.
        findings: those that it holds.
        exporter: how events are written.
        is_new: whether whoever reads has not had the incident yet, though it may have changed since it was opened.
    """
    status = STATUS_IDS.get(incident.status, IN_PROGRESS)
    activity = CLOSE if incident.status in FINISHED else CREATE if is_new or incident.revision <= 1 else UPDATE
    title = "; ".join(exporter.title_of(rule) for rule in incident.rules) or UNTITLED
    event: dict[str, Any] = {
        **_base(
            INCIDENT_FINDING,
            activity,
            INCIDENT_SEVERITY_IDS[incident.severity],
            exporter.time_of(incident.updated_at),
        ),
        "metadata": exporter.metadata(
            f"{incident.id}:{incident.revision}",
            incident.updated_at,
            profiles=["incident"],
            correlation_uid=incident.id,
            labels=_labels(incident.rules),
        ),
        "status_id": status,
        "priority_id": PRIORITY_IDS[incident.severity],
        "is_suspected_breach": is_suspected_breach(incident),
        "desc": f"{incident.severity} {title}",
        "src_url": f"{exporter.console_url}/incidents/{incident.id}",
        "assignee_group": {"name": incident.queue or "fraud and privacy"},
        "finding_info_list": [_finding_info(finding, exporter) for finding in findings[-MOST_LISTED:]]
        or [{"uid": incident.id, "title": title}],
        "start_time": exporter.time_of(incident.first_at),
        "end_time": exporter.time_of(incident.last_at),
        "unmapped": {"status": incident.status, "kind": incident.kind, "findings": incident.findings},
    }
    if incident.verdict is not None:
        event["verdict_id"] = VERDICT_OCSF[incident.verdict]
    # Somebody may have typed a sentence as the name: what leaves the house is checked as in a notification.
    if assignee := shown_name(incident.assignee) if exporter.is_external else incident.assignee:
        event["assignee"] = {"name": assignee, "type_id": 1}  # a user
    if exporter.is_external:
        event["unmapped"]["findings"] = bucketed(incident.findings)
        return event
    if incident.entity is not None:
        event["unmapped"] |= {"entity": {"type": incident.entity.type, "uid": incident.entity.ref}}
    return event


def is_suspected_breach(incident: Incident) -> bool:
    """Return whether a breach is presumed (45 CFR 164.402(2)): impermissible use is confirmed and not yet ruled out."""
    if incident.breach:
        return incident.breach == "notified"
    return incident.status in BREACH_STATUSES or (incident.touches_records and incident.verdict in TRUE_POSITIVES)


def _base(class_uid: int, activity: int, severity: int, time: int) -> dict[str, Any]:
    return {
        "class_uid": class_uid,
        "category_uid": FINDINGS_CATEGORY,
        "activity_id": activity,
        "type_uid": class_uid * 100 + activity,
        "severity_id": severity,
        "time": time,
    }


def _finding_info(finding: Finding, exporter: Exporter) -> dict[str, Any]:
    seen = exporter.time_of(finding.at)
    title = exporter.title_of(finding.detector)
    return {
        "uid": finding.id,
        "title": title,
        "first_seen_time": seen,
        "last_seen_time": seen,
        "analytic": {
            "type_id": ANALYTIC_TYPES[finding.kind],
            "uid": finding.detector,
            "name": title,
            "version": str(finding.version),
        },
    }


def _labels(rules: Sequence[str]) -> list[str]:
    """Say that it is about patient records, where it is (rules A01 to A30)."""
    return ["PHI"] if any(rule[:1] == "A" and rule[1:2].isdigit() for rule in rules) else []


def _milliseconds(at: float) -> int:
    return round(at * 1000)


def _hour(at: float) -> int:
    """Return the beginning of an instant's hour in milliseconds; 0 where no calendar holds it."""
    return 0 if hour_of(at) == "unknown" else int(at // 3600) * 3_600_000

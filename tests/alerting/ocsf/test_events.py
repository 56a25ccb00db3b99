"""OCSF events: every number by hand from OCSF 1.8.0 and domain.md §5 and §9; an external one holds no token."""

from typing import Any

import msgspec
import pytest

from alerting.incidents import Verdict
from alerting.ocsf.events import Exporter, finding_event, incident_event, is_suspected_breach
from detectors.finding import Entity
from tests.alerting.building import CONSOLE, MONDAY, a_finding, an_incident

HERE = Exporter(product_version="1.2.3", titles={"A09": "Unusual volume of records"}, console_url=CONSOLE)
OUTSIDE = msgspec.structs.replace(HERE, is_external=True)


def test_a_finding_is_a_detection_finding() -> None:
    finding = a_finding("A09", at=MONDAY, severity="high", risk=49.6, ground="event-1")
    finding.alert, finding.incident_id = True, "INC-F73K9Q2M"
    assert finding_event(finding, HERE, recorded_at=MONDAY + 1, is_withdrawn=False) == {
        "class_uid": 2004,
        "category_uid": 2,
        "activity_id": 1,
        "type_uid": 200401,
        "severity_id": 4,
        "time": 1_772_442_843_000,
        "metadata": {
            "version": "1.8.0",
            "product": {"name": "Wardwatch", "vendor_name": "Wardwatch", "version": "1.2.3"},
            "uid": finding.id,
            "logged_time": 1_772_442_844_000,
            "labels": ["PHI"],
        },
        "status_id": 1,
        "is_alert": True,
        "finding_info": {
            "uid": finding.id,
            "title": "Unusual volume of records",
            "desc": "opened 212 different charts in one hour",
            "first_seen_time": 1_772_442_843_000,
            "last_seen_time": 1_772_442_843_000,
            "analytic": {"type_id": 1, "uid": "A09", "name": "Unusual volume of records", "version": "1"},
            "related_events": [{"uid": "event-1"}],
        },
        "risk_level_id": 3,
        "risk_score": 50,
        "resources": [{"type": "user", "uid": "u1:clerk"}],
        "evidences": [{"data": {"features": {"charts": 212.0}, "window": ""}}],
        "unmapped": {"incident_id": "INC-F73K9Q2M", "queue": ""},
    }


def test_a_withdrawn_finding_is_closed() -> None:
    event = finding_event(a_finding(), HERE, recorded_at=MONDAY, is_withdrawn=True)
    assert (event["activity_id"], event["type_uid"], event["status_id"], event["is_alert"]) == (3, 200403, 4, False)


def test_the_end_of_a_finding_is_no_repetition_of_its_beginning() -> None:
    finding = a_finding()
    ids = [
        finding_event(finding, HERE, recorded_at=MONDAY, is_withdrawn=gone)["metadata"]["uid"] for gone in (False, True)
    ]
    assert ids == [finding.id, f"{finding.id}:withdrawn"]


@pytest.mark.parametrize(
    ("status", "activity", "status_id"),
    [
        ("new", 1, 1),
        ("triaged", 2, 2),
        ("investigating", 2, 2),
        ("awaiting_context", 2, 3),
        ("risk_assessment", 2, 2),
        ("resolved", 3, 4),
        ("closed", 3, 5),
        ("merged", 3, 5),
        ("suppressed", 3, 5),
    ],
)
def test_the_status_of_an_incident(status: Any, activity: int, status_id: int) -> None:
    event = incident_event(an_incident(status=status, revision=1 if status == "new" else 2), [], HERE)
    assert (event["activity_id"], event["type_uid"], event["status_id"]) == (activity, 200500 + activity, status_id)


@pytest.mark.parametrize(
    ("severity", "priority", "severity_id"), [("SEV1", 4, 5), ("SEV2", 3, 4), ("SEV3", 2, 3), ("SEV4", 1, 2)]
)
def test_the_severity_of_an_incident(severity: Any, priority: int, severity_id: int) -> None:
    event = incident_event(an_incident(severity=severity), [], HERE)
    assert (event["priority_id"], event["severity_id"]) == (priority, severity_id)


@pytest.mark.parametrize(
    ("verdict", "verdict_id"),
    [
        ("true_positive_malicious", 2),
        ("true_positive_policy", 2),
        ("benign_explained", 5),
        ("false_positive_rule", 1),
        ("false_positive_data", 1),
        ("duplicate", 10),
        ("insufficient_data", 7),
    ],
)
def test_the_verdict_on_an_incident(verdict: Verdict, verdict_id: int) -> None:
    assert incident_event(an_incident(status="resolved", verdict=verdict), [], HERE)["verdict_id"] == verdict_id


def test_an_incident_names_who_works_on_it_and_what_it_holds() -> None:
    finding = a_finding("A09")
    event = incident_event(an_incident(assignee="p.officer", revision=7), [finding], HERE)
    assert event["assignee"] == {"name": "p.officer", "type_id": 1}
    assert event["assignee_group"] == {"name": "fraud and privacy"}
    assert [info["uid"] for info in event["finding_info_list"]] == [finding.id]
    assert event["metadata"]["uid"] == "INC-F73K9Q2M:7"
    assert (event["metadata"]["profiles"], event["metadata"]["correlation_uid"]) == (["incident"], "INC-F73K9Q2M")
    assert event["src_url"] == f"{CONSOLE}/incidents/INC-F73K9Q2M"
    assert event["unmapped"]["entity"] == {"type": "user", "uid": "u1:clerk"}


def test_an_incident_without_findings_still_has_the_list_that_is_required() -> None:
    event = incident_event(an_incident(kind="tripwire", entity=None, rules=("tripwire",)), [], HERE)
    assert event["finding_info_list"] == [{"uid": "INC-F73K9Q2M", "title": "Unusual activity"}]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "investigating"}, False),
        ({"status": "resolved", "verdict": "true_positive_policy"}, True),  # A09 is about records: presumed
        ({"status": "resolved", "verdict": "true_positive_policy", "rules": ("B22",)}, False),
        ({"status": "risk_assessment"}, True),
        ({"status": "closed", "verdict": "true_positive_policy", "breach": "not_breach"}, False),
        ({"status": "closed", "verdict": "true_positive_policy", "breach": "notified"}, True),
    ],
)
def test_a_breach_is_suspected_until_it_is_ruled_out(fields: dict[str, Any], *, expected: bool) -> None:
    assert is_suspected_breach(an_incident(**fields)) is expected


def test_what_leaves_the_house_holds_no_token_no_reason_and_no_exact_time() -> None:
    finding = a_finding("A09", ref="u1:canary", ground="event-canary", reasons=["reason-canary"], at=MONDAY)
    finding.entities.append(Entity("patient", "p1:canary"))
    incident = an_incident(entity=Entity("user", "u1:canary"), key="user:u1:canary")
    events = [
        finding_event(finding, OUTSIDE, recorded_at=MONDAY, is_withdrawn=False),
        incident_event(incident, [finding], OUTSIDE),
    ]
    assert b"canary" not in msgspec.json.encode(events)
    nine = 1_772_442_000_000  # 09:00:00
    assert [event["time"] for event in events] == [nine, nine]
    assert [event["metadata"]["logged_time"] for event in events] == [nine, nine]
    assert events[0]["finding_info"]["first_seen_time"] == nine
    assert (events[1]["start_time"], events[1]["unmapped"]["findings"]) == (nine, "<11")


@pytest.mark.parametrize(
    ("assignee", "shown"),
    [("p.officer", {"name": "p.officer", "type_id": 1}), ("patient Jane Doe born 1970", None), ("", None)],
)
def test_outside_whoever_is_responsible_is_named_by_a_work_name_alone(
    assignee: str, shown: dict[str, Any] | None
) -> None:
    assert incident_event(an_incident(assignee=assignee), [], OUTSIDE).get("assignee") == shown

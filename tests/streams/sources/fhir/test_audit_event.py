"""AuditEvents by hand: who, what, from where, and what is refused."""

import datetime
import hashlib
import io
import json
from typing import Any

import pytest

from detectors.events import Event
from streams.sources.api import Origin, Refused
from streams.sources.fhir import read_fhir
from tests.streams.sources.fhir.samples import ORIGIN, access, agent, audit_event, read, refusal


def coding(code: str) -> dict[str, str]:
    return {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": code}


def test_a_read_has_every_field_that_the_record_has() -> None:
    found = access(audit_event(purposeOfEvent=[{"coding": [{"code": "TREAT"}]}]))
    assert found.action == "read"
    assert found.outcome == "success"
    assert found.occurred_at == datetime.datetime(2026, 3, 2, 14, 14, 3, 500_000, tzinfo=datetime.UTC)
    assert (found.actor.id, found.actor.type) == ("u1001", "human")
    assert found.client is not None
    assert (found.client.ip, found.client.app) == ("10.2.3.4", "portal")
    assert found.patient is not None
    assert found.patient.ref == "p1"
    assert found.resource is not None
    assert (found.resource.type, found.resource.id) == ("Observation", "o1")
    assert found.purpose is not None
    assert found.purpose.code == "TREAT"
    assert found.src is not None
    assert (found.src.system, found.src.format, found.src.originator_id) == ("server", "fhir_auditevent", "a1")


def test_the_period_says_when_it_happened() -> None:
    found = access(audit_event(period={"start": "2026-03-02T14:00:00Z"}))
    assert found.occurred_at == datetime.datetime(2026, 3, 2, 14, tzinfo=datetime.UTC)
    assert found.recorded_at == datetime.datetime(2026, 3, 2, 14, 14, 3, 500_000, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("type_", "subtype", "letter", "outcome", "action"),
    [
        ("rest", "vread", "R", "0", "read"),
        ("rest", "search-type", "E", "0", "query"),
        ("rest", "patch", "U", "0", "update"),
        ("rest", "operation", "D", "0", "delete"),
        ("110114", "110122", "E", "0", "login"),
        ("110114", "110122", "E", "8", "login_failed"),
        ("110114", "110123", "E", "0", "logout"),
        ("110113", "110127", "E", "0", "break_glass_start"),
        ("110113", "110138", "E", "0", "break_glass_end"),
        ("110113", "110133", "E", "0", "audit_tamper"),
        ("110113", "110136", "E", "0", "privilege_change"),
        ("110113", "AuthZ-Consent", "E", "8", "read"),
        ("110101", "", "R", "0", "read"),
        ("110106", "disclose", "R", "0", "disclose"),
        ("110106", "ITI-32", "R", "0", "export"),
        ("110107", "disclose", "C", "0", "import"),
        ("110110", "ITI-8", "U", "0", "update"),
        ("object", "", "C", "0", "create"),
        ("report", "", "E", "0", "print"),
    ],
)
def test_the_codes_say_what_was_done(type_: str, subtype: str, letter: str, outcome: str, action: str) -> None:
    record = audit_event(type=coding(type_), subtype=[coding(subtype)], action=letter, outcome=outcome)
    assert access(record).action == action


def test_a_look_into_the_audit_log_is_marked() -> None:
    """Rules tell the audit team from others by it (A27)."""
    opened = access(audit_event(type=coding("110101"), subtype=[], action="R")).resource
    assert opened is not None
    assert opened.category == "audit_log"
    other = access(audit_event()).resource
    assert other is None or other.category == ""


@pytest.mark.parametrize(
    ("changes", "reason", "place"),
    [
        ({"type": coding("110100"), "subtype": [coding("110121")]}, "not_an_access", "application start or stop"),
        ({"type": coding("110113"), "subtype": [coding("110132")]}, "not_an_access", "no access or session"),
        ({"type": coding("999"), "subtype": [], "action": "E"}, "unknown_event_type", "neither type nor action"),
        ({"action": "Z"}, "unknown_code", "$.action"),
        ({"outcome": "9"}, "unknown_code", "$.outcome"),
        ({"recorded": "2026-03-02"}, "impossible_date", "$.recorded"),
        ({"recorded": "2026-03-02T09:14:03"}, "impossible_date", "$.recorded"),
        ({"recorded": "9999-12-31T00:00:00Z"}, "impossible_date", "recorded"),
        ({"period": {"start": "yesterday"}}, "impossible_date", "period.start"),
        ({"agent": []}, "missing_field", "$.agent"),
        ({"agent": [{"who": {"display": "x"}}]}, "missing_field", "$.agent[0].requestor"),
        ({"agent": [{"requestor": True}]}, "missing_actor", "agent"),
        ({"source": None}, "missing_field", "source"),
        ({"entity": [{"what": {"reference": "Patient/" + "9" * 129}, "role": {"code": "1"}}]}, "too_long", "entity"),
        ({"entity": {"what": {}}}, "wrong_type", "$.entity"),
        ({"id": "a\x00b"}, "control_character", "NUL"),
    ],
)
def test_what_is_wrong_is_refused_with_the_place(changes: dict[str, Any], reason: str, place: str) -> None:
    found_reason, found_place = refusal(audit_event(**changes))
    assert found_reason == reason
    assert place in found_place


def test_never_the_first_agent_but_the_one_who_requested() -> None:
    agents = [
        agent("110150", who={"display": "app"}, network={"address": "10.9.9.9", "type": "2"}),
        agent("AUT", who={"identifier": {"value": "author"}}),
        agent("x", who={"identifier": {"value": "asked"}}, requestor=True),
    ]
    found = access(audit_event(agent=agents))
    assert found.actor.id == "asked"
    assert found.client is not None
    assert (found.client.ip, found.client.app) == ("10.9.9.9", "app")
    assert access(audit_event(agent=agents[:2])).actor.id == "author"
    by_application = access(audit_event(agent=agents[:1]))
    assert (by_application.actor.id, by_application.actor.type) == ("app", "service")


def test_of_two_requestors_the_user_acted() -> None:
    agents = [
        agent("110152", who={"display": "app"}, requestor=True),
        agent("humanuser", who={"identifier": {"value": "u7"}}, requestor=True),
    ]
    assert access(audit_event(agent=agents)).actor.id == "u7"


def test_a_requestor_without_a_name_leaves_the_client() -> None:
    agents = [agent("x", requestor=True), agent("110152", who={"display": "portal"})]
    assert access(audit_event(agent=agents)).actor.id == "portal"


def test_an_export_of_many_patients_is_an_access_to_each_and_one_export_of_records() -> None:
    patients: list[dict[str, Any]] = [
        {"what": {"reference": f"Patient/p{n}"}, "role": {"code": "1"}} for n in (1, 2, 3, 2)
    ]
    patients[0]["detail"] = [{"type": "records", "valueString": "40"}]
    items = read(audit_event(type=coding("110106"), subtype=[], entity=patients))
    events = [item for item in items if isinstance(item, Event)]
    refs = [getattr(getattr(event.data, "patient", None), "ref", None) for event in events]
    assert refs == ["p1", "p2", "p3"]
    assert len({event.id for event in events}) == 3
    volumes = [getattr(event.data, "volume", None) for event in events]
    assert [volume.records if volume else 0 for volume in volumes] == [40, 0, 0]


def test_a_query_is_kept_as_a_hash_and_a_count() -> None:
    entity = {"role": {"code": "24"}, "query": "R0VU", "detail": [{"type": "result_count", "valueString": "12"}]}
    found = access(audit_event(entity=[entity]))
    assert found.query is not None
    assert found.query.sha256 == hashlib.sha256(b"GET").hexdigest()
    assert found.query.result_count == 12
    assert found.patient is None


def test_labels_up_to_normal_are_not_sensitive() -> None:
    labels = [{"coding": [{"code": "N"}]}, {"coding": [{"code": "PSY"}, {"code": "R"}]}]
    found = access(audit_event(entity=[{"what": {"reference": "List/1"}, "securityLabel": labels}]))
    assert found.resource is not None
    assert found.resource.sensitivity == ["PSY", "R"]


def test_a_label_is_a_coding_in_r4() -> None:
    labels = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}, {"code": "N"}]
    found = access(audit_event(entity=[{"what": {"reference": "List/1"}, "securityLabel": labels}]))
    assert found.resource is not None
    assert found.resource.sensitivity == ["PSY"]


def test_emergency_access_is_known_by_its_purpose() -> None:
    user = agent("IRCP", who={"display": "u"}, requestor=True, purposeOfUse=[{"coding": [{"code": "BTG"}]}])
    found = access(audit_event(agent=[user]))
    assert found.break_glass is not None
    assert found.break_glass.flag


def test_the_patient_of_a_read_of_the_patient_itself() -> None:
    found = access(audit_event(entity=[{"what": {"reference": "https://ehr/fhir/Patient/p9/_history/3"}}]))
    assert found.patient is not None
    assert found.patient.ref == "p9"
    assert found.resource is not None
    assert (found.resource.type, found.resource.id) == ("Patient", "p9")


def request(number: str) -> dict[str, Any]:
    return {"type": {"code": "XrequestId"}, "what": {"identifier": {"value": number}}}


def ids(*records: dict[str, Any], source: str = ORIGIN.source) -> list[str]:

    payload = "\n".join(map(json.dumps, records)).encode()
    items = read_fhir(io.BytesIO(payload), Origin(source, "f"))
    return [item.id for item in items if isinstance(item, Event)]


def test_two_sources_report_one_request_as_one_event_for_a_day() -> None:
    entities = audit_event()["entity"]
    shared = audit_event(entity=[*entities, request("r1")])
    (server,) = ids(shared, source="urn:server")
    (client,) = ids(audit_event(id="other", entity=[*entities, request("r1")]), source="urn:client")
    assert server == client
    differing = [
        audit_event(entity=[*entities, request("r2")]),
        audit_event(entity=[request("r1")]),
        audit_event(entity=[*entities, request("r1")], subtype=[{"code": "update"}]),
        audit_event(entity=[*entities, request("r1")], recorded="2026-03-03T09:14:03Z"),
    ]
    assert len({server, *ids(*differing)}) == 5


def test_ids_are_those_of_the_record_and_its_source_whatever_the_file() -> None:
    assert ids(audit_event()) == ids(audit_event(outcomeDesc="said differently"))
    assert ids(audit_event()) != ids(audit_event(id="a2"))
    assert ids(audit_event()) != ids(audit_event(), source="urn:elsewhere")


def test_a_record_without_an_id_is_known_by_its_content_not_by_its_spacing() -> None:
    record = audit_event(id=None)
    turned = dict(reversed(record.items()))
    assert ids(record) == ids(turned)
    assert ids(record) != ids(audit_event(id=None, recorded="2026-03-02T14:14:04Z"))


def test_nothing_shown_of_a_refusal_is_a_value() -> None:
    (item,) = read(audit_event(action="SECRET", id="SECRET"))
    assert isinstance(item, Refused)
    assert "SECRET" not in f"{item!r}{item.reason}{item.place}"
    assert b"SECRET" in item.payload

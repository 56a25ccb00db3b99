"""Accesses as AuditEvents, as IHE BALP has them: not the user has a network, their application has (domain.md §1.6)."""

from typing import Any

from detectors.events import AccessEvent
from detectors.events.access import Action, Actor, Client, Resource
from streams.simulator.formats.audit_codes import DICOM, OUTCOMES, Said, written

_REST, _LIFECYCLE, _TYPE = "rest", "iso-21089-lifecycle", "audit-event-type"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_SYSTEMS = {
    _REST: f"{_TERMINOLOGY}/{_TYPE}",
    _LIFECYCLE: f"{_TERMINOLOGY}/iso-21089-lifecycle",
}
_DCM = "http://dicom.nema.org/resources/ontology/DCM"

_OWN: dict[Action, tuple[str, str, str]] = {
    "read": (_REST, "read", "R"),
    "query": (_REST, "search-type", "E"),
    "create": (_REST, "create", "C"),
    "update": (_REST, "update", "U"),
    "delete": (_REST, "delete", "D"),
    "print": (_LIFECYCLE, "report", "R"),
    "disclose": (_LIFECYCLE, "disclose", "R"),
}
"""Actions that FHIR has words of its own for: an interaction of its REST interface, or a part of a record's life."""

_WHO = {"human": "Practitioner", "service": "Device", "patient": "Patient", "proxy": "RelatedPerson"}
"""Type of an actor to the type of resource that `who` refers to; a vendor is none of them."""


def audit_event(access: AccessEvent, number: str) -> dict[str, Any]:
    """Return the resource of an access whose action can be said. `number` is its id."""
    resource: dict[str, Any] = {"resourceType": "AuditEvent", "id": number}
    if access.action in _OWN:
        kind, code, letter = _OWN[access.action]
        is_rest = kind == _REST
        resource["type"] = {"system": _SYSTEMS[kind], "code": "rest" if is_rest else code}
        if is_rest:
            resource["subtype"] = [{"system": "http://hl7.org/fhir/restful-interaction", "code": code}]
    else:
        said: Said = DICOM[access.action]
        letter = said.letter
        resource["type"] = {"system": _DCM, "code": said.event, "display": said.event_text}
        if said.type:
            resource["subtype"] = [{"system": _DCM, "code": said.type, "display": said.type_text}]
    resource["action"] = letter
    resource["period"] = {"start": written(access.occurred_at)}
    resource["recorded"] = written(access.recorded_at or access.occurred_at)
    resource["outcome"] = OUTCOMES[access.outcome]
    if access.purpose and access.purpose.code:
        purpose = {"system": f"{_TERMINOLOGY}/v3-ActReason", "code": access.purpose.code}
        resource["purposeOfEvent"] = [{"coding": [purpose]}]
    resource["agent"] = _agents(access.actor, access.client or Client())
    resource["source"] = {"observer": {"display": "simulated-ehr"}}
    entities = _entities(access)
    if entities:
        resource["entity"] = entities
    return resource


def _agents(actor: Actor, client: Client) -> list[dict[str, Any]]:
    who: dict[str, Any] = {"identifier": {"value": actor.id}}
    if actor.type in _WHO:
        who["type"] = _WHO[actor.type]
    user: dict[str, Any] = {
        "type": {"coding": [{"system": f"{_TERMINOLOGY}/v3-ParticipationType", "code": "IRCP"}]},
        "who": who,
        "requestor": True,
    }
    if actor.roles:
        user["role"] = [{"coding": [{"system": "urn:wardwatch:simulated-roles", "code": role}]} for role in actor.roles]
    found = [user]
    at = user
    if client.app:
        at = {
            "type": {"coding": [{"system": _DCM, "code": "110150", "display": "Application"}]},
            "who": {"identifier": {"value": client.app}},
            "requestor": False,
        }
        found.append(at)
    if client.ip or client.workstation:
        at["network"] = {"address": client.ip or client.workstation, "type": "2" if client.ip else "1"}
    return found


def _entities(access: AccessEvent) -> list[dict[str, Any]]:
    """Return the patient and what was opened; counts stand with the first."""
    found: list[dict[str, Any]] = []
    if access.patient:
        found.append(
            {
                "what": {"type": "Patient", "identifier": {"value": access.patient.ref}},
                "type": {"system": f"{_TERMINOLOGY}/audit-entity-type", "code": "1"},
                "role": {"system": f"{_TERMINOLOGY}/object-role", "code": "1"},
            }
        )
    details = _details(access)
    if access.resource or (details and not found):
        found.append(_opened(access.resource or Resource()))
    if details:
        found[0]["detail"] = details
    return found


def _opened(resource: Resource) -> dict[str, Any]:
    entity: dict[str, Any] = {
        "type": {"system": "http://hl7.org/fhir/resource-types", "code": resource.type or "DomainResource"},
        "role": {"system": f"{_TERMINOLOGY}/object-role", "code": "4"},
    }
    if resource.id:
        entity["what"] = {"type": resource.type, "identifier": {"value": resource.id}}
    if resource.sensitivity:
        entity["securityLabel"] = [
            {"system": f"{_TERMINOLOGY}/v3-ActCode", "code": code} for code in resource.sensitivity
        ]
    return entity


def _details(access: AccessEvent) -> list[dict[str, str]]:
    volume, query = access.volume, access.query
    counts = [("records", volume.records), ("bytes", volume.bytes), ("pages", volume.pages)] if volume else []
    if query and query.result_count is not None:
        counts.append(("result_count", query.result_count))
    return [{"type": name, "valueString": str(count)} for name, count in counts if count or name == "result_count"]

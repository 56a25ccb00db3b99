"""What the tests of FHIR share: the reference data, and records by hand."""

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest

from detectors.events import AccessEvent, BillingTransaction, Event
from detectors.events.envelope import decode_structured, encode_structured
from streams.sources.api import Item, Origin, Refused
from streams.sources.fhir import read_fhir
from streams.sources.reasons import SENTENCES

DATA = Path(__file__).parents[5] / "shared" / "data"
ORIGIN = Origin(source="urn:wardwatch:src:fhir-test", file_id="file-1")


def folder(name: str) -> Path:
    """Return a folder of the reference data, or skip the test."""
    path = DATA / name
    if not path.is_dir():
        pytest.skip(f"the public reference data are not here: ../shared/data/{name} is no folder")
    return path


def read(payload: bytes | dict[str, Any]) -> list[Item]:
    """Read bytes, or a resource; every event is one that the canonical decoder accepts unchanged."""
    items = list(read_fhir(io.BytesIO(payload if isinstance(payload, bytes) else json.dumps(payload).encode()), ORIGIN))
    for item in items:
        if isinstance(item, Event):
            assert decode_structured(encode_structured(item)) == (item, 0)
        else:
            assert item.reason in SENTENCES, item.reason
    return items


def access(payload: bytes | dict[str, Any]) -> AccessEvent:
    """Read what is one access."""
    (item,) = read(payload)
    assert isinstance(item, Event), item
    assert isinstance(item.data, AccessEvent)
    return item.data


def transaction(payload: bytes | dict[str, Any]) -> BillingTransaction:
    """Read what is one transaction."""
    (item,) = read(payload)
    assert isinstance(item, Event), item
    assert isinstance(item.data, BillingTransaction)
    return item.data


def refusal(payload: bytes | dict[str, Any]) -> tuple[str, str]:
    """Read what is refused: return reason and place."""
    (item,) = read(payload)
    assert isinstance(item, Refused)
    return item.reason, item.place


def audit_event(**changes: Any) -> dict[str, Any]:
    """A BALP record of a read by a user through an application; `changes` replace whole elements, None removes one."""
    record: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": "a1",
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
        "subtype": [{"system": "http://hl7.org/fhir/restful-interaction", "code": "read"}],
        "action": "R",
        "recorded": "2026-03-02T09:14:03.500-05:00",
        "outcome": "0",
        "agent": [
            agent("110153", who={"reference": "Device/server"}, network={"address": "http://ehr/fhir", "type": "5"}),
            agent("110152", who={"display": "portal"}, network={"address": "10.2.3.4", "type": "2"}),
            agent("IRCP", who={"identifier": {"value": "u1001"}}, requestor=True),
        ],
        "source": {"observer": {"reference": "Device/server"}},
        "entity": [
            {"what": {"reference": "Patient/p1"}, "type": {"code": "1"}, "role": {"code": "1"}},
            {"what": {"reference": "Observation/o1"}, "type": {"code": "2"}, "role": {"code": "4"}},
        ],
    }
    changed = copy.deepcopy(record | changes)
    return {name: value for name, value in changed.items() if value is not None}


def agent(type_: str, *, requestor: bool = False, **more: Any) -> dict[str, Any]:
    """An agent of an AuditEvent."""
    return {"type": {"coding": [{"code": type_}]}, "requestor": requestor, **more}


def claim(**changes: Any) -> dict[str, Any]:
    """A professional claim of one line; `changes` replace whole elements, None removes one."""
    record: dict[str, Any] = {
        "resourceType": "Claim",
        "id": "c1",
        "identifier": [{"value": "PCN-1"}],
        "status": "active",
        "type": {"coding": [{"code": "professional"}]},
        "use": "claim",
        "patient": {"reference": "Patient/p1"},
        "created": "2026-03-02",
        "provider": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}},
        "priority": {"coding": [{"code": "normal"}]},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/v1"}}],
        "item": [
            {
                "sequence": 1,
                "productOrService": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "99213"}]},
                "servicedDate": "2026-02-27",
                "net": {"value": 120.5, "currency": "USD"},
            }
        ],
    }
    changed = copy.deepcopy(record | changes)
    return {name: value for name, value in changed.items() if value is not None}

"""Parcels with accesses, as the intake and the stages write them."""

from typing import Any

import msgspec
from msgspec import Raw

from detectors.visit import INTAKE, Batch, Stop, Visit, encode_parcel
from streams.archive import ACCESS, PATIENT_CONTEXT

AT = 1_772_442_843.0


def an_access(event_id: str = "e1", patient: str = "p1:jane", **changes: Any) -> Visit:
    """A visit of an access at the patient's stage; `at_user` puts it at the user's, with `notes`."""
    at_user, notes = changes.pop("at_user", False), changes.pop("notes", {})
    data: dict[str, Any] = {
        "action": "read",
        "occurred_at": "2026-03-02T09:14:03Z",
        "actor": {"id": "u1:clerk", "dept": "ICU", "roles": ["nurse", "other"]},
        "patient": {"ref": patient, "age_band": "40-49"},
        "resource": {"type": "chart", "sensitivity": ["HIV"]},
        "purpose": {"code": "TREAT"},
    }
    return _visit(
        event_id, ACCESS, data | changes, [Stop("patient", patient), Stop("user", "u1:clerk")], notes, at=int(at_user)
    )


def a_merge(patient: str, into: str | None) -> Visit:
    """A visit of a patient's record that goes on under another number."""
    data = {"patient_ref": patient, "merged_into": into}
    return _visit("m1", PATIENT_CONTEXT, data, [Stop("patient", patient)], {})


def a_parcel(*visits: Visit) -> bytes:
    """The value of a record that holds visits."""
    return encode_parcel([Batch(INTAKE, 0, list(visits))])


def _visit(
    event_id: str,
    type_name: str,
    data: dict[str, Any],
    stops: list[Stop],
    notes: dict[str, Any],
    *,
    at: int = 0,
) -> Visit:
    return Visit(
        id=event_id,
        source="urn:ehr",
        type=type_name,
        time=AT,
        received=AT + 1,
        data=Raw(msgspec.msgpack.encode(data)),
        stops=stops,
        at=at,
        notes=notes,
    )

"""Source records by hand: CloudEvents as other systems send them, with raw identifiers."""

import copy
import json
from typing import Any

from streams.records import SourceRecord
from streams.tokens import Tokeniser

KEY = bytes(range(32))
SOURCE = "urn:wardwatch:src:ehr-test"
ACCESS = "org.wardwatch.phi.access.v1"
BILLING = "org.wardwatch.billing.transaction.v1"
AT = 1772442843.0  # 2026-03-02T09:14:03Z, in hour 492345 of the epoch
HOUR = 492345


def tokeniser() -> Tokeniser:
    return Tokeniser({1: KEY}, 1)


def access(**changes: Any) -> dict[str, Any]:
    """The data of an access; `changes` replace whole fields."""
    data: dict[str, Any] = {
        "action": "read",
        "occurred_at": "2026-03-02T09:14:03Z",
        "actor": {"id": "u1001", "dept": "ICU", "roles": ["nurse"], "last_name_tok": "Smith"},
        "client": {"ip": "10.2.3.4", "device_id": "WS-0042"},
        "patient": {"ref": "MRN0012345", "last_name_tok": "Jones"},
        "resource": {"type": "chart", "id": "doc-1", "encounter_ref": "enc-1"},
    }
    return copy.deepcopy(data | changes)


def payment(**changes: Any) -> dict[str, Any]:
    """The data of a card payment at a desk."""
    data: dict[str, Any] = {
        "kind": "patient_payment",
        "occurred_at": "2026-03-02T09:14:03Z",
        "patient": {"ref": "MRN0012345"},
        "amounts": {"paid": 2500},
        "payment": {"method": "card", "card": {"token": "tok-77", "bin": "411111", "last4": "1111"}},
        "user": {"ref": "u2002", "role": "cashier"},
    }
    return copy.deepcopy(data | changes)


def event(data: Any, *, type_name: str = ACCESS, **changes: Any) -> dict[str, Any]:
    """A CloudEvent in structured mode."""
    return {
        "specversion": "1.0",
        "id": "e1",
        "source": SOURCE,
        "type": type_name,
        "time": "2026-03-02T09:14:03Z",
        "data": data,
    } | changes


def line(data: Any, *, type_name: str = ACCESS, **changes: Any) -> bytes:
    """A CloudEvent in structured mode as one JSON line."""
    return json.dumps(event(data, type_name=type_name, **changes)).encode()


def record(value: bytes | None, *, offset: int = 0, at: float = AT, **headers: bytes) -> SourceRecord:
    """A record of `access.events`, partition 3."""
    named = {name.replace("content_type", "content-type"): text for name, text in headers.items()}
    return SourceRecord("access.events", 3, offset, at, value, named)


def binary(data: Any, *, offset: int = 0, at: float = AT, **headers: bytes | None) -> SourceRecord:
    """A CloudEvent in binary mode; a header given as None is left out."""
    usual: dict[str, bytes | None] = {
        "ce_specversion": b"1.0",
        "ce_id": b"e1",
        "ce_source": SOURCE.encode(),
        "ce_type": ACCESS.encode(),
        "ce_time": b"2026-03-02T09:14:03Z",
        "content_type": b"application/json",
    }
    kept = {
        name.replace("content_type", "content-type"): text
        for name, text in (usual | headers).items()
        if text is not None
    }
    return SourceRecord("access.events", 3, offset, at, json.dumps(data).encode(), kept)

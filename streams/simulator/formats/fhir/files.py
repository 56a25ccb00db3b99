"""The FHIR files of a simulated hospital: one file of NDJSON for each type of resource, as bulk data come."""

from pathlib import Path
from typing import Any

import msgspec

from detectors.events import AccessEvent, BillingTransaction
from streams.simulator.formats.audit_codes import DICOM
from streams.simulator.formats.fhir.audit_event import audit_event
from streams.simulator.formats.fhir.benefit import benefit
from streams.simulator.formats.fhir.claim import claim_resource
from streams.simulator.formats.fhir.invoice import invoice
from streams.simulator.formats.sheet import Sheet
from streams.simulator.record import Simulated

_FILES = ("AuditEvent", "Claim", "ExplanationOfBenefit", "Invoice")
_ID_LENGTH = 64
"""The longest id of a resource (https://hl7.org/fhir/R4/datatypes.html#id)."""


class FhirFiles:
    """Writes accesses, claims, remittances and write-offs; one that comes twice is written twice, the same."""

    def __init__(self, folder: Path) -> None:
        self._sheets = {name: Sheet(folder / f"{name}.ndjson") for name in _FILES}

    @property
    def sheets(self) -> list[Sheet]:
        """Return the files."""
        return list(self._sheets.values())

    def write(self, item: Simulated) -> None:
        """Write what there is a resource for."""
        resource = _resource(item)
        if resource is not None:
            sheet = self._sheets[resource["resourceType"]]
            sheet.count(item)
            sheet.write(_encoder.encode(resource) + b"\n")

    def close(self) -> None:
        """Close the files."""
        for sheet in self._sheets.values():
            sheet.close()


def _resource(item: Simulated) -> dict[str, Any] | None:
    data, ident = item.event.data, item.event.id[:_ID_LENGTH]
    if isinstance(data, AccessEvent):
        return audit_event(data, ident) if data.action in DICOM else None
    if not isinstance(data, BillingTransaction):
        return None
    if data.kind in ("claim_submitted", "claim_replaced", "claim_voided"):
        return claim_resource(data, ident)
    if data.kind in ("remit_paid", "remit_denied", "remit_reversed"):
        return benefit(data, ident)
    return invoice(data, ident) if data.kind == "write_off" else None


_encoder = msgspec.json.Encoder(decimal_format="number")

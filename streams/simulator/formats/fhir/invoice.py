"""Write-offs as invoices that are reduced (https://hl7.org/fhir/R4/invoice.html)."""

from typing import Any

from detectors.events import BillingTransaction
from streams.simulator.formats.audit_codes import written
from streams.simulator.formats.fhir.described import patient
from streams.simulator.formats.fhir.words import money


def invoice(transaction: BillingTransaction, ident: str) -> dict[str, Any]:
    """Return the Invoice of a write-off: nothing was paid on it, and all of it was deducted."""
    adjusted = transaction.amounts.adjustment if transaction.amounts else 0
    resource: dict[str, Any] = {
        "resourceType": "Invoice",
        "id": ident,
        "contained": [patient(transaction.patient)],
        "status": "issued",
        "subject": {"reference": "#patient"},
        "date": written(transaction.occurred_at),
        "totalPriceComponent": [{"type": "deduction", "amount": money(-adjusted, transaction.currency)}],
    }
    if transaction.claim and transaction.claim.pcn:
        resource["identifier"] = [{"value": transaction.claim.pcn}]
    if transaction.user:
        resource["participant"] = [{"actor": {"type": "Practitioner", "identifier": {"value": transaction.user.ref}}}]
    return resource

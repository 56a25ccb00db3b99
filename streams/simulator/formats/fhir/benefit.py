"""Remittances as ExplanationOfBenefit with the adjudications of CARIN Blue Button (domain.md §1.5)."""

from typing import Any

from detectors.events import BillingTransaction
from detectors.events.billing import Claim, Line, Payment
from streams.simulator.formats.audit_codes import written
from streams.simulator.formats.fhir.claim import shared
from streams.simulator.formats.fhir.words import C4BB, CARC, RARC, TERMINOLOGY, concept, money

_ADJUDICATION = f"{TERMINOLOGY}/adjudication"
_PATIENT_OWES = "memberliability"


def benefit(transaction: BillingTransaction, ident: str) -> dict[str, Any]:
    """Return the ExplanationOfBenefit of a remittance."""
    resource = shared(transaction, "ExplanationOfBenefit", ident)
    about, payment = transaction.claim or Claim(), transaction.payment or Payment()
    resource["status"] = "cancelled" if transaction.kind == "remit_reversed" else "active"
    resource["outcome"] = "complete"
    resource["created"] = written(transaction.occurred_at)
    resource["insurer"] = {"identifier": {"value": payment.payer_id or "unknown"}}
    if about.payer_ccn:
        resource["identifier"] = [
            {"type": concept(f"{C4BB}IdentifierType", "uc"), "value": about.payer_ccn},
        ]
    information = resource.setdefault("supportingInfo", [])
    information.append(
        {
            "sequence": len(information) + 1,
            "category": concept(f"{C4BB}SupportingInfoType", "patientaccountnumber"),
            "valueString": about.pcn,
        }
    )
    for item, line in zip(resource.get("item", ()), transaction.lines, strict=True):
        item["adjudication"] = _adjudication(line, transaction.currency)
    amounts = transaction.amounts
    if amounts:
        resource["total"] = [
            {"category": _category(name), "amount": money(cents, transaction.currency)}
            for name, cents in (
                ("submitted", amounts.charge),
                ("eligible", amounts.allowed),
                ("benefit", amounts.paid),
                (_PATIENT_OWES, amounts.patient_resp),
            )
        ]
        resource["payment"] = {
            "amount": money(amounts.paid, transaction.currency),
            **({"date": f"{payment.effective}"} if payment.effective else {}),
            **({"identifier": {"value": payment.trace}} if payment.trace else {}),
        }
    return resource


def _category(name: str) -> dict[str, Any]:
    return concept(f"{C4BB}Adjudication" if name == _PATIENT_OWES else _ADJUDICATION, name)


def _adjudication(line: Line, currency: str) -> list[dict[str, Any]]:
    found = [
        {"category": _category(name), "amount": money(cents, currency)}
        for name, cents in (("eligible", line.allowed), ("benefit", line.paid), (_PATIENT_OWES, line.patient_resp))
    ]
    found += [
        {
            "category": concept(f"{C4BB}AdjudicationDiscriminator", "adjustmentreason"),
            "reason": concept(CARC, one.carc),
            "amount": money(one.amount, currency),
        }
        for one in line.adjustments
    ]
    remarks = [{"category": {"text": "remark"}, "reason": concept(RARC, remark)} for remark in line.remarks]
    return found + remarks

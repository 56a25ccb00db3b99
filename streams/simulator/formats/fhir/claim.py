"""Claims and remittances as Claim and ExplanationOfBenefit, who they name contained in them (domain.md §1.5)."""

from typing import Any

from detectors.events import BillingTransaction
from detectors.events.billing import Claim, Line, Party
from streams.simulator.formats.audit_codes import written
from streams.simulator.formats.fhir.described import coverage, organisation, patient, practitioner
from streams.simulator.formats.fhir.words import (
    C4BB,
    HCPCS,
    ICD,
    NUBC_REVENUE,
    TERMINOLOGY,
    TYPE_OF_BILL,
    concept,
    money,
    number,
)

_ROLES = {
    "rendering": "rendering",
    "referring": "referring",
    "ordering": "prescribing",
    "supervising": "supervising",
    "attending": "attending",
    "operating": "operating",
}
"""Party of a transaction to its role (C4BBClaimCareTeamRole)."""

_DIAGNOSIS_TYPES = {
    "principal": "principal",
    "admitting": "admitting",
    "external_cause": "externalcauseofinjury",
    "reason_for_visit": "patientreasonforvisit",
}
_NOT_APPLICABLE = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "not-applicable"}]
}
"""For a product or service that a line bills by its revenue code alone: FHIR requires the element."""


def claim_resource(transaction: BillingTransaction, ident: str) -> dict[str, Any]:
    """Return the Claim of a claim submitted, replaced or voided."""
    resource = shared(transaction, "Claim", ident)
    about = transaction.claim or Claim()
    resource["status"] = "cancelled" if transaction.kind == "claim_voided" else "active"
    resource["priority"] = concept(f"{TERMINOLOGY}/processpriority", "normal")
    resource["identifier"] = [{"value": about.pcn}]
    resource["created"] = written(transaction.occurred_at)
    if transaction.amounts:
        resource["total"] = money(transaction.amounts.charge, transaction.currency)
    return resource


def shared(transaction: BillingTransaction, name: str, ident: str) -> dict[str, Any]:
    """Return what a Claim and an ExplanationOfBenefit share."""
    about = transaction.claim or Claim()
    contained = [patient(transaction.patient), coverage(transaction.member)]
    contained.append(organisation("billing", transaction.billing or Party()))
    team = [(field, party) for field in _ROLES if (party := getattr(transaction, field)) is not None]
    contained += [practitioner(field, party) for field, party in team]
    resource: dict[str, Any] = {
        "resourceType": name,
        "id": ident,
        "contained": contained,
        "type": concept(f"{TERMINOLOGY}/claim-type", about.type),
        "use": "claim",
        "patient": {"reference": "#patient"},
        "provider": {"reference": "#billing"},
        "insurance": [
            {
                **({"sequence": 1} if name == "Claim" else {}),
                "focal": True,
                "coverage": {"reference": "#coverage"},
                **({"preAuthRef": [about.auth]} if about.auth else {}),
            }
        ],
    }
    if about.from_:
        resource["billablePeriod"] = {"start": f"{about.from_}", "end": f"{about.through or about.from_}"}
    if about.original_ref:
        resource["related"] = [
            {
                "relationship": concept(f"{TERMINOLOGY}/ex-relatedclaimrelationship", "prior"),
                "reference": {"value": about.original_ref},
            }
        ]
    if team:
        resource["careTeam"] = [_member(number, field, party) for number, (field, party) in enumerate(team, 1)]
    information = _supporting(about)
    if information:
        resource["supportingInfo"] = information
    if about.dx:
        resource["diagnosis"] = [
            {
                "sequence": one.seq,
                "diagnosisCodeableConcept": concept(ICD.get(one.system, one.system), one.code),
                **_type_of_diagnosis(one.role),
                **({"onAdmission": concept(C4BB, one.poa)} if one.poa else {}),
            }
            for one in about.dx
        ]
    places = {party.npi: place for place, (_, party) in enumerate(team, 1)}
    if transaction.lines:
        resource["item"] = [_item(line, about, places, transaction.currency) for line in transaction.lines]
    return resource


def _type_of_diagnosis(role: str) -> dict[str, Any]:
    code = _DIAGNOSIS_TYPES.get(role)
    return {"type": [concept(f"{TERMINOLOGY}/ex-diagnosistype", code)]} if code else {}


def _member(place: int, field: str, party: Party) -> dict[str, Any]:
    member = {
        "sequence": place,
        "provider": {"reference": f"#{field}"},
        "role": concept(f"{C4BB}ClaimCareTeamRole", _ROLES[field]),
    }
    if party.taxonomy:
        member["qualification"] = concept("http://nucc.org/provider-taxonomy", party.taxonomy)
    return member


def _supporting(about: Claim) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def add(category: str, **values: object) -> None:
        found.append({"sequence": len(found) + 1, "category": concept(f"{C4BB}SupportingInfoType", category), **values})

    if about.type == "institutional":
        add("typeofbill", code=concept(TYPE_OF_BILL, f"0{about.facility_code}{about.frequency}"))
    period = {"start": about.admit_at, "end": about.discharge_at}
    if any(period.values()):
        add("admissionperiod", timingPeriod={end: written(moment) for end, moment in period.items() if moment})
    for category, code in (
        ("admtype", about.admission_type),
        ("discharge-status", about.discharge_status),
        ("drg", about.drg),
    ):
        if code:
            add(category, code=concept(C4BB, code))
    return found


def _item(line: Line, about: Claim, places: dict[str, int], currency: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "sequence": line.n,
        "productOrService": concept(HCPCS, line.code) if line.code else _NOT_APPLICABLE,
        "quantity": {"value": number(line.units)},
        "net": money(line.charge, currency),
    }
    if line.rendering_npi in places:
        item["careTeamSequence"] = [places[line.rendering_npi]]
    if line.dx_ptr:
        item["diagnosisSequence"] = line.dx_ptr
    if line.revenue:
        item["revenue"] = concept(NUBC_REVENUE, line.revenue)
    if line.modifiers:
        item["modifier"] = [concept(HCPCS, modifier) for modifier in line.modifiers]
    if line.dos_from:
        if line.dos_to in (None, line.dos_from):
            item["servicedDate"] = f"{line.dos_from}"
        else:
            item["servicedPeriod"] = {"start": f"{line.dos_from}", "end": f"{line.dos_to}"}
    if line.pos or about.pos:
        item["locationCodeableConcept"] = concept(
            "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
            line.pos or about.pos,
        )
    return item

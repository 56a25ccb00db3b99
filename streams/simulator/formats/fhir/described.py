"""Who a claim names, as contained resources: patient, coverage, organisation, practitioner."""

from typing import Any

from detectors.events.billing import BilledPatient, Member, Party
from streams.simulator.formats.fhir.words import NPI, TERMINOLOGY, concept

_IDENTIFIERS = f"{TERMINOLOGY}/v2-0203"
_SEXES = {"F": "female", "M": "male", "U": "unknown"}


def patient(about: BilledPatient | None) -> dict[str, Any]:
    """Return the patient, `#patient`. Of the address are known the state and three digits of the postal code."""
    resource: dict[str, Any] = {"resourceType": "Patient", "id": "patient"}
    if about is None:
        return resource
    resource["identifier"] = [{"type": concept(_IDENTIFIERS, "MR"), "value": about.ref}]
    if about.sex:
        resource["gender"] = _SEXES[about.sex]
    if about.birth_date:
        resource["birthDate"] = f"{about.birth_date}"
    if about.death_date:
        resource["deceasedDateTime"] = f"{about.death_date}"
    address = {"state": about.state, "postalCode": about.zip3}
    address = {name: value for name, value in address.items() if value}
    if address:
        resource["address"] = [address]
    return resource


def coverage(about: Member | None) -> dict[str, Any]:
    """Return the coverage, `#coverage`."""
    about = about or Member()
    resource: dict[str, Any] = {
        "resourceType": "Coverage",
        "id": "coverage",
        "status": "active",
        "beneficiary": {"reference": "#patient"},
        "payor": [{"identifier": {"value": about.payer_id or "unknown"}}],
    }
    if about.ref:
        resource["subscriberId"] = about.ref
    if about.relationship:
        # The codes of the individual relationship of X12 (data element 1069), which claims go by.
        resource["relationship"] = concept("https://x12.org/codes/individual-relationship", about.relationship)
    return resource


def organisation(name: str, about: Party) -> dict[str, Any]:
    """Return an organisation, referred to as `#name`; a person where the party is one."""
    return _party("Practitioner" if about.entity == "1" else "Organization", name, about)


def practitioner(name: str, about: Party) -> dict[str, Any]:
    """Return a person, referred to as `#name`; an organisation where the party is one."""
    return _party("Organization" if about.entity == "2" else "Practitioner", name, about)


def _party(kind: str, name: str, about: Party) -> dict[str, Any]:
    resource: dict[str, Any] = {"resourceType": kind, "id": name}
    numbers: list[dict[str, Any]] = []
    if about.npi:
        numbers.append({"system": NPI, "value": about.npi})
    if about.tin_ref:
        numbers.append({"type": concept(_IDENTIFIERS, "TAX"), "value": about.tin_ref})
    if numbers:
        resource["identifier"] = numbers
    if about.zip:
        resource["address"] = [{"postalCode": about.zip}]
    return resource

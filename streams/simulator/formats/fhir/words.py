"""Code systems and data types of FHIR that the resources share (https://hl7.org/fhir/R4/datatypes.html)."""

from decimal import Decimal
from typing import Any

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
C4BB = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BB"
HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
NUBC_REVENUE = "https://www.nubc.org/CodeSystem/RevenueCodes"
TYPE_OF_BILL = "https://www.nubc.org/CodeSystem/TypeOfBill"
CARC = "https://x12.org/codes/claim-adjustment-reason-codes"
RARC = "https://x12.org/codes/remittance-advice-remark-codes"
NPI = "http://hl7.org/fhir/sid/us-npi"
ICD = {
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd9cm": "http://hl7.org/fhir/sid/icd-9-cm",
    "icd10": "http://hl7.org/fhir/sid/icd-10",
}


def concept(system: str, code: str) -> dict[str, Any]:
    """Return a CodeableConcept of one code."""
    return {"coding": [{"system": system, "code": code}]}


def money(cents: int, currency: str) -> dict[str, Any]:
    """Return cents as Money, exact: written as a number, never through a float."""
    return {"value": Decimal(cents) / 100, "currency": currency}


def number(value: float) -> Decimal:
    """Return a quantity as the decimal that a person would write for it."""
    return Decimal(repr(value)).normalize() + 0

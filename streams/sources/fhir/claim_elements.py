"""What FHIR Claim and ExplanationOfBenefit share: their elements, and how these become parts of a transaction."""

from decimal import Decimal
from typing import Protocol

from msgspec import Raw

from detectors.events import BadRecord, BillingTransaction
from detectors.events.billing import Claim, ClaimProcedure, Diagnosis, Line, Party
from streams.sources.fhir.directory import Directory
from streams.sources.fhir.elements import (
    Code,
    Concept,
    DocumentStatus,
    Element,
    Identifier,
    Money,
    Period,
    Quantity,
    Reference,
    Resource,
    Sequence,
    Use,
    cents,
    day,
    identity,
    optional_instant,
)

MOST_LINES = 1000
MOST_UNITS = 1_000_000
MOST_MODIFIERS = 4
"""Bounds of `BillingTransaction`."""


class DiagnosisElement(Element, kw_only=True, frozen=True):
    """`diagnosis`."""

    sequence: Sequence
    diagnosis_codeable_concept: Concept = Concept()
    type: tuple[Concept, ...] = ()
    on_admission: Concept = Concept()


class ProcedureElement(Element, kw_only=True, frozen=True):
    """`procedure`."""

    date: str = ""
    procedure_codeable_concept: Concept = Concept()
    type: tuple[Concept, ...] = ()


class CareTeam(Element, kw_only=True, frozen=True):
    """`careTeam`."""

    sequence: Sequence
    provider: Reference
    role: Concept = Concept()
    qualification: Concept = Concept()


class Insurance(Element, kw_only=True, frozen=True):
    """`insurance`."""

    focal: bool
    coverage: Reference
    pre_auth_ref: tuple[Code, ...] = ()


class Related(Element, kw_only=True, frozen=True):
    """`related`."""

    claim: Reference = Reference()
    relationship: Concept = Concept()
    reference: Identifier = Identifier()


class SupportingInfo(Element, kw_only=True, frozen=True):
    """`supportingInfo`."""

    category: Concept
    code: Concept = Concept()
    timing_date: str = ""
    timing_period: Period = Period()
    value_string: str = ""
    value_reference: Reference = Reference()


class Adjudication(Element, kw_only=True, frozen=True):
    """`adjudication`, of an item or of the whole."""

    category: Concept
    reason: Concept = Concept()
    amount: Money | None = None


class Item(Element, kw_only=True, frozen=True):
    """`item`, `addItem`."""

    product_or_service: Concept
    sequence: Sequence = 0
    modifier: tuple[Concept, ...] = ()
    revenue: Concept = Concept()
    quantity: Quantity = Quantity()
    unit_price: Money | None = None
    factor: Decimal = Decimal(1)
    net: Money | None = None
    serviced_date: str = ""
    serviced_period: Period = Period()
    location_codeable_concept: Concept = Concept()
    care_team_sequence: tuple[Sequence, ...] = ()
    diagnosis_sequence: tuple[Sequence, ...] = ()
    adjudication: tuple[Adjudication, ...] = ()


class ClaimLike(Resource, kw_only=True, frozen=True):
    """The elements that Claim and ExplanationOfBenefit share."""

    status: DocumentStatus
    type: Concept
    use: Use
    patient: Reference
    created: str
    provider: Reference
    contained: tuple[Raw, ...] = ()
    identifier: tuple[Identifier, ...] = ()
    sub_type: Concept = Concept()
    billable_period: Period = Period()
    insurer: Reference = Reference()
    facility: Reference = Reference()
    related: tuple[Related, ...] = ()
    care_team: tuple[CareTeam, ...] = ()
    supporting_info: tuple[SupportingInfo, ...] = ()
    diagnosis: tuple[DiagnosisElement, ...] = ()
    procedure: tuple[ProcedureElement, ...] = ()
    insurance: tuple[Insurance, ...] = ()
    item: tuple[Item, ...] = ()

    def supporting(self, *categories: str) -> SupportingInfo | None:
        """Return the first piece of supporting information of one of these categories."""
        return next((info for info in self.supporting_info if info.category.code in categories), None)


_TYPES = {
    "professional": "professional",
    "vision": "professional",
    "institutional": "institutional",
    "oral": "dental",
    "pharmacy": "pharmacy",
}
"""http://terminology.hl7.org/CodeSystem/claim-type; vision is billed as professional services are."""

_DIAGNOSIS_ROLES = {
    "principal": "principal",
    "admitting": "admitting",
    "externalcauseofinjury": "external_cause",
    "patientreasonforvisit": "reason_for_visit",
}
"""ex-diagnosistype and C4BBClaimDiagnosisType."""

_DIAGNOSIS_SYSTEMS = {
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm",
    "http://hl7.org/fhir/sid/icd-9-cm": "icd9cm",
    "http://hl7.org/fhir/sid/icd-10": "icd10",
}

_PROCEDURE_SYSTEMS = {
    "http://www.ama-assn.org/go/cpt": "HC",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HC",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HC",
    "urn:oid:2.16.840.1.113883.6.285": "HC",
    "http://snomed.info/sct": "SNOMED",
}
"""HC is the X12 qualifier of HCPCS, CPT included (SV101-1)."""

_NDC = "http://hl7.org/fhir/sid/ndc"

_CARE_TEAM_FIELDS = {
    "rendering": "rendering",
    "primary": "rendering",
    "performing": "rendering",
    "referring": "referring",
    "prescribing": "ordering",
    "supervisor": "supervising",
    "supervising": "supervising",
    "attending": "attending",
    "operating": "operating",
}
"""claimcareteamrole and C4BBClaimCareTeamRole to the party of a transaction."""


class _Used(Protocol):
    """A resource that says what it is used for."""

    @property
    def use(self) -> Use:
        """`use`."""

    @property
    def status(self) -> DocumentStatus:
        """`status`."""


def check_use(resource: _Used) -> None:
    """Refuse what asks for no money.

    Raises:
        BadRecord: `preauthorization`, `predetermination`, `draft`.
    """
    if resource.use != "claim":
        raise BadRecord(resource.use, "use")
    if resource.status == "draft":
        raise BadRecord("draft", "status")


def claim_of(resource: ClaimLike) -> Claim:
    """Return number, dates, setting and codes.

    Raises:
        BadRecord: `impossible_date`, `too_long`.
    """
    stay = resource.supporting("admissionperiod", "hospitalized")
    facility_code, frequency = _type_of_bill(resource)
    prior = next((related for related in resource.related if related.relationship.code in ("prior", "replaces")), None)
    return Claim(
        pcn=_pcn(resource),
        original_ref=(prior.reference.value or identity(prior.claim, "related.claim")) if prior else "",
        frequency=frequency or ("7" if prior else "1"),
        type=_TYPES.get(resource.type.code, ""),  # type: ignore[arg-type]  # of these literals
        facility_code=facility_code,
        pos=next((item.location_codeable_concept.code for item in resource.item), ""),
        from_=day(resource.billable_period.start, "billablePeriod.start"),
        through=day(resource.billable_period.end, "billablePeriod.end"),
        admit_at=optional_instant(stay.timing_period.start, "supportingInfo") if stay else None,
        discharge_at=optional_instant(stay.timing_period.end, "supportingInfo") if stay else None,
        admission_type=_supporting_code(resource, "admtype"),
        discharge_status=_supporting_code(resource, "discharge-status", "discharge"),
        drg=_supporting_code(resource, "drg"),
        auth=next((ref for insurance in resource.insurance for ref in insurance.pre_auth_ref), ""),
        dx=[_diagnosis(element) for element in resource.diagnosis if element.diagnosis_codeable_concept.coding],
        icd_proc=[
            ClaimProcedure(
                code=element.procedure_codeable_concept.code,
                date=day(element.date, "procedure.date"),
                role=element.type[0].code if element.type else "",
            )
            for element in resource.procedure
            if element.procedure_codeable_concept.code
        ],
    )


def _pcn(resource: ClaimLike) -> str:
    """Return the patient control number: as said, else the claim's business identifier, else its id."""
    account = resource.supporting("patientaccountnumber")
    if account and account.value_string:
        return account.value_string[:256]
    return next((one.value for one in resource.identifier if one.value), resource.id)


def _type_of_bill(resource: ClaimLike) -> tuple[str, str]:
    """Return facility type and frequency of the type of bill, whose leading zero may be absent."""
    code = _supporting_code(resource, "typeofbill")
    if not code and "billtype" in resource.sub_type.system:
        code = resource.sub_type.code
    code = code.lstrip("0")
    return (code[:2], code[2]) if len(code) == 3 else ("", "")


def _supporting_code(resource: ClaimLike, *categories: str) -> str:
    info = resource.supporting(*categories)
    return info.code.code if info else ""


def _diagnosis(element: DiagnosisElement) -> Diagnosis:
    concept = element.diagnosis_codeable_concept
    roles = [_DIAGNOSIS_ROLES[type_.code] for type_ in element.type if type_.code in _DIAGNOSIS_ROLES]
    return Diagnosis(
        code=concept.code,
        system=_DIAGNOSIS_SYSTEMS.get(concept.system, concept.system[:256]),
        role=roles[0] if roles else "other",  # type: ignore[arg-type]  # of these literals
        poa=element.on_admission.code,
        seq=element.sequence,
    )


def name_parties(transaction: BillingTransaction, resource: ClaimLike, directory: Directory) -> None:
    """Write the parties into a transaction. A care team of one without a role rendered the service."""
    found: dict[str, Party] = {}
    billing = directory.party(resource.provider)
    if billing:
        found["billing"] = billing
    alone = len(resource.care_team) == 1
    for member in resource.care_team:
        name = _CARE_TEAM_FIELDS.get(member.role.code, "rendering" if alone and not member.role.code else "")
        party = directory.party(member.provider, member.qualification.code) if name else None
        if party:
            found.setdefault(name, party)
    info = resource.supporting("servicefacility")
    place = directory.party(info.value_reference if info else resource.facility)
    if place:
        found["service_facility"] = place
    for name, party in found.items():
        setattr(transaction, name, party)


def lines_of(resource: ClaimLike, directory: Directory) -> list[Line]:
    """Return the service lines, without what was adjudicated.

    Raises:
        BadRecord: `too_many_lines`, `out_of_range`, `impossible_date`.
    """
    if len(resource.item) > MOST_LINES:
        raise BadRecord("too_many_lines", "item")
    renderers = {member.sequence: member.provider for member in resource.care_team}
    return [line_of(item, number, renderers, directory) for number, item in enumerate(resource.item, 1)]


def line_of(item: Item, number: int, renderers: dict[int, Reference], directory: Directory) -> Line:
    """Return one service line.

    Raises:
        BadRecord: `out_of_range`, `impossible_date`.
    """
    code, system, ndc = _product(item.product_or_service)
    units = item.quantity.value if item.quantity.value is not None else Decimal(1)
    if not (units.is_finite() and -MOST_UNITS <= units <= MOST_UNITS):
        raise BadRecord("out_of_range", "item.quantity")
    provider = next((renderers[n] for n in item.care_team_sequence if n in renderers), None)
    return Line(
        n=item.sequence or number,
        code=code,
        code_system=system,
        revenue=item.revenue.code,
        modifiers=[concept.code for concept in item.modifier if concept.code][:MOST_MODIFIERS],
        units=float(units),
        charge=_charge(item, units),
        dos_from=day(item.serviced_date or item.serviced_period.start, "item.serviced"),
        dos_to=day(item.serviced_date or item.serviced_period.end, "item.serviced"),
        pos=item.location_codeable_concept.code,
        dx_ptr=list(item.diagnosis_sequence),
        rendering_npi=directory.npi(provider) if provider else "",
        ndc=ndc,
    )


def _charge(item: Item, units: Decimal) -> int:
    """Return the line's net amount, else unit price by quantity by factor."""
    if item.net is not None or item.unit_price is None:
        return cents(item.net, "item.net")
    if not (item.factor.is_finite() and -MOST_UNITS <= item.factor <= MOST_UNITS):
        raise BadRecord("out_of_range", "item.factor")
    cents(item.unit_price, "item.unitPrice")
    return cents(Money(value=item.unit_price.value * units * item.factor), "item.unitPrice")


def _product(concept: Concept) -> tuple[str, str, str]:
    """Return code, code system and NDC: HCPCS where it is among the codes, else the first."""
    ndc = next((coding.code for coding in concept.coding if coding.system == _NDC), "")
    ranked = sorted(concept.coding, key=lambda coding: _PROCEDURE_SYSTEMS.get(coding.system) != "HC")
    if not ranked:
        return "", "", ndc
    chosen = ranked[0]
    return chosen.code, _PROCEDURE_SYSTEMS.get(chosen.system, chosen.system[:256]), ndc


def coverage_of(resource: ClaimLike) -> Reference | None:
    """Return the coverage that the claim is judged against: the focal one, else the first."""
    focal = next((insurance for insurance in resource.insurance if insurance.focal), None)
    chosen = focal or (resource.insurance[0] if resource.insurance else None)
    return chosen.coverage if chosen else None


def currency_of(*amounts: Money | None) -> str:
    """Return the currency of the first amount that names one; US dollars where none does."""
    return next((money.currency for money in amounts if money and money.currency), "USD")

"""FHIR Claim as a claim submitted, replaced or voided (domain.md §1.5)."""

from typing import Annotated

from msgspec import Meta

from detectors.events import BadRecord, BillingTransaction
from detectors.events.access import Source
from detectors.events.billing import Amounts, Kind
from streams.sources.api import Origin
from streams.sources.fhir.claim_elements import (
    ClaimLike,
    Insurance,
    check_use,
    claim_of,
    coverage_of,
    currency_of,
    lines_of,
    name_parties,
)
from streams.sources.fhir.directory import Directory
from streams.sources.fhir.elements import Concept, Money, cents, instant


class ClaimResource(ClaimLike, kw_only=True, frozen=True):
    """`https://hl7.org/fhir/R4/claim.html`."""

    priority: Concept
    insurance: Annotated[tuple[Insurance, ...], Meta(min_length=1)]
    total: Money | None = None


def transaction_of_claim(
    resource: ClaimResource, directory: Directory, origin: Origin, ordinal: int
) -> BillingTransaction:
    """Return the claim.

    A claim that is cancelled, or was entered in error, voids what was submitted under its number.

    Raises:
        BadRecord: with the reason.
    """
    check_use(resource)
    directory = directory.with_contained(resource.contained)
    claim = claim_of(resource)
    lines = lines_of(resource, directory)
    voided = resource.status != "active"
    if voided:
        claim.frequency = "8"
    kinds: dict[str, Kind] = {"7": "claim_replaced", "8": "claim_voided"}
    charge = cents(resource.total, "total") if resource.total else sum(line.charge for line in lines)
    if abs(charge) > 10**13:
        raise BadRecord("out_of_range", "item.net")
    transaction = BillingTransaction(
        kind=kinds.get(claim.frequency, "claim_submitted"),
        occurred_at=instant(resource.created, "created"),
        src=Source(format="fhir_claim", file_id=origin.file_id, originator_id=resource.id, ordinal=ordinal),
        claim=claim,
        patient=directory.patient(resource.patient),
        member=directory.member(coverage_of(resource), resource.insurer),
        lines=lines,
        amounts=Amounts(charge=charge),
        currency=currency_of(resource.total, *(item.net for item in resource.item)),
    )
    name_parties(transaction, resource, directory)
    return transaction

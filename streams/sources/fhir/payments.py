"""FHIR PaymentReconciliation and Invoice as payments, adjustments and write-offs (domain.md §1.5)."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Raw

from detectors.events import BadRecord, BillingTransaction
from detectors.events.access import Source
from detectors.events.billing import AdjustmentReason, Amounts, Claim, Clerk, Kind, Payment
from streams.sources.api import Origin
from streams.sources.fhir.claim_elements import currency_of
from streams.sources.fhir.directory import Directory
from streams.sources.fhir.elements import (
    Concept,
    DocumentStatus,
    Element,
    Identifier,
    Money,
    Reference,
    RemittanceOutcome,
    Resource,
    cents,
    day,
    identity,
    instant,
)


class PaymentDetail(Element, kw_only=True, frozen=True):
    """`detail`: one claim, adjustment or advance that the payment settles."""

    type: Concept
    identifier: Identifier = Identifier()
    predecessor: Identifier = Identifier()
    request: Reference = Reference()
    response: Reference = Reference()
    payee: Reference = Reference()
    date: str = ""
    amount: Money | None = None


class PaymentReconciliation(Resource, kw_only=True, frozen=True):
    """`https://hl7.org/fhir/R4/paymentreconciliation.html`."""

    status: DocumentStatus
    created: str
    payment_date: str
    payment_amount: Money
    contained: tuple[Raw, ...] = ()
    payment_identifier: Identifier = Identifier()
    payment_issuer: Reference = Reference()
    requestor: Reference = Reference()
    outcome: RemittanceOutcome | None = None
    detail: tuple[PaymentDetail, ...] = ()


class PriceComponent(Element, kw_only=True, frozen=True):
    """`priceComponent`."""

    type: Literal["base", "surcharge", "deduction", "discount", "tax", "informational"]
    amount: Money | None = None


class InvoiceLine(Element, kw_only=True, frozen=True):
    """`lineItem`."""

    price_component: tuple[PriceComponent, ...] = ()


class Participant(Element, kw_only=True, frozen=True):
    """`participant`."""

    actor: Reference
    role: Concept = Concept()


class Invoice(Resource, kw_only=True, frozen=True):
    """`https://hl7.org/fhir/R4/invoice.html`."""

    status: Literal["draft", "issued", "balanced", "cancelled", "entered-in-error"]
    contained: tuple[Raw, ...] = ()
    identifier: tuple[Identifier, ...] = ()
    subject: Reference = Reference()
    date: str = ""
    participant: tuple[Participant, ...] = ()
    issuer: Reference = Reference()
    line_item: tuple[InvoiceLine, ...] = ()
    total_price_component: tuple[PriceComponent, ...] = ()
    total_net: Money | None = None
    total_gross: Money | None = None


def settlements(
    resource: PaymentReconciliation, directory: Directory, origin: Origin, ordinal: int
) -> Iterator[BillingTransaction]:
    """Yield one transaction for each detail of a payment, or one for the payment where it has none.

    Raises:
        BadRecord: with the reason.
    """
    if resource.status == "draft":
        raise BadRecord("draft", "status")
    if resource.outcome == "queued":
        raise BadRecord("not_adjudicated", "outcome")
    directory = directory.with_contained(resource.contained)
    whole = PaymentDetail(type=Concept(), amount=resource.payment_amount)
    for detail in resource.detail or (whole,):
        paid = cents(detail.amount, "detail.amount")
        payee = detail.payee if detail.payee.reference or detail.payee.identifier.value else resource.requestor
        yield BillingTransaction(
            kind=_kind(resource.status, detail, paid),
            occurred_at=instant(detail.date or resource.payment_date, "detail.date"),
            recorded_at=instant(resource.created, "created"),
            src=Source(
                format="fhir_paymentreconciliation", file_id=origin.file_id, originator_id=resource.id, ordinal=ordinal
            ),
            claim=Claim(
                pcn=identity(detail.request, "detail.request"),
                payer_ccn=identity(detail.response, "detail.response"),
                original_ref=detail.predecessor.value,
                status=resource.outcome or "",
            ),
            billing=directory.party(payee),
            amounts=Amounts(paid=paid),
            currency=currency_of(detail.amount, resource.payment_amount),
            payment=Payment(
                trace=resource.payment_identifier.value,
                effective=day(resource.payment_date, "paymentDate"),
                payer_id=identity(resource.payment_issuer, "paymentIssuer"),
                payee_npi=directory.npi(payee),
                direction="D" if paid < 0 else "C",
            ),
            adjustment=AdjustmentReason(reason=detail.type.code) if detail.type.code not in ("", "payment") else None,
        )


def _kind(status: DocumentStatus, detail: PaymentDetail, paid: int) -> Kind:
    if detail.type.code not in ("", "payment"):
        return "provider_adjustment"
    return "remit_reversed" if paid < 0 or status != "active" else "remit_paid"


def invoice_transactions(
    resource: Invoice, directory: Directory, origin: Origin, ordinal: int
) -> Iterator[BillingTransaction]:
    """Yield what an invoice did to a patient's account: what was written off, and that it was paid or taken back.

    An invoice that is only issued moves nothing.

    Raises:
        BadRecord: with the reason.
    """
    if resource.status == "draft":
        raise BadRecord("draft", "status")
    directory = directory.with_contained(resource.contained)
    components = [component for line in resource.line_item for component in line.price_component]
    reduced = [
        component
        for component in components or resource.total_price_component
        if component.type in ("discount", "deduction")
    ]
    # Systems disagree on the sign of a discount.
    written_off = sum(abs(cents(component.amount, "priceComponent.amount")) for component in reduced)
    total = resource.total_gross or resource.total_net
    movements: list[tuple[Kind, Amounts]] = []
    if resource.status in ("cancelled", "entered-in-error"):
        movements.append(("credit", Amounts(paid=cents(total, "totalGross"))))
    else:
        if written_off:
            movements.append(("write_off", Amounts(adjustment=_bounded(written_off), paid=_bounded(written_off))))
        if resource.status == "balanced":
            movements.append(("patient_payment", Amounts(paid=cents(total, "totalGross"))))
    if not movements:
        raise BadRecord("no_money_moved", "invoice issued, nothing paid, written off or taken back")
    for kind, amounts in movements:
        yield BillingTransaction(
            kind=kind,
            occurred_at=instant(resource.date, "date"),
            src=Source(format="fhir_invoice", file_id=origin.file_id, originator_id=resource.id, ordinal=ordinal),
            claim=Claim(pcn=next((one.value for one in resource.identifier if one.value), resource.id)),
            patient=directory.patient(resource.subject),
            billing=directory.party(resource.issuer),
            amounts=amounts,
            currency=currency_of(total),
            user=_clerk(resource.participant),
            adjustment=AdjustmentReason(reason=reduced[0].type) if kind == "write_off" else None,
        )


def _bounded(amount: int) -> int:
    if amount > 10**13:
        raise BadRecord("out_of_range", "priceComponent.amount")
    return amount


def _clerk(participants: tuple[Participant, ...]) -> Clerk | None:
    """Return who made the invoice, the first participant who is named."""
    for participant in participants:
        ref = identity(participant.actor, "participant.actor")
        if ref:
            return Clerk(ref=ref, role=participant.role.code)
    return None

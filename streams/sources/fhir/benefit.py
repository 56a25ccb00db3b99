"""FHIR ExplanationOfBenefit (CARIN Blue Button included) and ClaimResponse as remittances (domain.md §1.5)."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Raw

from detectors.events import BadRecord, BillingTransaction
from detectors.events.access import Source
from detectors.events.billing import Adjustment, Amounts, Claim, Kind, Line, Payment
from streams.sources.api import Origin
from streams.sources.fhir.claim_elements import (
    MOST_LINES,
    Adjudication,
    ClaimLike,
    Insurance,
    Item,
    check_use,
    claim_of,
    coverage_of,
    currency_of,
    line_of,
    lines_of,
    name_parties,
)
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
    Sequence,
    Use,
    cents,
    day,
    identity,
    instant,
    optional_instant,
)


class Total(Element, kw_only=True, frozen=True):
    """`total`: an amount of a category."""

    category: Concept
    amount: Money


class PaymentElement(Element, kw_only=True, frozen=True):
    """`payment`."""

    amount: Money | None = None
    date: str = ""
    identifier: Identifier = Identifier()


class Payee(Element, kw_only=True, frozen=True):
    """`payee`."""

    party: Reference = Reference()


class ExplanationOfBenefit(ClaimLike, kw_only=True, frozen=True):
    """`https://hl7.org/fhir/R4/explanationofbenefit.html`."""

    insurer: Reference
    outcome: RemittanceOutcome
    insurance: Annotated[tuple[Insurance, ...], Meta(min_length=1)]
    claim: Reference = Reference()
    total: tuple[Total, ...] = ()
    payment: PaymentElement = PaymentElement()
    payee: Payee = Payee()


class ResponseItem(Element, kw_only=True, frozen=True):
    """`ClaimResponse.item`."""

    item_sequence: Sequence
    adjudication: tuple[Adjudication, ...] = ()


class ClaimResponse(Resource, kw_only=True, frozen=True):
    """`https://hl7.org/fhir/R4/claimresponse.html`."""

    status: DocumentStatus
    type: Concept
    use: Use
    patient: Reference
    created: str
    insurer: Reference
    outcome: RemittanceOutcome
    contained: tuple[Raw, ...] = ()
    identifier: tuple[Identifier, ...] = ()
    request: Reference = Reference()
    requestor: Reference = Reference()
    pre_auth_ref: str = ""
    item: tuple[ResponseItem, ...] = ()
    add_item: tuple[Item, ...] = ()
    total: tuple[Total, ...] = ()
    payment: PaymentElement = PaymentElement()


def transaction_of_benefit(
    resource: ExplanationOfBenefit, directory: Directory, origin: Origin, ordinal: int
) -> BillingTransaction:
    """Return the remittance of an ExplanationOfBenefit.

    Raises:
        BadRecord: with the reason.
    """
    check_use(resource)
    check_outcome(resource.outcome)
    directory = directory.with_contained(resource.contained)
    lines = lines_of(resource, directory)
    for line, item in zip(lines, resource.item, strict=True):
        adjudicate(line, item.adjudication)
    amounts = amounts_of(resource.total, lines, resource.payment)
    claim = claim_of(resource)
    claim.payer_ccn = next((one.value for one in resource.identifier if one.type.code in ("uc", "")), "")
    if resource.supporting("patientaccountnumber") is None:
        claim.pcn = identity(resource.claim, "claim") or claim.pcn
    claim.status = resource.outcome
    received = resource.supporting("clmrecvddate")
    transaction = BillingTransaction(
        kind=kind_of(resource.status, resource.outcome, amounts),
        occurred_at=instant(resource.payment.date or resource.created, "created"),
        recorded_at=optional_instant(received.timing_date, "supportingInfo.timingDate") if received else None,
        src=Source(format="fhir_eob", file_id=origin.file_id, originator_id=resource.id, ordinal=ordinal),
        claim=claim,
        patient=directory.patient(resource.patient),
        member=directory.member(coverage_of(resource), resource.insurer),
        lines=lines,
        amounts=amounts,
        currency=currency_of(*(total.amount for total in resource.total), resource.payment.amount),
        payment=payment_of(resource.payment, resource.insurer, resource.payee.party, directory),
    )
    name_parties(transaction, resource, directory)
    return transaction


def transaction_of_response(
    resource: ClaimResponse, directory: Directory, origin: Origin, ordinal: int
) -> BillingTransaction:
    """Return the remittance of a ClaimResponse. Its lines carry amounts, and codes only where items were added.

    Raises:
        BadRecord: with the reason.
    """
    check_use(resource)
    check_outcome(resource.outcome)
    directory = directory.with_contained(resource.contained)
    if len(resource.item) + len(resource.add_item) > MOST_LINES:
        raise BadRecord("too_many_lines", "item")
    lines = [Line(n=item.item_sequence) for item in resource.item]
    lines += [line_of(item, len(lines) + number, {}, directory) for number, item in enumerate(resource.add_item, 1)]
    adjudications = [one.adjudication for one in resource.item] + [one.adjudication for one in resource.add_item]
    for line, adjudication in zip(lines, adjudications, strict=True):
        adjudicate(line, adjudication)
    amounts = amounts_of(resource.total, lines, resource.payment)
    billing = directory.party(resource.requestor)
    return BillingTransaction(
        kind=kind_of(resource.status, resource.outcome, amounts),
        occurred_at=instant(resource.payment.date or resource.created, "created"),
        src=Source(format="fhir_claimresponse", file_id=origin.file_id, originator_id=resource.id, ordinal=ordinal),
        claim=Claim(
            pcn=identity(resource.request, "request"),
            payer_ccn=next((one.value for one in resource.identifier if one.value), ""),
            status=resource.outcome,
        ),
        patient=directory.patient(resource.patient),
        member=directory.member(None, resource.insurer),
        billing=billing,
        lines=lines,
        amounts=amounts,
        currency=currency_of(*(total.amount for total in resource.total), resource.payment.amount),
        payment=payment_of(resource.payment, resource.insurer, resource.requestor, directory),
    )


_CATEGORIES = {
    "submitted": "charge",
    "line_sbmtd_chrg_amt": "charge",
    "eligible": "allowed",
    "line_alowd_chrg_amt": "allowed",
    "benefit": "paid",
    "paidtoprovider": "paid",
    "paidtopatient": "paid",
    "line_prvdr_pmt_amt": "paid",
    "copay": "patient_resp",
    "deductible": "patient_resp",
    "coinsurance": "patient_resp",
    "line_coinsrnc_amt": "patient_resp",
    "line_bene_ptb_ddctbl_amt": "patient_resp",
    "memberliability": "member_liability",
    "paidbypatient": "patient_paid",
    "noncovered": "adjustment",
    "discount": "adjustment",
}
"""Adjudication categories of FHIR and C4BBAdjudication, and the last part of those of CMS Blue Button, to amounts.

`memberliability` is the sum of what the patient owes: it stands in place of its parts.
"""

_REASONS = frozenset({"adjustmentreason", "rejectreason", "denialreason"})
"""C4BBAdjudicationDiscriminator: the adjudication's reason is a CARC."""


def adjudicate(line: Line, adjudications: Iterable[Adjudication]) -> None:
    """Write what was adjudicated on a line.

    Raises:
        BadRecord: `out_of_range`.
    """
    adjudications = tuple(adjudications)
    sums = _sums((one.category, one.amount) for one in adjudications)
    line.charge = line.charge or sums.get("charge", 0)
    line.allowed = sums.get("allowed", 0)
    line.paid = sums.get("paid", 0)
    line.patient_resp = sums.get("member_liability", sums.get("patient_resp", 0))
    for one in adjudications:
        if one.category.code in _REASONS:
            line.adjustments.append(Adjustment(carc=one.reason.code, amount=cents(one.amount, "item.adjudication")))
        elif one.reason.code:
            line.remarks.append(one.reason.code)


def amounts_of(totals: Iterable[Total], lines: list[Line], payment: PaymentElement) -> Amounts:
    """Return the totals as said, else the sums of the lines; what was paid also by the payment.

    Raises:
        BadRecord: `out_of_range`.
    """
    sums = _sums((total.category, total.amount) for total in totals)
    paid = sums.get("paid", 0) or cents(payment.amount, "payment.amount") or sum(line.paid for line in lines)
    return Amounts(
        charge=_bounded(sums.get("charge", 0) or sum(line.charge for line in lines)),
        allowed=_bounded(sums.get("allowed", 0) or sum(line.allowed for line in lines)),
        paid=_bounded(paid),
        patient_resp=_bounded(
            sums.get("member_liability", sums.get("patient_resp", 0)) or sum(line.patient_resp for line in lines)
        ),
        patient_paid=_bounded(sums.get("patient_paid", 0)),
        adjustment=_bounded(
            sums.get("adjustment", 0) or sum(part.amount for line in lines for part in line.adjustments)
        ),
    )


def _sums(amounts: Iterable[tuple[Concept, Money | None]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for category, amount in amounts:
        name = _CATEGORIES.get(category.code.rpartition("/")[2])
        if name:
            sums[name] = _bounded(sums.get(name, 0) + cents(amount, "adjudication.amount"))
    return sums


def _bounded(amount: int) -> int:
    """Return an amount that fits in `Cents`.

    Raises:
        BadRecord: `out_of_range`.
    """
    if abs(amount) > 10**13:
        raise BadRecord("out_of_range", "adjudication.amount")
    return amount


def check_outcome(outcome: RemittanceOutcome) -> None:
    """Refuse what the payer has not decided on.

    Raises:
        BadRecord: `not_adjudicated`.
    """
    if outcome == "queued":
        raise BadRecord("not_adjudicated", "outcome")


def kind_of(status: DocumentStatus, outcome: RemittanceOutcome, amounts: Amounts) -> Kind:
    """Return what a remittance is. One that allows nothing, pays nothing and leaves nothing to the patient denies."""
    if status != "active":
        return "remit_reversed"
    if outcome == "error" or not (amounts.paid or amounts.allowed or amounts.patient_resp):
        return "remit_denied"
    return "remit_paid"


def payment_of(payment: PaymentElement, insurer: Reference, payee: Reference, directory: Directory) -> Payment | None:
    """Return how the payer paid, None where it says nothing of a payment.

    Raises:
        BadRecord: `impossible_date`, `too_long`.
    """
    if not (payment.amount or payment.date or payment.identifier.value):
        return None
    return Payment(
        trace=payment.identifier.value,
        effective=day(payment.date, "payment.date"),
        payer_id=identity(insurer, "insurer"),
        payee_npi=directory.npi(payee),
    )

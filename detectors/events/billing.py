"""`BillingTransaction`: one claim-level transaction with its lines, or one payment (domain.md §1.2)."""

import datetime
from typing import Annotated, Literal

from msgspec import Meta, field

from detectors.events.access import Source
from detectors.events.redacted import Cents, Instant, Redacted, Reference, Text

Kind = Literal[
    "claim_submitted", "claim_replaced", "claim_voided", "remit_paid", "remit_denied", "remit_reversed",
    "provider_adjustment", "patient_payment", "refund", "credit", "write_off", "adjustment", "bank_account_change",
    "deposit",
]  # fmt: skip
Units = Annotated[float, Meta(ge=-1_000_000, le=1_000_000)]


class Diagnosis(Redacted):
    """One diagnosis code of a claim."""

    code: Text
    system: Text = ""
    role: Literal["principal", "admitting", "reason_for_visit", "external_cause", "other"] = "other"
    poa: Text = ""
    seq: int = 0


class ClaimProcedure(Redacted):
    """One ICD procedure of an institutional claim."""

    code: Text
    date: datetime.date | None = None
    role: Text = ""


class Claim(Redacted):
    """The claim: numbers, dates, setting and codes. `frequency` is CLM05-3: 1 original, 7 replacement, 8 void."""

    pcn: Text = ""
    payer_ccn: Text = ""
    original_ref: Text = ""
    frequency: Text = ""
    type: Literal["", "professional", "institutional", "dental", "pharmacy"] = ""
    facility_code: Text = ""
    pos: Text = ""
    status: Text = ""
    from_: datetime.date | None = field(default=None, name="from")
    through: datetime.date | None = None
    admit_at: Instant | None = None
    discharge_at: Instant | None = None
    admission_type: Text = ""
    discharge_status: Text = ""
    drg: Text = ""
    auth: Text = ""
    referral: Text = ""
    delay_reason: Text = ""
    filing_indicator: Text = ""
    dx: list[Diagnosis] = []
    icd_proc: list[ClaimProcedure] = []


class BilledPatient(Redacted):
    """Whose account it is."""

    ref: Reference
    birth_date: datetime.date | None = None
    sex: Literal["", "F", "M", "U"] = ""
    death_date: datetime.date | None = None
    zip3: Text = ""
    state: Text = ""


class Member(Redacted):
    """The insured person."""

    ref: Text = ""
    payer_id: Text = ""
    relationship: Text = ""


class Party(Redacted):
    """A provider or organisation on the claim; `entity` is NM102: 1 person, 2 organisation."""

    npi: Text = ""
    taxonomy: Text = ""
    tin_ref: Text = ""
    entity: Text = ""
    zip: Text = ""


class Adjustment(Redacted):
    """One CAS triplet: group code (CO, OA, PI, PR), reason code (CARC), amount and quantity."""

    group: Text = ""
    carc: Text = ""
    amount: Cents = 0
    qty: float | None = None


class Line(Redacted):
    """One service line."""

    n: int = 0
    control: Text = ""
    code: Text = ""
    code_system: Text = ""
    revenue: Text = ""
    modifiers: Annotated[list[Text], Meta(max_length=4)] = []
    units: Units = 1.0
    unit_basis: Text = ""
    charge: Cents = 0
    allowed: Cents = 0
    paid: Cents = 0
    patient_resp: Cents = 0
    dos_from: datetime.date | None = None
    dos_to: datetime.date | None = None
    pos: Text = ""
    dx_ptr: list[int] = []
    rendering_npi: Text = ""
    ndc: Text = ""
    adjustments: list[Adjustment] = []
    remarks: list[Text] = []


class Amounts(Redacted):
    """Totals in cents; a payment's or a refund's amount is `paid`."""

    charge: Cents = 0
    allowed: Cents = 0
    paid: Cents = 0
    patient_resp: Cents = 0
    patient_paid: Cents = 0
    adjustment: Cents = 0


class Card(Redacted):
    """A payment card as a token: never PAN, security code or track. `response` is the ISO 8583 response code."""

    token: Text = ""
    bin: Text = ""
    last4: Text = ""
    brand: Text = ""
    entry: Text = ""
    avs: Text = ""
    cvv_result: Text = ""
    response: Text = ""
    country: Text = ""


class PaymentClient(Redacted):
    """Where a payment was entered: patient portal or point of sale."""

    ip: Text = ""
    device_id: Text = ""
    channel: Text = ""
    terminal: Text = ""


class Payment(Redacted):
    """How money moved. `bank_fp` is a keyed hash over routing and account number."""

    method: Text = ""
    direction: Text = ""
    trace: Text = ""
    effective: datetime.date | None = None
    payer_id: Text = ""
    payee_npi: Text = ""
    bank_fp: Text = ""
    card: Card | None = None
    client: PaymentClient | None = None


class AdjustmentReason(Redacted):
    """Why an account was adjusted."""

    reason: Text = ""
    plb_code: Text = ""
    fiscal_period: Text = ""


class Clerk(Redacted):
    """The member of staff who posted the transaction."""

    ref: Reference
    role: Text = ""
    dept: Text = ""


class Approval(Redacted):
    """Who approved it, when, and up to which amount (cents) they may approve."""

    user_ref: Text = ""
    at: Instant | None = None
    limit: Cents | None = None


class BankChange(Redacted):
    """A change of the account that a payee is paid to."""

    payee_ref: Reference
    old_fp: Text = ""
    new_fp: Text = ""
    channel: Text = ""
    verified_by: Text = ""
    verified_at: Instant | None = None


class Link(Redacted):
    """A relation to another transaction, by event id."""

    rel: Literal["replaces", "reverses", "pays", "refunds"]
    id: Reference


class BillingTransaction(Redacted):
    """One claim-level transaction with its lines, one remittance, or one payment, refund or adjustment."""

    kind: Kind
    occurred_at: Instant
    recorded_at: Instant | None = None
    ingested_at: Instant | None = None
    src: Source | None = None
    claim: Claim | None = None
    patient: BilledPatient | None = None
    member: Member | None = None
    billing: Party | None = None
    rendering: Party | None = None
    referring: Party | None = None
    ordering: Party | None = None
    supervising: Party | None = None
    attending: Party | None = None
    operating: Party | None = None
    service_facility: Party | None = None
    lines: Annotated[list[Line], Meta(max_length=1000)] = []
    amounts: Amounts | None = None
    currency: Annotated[str, Meta(max_length=3)] = "USD"
    payment: Payment | None = None
    adjustment: AdjustmentReason | None = None
    user: Clerk | None = None
    approval: Approval | None = None
    bank_change: BankChange | None = None
    links: list[Link] = []
    raw_ref: Text = ""
    checks: list[Text] = []

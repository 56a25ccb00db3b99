"""Remittances as the segments of an 835 (005010X221A1; domain.md §1.4)."""

from itertools import groupby

from detectors.events import BillingTransaction
from detectors.events.billing import Adjustment, Amounts, Claim, Line, Member, Party, Payment
from streams.simulator.formats.x12.claims import CITY, STREET
from streams.simulator.formats.x12.elements import amount, composite, day, quantity, segment, text

_CAS_TRIPLETS = 6
_PAYER = ("CCP", "01", "011000015", "DA", "7000001", "1987654321", "")
"""BPR05 to BPR11: the payer's account, which a transfer must name."""

_HOSPITAL = "021000021|5000001"
"""Routing and account number of the payee, BPR13 and BPR15, where the event says none."""

_NONE = ("",) * 11
_REVERSAL = "22"


def payment_of(transaction: BillingTransaction) -> tuple[str, ...]:
    """Return what remittances of one payment have in common."""
    payment = transaction.payment or Payment()
    billing = transaction.billing or Party()
    return (
        payment.trace,
        payment.payer_id,
        payment.method,
        day(payment.effective) if payment.effective else "",
        day(transaction.occurred_at),
        billing.npi,
        billing.tin_ref,
        billing.zip,
        payment.bank_fp if "|" in payment.bank_fp else _HOSPITAL,
    )


def header(payment: tuple[str, ...], total: int) -> list[str]:
    """Return BPR to loop 1000B. `total` is what is paid, in cents; negative where more is taken back than paid."""
    trace, payer, method, effective, produced, npi, tax, postal, account = map(text, payment)
    direction = "D" if total < 0 else "C"
    routing, _, number = account.partition("|")
    accounts = (*_PAYER, "01", routing, "DA", number)
    order = ("BPR", "I", amount(abs(total)), direction, method, *(accounts if method == "ACH" else _NONE), effective)
    return [
        segment(*order),
        segment("TRN", "1", trace, payer),
        segment("DTM", "405", produced),
        segment("N1", "PR", "SIMULATED PAYER"),
        segment("N3", STREET),
        segment("N4", CITY, "MA", "02114"),
        segment("PER", "BL", "PAYMENT OFFICE", "TE", "6175550101"),
        segment("N1", "PE", "SIMULATED HOSPITAL", "XX", npi),
        segment("N4", CITY, "MA", postal) if postal else "",
        segment("REF", "TJ", tax) if tax else "",
    ]


def claim_payment(transaction: BillingTransaction) -> list[str]:
    """Return loops 2100 and 2110."""
    about, member = transaction.claim or Claim(), transaction.member or Member()
    amounts = transaction.amounts or Amounts()
    # The guide keeps CLP05 empty in reversals (005010X221, 1.10.2.8): what the patient owed stands in the adjustments.
    owed = amount(amounts.patient_resp) if amounts.patient_resp and about.status != _REVERSAL else ""
    found = [
        segment(
            "CLP", text(about.pcn), about.status, amount(amounts.charge), amount(amounts.paid), owed,
            about.filing_indicator, text(about.payer_ccn), text(about.facility_code or about.pos), about.frequency,
            "", text(about.drg),
        ),
        segment("NM1", "QC", "1", "PATIENT", "SIMULATED", "", "", "", "MI", text(member.ref)),
    ]  # fmt: skip
    rendering = transaction.rendering
    if rendering is not None:
        found.append(segment("NM1", "82", rendering.entity, "PROVIDER", "", "", "", "", "XX", text(rendering.npi)))
    if transaction.patient is not None:
        found.append(segment("REF", "EA", text(transaction.patient.ref)))
    found += [segment("DTM", code, day(date)) for code, date in (("232", about.from_), ("233", about.through)) if date]
    for line in transaction.lines:
        found += _line(line)
    return found


def provider_adjustment(transaction: BillingTransaction) -> str:
    """Return the PLB of a provider adjustment."""
    about, reason = transaction.claim or Claim(), transaction.adjustment
    code = composite(reason.plb_code if reason else "", text(about.payer_ccn))
    period = reason.fiscal_period.replace("-", "") if reason else ""
    provider = transaction.billing.npi if transaction.billing else ""
    adjusted = transaction.amounts.adjustment if transaction.amounts else 0
    return segment("PLB", provider, period, code, amount(adjusted))


def _line(line: Line) -> list[str]:
    procedure = (
        composite(line.code_system, text(line.code), *map(text, line.modifiers))
        if line.code
        else composite("NU", text(line.revenue))
    )
    revenue = text(line.revenue) if line.code else ""
    found = [
        segment("SVC", procedure, amount(line.charge), amount(line.paid), revenue, quantity(line.units)),
    ]
    if line.dos_from:
        if line.dos_to in (None, line.dos_from):
            found.append(segment("DTM", "472", day(line.dos_from)))
        else:
            found.append(segment("DTM", "150", day(line.dos_from)))
            found.append(segment("DTM", "151", day(line.dos_to or line.dos_from)))
    for group, adjustments in groupby(line.adjustments, key=lambda adjustment: adjustment.group):
        found += _adjustments(group, list(adjustments))
    found += [segment("AMT", "B6", amount(line.allowed))] if line.allowed else []
    return found + [segment("LQ", "HE", text(remark)) for remark in line.remarks]


def _adjustments(group: str, adjustments: list[Adjustment]) -> list[str]:
    found = []
    for first in range(0, len(adjustments), _CAS_TRIPLETS):
        triplets = [
            element
            for one in adjustments[first : first + _CAS_TRIPLETS]
            for element in (one.carc, amount(one.amount), "" if one.qty is None else quantity(one.qty))
        ]
        found.append(segment("CAS", group, *triplets))
    return found

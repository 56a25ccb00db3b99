"""835: payments, adjustments, reversals and balances, on files written by hand."""

import datetime

import pytest

from detectors.events import Event
from streams.identifiers import IDENTIFIERS
from tests.streams.sources.x12.samples import HEADER_835, items, refusals, remittance, transactions

PAID = """LX*1~CLP*PCN-1*1*150*80*20*MB*CCN-1*11*1**247~NM1*QC*1*DOE*ANN****MI*M100~NM1*82*1*R*J****XX*1912301953~
REF*EA*MRN7~DTM*232*20260301~DTM*233*20260302~SVC*HC:99213:25*100*60**1~DTM*472*20260301~
CAS*CO*45*20**253*5*1~CAS*PR*1*15~REF*6R*L1~AMT*B6*75~LQ*HE*N14~SVC*HC:85025*50*20**2~CAS*CO*45*25~CAS*PR*2*5~AMT*B6*25~"""


def test_a_paid_claim() -> None:
    (remit,) = transactions(remittance(PAID))
    assert remit.kind == "remit_paid"
    assert remit.occurred_at == datetime.datetime(2026, 3, 4, tzinfo=datetime.UTC)
    assert remit.claim is not None
    claim = remit.claim
    assert (claim.pcn, claim.payer_ccn, claim.status, claim.filing_indicator) == ("PCN-1", "CCN-1", "1", "MB")
    assert (claim.facility_code, claim.frequency, claim.drg) == ("11", "1", "247")
    assert (claim.from_, claim.through) == (datetime.date(2026, 3, 1), datetime.date(2026, 3, 2))
    assert remit.amounts is not None
    assert (remit.amounts.charge, remit.amounts.paid, remit.amounts.patient_resp) == (15_000, 8_000, 2_000)
    assert (remit.amounts.adjustment, remit.amounts.allowed) == (7_000, 10_000)
    first, second = remit.lines
    assert (first.n, first.code, first.modifiers, first.control) == (1, "99213", ["25"], "L1")
    assert (first.charge, first.paid, first.allowed, first.patient_resp) == (10_000, 6_000, 7_500, 1_500)
    assert (first.remarks, first.dos_from) == (["N14"], datetime.date(2026, 3, 1))
    assert [(part.group, part.carc, part.amount, part.qty) for part in first.adjustments] == [
        ("CO", "45", 2_000, None),
        ("CO", "253", 500, 1.0),
        ("PR", "1", 1_500, None),
    ]
    assert (second.n, second.units, second.patient_resp) == (2, 2.0, 500)
    assert remit.patient is not None
    assert remit.patient.ref == "MRN7"
    assert remit.rendering is not None
    assert remit.billing is not None
    assert (remit.rendering.npi, remit.billing.npi, remit.billing.tin_ref) == ("1912301953", "1234567893", "123456789")
    assert remit.checks == []


def test_the_payment_is_on_each_remit() -> None:
    (remit,) = transactions(remittance(PAID))
    payment = remit.payment
    assert payment is not None
    assert (payment.method, payment.direction, payment.trace, payment.payer_id) == ("ACH", "C", "EFT-1", "1512345678")
    assert (payment.effective, payment.payee_npi) == (datetime.date(2026, 3, 5), "1234567893")
    assert payment.bank_fp == "021000021|99887766"
    assert IDENTIFIERS[type(payment)]["bank_fp"] == "b"


def test_events_share_no_part_that_intake_replaces() -> None:
    doubled = PAID + PAID.replace("PCN-1", "PCN-2")
    first, second = transactions(remittance(doubled, header=HEADER_835.replace("*80*", "*160*")))
    assert first.payment == second.payment
    assert first.payment is not second.payment
    assert first.billing is not second.billing


@pytest.mark.parametrize(
    ("status", "kind", "original"),
    [("1", "remit_paid", ""), ("3", "remit_paid", ""), ("4", "remit_denied", ""), ("22", "remit_reversed", "CCN-1")],
)
def test_status_decides_the_kind(status: str, kind: str, original: str) -> None:
    (remit,) = transactions(remittance(PAID.replace("CLP*PCN-1*1*", f"CLP*PCN-1*{status}*")))
    assert remit.kind == kind
    assert remit.claim is not None
    assert remit.claim.original_ref == original


def test_a_reversal_is_negative_and_balances() -> None:
    reversal = "CLP*PCN-1*22*-150*-80**MB*CCN-2~REF*F8*CCN-1~CAS*CO*45*-70~"
    (remit,) = transactions(remittance(reversal, header=HEADER_835.replace("*80*", "*-80*")))
    assert remit.amounts is not None
    assert remit.claim is not None
    assert (remit.amounts.charge, remit.amounts.paid, remit.amounts.adjustment) == (-15_000, -8_000, -7_000)
    assert (remit.claim.original_ref, remit.checks) == ("CCN-1", [])


def test_what_a_patient_no_longer_owes_stands_in_the_adjustments_of_a_reversal() -> None:
    """CLP05 stays empty in a reversal; the amounts of PR, of the claim and of its line, are 10.00 and 5.00."""
    reversal = "CLP*PCN-1*22*-95*-80**MB*CCN-2~CAS*PR*1*-10~SVC*HC:99213*-85*-80~CAS*PR*2*-5~"
    (remit,) = transactions(remittance(reversal, header=HEADER_835.replace("*80*", "*-80*")))
    assert remit.amounts is not None
    assert (remit.amounts.patient_resp, [line.patient_resp for line in remit.lines]) == (-1_500, [-1_000, -500])


def test_adjustments_of_the_claim_itself_are_line_zero() -> None:
    (remit,) = transactions(remittance("CLP*P*1*150*80*70*MB*C~CAS*PR*1*50**2*20*3~MOA***MA02*MA01~MIA*0****N1~"))
    (line,) = remit.lines
    assert (line.n, line.code, line.units, line.charge, line.patient_resp) == (0, "", 0.0, 0, 7_000)
    assert [(part.carc, part.amount, part.qty) for part in line.adjustments] == [("1", 5_000, None), ("2", 2_000, 3.0)]
    assert line.remarks == ["MA02", "MA01", "N1"]


def test_six_triplets_of_a_segment() -> None:
    triplets = "*".join(f"{number}*10*{number}" for number in range(1, 7))
    (remit,) = transactions(remittance(f"CLP*P*1*140*80*0*MB*C~CAS*CO*{triplets}~"))
    assert [(part.carc, part.amount, part.qty) for part in remit.lines[0].adjustments] == [
        (str(number), 1_000, float(number)) for number in range(1, 7)
    ]


def test_provider_adjustments_are_one_event_a_pair() -> None:
    pairs = "PLB*1234567893*20261231*WO:CCN-9*10*L6*-2.5*FB:X*0.5~"
    remit, *adjustments = transactions(remittance(PAID, pairs, header=HEADER_835.replace("*80*", "*72*")))
    assert remit.checks == []
    assert [entry.kind for entry in adjustments] == ["provider_adjustment"] * 3
    reasons = [entry.adjustment for entry in adjustments if entry.adjustment]
    assert [(reason.plb_code, reason.fiscal_period) for reason in reasons] == [
        ("WO", "2026-12-31"), ("L6", "2026-12-31"), ("FB", "2026-12-31"),
    ]  # fmt: skip
    assert [entry.amounts.adjustment for entry in adjustments if entry.amounts] == [1_000, -250, 50]
    assert [entry.claim.payer_ccn if entry.claim else "" for entry in adjustments] == ["CCN-9", "", "X"]
    assert {entry.billing.npi for entry in adjustments if entry.billing} == {"1234567893"}
    assert [entry.src.ordinal for entry in adjustments if entry.src] == [2, 3, 4]


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        ("CLP*PCN-1*1*150*80*", "CLP*PCN-1*1*150*79*", ["payment_out_of_balance", "claim_out_of_balance"]),
        ("SVC*HC:85025*50*", "SVC*HC:85025*51*", ["line_charges_differ"]),
        ("SVC*HC:85025*", "SVC*HC*", ["procedure_code_missing"]),
        ("CAS*PR*2*5~", "CAS*PR*2*6~", ["claim_out_of_balance"]),
    ],
)
def test_what_does_not_balance_is_noted(old: str, new: str, check: list[str]) -> None:
    (remit,) = transactions(remittance(PAID.replace(old, new)))
    assert remit.checks == check


def test_a_payment_that_the_claims_do_not_make_up_is_noted_on_all() -> None:
    pairs = "PLB*1234567893*20261231*WO:CCN-9*10~"
    read = transactions(remittance(PAID, pairs))
    assert [entry.checks for entry in read] == [["payment_out_of_balance"]] * 2


@pytest.mark.parametrize(
    ("old", "new", "reason", "where"),
    [
        ("*1*150*80*", "*1*150**", "missing_element", "2100 CLP04 (segment 9)"),
        ("CAS*PR*1*15~", "CAS*PR*1*x~", "bad_amount", "2110 CAS03 (segment 18)"),
        ("CAS*PR*1*15~", "CAS*PR*1~", "missing_element", "2110 CAS03 (segment 18)"),
        ("DTM*232*20260301", "DTM*232*20260001", "impossible_date", "2100 DTM02 (segment 13)"),
    ],
)
def test_the_impossible_is_refused_by_place(old: str, new: str, reason: str, where: str) -> None:
    assert refusals(remittance(PAID.replace(old, new))) == [
        (reason, f"interchange 1, group 1, set 1, record 1: {where}")
    ]


def test_a_bad_header_refuses_every_record_under_it() -> None:
    header = HEADER_835.replace("*20260305~", "*20261305~")
    read = items(remittance(PAID, "PLB*1234567893*20261231*WO:1*10*L6*1~", header=header))
    assert [getattr(item, "reason", "") for item in read] == ["impossible_date"] * 3
    assert "header BPR16 (segment 2)" in getattr(read[0], "place", "")


def test_a_pair_without_amount_does_not_take_the_others_along() -> None:
    read = items(remittance(PAID, "PLB*1234567893*20261231*WO:1**L6*1~"))
    assert [getattr(item, "reason", type(item).__name__) for item in read] == ["Event", "missing_element", "Event"]
    assert isinstance(read[2], Event)

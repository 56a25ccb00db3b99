"""B01c, B31 and B32 through the real stages: what becomes of claims."""

import pytest

from detectors.events import BillingTransaction, TaskContext
from detectors.events.billing import Diagnosis, Line
from tests.detectors.claims.site import DAY, claim, reason, remit, said, watch
from tests.detectors.watch import at

# --- B01c -------------------------------------------------------------------------------------------------------------


def test_b01c_a_line_that_is_paid_again() -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"))
    assert said("B01c", hospital.see(remit(DAY, 8_000))) == []
    found = hospital.see(remit(2 * DAY, 8_000))
    assert said("B01c", found) == ["high"]
    assert "paid 80.00 USD again" in reason("B01c", found)


@pytest.mark.parametrize(
    "second",
    [
        remit(3 * DAY, 8_000, status="2"),  # the second payer
        remit(3 * DAY, 8_000, payer="2222222222"),
        remit(3 * DAY, 8_000, pcn="B"),
        remit(3 * DAY, 8_000, Line(n=2, code="X2", charge=9_000, paid=8_000)),  # the rest of the claim
        remit(3 * DAY, 0),
    ],
)
def test_b01c_another_payer_claim_or_line_is_no_second_payment(second: BillingTransaction) -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"), remit(DAY, 8_000))
    assert said("B01c", hospital.see(second)) == []


def test_b01c_after_a_reversal_or_a_replacement_it_may_be_paid_anew() -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"), remit(DAY, 8_000), remit(2 * DAY, -8_000, kind="remit_reversed"))
    assert said("B01c", hospital.see(remit(3 * DAY, 8_000))) == []
    hospital.see(claim(4 * DAY, pcn="A", kind="claim_replaced"))
    assert said("B01c", hospital.see(remit(5 * DAY, 8_000))) == []
    assert said("B01c", hospital.see(remit(6 * DAY, 8_000))) == ["high"]


# --- B31 --------------------------------------------------------------------------------------------------------------


def tries(patient: str, *codes: str, begin: float = 0.0, npi_claims: str = "") -> list[BillingTransaction]:
    """Return claims for one service, each under another number and after the denial of the one before, then paid."""
    events: list[BillingTransaction] = []
    for number, code in enumerate(codes):
        hours = begin + number * 10 * DAY
        pcn = f"{patient}{npi_claims}-{number}"
        line = Line(code=code, charge=10_000)
        events.append(claim(hours, line, patient=patient, pcn=pcn))
        last = number == len(codes) - 1
        kind = "remit_paid" if last else "remit_denied"
        answer = remit(hours + DAY, 8_000 if last else 0, line, kind="remit_paid", pcn=pcn, patient=patient)
        answer.kind = "remit_paid" if kind == "remit_paid" else "remit_denied"
        events.append(answer)
    return events


@pytest.mark.parametrize(
    ("codes", "fires"),
    [
        (("X1", "X2", "X3"), True),
        (("X1", "X2"), False),  # one correction
        (("X1", "X1", "X1"), False),  # unchanged
        (("X1", "X2", "X2", "X3"), True),
    ],
)
def test_b31_changed_after_each_denial_until_paid(codes: tuple[str, ...], *, fires: bool) -> None:
    hospital = watch()
    found = hospital.see(*tries("P1", *codes))
    assert said("B31", found) == (["low"] if fires else [])
    if fires:
        assert reason("B31", found) == (
            "The service was paid after 2 changes of codes, modifiers or diagnoses, each after a denial."
        )


def test_b31_a_change_of_the_diagnosis_is_one_too() -> None:
    hospital = watch()
    events = tries("P1", "X1", "X1", "X1")
    for event, code in ((events[0], "I10"), (events[2], "E119"), (events[4], "J069")):
        assert event.claim is not None
        event.claim.dx = [Diagnosis(code=code)]
    assert said("B31", hospital.see(*events)) == ["low"]


def test_b31_five_services_of_a_provider_are_a_habit() -> None:
    hospital = watch()
    for number in range(4):
        assert said("B31", hospital.see(*tries(f"P{number}", "X1", "X2", "X3"))) == ["low"]
    found = hospital.see(*tries("P4", "X1", "X2", "X3"))
    assert said("B31", found) == ["medium"]
    assert "so were 5 services of this provider in 180 days" in reason("B31", found)


# --- B32 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "cents", "fires"), [(61, 12_000, True), (61, 11_999, False), (60, 12_000, False)])
def test_b32_a_replacement_raises_what_was_paid(days: float, cents: int, *, fires: bool) -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"), remit(DAY, 10_000))
    hospital.see(claim((days - 9) * DAY, pcn="A", kind="claim_replaced"))
    hospital.see(remit((days + 0.5) * DAY, -10_000, kind="remit_reversed"))
    found = hospital.see(remit((days + 1) * DAY, cents))
    assert said("B32", found) == (["medium"] if fires else [])
    if fires:
        assert "raised the payment of this claim by 20%" in reason("B32", found)


def test_b32_a_higher_payment_without_a_replacement_is_the_payers_doing() -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"), remit(DAY, 10_000), remit(70 * DAY, -10_000, kind="remit_reversed"))
    assert said("B32", hospital.see(remit(80 * DAY, 20_000))) == []


@pytest.mark.parametrize(
    ("queue", "hours", "fires"), [("Payer audit", 14, True), ("Payer audit", 15.1, False), ("coding", 3, False)]
)
def test_b32_a_void_after_an_audit_began(queue: str, hours: float, *, fires: bool) -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"), remit(DAY, 10_000))
    hospital.see(TaskContext(patient_ref="P1", queue=queue, opened_at=at(20 * DAY)), known=at(20 * DAY))
    found = hospital.see(claim((20 + hours) * DAY, pcn="A", kind="claim_voided"))
    assert said("B32", found) == (["medium"] if fires else [])


def test_b32_a_void_of_what_was_not_paid_is_ordinary() -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"))
    hospital.see(TaskContext(patient_ref="P1", queue="audit", opened_at=at(2)), known=at(2))
    assert said("B32", hospital.see(claim(DAY, pcn="A", kind="claim_voided"))) == []

"""B28 and B33: changes of payees' accounts, and remittances that do not fit."""

import dataclasses

import pytest

from detectors.events import BillingTransaction
from detectors.events.billing import AdjustmentReason, Amounts, BilledPatient, Payment
from detectors.itinerary import itinerary
from detectors.thresholds import Thresholds
from detectors.thresholds_money import MoneyThresholds
from tests.detectors.money.events import DAY, bank_change, changed, of, opened, posted, remitted, severities, staff
from tests.detectors.watch import Watch, at

NPI = "1234567893"


def test_b28_the_new_account_is_the_last_stop() -> None:
    stops = itinerary(bank_change(1))
    assert [(stop.stage, stop.ref) for stop in stops] == [
        ("user", "U1"), ("instrument", f"payee:{NPI}"), ("instrument", "bank:acct-2"),
    ]  # fmt: skip


def test_b28_one_sign_alone_is_none() -> None:
    watch = Watch()
    watch.see(bank_change(1, channel="email"))
    assert of(watch, "B28") == []


def test_b28_signs_of_the_user_of_the_payee_and_of_the_account_come_together() -> None:
    watch = Watch()
    watch.see(changed("user_attribute_change", 1, "password_reset", actor="HELP", of="U1"))
    watch.see(changed("user_attribute_change", 2, "email", actor="HELP", of=NPI, kind="Organization"))
    watch.see(bank_change(3, payee="VENDOR-7"))
    watch.see(bank_change(4, channel="helpdesk", verified_by="U1"))
    (found,) = of(watch, "B28")
    assert (found.severity, found.entity.ref) == ("critical", f"payee:{NPI}")
    assert found.features == {"signs": 5.0}
    for words in ("password", "contact details of the payee", "helpdesk", "nobody else", "another payee"):
        assert words in found.reasons[0]


@pytest.mark.parametrize(("when", "found"), [(1.0, True), (8 * DAY, False)])
def test_b28_a_reset_counts_for_a_week_before_the_change(when: float, found: bool) -> None:
    watch = Watch()
    watch.see(changed("user_attribute_change", 1, "mfa_reset", actor="HELP"), bank_change(1 + when, channel="email"))
    assert bool(of(watch, "B28")) is found


def test_b28_a_reset_of_another_users_password_does_not() -> None:
    watch = Watch()
    watch.see(changed("user_attribute_change", 1, "password", actor="U1", of="U7"), bank_change(2, channel="email"))
    assert of(watch, "B28") == []


@pytest.mark.parametrize(("ip_class", "found"), [("vpn", True), ("onsite", False)])
def test_b28_a_new_device_outside_of_a_user_of_old(ip_class: str, found: bool) -> None:
    watch = Watch()
    watch.see(
        opened("U1", "P", 0, action="login", ip="192.0.2.1", ip_class="vpn"),
        opened("U1", "P", 20 * DAY, action="login", ip="192.0.2.2", ip_class=ip_class),
    )
    watch.see(bank_change(21 * DAY, verified_by=""))
    assert ["new device or address" in hit.reasons[0] for hit in of(watch, "B28")] == ([True] if found else [])


def from_account(patient: str) -> BillingTransaction:
    return BillingTransaction(
        kind="patient_payment",
        occurred_at=at(1),
        patient=BilledPatient(ref=patient),
        payment=Payment(method="ach", bank_fp="acct-2"),
        amounts=Amounts(paid=100),
    )


@pytest.mark.parametrize(("patient", "found"), [("PE", True), ("P1", False)])
def test_b28_an_account_that_an_employee_pays_from(patient: str, found: bool) -> None:
    watch = Watch()
    watch.see(staff("U5", self_patient_ref="PE"), from_account(patient), bank_change(2, channel="email"))
    assert severities(watch, "B28") == (["critical"] if found else [])


def test_b28_planned_changes_are_listed() -> None:
    money = MoneyThresholds(planned_payees=frozenset({NPI}))
    watch = Watch(thresholds=dataclasses.replace(Thresholds(), money=money))
    watch.see(bank_change(1, channel="email", verified_by=""))
    assert of(watch, "B28") == []


@pytest.mark.parametrize(("days", "found"), [(2, True), (12, False)])
def test_b28_the_first_payment_to_the_new_account(days: int, found: bool) -> None:
    """One sign at the change, and the payment within ten days is the second."""
    watch = Watch()
    watch.see(remitted(1, "acct-1"), bank_change(2, channel="email"))
    assert of(watch, "B28") == []
    watch.see(remitted(2 + days * DAY, "acct-2"), remitted(3 + days * DAY, "acct-2"))
    assert severities(watch, "B28") == (["critical"] if found else [])
    assert of(watch, "B33") == [], "the change is on record"


# --- B33 --------------------------------------------------------------------------------------------------------------


def test_b33_an_account_that_nobody_announced() -> None:
    watch = Watch()
    watch.see(remitted(1, "acct-1"), remitted(2, "acct-1"))
    assert of(watch, "B33") == []
    watch.see(remitted(3, "acct-9"), remitted(4, "acct-9"), remitted(5, "acct-1"))
    assert severities(watch, "B33") == ["high"], "once"


def test_b33_a_change_of_long_ago_announces_nothing() -> None:
    watch = Watch()
    watch.see(remitted(1, "acct-1"), bank_change(2), remitted(50 * DAY, "acct-2"))
    assert severities(watch, "B33") == ["high"]


def test_b33_what_does_not_add_up_is_said_once_for_a_payment() -> None:
    watch = Watch()
    watch.see(*(remitted(hour, "acct-1", checks=["payment_out_of_balance"]) for hour in (1, 2, 3)))
    assert [finding.reasons for finding in of(watch, "B33b")] == [
        ["A remittance does not add up. Its claims and provider adjustments do not add up to what was paid."]
    ]


def test_b33_other_notes_of_the_reader_are_no_mismatch() -> None:
    watch = Watch()
    watch.see(remitted(1, "acct-1", checks=["npi_invalid", "reissued"]))
    assert of(watch, "B33b") == []


@pytest.mark.parametrize(("last", "found"), [(3_100_000, True), (2_900_000, False)])
def test_b33_what_payers_withhold_grows(last: int, found: bool) -> None:
    """Three months of 10,000 dollars, then three times that."""
    watch = Watch()
    for month, amount in enumerate((1_000_000, 1_000_000, 1_000_000, last)):
        watch.see(
            BillingTransaction(
                kind="provider_adjustment", occurred_at=at((10 + 30 * month) * DAY),
                amounts=Amounts(adjustment=amount), payment=Payment(payee_npi=NPI),
                adjustment=AdjustmentReason(plb_code="WO"),
            )
        )  # fmt: skip
    assert ["31,000.00 USD" in finding.reasons[0] for finding in of(watch, "B33b")] == ([True] if found else [])


def test_a_refund_of_a_clerk_visits_no_payee() -> None:
    assert [stop.stage for stop in itinerary(posted("refund", 1, 100))] == ["patient", "user"]


# --- B33c, deposits ---------------------------------------------------------------------------------------------------


def announced(hours: float, trace: str, cents: int = 10_000, method: str = "ACH") -> BillingTransaction:
    """Return a remittance whose money is to come at once."""
    remittance = remitted(hours, "acct-1")
    remittance.amounts = Amounts(paid=cents)
    remittance.payment = Payment(method=method, trace=trace, payee_npi=NPI)
    return remittance


def deposited(hours: float, trace: str) -> BillingTransaction:
    return BillingTransaction(
        kind="deposit",
        occurred_at=at(hours),
        amounts=Amounts(paid=10_000),
        payment=Payment(trace=trace, payee_npi=NPI),
    )


def test_b33_a_deposit_visits_the_payee_alone() -> None:
    assert [(stop.stage, stop.ref) for stop in itinerary(deposited(1, "T1"))] == [("instrument", f"payee:{NPI}")]


def test_b33_money_that_never_came() -> None:
    """Announced on the second day, in two claims; due until the twelfth, and the bank's record goes on after it."""
    watch = Watch()
    watch.see(announced(0, "T1"), deposited(1, "T1"), announced(DAY, "T2", 7_000), announced(DAY, "T2", 3_050))
    watch.see(announced(11 * DAY - 1, "T3"), deposited(11 * DAY, "T3"))
    assert of(watch, "B33c") == [], "ten days to the second"
    watch.see(deposited(11 * DAY + 1, "T4"))
    (found,) = of(watch, "B33c")
    assert (found.severity, found.entity.ref) == ("medium", f"payee:{NPI}")
    assert found.features == {"missing": 100.5, "days": 10.0}
    assert found.reasons[0].startswith("A remittance announced 100.50 USD to this payee 10 days ago")
    watch.see(deposited(12 * DAY, "T5"), deposited(13 * DAY, "T6"))
    assert len(of(watch, "B33c")) == 1, "once"


def test_b33_money_that_comes_late_withdraws_it() -> None:
    watch = Watch()
    watch.see(deposited(0, "T0"), announced(1, "T1"), deposited(12 * DAY, "T2"))
    (found,) = of(watch, "B33c")
    watch.see(deposited(13 * DAY, "T1"), deposited(14 * DAY, "T3"))
    assert [gone.finding_id for gone in watch.retractions] == [found.id]
    assert len(of(watch, "B33c")) == 1


def test_b33_two_payments_are_told_one_after_the_other() -> None:
    watch = Watch()
    watch.see(deposited(0, "T0"), announced(2, "T2"), announced(1, "T1"))
    watch.see(deposited(12 * DAY, "T3"), deposited(13 * DAY, "T4"), deposited(14 * DAY, "T5"))
    assert [found.features["days"] for found in of(watch, "B33c")] == [11.0, 12.0]


@pytest.mark.parametrize(
    "silent",
    [
        pytest.param(announced(1, "T1", method="CHK"), id="a cheque"),
        pytest.param(announced(1, "T1", 0), id="nothing was paid"),
        pytest.param(announced(-1, "T1"), id="from before the bank's record"),
        pytest.param(announced(1, ""), id="no trace number"),
        pytest.param(announced(1, "T0"), id="the deposit came first"),
    ],
)
def test_b33_no_deposit_is_to_be_expected(silent: BillingTransaction) -> None:
    watch = Watch()
    watch.see(deposited(0, "T0"), silent, deposited(20 * DAY, "T9"))
    assert of(watch, "B33c") == []


def test_b33_without_a_record_of_the_bank_nothing_is_said() -> None:
    watch = Watch()
    watch.see(announced(1, "T1"), announced(30 * DAY, "T2"))
    assert of(watch, "B33c") == []
    assert not {"remit.missing_trace", "remit.came_late"} & watch.notes.keys()


def test_b33_what_a_reversal_takes_back_is_not_missing() -> None:
    watch = Watch()
    taken = announced(2, "T1", -10_000)
    taken.kind = "remit_reversed"
    watch.see(deposited(0, "T0"), announced(1, "T1"), taken, deposited(20 * DAY, "T9"))
    assert of(watch, "B33c") == []

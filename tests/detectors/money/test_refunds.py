"""B22 to B24, B27: refunds, write-offs, split amounts and overpayments."""

import pytest

from detectors.events import BillingTransaction
from detectors.events.billing import Amounts, BilledPatient, Claim, Link, Party
from tests.detectors.money.events import DAY, of, paid, person, posted, severities, staff
from tests.detectors.watch import Watch, at


def remittance(hours: float, owed: int, pcn: str = "A") -> BillingTransaction:
    return BillingTransaction(
        kind="remit_paid",
        occurred_at=at(hours),
        patient=BilledPatient(ref="P1"),
        claim=Claim(pcn=pcn),
        rendering=Party(npi="1234567893"),
        amounts=Amounts(paid=10_000, patient_resp=owed),
    )


# --- B22 --------------------------------------------------------------------------------------------------------------


def test_b22_a_refund_without_a_clerk_is_judged_at_the_patient() -> None:
    watch = Watch()
    watch.see(paid(1, 10_000), posted("refund", 2, 10_000, card="card-2", user=""))
    (found,) = of(watch, "B22b")
    assert (found.severity, found.entity.type) == ("high", "patient")
    assert found.reasons == [
        "A refund of 100.00 USD goes to another card or account than the payment came from; no user is named who "
        "posted it."
    ]


def test_b22_a_refund_without_a_clerk_that_fits_is_none() -> None:
    watch = Watch()
    watch.see(paid(1, 10_000), posted("refund", 2, 10_000, card="card-1", user=""))
    assert of(watch, "B22b") == []


def test_b22_with_a_clerk_the_rule_of_the_clerk_speaks() -> None:
    watch = Watch()
    watch.see(paid(1, 10_000), posted("refund", 2, 10_000, card="card-2"))
    assert of(watch, "B22b") == []
    assert severities(watch, "B22") == ["high"]


def test_b22_a_payment_that_an_outage_stopped_is_no_payment() -> None:
    watch = Watch()
    watch.see(paid(1, 10_000, response="91"), posted("refund", 40 * DAY, 10_000, card="card-1", user=""))
    assert [finding.reasons[0].split(" belongs")[0] for finding in of(watch, "B22b")] == ["A refund of 100.00 USD"]


def own_card_of(user: str) -> list[BillingTransaction]:
    return [
        paid(1, 5_000, patient="PE", card="card-e"),
        paid(2, 10_000),
        posted("refund", 3, 10_000, card="card-e", user=user),
    ]


@pytest.mark.parametrize(("user", "words"), [("U1", "the very user who posted it"), ("U2", "a member of staff")])
def test_b22_a_refund_to_an_employees_card_is_critical(user: str, words: str) -> None:
    watch = Watch()
    watch.see(staff("U1", self_patient_ref="PE"))
    watch.see(*own_card_of(user))
    (found,) = of(watch, "B22c")
    assert (found.severity, found.entity.type, found.entity.ref) == ("critical", "user", user)
    assert words in found.reasons[0]


def test_b22_an_employees_own_bill_may_be_refunded_to_the_own_card() -> None:
    watch = Watch()
    watch.see(staff("U1", self_patient_ref="PE"))
    watch.see(paid(1, 5_000, patient="PE", card="card-e"), posted("refund", 2, 5_000, patient="PE", card="card-e"))
    assert of(watch, "B22c") == []


def test_b22_a_relatives_bill_may_be_refunded_to_the_card_that_paid_it() -> None:
    watch = Watch()
    watch.see(staff("U1", self_patient_ref="PE"))
    watch.see(paid(1, 5_000, patient="PE", card="card-e"), paid(2, 7_000, patient="P2", card="card-e"))
    watch.see(posted("refund", 3, 7_000, patient="P2", card="card-e"))
    assert of(watch, "B22c") == []


# --- B23 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patient", "severity", "words"),
    [
        ("PE", "high", "the own account"),
        ("PH", "high", "somebody at the same address"),
        ("PF", "medium", "the same surname in the same postal area"),
        ("PC", "medium", "a colleague"),
        ("PS", "", ""),
    ],
)
def test_b23_whose_account_it_is(patient: str, severity: str, words: str) -> None:
    watch = Watch()
    watch.see(staff("U1", self_patient_ref="PE", dept="Accounts", last_name_tok="N1", address_tok="A1", geo5="12345"))
    watch.see(staff("U2", self_patient_ref="PC", dept="Accounts"))
    watch.see(person("PH", "N2", "A1"), person("PF", "N1", "A2", "12345"), person("PS", "N1", "A3", "99999"))
    watch.see(posted("write_off", 1, 20_000, patient=patient))
    assert severities(watch, "B23") == ([severity] if severity else [])
    assert all(words in finding.reasons[0] and "200.00 USD" in finding.reasons[0] for finding in of(watch, "B23"))


def test_b23_many_more_write_offs_than_the_role() -> None:
    watch = Watch()
    for clerk in range(20):
        for number in range(5):
            watch.see(
                posted("write_off", clerk / 10 + number * DAY, 5_000, patient=f"P{number}", user=f"U{clerk + 10}")
            )
    for number in range(15):
        watch.see(posted("write_off", 6 * DAY + number, 5_000, patient=f"Q{number}", user="UX"))
    assert {finding.entity.ref for finding in of(watch, "B23b")} == {"UX"}
    assert severities(watch, "B23b") == ["medium"], "once a week"


def test_b23_small_balances_are_swept_by_the_hundred() -> None:
    watch = Watch()
    for clerk in range(20):
        watch.see(posted("write_off", clerk / 10, 5_000, user=f"U{clerk + 10}"))
    for number in range(40):
        watch.see(posted("write_off", DAY + number / 60, 2_500, patient=f"Q{number}", user="UX"))
    assert of(watch, "B23b") == []


def test_b23_fewer_reasons_than_before() -> None:
    """Four reasons alike often have 2 bits; after that one reason alone has none."""
    watch = Watch()
    for number in range(40):
        watch.see(posted("write_off", number * 12, 100, patient=f"P{number}", reason=f"R{number % 4}"))
    for number in range(40):
        watch.see(posted("write_off", 55 * DAY + number, 100, patient=f"Q{number}", reason="R0"))
    assert set(severities(watch, "B23b")) == {"low"}
    assert "0.0 bits of entropy after 2.0" in of(watch, "B23b")[0].reasons[0]


def test_b23_what_was_written_off_is_paid() -> None:
    watch = Watch()
    watch.see(posted("write_off", 1, 12_300), paid(3 * DAY + 1, 12_300))
    (found,) = of(watch, "B23c")
    assert (found.severity, found.entity.ref) == ("medium", "U1")
    assert found.reasons == ["123.00 USD were paid 3 days after the same amount had been written off on this account."]


@pytest.mark.parametrize("payment", [paid(DAY, 12_500), paid(31 * DAY, 12_300), paid(DAY, 12_300, response="05")])
def test_b23_another_amount_or_a_month_later_is_ordinary(payment: BillingTransaction) -> None:
    watch = Watch()
    watch.see(posted("write_off", 1, 12_300), payment)
    assert of(watch, "B23c") == []


@pytest.mark.parametrize(("period", "days"), [("2026-02", 2), ("2026-02-28", 2), ("2026-03", 0), ("soon", 0)])
def test_b23_reversed_after_the_period(period: str, days: int) -> None:
    """Monday is the 2nd of March."""
    watch = Watch()
    watch.see(posted("adjustment", 1, 5_000, period=period, links=[Link(rel="reverses", id="e")]))
    assert [f" {days} days after" in finding.reasons[0] for finding in of(watch, "B23")] == ([True] if days else [])


# --- B24 --------------------------------------------------------------------------------------------------------------


def test_b24_refunds_split_below_the_limit() -> None:
    watch = Watch()
    for number in range(3):
        watch.see(posted("refund", number * DAY, 45_000, patient=f"P{number}", card=f"c{number}", limit=50_000))
    (found,) = of(watch, "B24")
    assert (found.severity, found.features) == ("medium", {"items": 3.0, "sum": 1_350.0})
    assert found.reasons == [
        "3 amounts that this user posted within five days, each just below the limit of 500.00 USD, come to 1,350.00 "
        "USD together."
    ]
    assert of(watch, "B24c") == [], "three cards"


@pytest.mark.parametrize(
    ("amounts", "step"),
    [((45_000, 45_000), 1.0), ((39_999, 45_000, 45_000), 1.0), ((45_000, 45_000, 50_000), 1.0), ((45_000,) * 4, 60.0)],
)
def test_b24_two_or_other_amounts_or_weeks_apart_are_not(amounts: tuple[int, ...], step: float) -> None:
    watch = Watch()
    for number, amount in enumerate(amounts):
        watch.see(posted("refund", number * step * DAY, amount, patient=f"P{number}", card="c", limit=50_000))
    assert of(watch, "B24", "B24c") == []


def test_b24_cash_below_the_reporting_limit_by_any_cashier() -> None:
    watch = Watch()
    for number in (2, 0, 1):
        watch.see(paid(number * DAY, 950_000, method="cash", user=f"U{number}"))
    (found,) = of(watch, "B24b")
    assert found.entity.type == "patient"
    assert "28,500.00 USD" in found.reasons[0]


# --- B27 --------------------------------------------------------------------------------------------------------------


def test_b27_more_than_five_payments_in_an_hour() -> None:
    watch = Watch()
    for number in range(5):
        watch.see(paid(1 + number / 10, 2_000))
    assert of(watch, "B27") == []
    watch.see(paid(1.9, 2_000))
    assert [finding.reasons for finding in of(watch, "B27")] == [
        ["A payment was tried on this account 6 times within an hour; more than 5 are not expected."]
    ]


def test_b27_many_times_the_own_median_day() -> None:
    watch = Watch()
    for day in range(5):
        watch.see(paid(day * DAY, 2_000))
    for number in range(6):
        watch.see(paid(10 * DAY + 2 * number, 2_000))
    assert [finding.reasons for finding in of(watch, "B27")] == [
        ["A payment was tried on this account 6 times within 24 hours; on its median day it was 1."]
    ]


def test_b27_an_outage_makes_people_try_again() -> None:
    watch = Watch()
    for number in range(12):
        watch.see(paid(1 + number / 60, 2_000, response="96"))
    assert of(watch, "B27") == []


@pytest.mark.parametrize(
    ("owed", "card", "days", "found"),
    [
        (10_000, "card-2", 3, True),
        (10_000, "card-1", 3, False),
        (90_000, "card-2", 3, False),
        (10_000, "card-2", 31, False),
    ],
)
def test_b27_overpaid_then_refunded_to_another_card(owed: int, card: str, days: int, found: bool) -> None:
    watch = Watch()
    watch.see(remittance(1, owed), paid(2, 90_000), posted("refund", 2 + days * DAY, 80_000, card=card))
    assert ["owed in all" in finding.reasons[0] for finding in of(watch, "B27")] == ([True] if found else [])


def test_b27_nothing_is_known_to_be_owed_so_nothing_is_said() -> None:
    watch = Watch()
    watch.see(paid(2, 90_000), posted("refund", 3, 80_000, card="card-2"))
    assert of(watch, "B27") == []

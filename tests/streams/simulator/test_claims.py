"""Claims and money: what adds up, what follows what, and numbers that check."""

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from streams.simulator.providers import TAXONOMIES, npi
from tests.streams.simulator.ward import Money, Week


def luhn_holds(digits: str) -> bool:
    """The check of ISO/IEC 7812-1, written out."""
    total = 0
    for place, symbol in enumerate(reversed(digits)):
        value = int(symbol)
        if place % 2 == 1:
            value *= 2
            if value > 9:
                value -= 9
        total += value
    return total % 10 == 0


def of_kind(week: Week, *kinds: str) -> list[Money]:
    return [money for money in week.money if money.data.kind in kinds]


def test_npi_of_the_golden_vector() -> None:
    assert npi(23_456_789) == "1234567893"


@given(st.integers(0, 99_999_999))
def test_every_npi_passes_its_check(number: int) -> None:
    assert len(npi(number)) == 10
    assert luhn_holds("80840" + npi(number))


def test_lines_add_up_to_the_claim(week: Week) -> None:
    claims = of_kind(week, "claim_submitted", "claim_replaced", "claim_voided", "remit_paid", "remit_denied")
    assert claims
    for money in claims:
        assert money.data.amounts
        assert money.data.lines
        assert sum(line.charge for line in money.data.lines) == money.data.amounts.charge


def test_charge_less_adjustments_is_what_is_paid(week: Week) -> None:
    """CLP03 minus all CAS amounts is CLP04 (domain.md §1.2)."""
    remits = of_kind(week, "remit_paid", "remit_denied", "remit_reversed")
    assert {money.data.kind for money in remits} >= {"remit_paid", "remit_denied"}
    for money in remits:
        assert money.data.amounts
        adjusted = sum(part.amount for line in money.data.lines for part in line.adjustments)
        assert money.data.amounts.charge - adjusted == money.data.amounts.paid
        sign = -1 if money.data.kind == "remit_reversed" else 1
        assert sign * money.data.amounts.paid >= 0
        assert (money.data.amounts.paid == 0) == (money.data.kind == "remit_denied")


def test_frequency_and_status_say_what_the_kind_says(week: Week) -> None:
    frequency = {"claim_submitted": "1", "claim_replaced": "7", "claim_voided": "8"}
    status = {"remit_paid": "1", "remit_denied": "4", "remit_reversed": "22"}
    for money in week.money:
        if money.data.kind in frequency:
            assert money.data.claim
            assert money.data.claim.frequency == frequency[money.data.kind]
        if money.data.kind in status:
            assert money.data.claim
            assert money.data.claim.status == status[money.data.kind]


def test_parties_are_persons_with_valid_numbers(week: Week) -> None:
    for money in of_kind(week, "claim_submitted", "claim_replaced"):
        person, referring = money.data.rendering or money.data.attending, money.data.referring
        assert money.data.billing
        assert money.data.billing.entity == "2"
        # A laboratory bills what it was referred, and no person renders it.
        assert (person is None) == (money.data.billing.taxonomy == TAXONOMIES["laboratory"])
        assert person or referring
        for party in (person, referring):
            assert party is None or (party.entity == "1" and luhn_holds("80840" + party.npi))
        assert luhn_holds("80840" + money.data.billing.npi)


def test_claims_come_in_files(week: Week) -> None:
    """Six files a day (domain.md §6.2): claims leave within minutes of 2, 6, 10, 14, 18 and 22 o'clock."""
    hours = Counter(int(money.at % 86_400 // 3600) for money in of_kind(week, "claim_submitted"))
    assert set(hours) <= {2, 6, 10, 14, 18, 22}


def test_no_service_is_billed_before_it_is_given(week: Week) -> None:
    for money in of_kind(week, "claim_submitted", "claim_replaced"):
        for line in money.data.lines:
            assert line.dos_from
            assert line.dos_from <= money.data.occurred_at.date()


def test_ordinary_days_of_a_physician_are_possible(week: Week) -> None:
    """Far under B05's 720 minutes, by the minimum minutes of the codes that state a time (domain.md B05)."""
    minutes: dict[tuple[str, object], float] = defaultdict(float)
    floor = {"99213": 20.0, "99214": 30.0, "99203": 30.0, "99204": 45.0, "99205": 60.0, "99215": 40.0, "90837": 53.0}
    for money in of_kind(week, "claim_submitted"):
        if money.scenario:
            continue
        for line in money.data.lines:
            worked = 15 * line.units - 7 if line.code in ("97110", "97140") else floor.get(line.code, 0.0)
            minutes[line.rendering_npi, line.dos_from] += worked
    assert 0 < max(minutes.values()) < 720


def test_refunds_go_where_the_money_came_from(week: Week) -> None:
    paid = {money.id: money.data for money in of_kind(week, "patient_payment")}
    refunds = [money for money in of_kind(week, "refund") if not money.scenario]
    for money in refunds:
        original = paid[money.data.links[0].id]
        assert money.data.patient == original.patient
        assert money.data.amounts == original.amounts
        assert money.data.payment
        assert original.payment
        assert money.data.payment.bank_fp == original.payment.bank_fp
        if original.payment.card:
            assert money.data.payment.card
            assert money.data.payment.card.token == original.payment.card.token

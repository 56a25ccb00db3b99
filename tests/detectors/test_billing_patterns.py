"""Billing patterns through the real stages (domain.md §2)."""

import datetime

import pytest

from detectors.events import BillingTransaction, ExclusionContext
from detectors.events.billing import (
    Amounts,
    Approval,
    BilledPatient,
    Card,
    Claim,
    Clerk,
    Kind,
    Line,
    Link,
    Member,
    Party,
    Payment,
    PaymentClient,
)
from detectors.finding import Finding
from detectors.itinerary import itinerary
from detectors.reference.service_minutes import ServiceMinutes
from tests.detectors.watch import MONDAY, Watch, at

NPI = "1234567893"
DAY = 24.0
MINUTES = {
    "X30": ServiceMinutes(30, 30),
    "X53": ServiceMinutes(53, 53),
    "XTH": ServiceMinutes(8, 15),
    "XEM": ServiceMinutes(20, 20, share=0.5),
}
"""Invented codes. XTH is timed therapy: n units are at least 15 n - 7 minutes (8-minute rule)."""


def claim(
    hours: float,
    *lines: Line,
    kind: Kind = "claim_submitted",
    patient: str = "P1",
    pcn: str = "",
    npi: str = NPI,
    entity: str = "1",
) -> BillingTransaction:
    """Return a professional claim for services on the day of `hours`, unless a line says otherwise."""
    return BillingTransaction(
        kind=kind,
        occurred_at=at(hours),
        patient=BilledPatient(ref=patient),
        member=Member(ref=f"M-{patient}"),
        claim=Claim(pcn=pcn, pos="11", from_=at(hours).date()),
        rendering=Party(npi=npi, entity=entity),
        lines=list(lines) or [Line(code="X30", charge=10_000)],
    )


def of(detector: str, found: list[Finding]) -> list[Finding]:
    """Return what one pattern said: claims that are made alike here are clones to another (B09)."""
    return [finding for finding in found if finding.detector == detector and finding.kind == "rule"]


# --- B01 --------------------------------------------------------------------------------------------------------------


def test_b01_the_same_lines_again_are_a_duplicate() -> None:
    watch = Watch()
    watch.see(claim(1, pcn="A"))
    assert watch.detected() == set()
    found = watch.see(claim(2, pcn="B"))
    assert [(finding.detector, finding.severity) for finding in found] == [("B01", "info")]


@pytest.mark.parametrize(
    "other",
    [
        claim(2, Line(code="X30", charge=10_000, modifiers=["76"])),
        claim(2, Line(code="X30", charge=10_001)),
        claim(2, Line(code="X53", charge=10_000)),
        claim(2, Line(code="X30", charge=10_000, dos_from=datetime.date(2026, 3, 3))),
        claim(2, Line(code="X30", charge=10_000), Line(code="X53", charge=1)),
        claim(2, npi="1912301953"),
    ],
)
def test_b01_another_service_is_not(other: BillingTransaction) -> None:
    watch = Watch()
    watch.see(claim(1))
    watch.see(other)
    assert "B01" not in watch.detected()


def test_b01_after_a_void_the_claim_may_come_again() -> None:
    watch = Watch()
    watch.see(claim(1, pcn="A"), claim(2, pcn="A", kind="claim_voided"))
    assert watch.see(claim(3, pcn="B")) == []


def test_b01_a_replacement_is_no_duplicate_of_what_it_replaces() -> None:
    watch = Watch()
    watch.see(claim(1, pcn="A"))
    assert watch.see(claim(2, pcn="A", kind="claim_replaced")) == []
    assert [finding.detector for finding in watch.see(claim(3, pcn="C"))] == ["B01"]


def test_b01_two_equal_lines_of_one_claim_are_no_duplicate() -> None:
    watch = Watch()
    assert watch.see(claim(1, Line(code="X30"), Line(code="X30"))) == []


def test_b01_the_share_of_a_provider_makes_the_alert() -> None:
    watch = Watch()
    for number in range(197):
        watch.see(claim(1, patient=f"P{number}"))
    watch.see(claim(2, patient="P0"), claim(2, patient="P1"))
    # 199 claims, 2 duplicates: too few claims to say.
    assert {finding.severity for finding in of("B01", watch.findings)} == {"info"}
    found = of("B01", watch.see(claim(2, patient="P2")))
    # 3 of 200 are 1.5 %, more than 1 %.
    assert [(finding.severity, finding.features) for finding in found] == [
        ("medium", {"claims": 200.0, "duplicates": 3.0})
    ]
    assert "3 of this provider's 200 claims" in found[0].reasons[0]


def test_b01_the_same_event_twice_is_counted_as_a_duplicate_event_not_as_a_claim() -> None:
    watch = Watch()
    watch.see(claim(1), id="same")
    assert watch.see(claim(1), id="same") == []
    assert watch.outcomes == {"scored": 1, "duplicate": 1}


# --- B14 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["billing", "rendering", "referring", "ordering"])
def test_b14_an_excluded_party_in_any_role(role: str) -> None:
    excluded = "1999999984"
    watch = Watch()
    watch.see(ExclusionContext(from_=MONDAY.date(), npi=excluded, list="LEIE"), known=at(0))
    transaction = claim(30)
    setattr(transaction, role, Party(npi=excluded))
    found = watch.see(transaction)
    assert [(finding.detector, finding.severity, finding.entity.ref) for finding in found] == [
        ("B14", "critical", excluded)
    ]


@pytest.mark.parametrize(("first_day", "last_day"), [("2026-03-03", None), ("2026-01-01", "2026-03-02")])
def test_b14_the_validity_is_held_against_the_date_of_service(first_day: str, last_day: str | None) -> None:
    watch = Watch()
    day = datetime.date.fromisoformat
    watch.see(
        ExclusionContext(from_=day(first_day), to=day(last_day) if last_day else None, npi=NPI, list="LEIE"),
        known=at(0),
    )
    assert watch.see(claim(1)) == []


def test_the_responsible_provider_is_visited_last() -> None:
    transaction = claim(1)
    transaction.billing, transaction.referring = Party(npi="B"), Party(npi="R")
    stops = itinerary(transaction)
    assert [stop.ref for stop in stops] == ["P1", "B", "R", NPI]


# --- B22 --------------------------------------------------------------------------------------------------------------


def money(
    kind: Kind, hours: float, cents: int, token: str, *, user: str = "", links: tuple[Link, ...] = ()
) -> BillingTransaction:
    """Return a payment of patient P1, or a refund to one, through the card `token`."""
    return BillingTransaction(
        kind=kind,
        occurred_at=at(hours),
        patient=BilledPatient(ref="P1"),
        amounts=Amounts(paid=cents),
        payment=Payment(card=Card(token=token, response="00")),
        user=Clerk(ref=user) if user else None,
        links=list(links),
    )


def test_b22_a_refund_to_the_card_that_paid_is_ordinary() -> None:
    watch = Watch()
    watch.see(money("patient_payment", 1, 5_000, "C1"))
    assert watch.see(money("refund", 2, -5_000, "C1", user="U1")) == []


def test_b22_a_refund_to_another_card() -> None:
    watch = Watch()
    watch.see(money("patient_payment", 1, 5_000, "C1"))
    found = [finding for finding in watch.see(money("refund", 2, -5_000, "C2", user="U1")) if finding.kind == "rule"]
    assert [(finding.detector, finding.severity) for finding in found] == [("B22", "high")]


def test_b22_two_refunds_larger_than_the_payment() -> None:
    watch = Watch()
    watch.see(money("patient_payment", 1, 5_000, "C1"), money("refund", 2, -3_000, "C1", user="U1"))
    found = watch.see(money("refund", 3, -2_001, "C1", user="U1"))
    assert "B22" in {finding.detector for finding in found}
    assert watch.notes["refund.over_payment"] is True


def test_b22_a_refund_finds_the_payment_that_it_names() -> None:
    watch = Watch()
    watch.see(money("patient_payment", 1, 9_000, "C1"), id="old")
    watch.see(money("patient_payment", 2, 5_000, "C2"), id="new")
    refund = money("refund", 3, -9_000, "C1", user="U1", links=(Link(rel="refunds", id="old"),))
    assert watch.see(refund) == []


def test_b22_no_payment_means_something_only_after_thirty_days_of_watching() -> None:
    watch = Watch()
    assert watch.see(money("refund", 1, -100, "C1", user="U1")) == []
    found = watch.see(money("refund", 1 + 30 * DAY, -100, "C1", user="U1"))
    assert {finding.detector for finding in found} == {"B22"}


def test_b22_four_refunds_by_one_clerk_to_one_card() -> None:
    watch = Watch()
    watch.see(money("patient_payment", 1, 90_000, "C1"))
    for number in range(3):
        assert watch.see(money("refund", 2 + number, -100, "C1", user="U1")) == []
    found = watch.see(money("refund", 6, -100, "C1", user="U1"))
    assert [(finding.detector, finding.entity.type, finding.entity.ref) for finding in found] == [("B22", "user", "U1")]
    assert watch.see(money("refund", 6, -100, "C1", user="U2")) == [], "another clerk's first"


@pytest.mark.parametrize(("cents", "fires"), [(47_499, False), (47_500, True), (50_000, True), (50_001, False)])
def test_b22_just_below_the_approval_limit(cents: int, *, fires: bool) -> None:
    watch = Watch()
    watch.see(money("patient_payment", 1, 100_000, "C1"))
    refund = money("refund", 2, -cents, "C1", user="U1")
    refund.approval = Approval(limit=50_000)
    assert bool(watch.see(refund)) is fires


def test_b22_who_posts_does_not_approve() -> None:
    watch = Watch()
    watch.see(money("patient_payment", 1, 100_000, "C1"))
    refund = money("refund", 2, -100, "C1", user="U1")
    refund.approval = Approval(user_ref="U1")
    assert {finding.severity for finding in watch.see(refund)} == {"high"}


# --- B25 --------------------------------------------------------------------------------------------------------------


def attempt(
    seconds: float, card: int, *, cents: int = 5_000, response: str = "00", ip: str = "ip-1"
) -> BillingTransaction:
    """Return one card payment on the portal."""
    return BillingTransaction(
        kind="patient_payment",
        occurred_at=at(10 + seconds / 3_600),
        amounts=Amounts(paid=cents),
        payment=Payment(
            card=Card(token=f"C{card}", bin=str(400_000 + card), response=response),
            client=PaymentClient(ip=ip, terminal="T1"),
        ),
    )


def test_b25_five_cards_from_one_address_in_ten_minutes() -> None:
    watch = Watch()
    for number in range(4):
        assert watch.see(attempt(number * 100, number)) == []
    found = watch.see(attempt(400, 4))
    assert [(finding.detector, finding.severity, finding.entity.ref) for finding in found] == [
        ("B25", "high", "ip:ip-1")
    ]
    assert "5 different cards" in found[0].reasons[0]


def test_b25_five_cards_in_an_hour_are_a_family_week() -> None:
    watch = Watch()
    for number in range(5):
        watch.see(attempt(number * 700, number))
    assert watch.detected() == set()


def test_b25_refusals_at_a_terminal() -> None:
    watch = Watch()
    for number in range(9):
        watch.see(attempt(number * 5, number, response="05", ip=f"ip-{number}"))
    assert watch.detected() == set()
    found = watch.see(attempt(50, 9, response="05", ip="ip-9"))
    assert ("B25", "terminal:T1") in {(finding.detector, finding.entity.ref) for finding in found}


@pytest.mark.parametrize("response", ["91", "96"])
def test_b25_an_outage_is_no_attack(response: str) -> None:
    watch = Watch()
    for number in range(40):
        watch.see(attempt(number, number, response=response, ip=f"ip-{number}"))
    assert watch.detected() == set()


def test_b25_an_attack_that_goes_on_is_critical() -> None:
    watch = Watch()
    for number in range(40):
        watch.see(attempt(number * 10, number, response="05"))
    severities = [finding.severity for finding in watch.findings if finding.entity.ref == "ip:ip-1"]
    assert "critical" in severities
    assert [finding.severity for finding in watch.findings if finding.kind == "rule"].count("critical") >= 1


def test_b25_six_small_amounts() -> None:
    watch = Watch()
    for number in range(5):
        watch.see(attempt(number * 600, 1, cents=500))
    assert watch.detected() == set()
    assert "6 payments of at most $5.00" in watch.see(attempt(3_100, 1, cents=100))[0].reasons[0]

"""B05b, B16 and B19 through the real stages, and the law of leap years by hand."""

import datetime

import pytest

from detectors.events import BillingTransaction
from detectors.events.billing import BilledPatient, Diagnosis, Line, Party
from detectors.patterns.b19_timely_filing import last_day
from detectors.stages.claim_attributes import full_years
from tests.detectors.claims.site import DAY, NPI, claim, reason, remit, said, watch
from tests.detectors.watch import at

date = datetime.date.fromisoformat

# --- B19 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "last"),
    [
        ("2025-03-02", "2026-03-02"),
        ("2024-02-29", "2025-02-28"),
        ("2023-02-28", "2024-02-28"),
        ("2023-03-01", "2024-03-01"),
        ("2023-12-31", "2024-12-31"),
    ],
)
def test_b19_a_calendar_year_by_hand(service: str, last: str) -> None:
    assert last_day(date(service)) == date(last)


@pytest.mark.parametrize(("dos", "days"), [("2025-03-02", 0), ("2025-03-01", 1), ("2025-02-20", 10)])
def test_b19_a_professional_claim_counts_from_its_first_line(dos: str, days: int) -> None:
    found = watch().see(claim(1, Line(code="X1", dos_from=date("2025-12-01")), Line(code="X2", dos_from=date(dos))))
    assert said("B19", found) == (["low"] if days else [])
    if days:
        said_days = "1 day" if days == 1 else f"{days} days"
        assert reason("B19", found) == (
            f"The claim was filed {said_days} after the limit of one calendar year from {dos}, and gives no reason."
        )


def institutional(first: str, last: str) -> BillingTransaction:
    """Return an institutional claim of 2 March 2026 for a time."""
    transaction = claim(1, Line(revenue="0120", dos_from=date(first)))
    assert transaction.claim is not None
    transaction.claim.type = "institutional"
    transaction.claim.from_, transaction.claim.through = date(first), date(last)
    return transaction


@pytest.mark.parametrize(("last", "fires"), [("2025-03-02", False), ("2025-03-01", True)])
def test_b19_an_institutional_claim_counts_from_its_end(last: str, *, fires: bool) -> None:
    assert said("B19", watch().see(institutional("2025-01-10", last))) == (["low"] if fires else [])


def test_b19_other_payers_and_exceptions_are_not_judged() -> None:
    other = claim(1, dos=date("2024-01-01"))
    assert other.claim is not None
    other.claim.filing_indicator = "CI"
    assert said("B19", watch().see(other)) == []
    excused = claim(1, dos=date("2024-01-01"))
    assert excused.claim is not None
    excused.claim.delay_reason = "7"
    assert said("B19", watch().see(excused)) == []


@pytest.mark.parametrize(
    ("before", "after", "severities"),
    [
        ("2025-02-20", "2025-03-23", ["high"]),  # 31 days, and ten days late before
        ("2025-02-20", "2025-03-22", []),  # 30 days
        ("2025-03-03", "2025-06-01", []),  # it was in time
        ("2025-01-01", "2025-02-20", ["low"]),  # late still
    ],
)
def test_b19_a_replacement_that_moves_the_date_into_the_limit(before: str, after: str, severities: list[str]) -> None:
    hospital = watch()
    hospital.see(claim(-30 * DAY, pcn="A", dos=date(before)))
    found = hospital.see(claim(1, pcn="A", dos=date(after), kind="claim_replaced"))
    assert said("B19", found) == severities
    if severities == ["high"]:
        assert "moved the date of service from 2025-02-20 by 31 days" in reason("B19", found)
        assert "past the limit of one year, by 10 days" in reason("B19", found)


def test_b19_a_habit_of_excuses() -> None:
    hospital = watch()
    severities = []
    for number in range(12):
        excused = claim(1, patient=f"P{number}")
        assert excused.claim is not None
        excused.claim.delay_reason = "3"
        severities += said("B19", hospital.see(excused))
    assert severities == ["medium"], "from the tenth on, and once"


# --- B16 --------------------------------------------------------------------------------------------------------------


def of(
    sex: str, born: str, *codes: str, modifiers: tuple[str, ...] = (), dx: str = "", patient: str = "P1"
) -> BillingTransaction:
    """Return a claim of 2 March 2026 for a patient of a sex and a birth date."""
    transaction = claim(1, *(Line(code=code, modifiers=list(modifiers)) for code in codes), patient=patient)
    known = {"F": "F", "M": "M"}.get(sex, "U")
    transaction.patient = BilledPatient(ref=patient, birth_date=date(born) if born else None)
    transaction.patient.sex = "F" if known == "F" else "M" if known == "M" else "U"
    if dx:
        assert transaction.claim is not None
        transaction.claim.dx = [Diagnosis(code=dx)]
    return transaction


@pytest.mark.parametrize(
    ("transaction", "fires"),
    [
        (of("M", "1990-01-01", "59400"), True),
        (of("F", "1990-01-01", "59400"), False),
        (of("U", "1990-01-01", "59400"), False),
        (of("M", "1990-01-01", "59400", modifiers=("KX",)), False),
        (of("F", "1961-03-02", "90670"), False),  # 65 today
        (of("F", "1961-03-03", "90670"), True),  # 64 until tomorrow
        (of("F", "", "90670"), False),
        (of("M", "2020-01-01", "99391"), True),
        (of("F", "1996-01-01", "99391"), False),  # a newborn on its mother's claim
        (of("F", "1950-01-01", "99391"), True),
        (of("F", "1950-01-01", "X1", dx="C61"), True),
        (of("M", "1950-01-01", "X1", dx="C61"), False),
    ],
)
def test_b16_what_does_not_fit_is_a_matter_of_billing_quality(transaction: BillingTransaction, *, fires: bool) -> None:
    hospital = watch()
    found = hospital.see(transaction)
    assert said("B16", found) == (["low"] if fires else [])
    assert all(finding.queue == "billing_quality" for finding in found if finding.detector == "B16")
    assert all(score.risk == 0 for score in hospital.scores), "it takes no part in the risk"


def test_b16_many_are_a_cluster_of_the_same_queue() -> None:
    hospital = watch()
    for number in range(9):
        assert said("B16", hospital.see(of("M", "1990-01-01", "59400", patient=f"P{number}"))) == ["low"]
    found = hospital.see(of("M", "1990-01-01", "59400", patient="P9"))
    assert said("B16", found) == ["medium"]
    assert reason("B16", found).startswith("10 claims in 90 days have codes that do not fit")


@pytest.mark.parametrize(("carc", "fires"), [("6", True), ("7", True), ("9", True), ("10", True), ("11", False)])
def test_b16_hears_of_denials(carc: str, *, fires: bool) -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"))
    found = hospital.see(remit(DAY, 0, kind="remit_denied", carc=carc))
    assert said("B16", found) == (["low"] if fires else [])


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [("2000-02-29", "2001-02-28", 0), ("2000-02-29", "2001-03-01", 1), ("2000-02-29", "2004-02-29", 4)],
)
def test_full_years_of_who_is_born_on_a_leap_day(born: str, on: str, years: int) -> None:
    assert full_years(date(born), date(on)) == years


# --- B05b -------------------------------------------------------------------------------------------------------------


def anaesthesia(number: int, minutes: float, *modifiers: str, entity: str = "1") -> BillingTransaction:
    """Return a claim for minutes of anaesthesia of one patient."""
    line = Line(code="00810", units=minutes, unit_basis="MJ", charge=number, modifiers=list(modifiers))
    transaction = claim(1, line, patient=f"P{number}", pcn=f"A{number}")
    transaction.rendering = Party(npi=NPI, entity=entity)
    return transaction


def test_b05b_more_than_twelve_hours_one_by_one() -> None:
    hospital = watch()
    assert said("B05b", hospital.see(anaesthesia(1, 360, "AA"))) == []
    assert said("B05b", hospital.see(anaesthesia(2, 360, "AA"))) == [], "720 are twelve hours"
    found = hospital.see(claim(1, Line(code="XTH", units=2), patient="P3", pcn="T"))
    assert said("B05b", found) == ["medium"]
    # 720 and the 23 least minutes of two units: 743.
    assert "At least 12.4 hours with one patient at a time are billed for 3 patients on 2026-03-02" in (
        reason("B05b", found)
    )


@pytest.mark.parametrize("modifier", ["QK", "QY", "QX", "AD"])
def test_b05b_directed_anaesthesia_is_for_several_patients(modifier: str) -> None:
    hospital = watch()
    hospital.see(*(anaesthesia(number, 360, modifier) for number in range(4)))
    assert "B05b" not in hospital.detected()


def test_b05b_groups_long_operations_and_visits_are_not_counted() -> None:
    hospital = watch()
    hospital.see(*(anaesthesia(number, 360, entity="2") for number in range(4)))
    assert "B05b" not in hospital.detected()
    hospital = watch()
    hospital.see(anaesthesia(1, 800, "AA"))
    assert "B05b" not in hospital.detected(), "one patient"
    hospital = watch()
    hospital.see(*(claim(1, Line(code="XEM", units=40), patient=f"P{number}") for number in range(2)))
    assert "B05b" not in hospital.detected(), "800 minutes, but by medical decision"


def test_b05b_a_void_clears_the_day() -> None:
    hospital = watch()
    hospital.see(anaesthesia(1, 400, "AA"), anaesthesia(2, 400, "AA"))
    void = anaesthesia(2, 400, "AA")
    void.kind, void.occurred_at = "claim_voided", at(3)
    hospital.see(void)
    (found,) = [one for one in hospital.findings if one.detector == "B05b" and one.kind == "rule"]
    assert found.id in {retraction.finding_id for retraction in hospital.retractions}

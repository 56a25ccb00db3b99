"""B06, B07, B08, B09 and B36 through the real stages: where the patient was, and what goes with it."""

import datetime

import pytest

from detectors.events import AppointmentContext, BillingTransaction, EncounterContext, OrderContext, PatientContext
from detectors.events.billing import Claim, Line, Party
from tests.detectors.claims.site import DAY, NPI, claim, reason, remit, said, watch
from tests.detectors.watch import MONDAY, Watch, access, at

DIED = datetime.date(2026, 2, 10)


def day(number: int) -> datetime.date:
    """Return a date so many days after the Monday."""
    return MONDAY.date() + datetime.timedelta(days=number)


# --- B06 --------------------------------------------------------------------------------------------------------------


def after_death(
    hours: float, days: int, *lines: Line, patient: str = "P1", pcn: str = "", pos: str = "11"
) -> BillingTransaction:
    """Return a claim for a service so many days after the death that it names itself (PAT06)."""
    transaction = claim(hours, *lines, dos=DIED + datetime.timedelta(days=days), patient=patient, pcn=pcn, pos=pos)
    assert transaction.patient is not None
    transaction.patient.death_date = DIED
    return transaction


@pytest.mark.parametrize(
    ("transaction", "severities"),
    [
        (after_death(1, 1), []),  # a day of grace
        (after_death(1, 2), ["high"]),
        (after_death(1, 30, Line(code="X1", modifiers=["26"])), []),
        (after_death(1, 31, Line(code="X1", modifiers=["26"])), ["high"]),
        (after_death(1, 30, Line(code="X1", modifiers=["RR"])), []),
        (after_death(1, 30, pos="81"), []),
    ],
)
def test_b06_a_service_after_the_grace(transaction: BillingTransaction, severities: list[str]) -> None:
    assert said("B06", watch().see(transaction)) == severities


def test_b06_by_what_the_hospital_knows_and_by_who_was_discharged_dead() -> None:
    hospital = watch()
    hospital.see(PatientContext(patient_ref="P1", deceased_at=at(-20 * DAY)), known=at(-19 * DAY))
    found = hospital.see(claim(1))
    assert reason("B06", found) == "The latest service of this claim is dated 20 days after the patient's death."
    stay = stay_claim(2, "P2", -30, -20)
    assert stay.claim is not None
    stay.claim.discharge_status = "20"
    hospital.see(stay)
    assert said("B06", hospital.see(claim(3, patient="P2", npi="1912301953"))) == ["high"]


def test_b06_three_patients_in_ninety_days_are_critical_and_a_void_takes_one_back() -> None:
    hospital = watch()
    hospital.see(after_death(1, 3, patient="P1", pcn="A"), after_death(1, 3, patient="P2", pcn="B"))
    hospital.see(claim(2, patient="P2", pcn="B", kind="claim_voided", dos=DIED + datetime.timedelta(days=3)))
    assert said("B06", hospital.see(after_death(3, 3, patient="P3", pcn="C"))) == ["high"]
    found = hospital.see(after_death(4, 3, patient="P4", pcn="D"))
    assert said("B06", found) == ["critical"]
    assert "the same with 3 patients of this provider in 90 days" in reason("B06", found)


def test_b06_a_death_that_is_learnt_after_the_claim_is_seen_when_it_is_paid() -> None:
    hospital = watch()
    hospital.see(claim(1, pcn="A"))
    hospital.see(PatientContext(patient_ref="P1", deceased_at=at(-20 * DAY)), known=at(2))
    assert said("B06", hospital.see(remit(3 * DAY, 8_000, pcn="A"))) == ["high"]
    assert said("B06", hospital.see(remit(3 * DAY, 8_000, pcn="unknown"))) == []


# --- B07 --------------------------------------------------------------------------------------------------------------


def stay_claim(hours: float, patient: str, first: int, last: int, facility: str = "H9") -> BillingTransaction:
    """Return an inpatient claim of another hospital, from one day after the Monday to another."""
    return BillingTransaction(
        kind="claim_submitted",
        occurred_at=at(hours),
        patient=claim(1, patient=patient).patient,
        claim=Claim(pcn=f"S{first}", type="institutional", facility_code="11", from_=day(first), through=day(last)),
        billing=Party(npi=facility, entity="2"),
        attending=Party(npi="1999999984", entity="1"),
        lines=[Line(revenue="0120", charge=900_000, dos_from=day(first))],
    )


@pytest.mark.parametrize(
    ("number", "pos", "facility", "fires"),
    [
        (11, "11", "H9", True),
        (11, "12", "H9", True),
        (10, "11", "H9", False),  # day of admission
        (14, "11", "H9", False),  # day of discharge
        (13, "11", "H9", True),
        (11, "21", "H9", False),  # a visit in hospital
        (11, "11", "G1", False),  # the same hospital
    ],
)
def test_b07_strictly_inside_a_stay_elsewhere(number: int, pos: str, facility: str, *, fires: bool) -> None:
    hospital = watch()
    hospital.see(stay_claim(1, "P1", 10, 14, facility))
    found = hospital.see(claim(20 * DAY, dos=day(number), pos=pos))
    assert said("B07", found) == (["medium"] if fires else [])


def test_b07_a_series_is_grave_and_a_stay_that_is_taken_back_bears_nothing() -> None:
    hospital = watch()
    hospital.see(stay_claim(1, "P1", 10, 20))
    for number in (11, 12):
        assert said("B07", hospital.see(claim(30 * DAY, dos=day(number), pos="12"))) == ["medium"]
    assert said("B07", hospital.see(claim(30 * DAY, dos=day(13), pos="12"))) == ["high"]
    void = stay_claim(31 * DAY, "P1", 10, 20)
    void.kind = "claim_voided"
    hospital.see(void)
    assert said("B07", hospital.see(claim(32 * DAY, dos=day(14), pos="12"))) == []


def test_b07_a_stay_that_is_billed_later_is_seen_when_the_claim_is_paid() -> None:
    hospital = watch()
    hospital.see(claim(12 * DAY, dos=day(11), pcn="A"), stay_claim(20 * DAY, "P1", 10, 14))
    assert said("B07", hospital.see(remit(25 * DAY, 8_000, pcn="A", dos=day(11)))) == ["medium"]


# --- B08 --------------------------------------------------------------------------------------------------------------

BOOKED = 20


def clinic(seen: int = BOOKED) -> Watch:
    """Return a hospital that has watched for days, in which the provider had `seen` claims with an appointment."""
    hospital = watch()
    hospital.see(access("U1", "P0", 0))
    for number in range(seen):
        patient = f"B{number}"
        date = 6 + number % 5
        hospital.see(AppointmentContext(patient_ref=patient, start=at(date * DAY), dept="Clinic"), known=at(15.9 * DAY))
        hospital.see(claim(16 * DAY, patient=patient, dos=day(date), pcn=f"B{number}"))
    return hospital


def test_b08_many_claims_without_a_trace() -> None:
    hospital = clinic()
    severities = []
    for number in range(10):
        severities += said("B08", hospital.see(claim(16 * DAY, patient=f"G{number}", dos=day(10))))
    # The fifth of 25 claims makes 20 %; the tenth is grave.
    assert severities == ["low"] * 4 + ["medium", "high"]
    rules = [finding for finding in hospital.findings if finding.detector == "B08" and finding.kind == "rule"]
    assert rules[-1].reasons[0].startswith("10 of 30 claims (33.3%) of this provider in 90 days go with no appointment")


def test_b08_claims_of_before_the_provider_was_known_count_once_it_is() -> None:
    hospital = watch()
    hospital.see(access("U1", "P0", 0))
    hospital.see(AppointmentContext(patient_ref="P0", start=at(10 * DAY), dept="Clinic"), known=at(15.9 * DAY))
    for number in range(12):
        assert said("B08", hospital.see(claim(16 * DAY, patient=f"G{number}", dos=day(4)))) == [], "an unknown provider"
    severities = []
    for number in range(10):
        patient = f"B{number}"
        made = AppointmentContext(patient_ref=patient, start=at((6 + number) * DAY), dept="Clinic")
        hospital.see(made, known=at(17 * DAY))
        severities += said("B08", hospital.see(claim(17 * DAY, patient=patient, dos=day(6 + number))))
    # The eighth makes twenty claims; on eight of nine days all patients were found.
    assert severities == ["high"]


def test_b08_a_provider_whose_visits_are_not_in_the_feeds_is_not_judged() -> None:
    hospital = clinic(seen=0)
    for number in range(60):
        hospital.see(claim(16 * DAY, Line(code="X1", charge=number), patient=f"G{number}", dos=day(10)))
    assert "B08" not in hospital.detected()


def test_b08_a_visit_that_is_documented_late_clears_the_claim_once_it_is_answered() -> None:
    hospital = clinic()
    (found,) = hospital.see(claim(16 * DAY, patient="G", dos=day(14), pcn="G"))
    assert (found.detector, found.severity) == ("B08", "low")
    hospital.see(access("U1", "G", 16.5 * DAY))
    hospital.see(remit(30 * DAY, 8_000, pcn="G", patient="G", dos=day(14)))
    assert [retraction.finding_id for retraction in hospital.retractions] == [found.id]


@pytest.mark.parametrize("trace", ["appointment", "encounter", "order", "chart", "cancelled", "billing", "early"])
def test_b08_what_is_a_trace(trace: str) -> None:
    hospital = clinic()
    if trace in ("appointment", "cancelled"):
        status = "cancelled" if trace == "cancelled" else "booked"
        made = AppointmentContext(patient_ref="G", start=at(12.9 * DAY), dept="Clinic", status=status)
        hospital.see(made, known=at(15.9 * DAY))
    elif trace == "encounter":
        stay = EncounterContext(patient_ref="G", encounter_id="E", admit_at=at(5 * DAY), discharge_at=at(8.5 * DAY))
        hospital.see(stay, known=at(15.9 * DAY))
    elif trace == "order":
        hospital.see(OrderContext(patient_ref="G", at=at(11 * DAY), user_ref="U1"), known=at(15.9 * DAY))
    elif trace in ("chart", "billing", "early"):
        hours = 7.9 * DAY if trace == "early" else 8.1 * DAY
        hospital.see(access("U1", "G", hours, job="billing specialist" if trace == "billing" else "nurse"))
    found = hospital.see(claim(16 * DAY, patient="G", dos=day(10)))
    assert said("B08", found) == (["low"] if trace in ("cancelled", "billing", "early") else [])


@pytest.mark.parametrize(
    "transaction",
    [
        claim(16 * DAY, patient="G", dos=day(10), pos="02"),
        claim(16 * DAY, patient="G", dos=day(10), pos="81"),
        claim(16 * DAY, Line(code="X1", modifiers=["26"]), patient="G", dos=day(10)),
        claim(16 * DAY, patient="G", dos=day(1)),  # before the watch was two days old
        claim(16 * DAY, patient="G", dos=day(16)),  # the day is not over
        claim(16 * DAY + 40 * DAY, patient="G", dos=day(50)),  # the context is stale
    ],
)
def test_b08_where_no_trace_is_to_be_expected_nothing_is_said(transaction: BillingTransaction) -> None:
    assert said("B08", clinic().see(transaction)) == []


# --- B09 --------------------------------------------------------------------------------------------------------------


def test_b09_fifteen_claims_of_a_day_that_are_one() -> None:
    hospital = watch()
    for number in range(14):
        assert said("B09", hospital.see(claim(1, patient=f"P{number}"))) == []
    found = hospital.see(claim(1, patient="P14"))
    assert said("B09", found) == ["medium"]
    assert "15 of 15 claims for 2026-03-02, each for another patient" in reason("B09", found)


def test_b09_eight_in_ten_are_needed() -> None:
    hospital = watch()
    for number in range(20):
        alike = number >= 5
        hospital.see(claim(1, Line(code="X1", charge=100 if alike else number), patient=f"P{number}"))
    assert "B09" not in hospital.detected(), "15 of 20 are 75 %"


@pytest.mark.parametrize("code", ["90471", "90935", "96413", "87635", "G0008"])
def test_b09_a_flu_clinic_is_alike_by_nature(code: str) -> None:
    hospital = watch()
    for number in range(40):
        hospital.see(claim(1, Line(code=code, charge=4_000), patient=f"P{number}"))
    assert "B09" not in hospital.detected()


def test_b09_a_void_clears_the_day() -> None:
    hospital = watch()
    for number in range(15):
        hospital.see(claim(1, patient=f"P{number}", pcn=f"C{number}"))
    hospital.see(claim(2, patient="P3", pcn="C3", kind="claim_voided"))
    (found,) = [finding for finding in hospital.findings if finding.detector == "B09"]
    assert found.id in {retraction.finding_id for retraction in hospital.retractions}


def test_b09_five_visits_of_a_patient_that_are_one() -> None:
    hospital = watch()
    for number in (0, 7, 14, 21):
        assert said("B09", hospital.see(claim(40 * DAY, dos=day(number)))) == []
    assert said("B09", hospital.see(claim(40 * DAY, dos=day(28)))) == ["low"]


# --- B36 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "number", "modifiers", "fires"),
    [
        ("66984", 90, [], True),
        ("66984", 91, [], False),
        ("11400", 10, [], True),
        ("11400", 11, [], False),
        ("20610", 1, [], False),
        ("66984", 5, ["24"], False),
        ("66984", 5, ["79"], False),
        ("66984", 5, ["GP"], True),
    ],
)
def test_b36_a_visit_after_surgery(code: str, number: int, modifiers: list[str], *, fires: bool) -> None:
    hospital = watch()
    hospital.see(claim(1, Line(code=code)))
    found = hospital.see(claim(100 * DAY, Line(code="99213", modifiers=modifiers), dos=day(number)))
    assert said("B36", found) == (["low"] if fires else [])


def test_b36_another_group_and_a_voided_surgery() -> None:
    hospital = watch()
    hospital.see(claim(1, Line(code="66984"), pcn="A"))
    assert said("B36", hospital.see(claim(9 * DAY, Line(code="99213"), dos=day(5), billing="G2"))) == []
    assert said("B36", hospital.see(claim(9 * DAY, Line(code="99213"), dos=day(5), npi=NPI))) == ["low"]
    hospital.see(claim(10 * DAY, Line(code="66984"), pcn="A", kind="claim_voided"))
    assert said("B36", hospital.see(claim(11 * DAY, Line(code="99213"), dos=day(6)))) == []

"""What was said is withdrawn when its ground falls away: a void, a replacement, an explanation that arrives late."""

import datetime

import msgspec

from detectors.events import (
    DATA_TYPES,
    AppointmentContext,
    CareTeamContext,
    EncounterContext,
    OrderContext,
    StaffContext,
)
from detectors.events.billing import Line
from detectors.finding import Entity
from detectors.late import EXPLANATION_TYPE
from detectors.profiles.patient import PatientProfile
from tests.detectors.test_billing_patterns import MINUTES, claim, of
from tests.detectors.watch import Watch, access, at

DAY = 24.0
SOMEBODY_ELSE = OrderContext(patient_ref="P9", user_ref="U9", at=at(0))


def watching(hours: float) -> Watch:
    """Return a hospital whose context feed was heard of shortly before."""
    watch = Watch()
    watch.see(SOMEBODY_ELSE, known=at(hours))
    return watch


def test_an_appointment_that_is_known_later_withdraws_the_unexplained_access() -> None:
    watch = watching(10)
    (finding,) = watch.see(access("U1", "P1", 10))
    assert finding.detector == "A01"
    watch.see(AppointmentContext(patient_ref="P1", user_ref="U1", start=at(11)), known=at(12))
    (retraction,) = watch.retractions
    assert retraction.finding_id == finding.id
    assert retraction.entity == Entity("user", "U1")
    assert retraction.at == at(12).timestamp()
    assert retraction.reason == "Context that arrived later explains the access (T1)."
    assert watch.outcomes == {"applied": 2, "scored": 1}, "the explanation is not in the ledger"


def test_it_is_withdrawn_once() -> None:
    watch = watching(10)
    watch.see(access("U1", "P1", 10))
    watch.see(AppointmentContext(patient_ref="P1", user_ref="U1", start=at(11)), known=at(12))
    watch.see(CareTeamContext(patient_ref="P1", user_ref="U1", from_=at(9)), known=at(13))
    assert len(watch.retractions) == 1


def test_context_about_somebody_else_withdraws_nothing() -> None:
    watch = watching(10)
    watch.see(access("U1", "P1", 10, dept="ED"))
    watch.see(AppointmentContext(patient_ref="P1", user_ref="U2", start=at(11)), known=at(12))
    watch.see(AppointmentContext(patient_ref="P1", dept="Oncology", start=at(11)), known=at(12))
    watch.see(AppointmentContext(patient_ref="P2", user_ref="U1", start=at(11)), known=at(12))
    assert watch.retractions == []


def test_a_tie_of_the_department_counts_by_the_staff_record() -> None:
    watch = watching(10)
    watch.see(StaffContext(user_ref="U1", dept="Oncology"), known=at(9))
    (finding,) = watch.see(access("U1", "P1", 10))  # the event itself names no department
    watch.see(EncounterContext(patient_ref="P1", encounter_id="E", admit_at=at(8), dept="Oncology"), known=at(12))
    assert [retraction.finding_id for retraction in watch.retractions] == [finding.id]


def test_an_access_explained_later_is_not_counted_among_the_unexplained() -> None:
    watch = watching(10)
    watch.see(access("U1", "P1", 10), access("U1", "P2", 10.1))
    assert watch.notes["user.unexplained_24h"] == 2
    watch.see(AppointmentContext(patient_ref="P1", user_ref="U1", start=at(11)), known=at(10.2))
    watch.see(access("U1", "P3", 10.3))
    assert watch.notes["user.unexplained_24h"] == 2


def test_an_interface_leaves_nothing_open_at_the_patient() -> None:
    watch = watching(10)
    opened = access("interface", "P1", 10)
    opened.actor.type = "service"
    watch.see(opened)
    profile = msgspec.msgpack.decode(watch.tables["patient"]["P1"], type=PatientProfile)
    assert profile.open_accesses == []
    watch.see(access("U1", "P1", 12))
    profile = msgspec.msgpack.decode(watch.tables["patient"]["P1"], type=PatientProfile)
    assert [kept.user for kept in profile.open_accesses] == ["U1"]


def test_sources_cannot_send_explanations() -> None:
    assert EXPLANATION_TYPE not in DATA_TYPES


def test_a_void_withdraws_the_duplicate_that_it_takes_back() -> None:
    watch = Watch()
    watch.see(claim(1, pcn="C1"))
    (finding,) = watch.see(claim(2, pcn="C2"))
    assert finding.detector == "B01"
    watch.see(claim(3, pcn="C2", kind="claim_voided"))
    (retraction,) = watch.retractions
    assert retraction.finding_id == finding.id
    assert retraction.entity == finding.entity
    assert retraction.reason == "The claim was voided."


def test_a_day_that_a_void_makes_possible_again_is_cleared_and_may_be_found_again() -> None:
    watch = Watch(minutes=MINUTES)
    for number in range(32):
        watch.see(claim(1, patient=f"P{number}", pcn=f"C{number}"))
    (finding,) = of("B05", watch.see(claim(1, patient="P32", pcn="C32")))  # 33 times 30 minutes
    watch.see(claim(2, patient="P0", pcn="C0", kind="claim_voided"))
    (retraction,) = watch.retractions
    assert retraction.finding_id == finding.id
    assert retraction.reason == "A claim was taken back, and what is left of the time is possible."
    (again,) = of("B05", watch.see(claim(3, patient="P40", pcn="C40")))
    assert again.severity == finding.severity
    assert again.id != finding.id, "the store has the first one, which is withdrawn"


def test_a_replacement_that_leaves_the_day_impossible_clears_nothing() -> None:
    watch = Watch(minutes=MINUTES)
    tuesday = Line(code="X30", charge=10_000, dos_from=datetime.date(2026, 3, 3))
    for number in range(40):
        watch.see(claim(1, patient=f"P{number}", pcn=f"C{number}"))
    watch.see(claim(2, tuesday, patient="P0", pcn="C0", kind="claim_replaced"))  # 39 times 30 minutes are left
    assert watch.retractions == []

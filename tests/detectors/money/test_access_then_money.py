"""A25, one case for records and money: a stranger's chart, then the money or the identity of that patient."""

import pytest

from detectors.events import AppointmentContext
from detectors.events.access import Action
from detectors.events.billing import Kind
from tests.detectors.looks import keep_fresh
from tests.detectors.money.events import DAY, of, opened, posted, severities
from tests.detectors.watch import Watch, at


def watching(hours: float = 10) -> Watch:
    watch = Watch()
    keep_fresh(watch, hours)
    return watch


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("refund", "posted a refund of 125.00 USD on the patient's account"),
        ("credit", "posted a credit of 125.00 USD on the patient's account"),
        ("write_off", "posted a write-off of 125.00 USD on the patient's account"),
        ("adjustment", "posted an adjustment of 125.00 USD on the patient's account"),
    ],
)
def test_a25_a_chart_without_a_reason_then_money(kind: Kind, words: str) -> None:
    watch = watching()
    watch.see(opened("U1", "P1", 10), posted(kind, 10 + 3 * DAY, 12_500))
    (found,) = of(watch, "A25")
    assert (found.severity, found.entity.ref) == ("high", "U1")
    assert {(entity.type, entity.ref) for entity in found.entities} >= {("user", "U1"), ("patient", "P1")}
    assert found.reasons == [
        "This user opened the chart of a patient without an appointment, encounter, order, care team or work-queue "
        f"task that would explain it, and 3 days later {words}."
    ]


@pytest.mark.parametrize(
    ("user", "patient", "hours"),
    [("U2", "P1", 34.0), ("U1", "P2", 34.0), ("U1", "P1", 10 + 7.1 * DAY), ("U1", "P1", 9.0)],
)
def test_a25_another_user_or_patient_or_later_or_before(user: str, patient: str, hours: float) -> None:
    watch = watching()
    watch.see(opened("U1", "P1", 10), posted("refund", hours, 12_500, user=user, patient=patient))
    assert of(watch, "A25") == []


def test_a25_an_explained_chart_is_work() -> None:
    watch = watching()
    watch.see(AppointmentContext(patient_ref="P1", user_ref="U1", start=at(11)), known=at(9))
    watch.see(opened("U1", "P1", 10), posted("refund", 34, 12_500))
    assert of(watch, "A25") == []


def test_a25_without_fresh_context_nothing_is_said() -> None:
    watch = Watch()
    watch.see(opened("U1", "P1", 10), posted("refund", 34, 12_500))
    assert of(watch, "A25") == []


def test_a25_an_explanation_that_arrives_late_withdraws_it() -> None:
    watch = watching()
    watch.see(opened("U1", "P1", 10), posted("refund", 34, 12_500))
    (found,) = of(watch, "A25")
    watch.see(AppointmentContext(patient_ref="P1", user_ref="U1", start=at(11)), known=at(40))
    assert found.id in {retraction.finding_id for retraction in watch.retractions}
    watch.see(posted("refund", 41, 5_000))
    assert len(of(watch, "A25")) == 1, "the chart is explained, what follows is work"


def test_a25_a_second_chart_that_is_not_explained_keeps_it() -> None:
    watch = watching()
    watch.see(opened("U1", "P1", 10), opened("U1", "P1", 60 * DAY))
    keep_fresh(watch, 60 * DAY)
    watch.see(opened("U1", "P1", 60 * DAY + 1), posted("refund", 61 * DAY, 12_500))
    watch.see(AppointmentContext(patient_ref="P1", user_ref="U1", start=at(11)), known=at(61 * DAY))
    assert len(of(watch, "A25")) == 1
    assert of(watch, "A25")[0].id not in {retraction.finding_id for retraction in watch.retractions}


@pytest.mark.parametrize(
    ("action", "category", "job", "found"),
    [
        ("update", "demographics", "nurse", True),
        ("update", "insurance", "nurse", True),
        ("create", "appointment", "nurse", True),
        ("update", "note", "nurse", False),
        ("read", "demographics", "nurse", False),
        ("update", "demographics", "registrar", False),
    ],
)
def test_a25_the_identity_of_a_stranger_is_changed(action: Action, category: str, job: str, found: bool) -> None:
    watch = watching()
    watch.see(opened("U1", "P1", 10, job=job), opened("U1", "P1", 11, job=job, action=action, category=category))
    assert severities(watch, "A25") == (["low"] if found else [])
    assert all(f"1.0 hours later changed the patient's {category}" in hit.reasons[0] for hit in of(watch, "A25"))


def test_a25_ten_strangers_in_a_week_are_no_slip() -> None:
    watch = watching()
    for number in range(10):
        patient, hour = f"P{number}", 10 + number * 2.0
        watch.see(opened("U1", patient, hour, job="nurse"))
        watch.see(opened("U1", patient, hour + 1, job="nurse", action="update", category="insurance"))
    assert severities(watch, "A25") == ["low", "low", "high"]
    assert (
        of(watch, "A25")[2]
        .reasons[0]
        .endswith("changed the patient's insurance; so it was with 10 patients in 7 days.")
    )


@pytest.mark.parametrize(
    ("patients", "job", "found"), [(10, "nurse", True), (9, "nurse", False), (12, "registrar", False)]
)
def test_a25b_what_it_takes_to_use_an_identity(patients: int, job: str, found: bool) -> None:
    watch = watching()
    for number in range(patients):
        for part, category in enumerate(("demographics", "insurance")):
            watch.see(opened("U1", f"P{number}", 10 + number / 10 + part / 100, job=job, category=category))
    assert bool(of(watch, "A25b")) is found


def test_a25b_demographics_alone_are_not() -> None:
    watch = watching()
    watch.see(
        *(opened("U1", f"P{number}", 10 + number / 10, job="nurse", category="demographics") for number in range(15))
    )
    assert of(watch, "A25b") == []

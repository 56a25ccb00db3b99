"""Templates T5, T6 and T9 (domain.md §3.2): responsibility for diagnoses, being asked, and what a patient begins."""

import pytest

from detectors.events import AppointmentContext, Data, EncounterContext, OrderContext, TaskContext
from detectors.events.billing import Claim, Diagnosis
from detectors.reference.diagnosis_groups import departments_for, load
from detectors.reference.service_minutes import TableError
from detectors.references import References
from tests.detectors.looks import BEGIN, DAY, look, said, standing, watching
from tests.detectors.test_billing_patterns import claim
from tests.detectors.watch import at

TABLE = load(["department,diagnosis", "Cardiology,I2", "Stroke,I63", "Stroke,G4", "Cardiology,R07", "Heart,I2"])


@pytest.mark.parametrize(
    ("category", "departments"),
    [("I25", ["Cardiology", "Heart"]), ("I63", ["Stroke"]), ("R07", ["Cardiology"]), ("C50", []), ("I", [])],
)
def test_departments_for_a_category(category: str, departments: list[str]) -> None:
    assert list(departments_for(category, TABLE)) == departments


@pytest.mark.parametrize(
    "lines",
    [
        ["department,diagnosis", ",I2"],
        ["department,diagnosis", "Cardiology,I25.1"],
        ["department,diagnosis", "Cardiology,25"],
        ["department,diagnosis", "Cardiology"],
        ["department,code", "Cardiology,I2"],
    ],
)
def test_a_bad_line_of_the_table_is_named(lines: list[str]) -> None:
    with pytest.raises(TableError, match="diagnosis groups, line 2"):
        load(lines)


def templates(context: Data, hours: float, *, user: str = "U1", dept: str = "Cardiology") -> object:
    watch = watching(hours - 1, References(responsible=TABLE))
    watch.see(context, known=at(hours - 1))
    watch.see(look(user, "P1", hours, dept=dept))
    return watch.notes["rel.templates"]


def stay(**more: object) -> EncounterContext:
    return EncounterContext(patient_ref="P1", encounter_id="E", admit_at=at(BEGIN), **more)  # type: ignore[arg-type] # test


@pytest.mark.parametrize(
    ("code", "dept", "days", "expected"),
    [
        ("I25.10", "Cardiology", 0, ["T5"]),
        ("I25.10", "Cardiology", 89, ["T5"]),
        ("I25.10", "Cardiology", 91, []),
        ("I25.10", "Stroke", 0, []),
        ("C50.9", "Cardiology", 0, []),
    ],
)
def test_t5_the_diagnosis_of_a_visit(code: str, dept: str, days: float, expected: list[str]) -> None:
    assert templates(stay(dept="Emergency", dx=[code]), BEGIN + days * DAY + 1, dept=dept) == expected


def test_t5_the_diagnosis_of_a_claim() -> None:
    watch = watching(references=References(responsible=TABLE))
    billed = claim(BEGIN - 1)
    billed.claim = Claim(dx=[Diagnosis(code="I21.4")])
    watch.see(billed, look(dept="Cardiology"))
    assert watch.notes["rel.templates"] == ["T5"]


def test_t5_is_silent_without_a_table() -> None:
    watch = watching()
    watch.see(stay(dept="Emergency", dx=["I25.10"]), known=at(BEGIN))
    watch.see(look(dept="Cardiology"))
    assert watch.notes["rel.templates"] == []


def test_t5_explains_late() -> None:
    watch = watching(references=References(responsible=TABLE))
    watch.see(look(dept="Cardiology"))
    assert said(watch, "A01") == [("U1", "low")]
    watch.see(stay(dept="Emergency", dx=["I25.10"]), known=at(BEGIN + 5))
    assert standing(watch, "A01") == 0


@pytest.mark.parametrize("kind", ["consult", "referral", "cross_cover"])
def test_t6_who_is_asked(kind: str) -> None:
    asked = OrderContext(patient_ref="P1", user_ref="U7", dept="Cardiology", kind=kind, at=at(BEGIN))
    assert templates(asked, BEGIN + 1) == ["T6"]
    assert templates(asked, BEGIN + 1, dept="Oncology") == []
    by_task = TaskContext(patient_ref="P1", user_ref="U1", queue=kind, opened_at=at(BEGIN))
    assert templates(by_task, BEGIN + 1) == ["T6"]
    by_pool = TaskContext(patient_ref="P1", pool="Cardiology", queue=kind, opened_at=at(BEGIN))
    assert templates(by_pool, BEGIN + 1) == ["T6"]


def test_another_order_ties_by_department_only() -> None:
    order = OrderContext(patient_ref="P1", user_ref="U7", dept="Cardiology", kind="imaging", at=at(BEGIN))
    assert templates(order, BEGIN + 1) == ["T4"]


@pytest.mark.parametrize(("closed", "days", "expected"), [
    (None, 90.9, ["T7"]), (None, 91.1, []), (100, 90.9, ["T7"]), (100, 100.9, ["T7"]), (100, 101.1, []),
])  # fmt: skip
def test_t7_a_task_that_nobody_closes_does_not_explain_for_ever(
    closed: int | None, days: float, expected: list[str]
) -> None:
    closed_at = None if closed is None else at(BEGIN + closed * DAY)
    task = TaskContext(patient_ref="P1", pool="Cardiology", queue="coding", opened_at=at(BEGIN), closed_at=closed_at)
    assert templates(task, BEGIN + days * DAY) == expected


@pytest.mark.parametrize("queue", ["call", "portal_message", "check_in", "scheduling"])
def test_t9_what_the_patient_begins(queue: str) -> None:
    task = TaskContext(patient_ref="P1", pool="Cardiology", queue=queue, opened_at=at(BEGIN))
    assert templates(task, BEGIN + 23) == ["T9"]
    # A day, though the task be open for longer.
    assert templates(task, BEGIN + 25) == []


@pytest.mark.parametrize(
    ("known", "start", "hours", "expected"),
    [
        (BEGIN, BEGIN + 20 * DAY, BEGIN + 23, ["T9"]),
        (BEGIN, BEGIN + 20 * DAY, BEGIN + 25, []),
        (BEGIN, BEGIN + 20 * DAY, BEGIN + 19.1 * DAY, ["T9"]),
        (BEGIN, BEGIN + 20 * DAY, BEGIN + 21.1 * DAY, []),
    ],
)
def test_t9_the_desk_that_books_and_receives(known: float, start: float, hours: float, expected: list[str]) -> None:
    watch = watching(hours - 1)
    watch.see(AppointmentContext(patient_ref="P1", user_ref="U8", start=at(start)), known=at(known))
    watch.see(look("U1", "P1", hours, dept="Registration"))
    assert watch.notes["rel.templates"] == expected
    watch.see(look("U2", "P1", hours, dept="Cardiology"))
    assert watch.notes["rel.templates"] == []


def test_all_matches_are_stored() -> None:
    watch = watching()
    watch.see(
        AppointmentContext(patient_ref="P1", user_ref="U1", dept="Cardiology", start=at(BEGIN)),
        OrderContext(patient_ref="P1", user_ref="U1", dept="Laboratory", at=at(BEGIN)),
        TaskContext(patient_ref="P1", pool="Cardiology", queue="coding", opened_at=at(BEGIN)),
        known=at(BEGIN),
    )
    watch.see(look(dept="Cardiology"))
    assert watch.notes["rel.templates"] == ["T1", "T2", "T4", "T7"]

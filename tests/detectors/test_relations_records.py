"""What was opened, how and with whose account: A07, A21, A22, A23, A26, A30 (domain.md §3.3)."""

import pytest

from detectors.events import (
    AppointmentContext,
    CareTeamContext,
    EncounterContext,
    PatientContext,
    RosterContext,
    StaffContext,
    TaskContext,
)
from detectors.events.access import Purpose
from tests.detectors.looks import BEGIN, DAY, device, glass, keep_fresh, look, part, said, standing, watching
from tests.detectors.watch import Watch, at


def visit(hours: float, until: float | None = None) -> EncounterContext:
    end = None if until is None else at(until)
    return EncounterContext(patient_ref="P1", encounter_id="E", admit_at=at(hours), discharge_at=end, dept="ED")


# --- A07 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tie", "expected"),
    [
        (None, ["low", "medium"]),
        (visit(BEGIN - 30, BEGIN - 1.1), ["low", "medium"]),
        (visit(BEGIN - 30, BEGIN - 0.9), ["low"]),
        (visit(BEGIN - 30), ["low"]),
        (AppointmentContext(patient_ref="P1", dept="ED", start=at(BEGIN + 23)), ["low"]),
        (AppointmentContext(patient_ref="P1", dept="ED", start=at(BEGIN + 25)), ["low", "medium"]),
        (AppointmentContext(patient_ref="P1", dept="ED", start=at(BEGIN), status="cancelled"), ["low", "medium"]),
    ],
)
def test_a07_an_emergency_goes_with_a_visit(
    tie: EncounterContext | AppointmentContext | None, expected: list[str]
) -> None:
    watch = watching()
    watch.see(*([tie] if tie else []), known=at(BEGIN - 1))
    watch.see(look(break_glass=glass()), look(hours=BEGIN + 0.1, break_glass=glass()))
    assert sorted(severity for _, severity in said(watch, "A07")) == expected


@pytest.mark.parametrize(("arrives", "left"), [(BEGIN + 23.9, 1), (BEGIN + 24.1, 2)])
def test_a07_is_withdrawn_when_the_patient_arrives(arrives: float, left: int) -> None:
    watch = watching()
    watch.see(look(break_glass=glass()))
    assert standing(watch, "A07") == 2
    watch.see(visit(arrives), known=at(arrives))
    assert standing(watch, "A07") == left
    watch.see(visit(arrives), known=at(arrives + 1))
    assert len([r for r in watch.retractions if "visit" in r.reason]) == 2 - left


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [("", False, True), ("", True, False), ("ETREAT", False, False), ("coma", False, False)],
)
def test_a07_a_reason_is_given(code: str, text: bool, expected: bool) -> None:
    watch = watching()
    watch.see(visit(BEGIN - 1), known=at(BEGIN - 1))
    watch.see(look(break_glass=glass(code), purpose=Purpose(text_present=text)))
    assert (("U1", "medium") in said(watch, "A07")) is expected


@pytest.mark.parametrize(("code", "expected"), [("pt care", ["high"]), ("ETREAT", [])])
def test_a07_the_same_words_five_times(code: str, expected: list[str]) -> None:
    watch = watching()
    for number in range(4):
        watch.see(look(patient=f"P{number}", hours=BEGIN + number, break_glass=glass(code)))
    assert ("U1", "high") not in said(watch, "A07")
    watch.see(look(patient="P4", hours=BEGIN + 5, break_glass=glass(code)))
    assert [severity for _, severity in said(watch, "A07") if severity == "high"] == expected


@pytest.mark.parametrize(("dept", "expected"), [("Oncology", ["high"]), ("Emergency", [])])
def test_a07_more_often_than_the_role(dept: str, expected: list[str]) -> None:
    """Twenty nurses did so once in the month; the fifth time in a week is more than the 99th percentile."""
    watch = watching()
    for number in range(20):
        watch.see(look(f"N{number}", f"Q{number}", BEGIN + number / 20, break_glass=glass()))
    for number in range(4):
        watch.see(look("U1", f"P{number}", BEGIN + 2 + number, dept=dept, break_glass=glass()))
    assert ("U1", "high") not in said(watch, "A07")
    watch.see(look("U1", "P4", BEGIN + 7, dept=dept, break_glass=glass()))
    assert [severity for _, severity in said(watch, "A07") if severity == "high"] == expected


@pytest.mark.parametrize(("minutes", "expected"), [(4, []), (6, ["high"])])
def test_a07_after_it_has_expired(minutes: float, expected: list[str]) -> None:
    watch = watching()
    watch.see(visit(BEGIN - 1), known=at(BEGIN - 1))
    watch.see(look(break_glass=glass(expires=BEGIN + 4)))
    late = BEGIN + 4 + minutes / 60
    watch.see(look(hours=late), look(hours=late + 0.01))
    assert [severity for _, severity in said(watch, "A07") if severity == "high"] == expected


# --- A21, A22, A23 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dept", "code", "expected"),
    [
        ("Oncology", "HIV", ["high"]),
        ("Infectious Diseases", "HIV", []),
        ("Oncology", "GDIS", []),
        ("Pharmacy", "HIV", []),
        ("Oncology", "EMP", ["high"]),
    ],
)
def test_a21_the_first_of_a_category(dept: str, code: str, expected: list[str]) -> None:
    watch = watching()
    watch.see(
        look(dept=dept, resource=part("note", code)), look(hours=BEGIN + 0.1, dept=dept, resource=part("note", code))
    )
    watch.see(look(patient="P2", hours=BEGIN + 1, dept=dept, resource=part("note", code)))
    assert [severity for _, severity in said(watch, "A21")] == expected
    watch.see(AppointmentContext(patient_ref="P1", user_ref="U1", start=at(BEGIN)), known=at(BEGIN + 2))
    assert standing(watch, "A21") == 0


def test_a21_an_explained_access_is_known_ever_after() -> None:
    watch = watching()
    watch.see(TaskContext(patient_ref="P1", user_ref="U1", opened_at=at(BEGIN)), known=at(BEGIN))
    watch.see(look(resource=part("note", "HIV")), look(patient="P2", hours=BEGIN + 1, resource=part("note", "HIV")))
    assert said(watch, "A21") == []
    keep_fresh(watch, BEGIN + 402 * DAY)
    watch.see(look(patient="P3", hours=BEGIN + 402 * DAY, resource=part("note", "HIV")))
    assert said(watch, "A21") == [("U1", "high")]


@pytest.mark.parametrize(("code", "expected"), [("PSYTHPN", "high"), ("SUD", "medium"), ("HIV", "")])
def test_a21_what_is_protected_most_is_so_every_time(code: str, expected: str) -> None:
    watch = watching()
    watch.see(look(patient="P0", dept="Oncology", resource=part("note", code)))
    first = len(said(watch, "A21"))
    again = look(patient="P1", hours=BEGIN + 1, dept="Oncology", resource=part("note", code))
    watch.see(again, look(hours=BEGIN + 1.1, dept="Oncology", resource=part("note", code)))
    assert said(watch, "A21")[first:] == ([("U1", expected)] if expected else [])


def test_a21_and_a01_believe_a_float_pool_less() -> None:
    watch = watching()
    for number in range(25):
        watch.see(look(patient=f"Q{number}", hours=BEGIN + number / 10))
    keep_fresh(watch, BEGIN + DAY)
    before = len(watch.findings)
    watch.see(look(patient="P1", hours=BEGIN + DAY, resource=part("note", "HIV")))
    assert {(found.detector, found.severity) for found in watch.findings[before:]} == {("A01", "low")}


@pytest.mark.parametrize(("job", "expected"), [("billing clerk", ["low"]), ("coder, billing", []), ("nurse", [])])
def test_a22_a_clerk_reads_a_note(job: str, expected: list[str]) -> None:
    watch = watching()
    watch.see(look(job=job, resource=part("account")))
    assert said(watch, "A22") == []
    watch.see(look(job=job, hours=BEGIN + 0.1, resource=part("note")))
    assert [severity for _, severity in said(watch, "A22")] == expected


def test_a22_more_than_the_role() -> None:
    watch = watching()
    for number in range(12):
        watch.see(look(f"C{number}", f"Q{number}", BEGIN + number / 20, job="billing clerk", resource=part("note")))
    for number in range(4):
        watch.see(look("U1", f"P{number}", BEGIN + 2 + number / 4, job="billing clerk", resource=part("note")))
    assert ("U1", "medium") not in said(watch, "A22")
    watch.see(look("U1", "P4", BEGIN + 4, job="billing clerk", resource=part("note")))
    assert ("U1", "medium") in said(watch, "A22")


def test_a22_a_task_makes_it_work() -> None:
    watch = watching()
    watch.see(TaskContext(patient_ref="P1", user_ref="U1", queue="denial", opened_at=at(BEGIN)), known=at(BEGIN))
    watch.see(look(job="billing clerk", resource=part("note")))
    assert "user.clerical_notes_7d" not in watch.notes


@pytest.mark.parametrize(
    ("tie", "expected"),
    [
        (None, [("U1", "high")]),
        (visit(BEGIN - 1), [("U1", "high")]),
        (CareTeamContext(patient_ref="P1", user_ref="U1", from_=at(1)), []),
    ],
)
def test_a23_a_restricted_record_is_for_its_list(
    tie: EncounterContext | CareTeamContext | None, expected: list[tuple[str, str]]
) -> None:
    watch = watching()
    watch.see(PatientContext(patient_ref="P1", restricted=True), *([tie] if tie else []), known=at(BEGIN - 1))
    watch.see(look(dept="ED"), look(hours=BEGIN + 1, dept="ED"), look("svc", dept="ED", actor_type="service"))
    assert said(watch, "A23") == expected


def test_a23_a_place_on_the_list_that_comes_late_withdraws_and_the_departments_tie_does_not() -> None:
    watch = watching()
    watch.see(PatientContext(patient_ref="P1", restricted=True), known=at(BEGIN - 1))
    watch.see(look(dept="ED"))
    watch.see(visit(BEGIN - 1), known=at(BEGIN + 1))
    assert standing(watch, "A23") == 1
    watch.see(CareTeamContext(patient_ref="P1", user_ref="U1", from_=at(1)), known=at(BEGIN + 2))
    assert standing(watch, "A23") == 0


# --- A26, A30 ---------------------------------------------------------------------------------------------------------


def sign_in(watch: Watch, accounts: int, homes: int, **client: str) -> None:
    for number in range(accounts):
        home = f"H{number % homes}"
        event = look(f"portal{number}", f"P{number}", BEGIN + number, actor_type="patient", patient_address_tok=home)
        event.client = device(**client)
        watch.see(event)


@pytest.mark.parametrize(
    ("accounts", "homes", "expected"),
    [(4, 4, []), (5, 2, []), (5, 3, [("device:D", "high")]), (20, 1, [])],
)
def test_a26_one_device_on_many_accounts(accounts: int, homes: int, expected: list[tuple[str, str]]) -> None:
    watch = watching()
    sign_in(watch, accounts, homes, name="D")
    assert said(watch, "A26") == expected


def test_a26_a_public_network_is_nobody() -> None:
    watch = watching()
    sign_in(watch, 4, 4, ip="192.0.2.1")
    assert said(watch, "A26") == []
    for number in range(60):
        event = look(f"portal{number}", f"P{number}", BEGIN, actor_type="patient")
        event.client = device(ip="192.0.2.1")
        watch.see(event)
    before = len(said(watch, "A26"))
    sign_in(watch, 60, 60, ip="192.0.2.1")
    assert watch.notes.get("portal.shared") is None
    assert len(said(watch, "A26")) - before <= 2, "one a day and network, until it counts as public"


def test_a26_staff_do_not_visit_their_devices() -> None:
    watch = watching()
    event = look("U1", "P1", client=device("D"))
    watch.see(event)
    assert "device:D" not in watch.tables["instrument"]


@pytest.mark.parametrize(("days", "expected"), [(1, [("son", "medium")]), (31, [])])
def test_a26_a_new_proxy_takes_records_away(days: float, expected: list[tuple[str, str]]) -> None:
    watch = watching()
    watch.see(look("U7", resource=part("proxy"), action="create"))
    watch.see(look("son", hours=BEGIN + days * DAY, actor_type="proxy", action="export"))
    watch.see(look("daughter", patient="P2", hours=BEGIN + DAY, actor_type="proxy", action="export"))
    assert said(watch, "A26") == expected


@pytest.mark.parametrize(("hours", "expected"), [(BEGIN + 1, []), (BEGIN + 3, [("V1", "high")])])
def test_a30_a_vendor_keeps_to_the_session(hours: float, expected: list[tuple[str, str]]) -> None:
    watch = watching()
    watch.see(RosterContext(user_ref="V1", start=at(BEGIN), end=at(BEGIN + 2)), known=at(BEGIN - 1))
    watch.see(look("V1", hours=hours, actor_type="vendor"))
    assert said(watch, "A30") == expected


def test_a30_a_ticket_is_enough_and_without_any_session_it_weighs_less() -> None:
    watch = watching()
    watch.see(TaskContext(patient_ref="P1", user_ref="V1", opened_at=at(BEGIN)), known=at(BEGIN))
    watch.see(StaffContext(user_ref="V1", role="vendor"), known=at(BEGIN))
    watch.see(look("V1", actor_type="vendor"))
    assert said(watch, "A30") == []
    watch.see(look("V1", "P2", BEGIN + 1, actor_type="vendor"))
    assert said(watch, "A30") == [("V1", "medium")]

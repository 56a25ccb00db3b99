"""Who the patient is to the user: colleagues, family, neighbours, the public, the dead (A02 to A06, A08, A12, A24)."""

from typing import Any

import pytest

from detectors.events import AppointmentContext, EncounterContext, PatientContext, StaffContext, TaskContext
from detectors.peers import PeerView
from detectors.peers.affinity import lift_of
from detectors.peers.names import bearers
from tests.detectors.looks import BEGIN, DAY, keep_fresh, look, said, standing, watching
from tests.detectors.watch import Watch, at


def explain(watch: Watch, hours: float, patient: str = "P1", user: str = "U1") -> None:
    """Let a tie become known after all."""
    watch.see(AppointmentContext(patient_ref=patient, user_ref=user, start=at(hours)), known=at(hours))


def staff(user: str, dept: str = "", manager: str = "", **more: object) -> StaffContext:
    return StaffContext(user_ref=user, dept=dept, manager_ref=manager, **more)  # type: ignore[arg-type] # a test's fields


# --- A02 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        (staff("U1", "ED", "M1"), staff("U2", "ED", "M2", self_patient_ref="P1"), ["medium"]),
        (staff("U1", "ED", "M1"), staff("U2", "ICU", "M1", self_patient_ref="P1"), ["medium"]),
        (staff("U1", "ED", "U2"), staff("U2", "ICU", "M1", self_patient_ref="P1"), ["medium"]),
        (staff("U1", "ED", "M1"), staff("U2", "ICU", "U1", self_patient_ref="P1"), ["medium"]),
        (staff("U1", "ED", "M1"), staff("U2", "ICU", "M2", self_patient_ref="P1"), []),
        (staff("U1", "Employee Health", "M1"), staff("U2", "ICU", "M1", self_patient_ref="P1"), []),
        (staff("U1"), staff("U2", self_patient_ref="P1"), []),
        (staff("U1", "ED", "M1", self_patient_ref="P1"), staff("U2", "ED"), []),
    ],
)
def test_a02_a_colleague_is_of_the_department_or_the_line(
    own: StaffContext, other: StaffContext, expected: list[str]
) -> None:
    watch = watching()
    watch.see(own, other, known=at(0))
    watch.see(look())
    assert [severity for _, severity in said(watch, "A02")] == expected


def test_a02_the_second_day_is_graver_and_an_explanation_withdraws() -> None:
    watch = watching()
    watch.see(staff("U1", "ED"), staff("U2", "ED", self_patient_ref="P1"), known=at(0))
    watch.see(look(), look(hours=BEGIN + 1), look(hours=BEGIN + DAY))
    assert said(watch, "A02") == [("U1", "medium"), ("U1", "high")]
    explain(watch, BEGIN + DAY + 1)
    assert standing(watch, "A02") == 0


@pytest.mark.parametrize(("days", "expected"), [(5, "high"), (31, "medium"), (-1, "medium")])
def test_a02_a_colleague_who_leaves(days: float, expected: str) -> None:
    watch = watching()
    gone = staff("U2", "ED", self_patient_ref="P1", terminated_at=at(BEGIN - days * DAY))
    watch.see(staff("U1", "ED"), gone, known=at(0))
    watch.see(look())
    assert said(watch, "A02") == [("U1", expected)]


# --- A03, A04 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "patient", "expected"),
    [
        ({"actor_address_tok": "A"}, {"patient_address_tok": "A"}, ["medium"]),
        ({"actor_address_tok": "A"}, {"patient_address_tok": "B"}, []),
        ({"actor_last_name_tok": "N"}, {"patient_last_name_tok": "N"}, []),
        (
            {"actor_last_name_tok": "N", "actor_geo5": "02115"},
            {"patient_last_name_tok": "N", "patient_geo5": "02115"},
            ["medium"],
        ),
        (
            {"actor_last_name_tok": "N", "actor_geo5": "02115"},
            {"patient_last_name_tok": "N", "patient_geo5": "02116"},
            [],
        ),
    ],
)
def test_a03_household_and_family(user: dict[str, Any], patient: dict[str, Any], expected: list[str]) -> None:
    watch = watching()
    watch.see(look(**user, **patient))
    assert [severity for _, severity in said(watch, "A03")] == expected
    explain(watch, BEGIN + 1)
    assert standing(watch, "A03") == 0


def test_a03_by_the_records_of_staff_and_patient() -> None:
    watch = watching()
    watch.see(staff("U1", address_tok="A"), PatientContext(patient_ref="P1", address_tok="A"), known=at(0))
    watch.see(look())
    assert said(watch, "A03") == [("U1", "medium")]


@pytest.mark.parametrize(("bearers_of_it", "expected"), [(2, ["medium"]), (8, [])])
def test_a03_a_common_surname_is_no_evidence(bearers_of_it: int, expected: list[str]) -> None:
    """Of 400 known patients 0.2 % are 0.8: from the fourth bearer on (three are always few) a name is common here."""
    watch = watching()
    for number in range(400):
        name = "N" if number < bearers_of_it else f"N{number}"
        watch.see(look("U5", f"Q{number}", BEGIN - 8 + number / 60, patient_last_name_tok=name))
    keep_fresh(watch, BEGIN)
    family = {"actor_last_name_tok": "N", "actor_geo5": "1", "patient_last_name_tok": "N", "patient_geo5": "1"}
    watch.see(look("U1", "P1", BEGIN, **family))
    assert [severity for _, severity in said(watch, "A03")] == expected


def test_a_name_is_counted_once_for_each_patient() -> None:
    watch = watching()
    for hours in range(12):
        watch.see(look(f"U{hours}", "P1", BEGIN + hours, patient_last_name_tok="N"))
    watch.see(look("U1", "P2", BEGIN + 20, patient_last_name_tok="N"), look("U1", "P3", BEGIN + 21))
    assert bearers(watch.stages["patient"].peers, "N") == (2, 2)
    assert bearers(PeerView(), "N") == (0, 0)


def test_a04_a_neighbour_is_a_feature_only() -> None:
    watch = watching()
    watch.see(look(actor_block_tok="B", patient_block_tok="B"))
    assert said(watch, "A04") == [("U1", "info")]


# --- A06 --------------------------------------------------------------------------------------------------------------


def test_a06_a_person_of_public_interest() -> None:
    watch = watching()
    watch.see(PatientContext(patient_ref="P1", vip=True), known=at(0))
    watch.see(look(), look(hours=BEGIN + 1), look("U2"))
    assert said(watch, "A06") == [("U1", "high"), ("U2", "high")]
    explain(watch, BEGIN + 2)
    assert standing(watch, "A06") == 1


@pytest.mark.parametrize(
    ("vip", "users", "expected"),
    [(True, 4, []), (True, 5, [("P1", "critical")]), (False, 9, []), (False, 10, [("P1", "critical")])],
)
def test_a06_many_at_one_record(vip: bool, users: int, expected: list[tuple[str, str]]) -> None:
    watch = watching()
    watch.see(*(look(f"U{number}", hours=BEGIN + number / 10, patient_vip=vip) for number in range(users)))
    assert [found for found in said(watch, "A06") if found[1] == "critical"] == expected


def test_a06_a_crowd_is_one_case_about_the_patient() -> None:
    """The first four of seven have a case each; from the fifth on they are a crowd, whom the patient's case holds."""
    watch = watching()
    watch.see(PatientContext(patient_ref="P1", vip=True), known=at(0))
    watch.see(*(look(f"U{number}", hours=BEGIN + number / 10) for number in range(7)))
    watch.see(look("U6", hours=BEGIN + 1))
    alone = [(f"U{number}", "high") for number in range(4)]
    assert said(watch, "A06") == [*alone, ("P1", "critical"), ("P1", "critical"), ("P1", "critical")]
    assert len({finding.id for finding in watch.findings if finding.severity == "critical"}) == 3
    explain(watch, BEGIN + 2, user="U5")
    assert standing(watch, "A06") == 6, "who had a reason leaves the case"


def test_a06_who_may_be_on_shift_counts_half() -> None:
    watch = watching()
    stay = EncounterContext(patient_ref="P1", encounter_id="E", admit_at=at(BEGIN - 5), unit="4 West")
    watch.see(stay, known=at(BEGIN - 5))
    watch.see(*(look(f"U{number}", hours=BEGIN + number / 10, patient_vip=True) for number in range(9)))
    assert "critical" not in {found.severity for found in watch.findings}
    watch.see(look("U9", hours=BEGIN + 1, patient_vip=True))
    assert ("P1", "critical") in said(watch, "A06")


def test_a06_those_who_are_explained_late_do_not_count() -> None:
    watch = watching()
    watch.see(*(look(f"U{number}", hours=BEGIN + number / 10, patient_vip=True) for number in range(4)))
    for number in range(3):
        explain(watch, BEGIN + 1, user=f"U{number}")
    watch.see(*(look(f"V{number}", hours=BEGIN + 2 + number / 10, patient_vip=True) for number in range(3)))
    assert "critical" not in {found.severity for found in watch.findings}


# --- A08, A12, A24 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "job", "expected"),
    [
        (31, "nurse", ["medium"]),
        (29, "nurse", []),
        (31, "coder, coding", []),
        (31, "transplant coordinator", []),
        (119, "billing", []),
        (121, "billing", ["medium"]),
    ],
)
def test_a08_the_dead_are_left_alone_but_for_work(days: float, job: str, expected: list[str]) -> None:
    watch = watching(BEGIN + 200 * DAY)
    begin = BEGIN + 200 * DAY
    watch.see(PatientContext(patient_ref="P1", deceased_at=at(begin - days * DAY)), known=at(0))
    watch.see(look(hours=begin, job=job))
    assert [severity for _, severity in said(watch, "A08")] == expected
    explain(watch, begin + 1)
    assert standing(watch, "A08") == 0


def test_a12_departments_that_have_nothing_to_do_with_each_other() -> None:
    watch = watching()
    for number in range(240):
        dept = ("ED", "Dental")[number % 2]
        patient, hours = f"{dept}{number}", BEGIN + number / 50
        watch.see(TaskContext(patient_ref=patient, pool=dept, opened_at=at(BEGIN)), known=at(BEGIN))
        visit = EncounterContext(patient_ref=patient, encounter_id="E", admit_at=at(BEGIN), dept=dept)
        watch.see(visit, look(f"{dept}-{number % 9}", patient, hours, dept=dept), known=at(BEGIN))
    view = watch.stages["patient"].peers
    # 119 of 239 and 120 of 240 accesses, more or less as published: by chance 60 were to be expected.
    lift = lift_of(view, "ED", ["Dental"], least=50)
    assert lift is not None
    assert lift == pytest.approx(0.5 / 60.5, rel=0.05)
    watch.see(look("ED-1", "Dental1", BEGIN + 6, dept="ED"))
    assert said(watch, "A12") == [("ED-1", "info")]
    assert lift_of(view, "ED", ["Dental"], least=100) is None
    assert lift_of(view, "Unheard of", ["Dental"], least=50) is None


def test_a24_four_separate_days() -> None:
    watch = watching()
    for day in range(4):
        keep_fresh(watch, BEGIN + 7 * day * DAY)
        assert said(watch, "A24") == []
        watch.see(look(hours=BEGIN + 7 * day * DAY), look(hours=BEGIN + 7 * day * DAY + 1))
    assert said(watch, "A24") == [("U1", "high")]
    assert any("on 4 separate days within 30 days" in found.reasons[0] for found in watch.findings)
    explain(watch, BEGIN + 21 * DAY + 2)
    assert standing(watch, "A24") == 0


@pytest.mark.parametrize("days", [(0, 1, 2), (0, 11, 22, 33), (0, 0.1, 0.2, 0.3)])
def test_a24_three_days_or_a_long_time_are_not_enough(days: tuple[float, ...]) -> None:
    watch = watching()
    for day in days:
        keep_fresh(watch, BEGIN + day * DAY)
        watch.see(look(hours=BEGIN + day * DAY))
    assert said(watch, "A24") == []

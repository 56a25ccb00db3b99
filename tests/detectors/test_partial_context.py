"""Records of staff and patients that say only a part, come late, or take something back."""

import itertools

import pytest
from msgspec import UNSET

from detectors.events import (
    AppointmentContext,
    CareTeamContext,
    Data,
    EncounterContext,
    PatientContext,
    StaffContext,
    TaskContext,
)
from detectors.events.envelope import decode, decode_structured, encode_structured
from tests.detectors.watch import Watch, access, at

PATIENT = "org.wardwatch.context.patient.v1"


def flags_of(watch: Watch, hours: float = 50) -> dict[str, object]:
    """Return what the patient stage notes of the patient on an access."""
    watch.see(access("U1", "P1", hours))
    return {name: note for name, note in watch.notes.items() if name.startswith("patient.")}


def test_what_a_record_does_not_say_stays_as_it_was() -> None:
    watch = Watch()
    watch.see(
        PatientContext(patient_ref="P1", vip=True, is_employee=True, restricted=True, deceased_at=at(2)), known=at(3)
    )
    watch.see(PatientContext(patient_ref="P1", age_band="60-69"), known=at(4))
    known = {"patient.vip": True, "patient.is_employee": True, "patient.restricted": True, "patient.deceased_days": 2.0}
    assert flags_of(watch) == known
    watch.see(PatientContext(patient_ref="P1", vip=False), known=at(5))
    del known["patient.vip"]
    assert flags_of(watch) == known
    watch.see(PatientContext(patient_ref="P1", deceased_at=None, restricted=False, is_employee=False), known=at(6))
    assert flags_of(watch) == {}


def test_a_death_is_noted_only_of_what_came_after_it() -> None:
    watch = Watch()
    watch.see(PatientContext(patient_ref="P1", deceased_at=at(2)), known=at(3))
    assert flags_of(watch, hours=1) == {}


RECORDS = (
    (10, PatientContext(patient_ref="P1", vip=True, is_employee=True)),
    (11, PatientContext(patient_ref="P1", vip=False, deceased_at=at(5))),
    (12, PatientContext(patient_ref="P1", deceased_at=None, restricted=True)),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_newest_word_on_each_flag_holds_in_any_order(order: tuple[int, ...]) -> None:
    watch = Watch()
    for index in order:
        hour, record = RECORDS[index]
        watch.see(record, known=at(hour))
    assert flags_of(watch) == {"patient.is_employee": True, "patient.restricted": True}


def test_a_partial_staff_record_keeps_the_rest() -> None:
    watch = Watch()
    watch.see(StaffContext(user_ref="U1", dept="ED", self_patient_ref="P7", terminated_at=at(10)), known=at(0))
    watch.see(StaffContext(user_ref="U1", role="nurse"), known=at(1))
    watch.see(access("U1", "P7", 12))
    assert {"A05", "A13"} <= watch.detected()


def test_an_end_that_is_taken_back_is_no_end() -> None:
    watch = Watch()
    watch.see(StaffContext(user_ref="U1", terminated_at=at(10)), known=at(0))
    watch.see(StaffContext(user_ref="U1", terminated_at=None), known=at(9))
    assert watch.see(access("U1", None, 30, action="login")) == []


def test_a_rehire_counts_from_its_day_on() -> None:
    watch = Watch()
    watch.see(StaffContext(user_ref="U1", status="terminated", terminated_at=at(10)), known=at(9))
    watch.see(StaffContext(user_ref="U1", hired_at=at(20)), known=at(12))
    assert [found.detector for found in watch.see(access("U1", None, 15, action="login"))] == ["A13"]
    assert watch.see(access("U1", None, 25, action="login")) == []
    watch.see(StaffContext(user_ref="U1", status="disabled"), known=at(40))
    assert [found.detector for found in watch.see(access("U1", None, 42, action="login"))] == ["A13"]


ENDS: list[tuple[Data, Data]] = [
    (
        EncounterContext(patient_ref="P1", encounter_id="E1", admit_at=at(-400), user_refs=["U1"], unit="2W"),
        EncounterContext(patient_ref="P1", encounter_id="E1", admit_at=at(-400), discharge_at=at(-300)),
    ),
    (
        CareTeamContext(patient_ref="P1", user_ref="U1", from_=at(-400)),
        CareTeamContext(patient_ref="P1", user_ref="U1", from_=at(-400), to=at(-300)),
    ),
    (
        TaskContext(patient_ref="P1", user_ref="U1", opened_at=at(-400)),
        TaskContext(patient_ref="P1", user_ref="U1", opened_at=at(-400), closed_at=at(-300)),
    ),
    (
        AppointmentContext(patient_ref="P1", user_ref="U1", start=at(12), status="booked"),
        AppointmentContext(patient_ref="P1", user_ref="U1", start=at(12), status="cancelled"),
    ),
]


@pytest.mark.parametrize(("begin", "end"), ENDS, ids=lambda tie: type(tie).__name__)
@pytest.mark.parametrize("is_late", [False, True])
def test_a_late_record_of_the_beginning_does_not_undo_the_end(begin: Data, end: Data, is_late: bool) -> None:
    watch = Watch()
    watch.see(*(() if is_late else (begin,)), known=at(-399))
    watch.see(end, known=at(-290))
    watch.see(*((begin,) if is_late else ()), known=at(-399))
    # 125 days after the discharge, so that taking part in it (90 days) is past as well.
    watch.see(access("U1", "P1", -290 + 125 * 24 if isinstance(begin, EncounterContext) else 10))
    assert watch.notes["rel.templates"] == []


@pytest.mark.parametrize("extra", [b"", b',"shoe_size":9'])
def test_not_said_false_and_null_are_told_apart_on_the_wire(extra: bytes) -> None:
    data = b'{"patient_ref":"P1","vip":false,"deceased_at":null' + extra + b"}"
    event, unknown = decode(data, id="1", source="s", type_name=PATIENT, time=at(0))
    again, _ = decode_structured(encode_structured(event))
    assert unknown == bool(extra)
    for read in (event.data, again.data):
        assert isinstance(read, PatientContext)
        assert (read.vip, read.deceased_at, read.is_employee, read.restricted) == (False, None, UNSET, UNSET)

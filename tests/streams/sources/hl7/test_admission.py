"""What each ADT trigger says of an encounter and of its patient."""

import datetime

import pytest
from msgspec import UNSET

from detectors.events import Event
from tests.streams.sources.hl7.adt import adt, encounter, patient, read, refusal, utc

# New York is at -05:00 on 2 March 2026.
ADMITTED = utc(2026, 3, 2, 15, 0)


def test_an_admission_with_all_that_is_read() -> None:
    (item,) = read(adt("A01"))
    seen = encounter(item)
    assert (seen.patient_ref, seen.encounter_id, seen.class_) == ("4711", "V1", "inpatient")
    assert (seen.unit, seen.facility, seen.dept) == ("2W", "MAIN", "SUR")
    assert (seen.admit_at, seen.discharge_at) == (ADMITTED, None)
    assert seen.user_refs == ["d1", "d2", "d3", "d4"]
    assert item.time == utc(2026, 3, 2, 15, 14).timestamp()  # type: ignore[union-attr]  # an event, as seen above


def test_a_discharge_ends_and_its_cancellation_goes_on() -> None:
    (left,) = read(adt("A03", left="20260305120000"))
    assert encounter(left).discharge_at == utc(2026, 3, 5, 17, 0)
    (still,) = read(adt("A13", left="20260305120000"))
    assert encounter(still).discharge_at is None
    (unsaid,) = read(adt("A03", happened="20260304080000"))
    assert encounter(unsaid).discharge_at == utc(2026, 3, 4, 13, 0)
    (recorded,) = read(adt("A03"))
    assert encounter(recorded).discharge_at == utc(2026, 3, 2, 15, 14)


def test_a_transfer_and_its_cancellation_say_where_the_patient_is() -> None:
    (moved,) = read(adt("A02", location="ICU^1"))
    (back,) = read(adt("A12", location="2W^201"))
    assert (encounter(moved).unit, encounter(back).unit) == ("ICU", "2W")
    assert encounter(back).facility == "HOSP"


def test_a_cancelled_admission_ended_when_it_began() -> None:
    seen = encounter(read(adt("A11"))[0])
    assert seen.admit_at == seen.discharge_at == ADMITTED


def test_a_registration_may_lack_its_beginning() -> None:
    seen = encounter(read(adt("A04", kind="O", admitted="", happened="20260302090000"))[0])
    assert (seen.class_, seen.admit_at) == ("outpatient", utc(2026, 3, 2, 14, 0))


@pytest.mark.parametrize("trigger", ["A02", "A03", "A12", "A13"])
def test_what_follows_an_admission_must_say_when_it_was(trigger: str) -> None:
    assert refusal(read(adt(trigger, admitted=""))[0]) == ("missing_field", "message 1, PV1-44")


def test_an_update_of_the_person_alone_tells_no_encounter() -> None:
    assert read(adt("A08", admitted="")) == []
    assert encounter(read(adt("A08"))[0]).encounter_id == "V1"
    (flags,) = read(adt("A08", admitted="", vip="VIP"))
    assert patient(flags).vip


def test_flags_are_told_only_where_the_message_states_them() -> None:
    assert len(read(adt(vip=""))) == 1
    assert [patient(read(adt(vip=code))[1]).vip for code in ("V", "Y", "N", '""')] == [True, True, False, False]
    important = patient(read(adt(vip="V"))[1])
    assert [important.deceased_at, important.is_employee, important.restricted] == [UNSET] * 3
    assert patient(read(adt(dead="N"))[1]).vip is UNSET


def test_deaths() -> None:
    (_, told) = read(adt("A08", died="20260304", dead="Y"))
    # A day without an hour means its last second: 23:59:59 EST is 04:59:59 UTC of the next day.
    assert patient(told).deceased_at == utc(2026, 3, 5, 4, 59, 59)
    (_, exact) = read(adt("A08", died="20260304101500.5+0100"))
    seen = patient(exact).deceased_at
    assert isinstance(seen, datetime.datetime)
    assert seen.isoformat() == "2026-03-04T09:15:00.500000+00:00"
    (_, expired) = read(adt("A03", disposition="20", left="20260305120000"))
    assert patient(expired).deceased_at == utc(2026, 3, 5, 17, 0)
    (_, alive) = read(adt("A08", dead="N"))
    assert patient(alive).deceased_at is None
    (_, withdrawn) = read(adt("A08", died='""'))
    assert patient(withdrawn).deceased_at is None


def test_the_record_number_is_the_one_of_type_mr() -> None:
    for identifiers, wanted in (
        ("9^^^X^PI~8^^^X^MR", "8"),
        ("7^^^X^SS~9^^^X^PI", "9"),
        ("7^^^X^AN~6", "7"),
        ("^^^X^MR~6", "6"),
    ):
        assert encounter(read(adt(patient=identifiers))[0]).patient_ref == wanted
    assert refusal(read(adt(patient=""))[0]) == ("missing_field", "message 1, PID-3")


def test_a_visit_without_number_is_refused() -> None:
    assert refusal(read(adt(visit=""))[0]) == ("missing_field", "message 1, PV1-19")


@pytest.mark.parametrize(
    ("trigger", "reason"),
    [("A41", "unsupported_trigger"), ("A31", "unsupported_trigger"), ("", "unsupported_trigger")],
)
def test_triggers_that_are_not_mapped_are_refused(trigger: str, reason: str) -> None:
    ((found, place),) = [refusal(item) for item in read(adt(trigger))]
    assert found == reason
    assert place.startswith("message 1, MSH-9.2")


def merge_message(*groups: tuple[str, str]) -> bytes:
    """Return an A40; each group is the list of identifiers that goes on, and the one that ends."""
    segments = [
        "MSH|^~\\&|ADT1|HOSP|WARDWATCH|HOSP|20260302101500||ADT^A40^ADT_A39|M9|P|2.5.1",
        "EVN|A40|20260302101400",
    ]
    for goes_on, ends in groups:
        segments += [f"PID|1||{goes_on}||DOE^JANE", f"MRG|{ends}"]
    return "".join(segment + "\r" for segment in segments).encode()


def test_a_merge_tells_which_number_ends_and_which_goes_on() -> None:
    first, second = read(merge_message(("1^^^X^SS~2^^^X^MR", "4^^^X^PI~3^^^X^MR"), ("7^^^X^MR", "8")))
    assert [(patient(item).patient_ref, patient(item).merged_into) for item in (first, second)] == [
        ("3", "2"),
        ("8", "7"),
    ]
    assert patient(first).vip is UNSET
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert first.id != second.id
    assert first.time == utc(2026, 3, 2, 15, 14).timestamp()


@pytest.mark.parametrize(
    ("groups", "reason", "place"),
    [
        ((), "missing_field", "message 1, PID-3"),
        ((("2^^^X^MR", ""),), "missing_field", "message 1, MRG-1"),
        ((("", "2^^^X^MR"),), "missing_field", "message 1, PID-3"),
        ((("2^^^X^MR", "2^^^X^MR"),), "merged_into_itself", "message 1, MRG-1"),
    ],
)
def test_half_a_merge_is_refused_whole(groups: tuple[tuple[str, str], ...], reason: str, place: str) -> None:
    assert [refusal(item) for item in read(merge_message(("5", "6"), *groups) if groups else merge_message())] == [
        (reason, place)
    ]


def test_other_messages_are_refused() -> None:
    assert refusal(read(adt().replace(b"ADT^A01", b"ORU^R01"))[0]) == ("unsupported_message_type", "message 1, MSH-9.1")


@pytest.mark.parametrize(
    "time", ["2026", "202603", "20261301", "20260230", "2026030225", "soon", "20260302+9999", "99991231235959"]
)
def test_times_that_are_none_are_refused_and_not_quoted(time: str) -> None:
    ((reason, place),) = [refusal(item) for item in read(adt(admitted=time))]
    assert (reason, place) in (("impossible_date", "message 1, PV1-44"), ("impossible_date", "message 1, admit_at"))


def test_ids_are_those_of_the_message_whatever_file_it_comes_in() -> None:
    first, second = read(adt(vip="V")), read(adt(control="M0") + adt(vip="V"))[1:]
    ids = [item.id for item in first + second if hasattr(item, "id")]
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2
    again = read(adt(sent="20270302101500", vip="V"))
    assert {item.id for item in again if hasattr(item, "id")}.isdisjoint(ids)


def test_clocks_put_back() -> None:
    # 01:30 came twice on 1 November 2026; the first was at -04:00.
    assert encounter(read(adt(admitted="20261101013000"))[0]).admit_at == utc(2026, 11, 1, 5, 30)

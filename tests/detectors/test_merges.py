"""Merged records: what either number explains, and that merges of merges come to one record."""

import itertools
from typing import Literal

import pytest

from detectors.events import (
    AppointmentContext,
    BillingTransaction,
    CareTeamContext,
    Data,
    EncounterContext,
    OrderContext,
    PatientContext,
    StaffContext,
    TaskContext,
)
from detectors.events.billing import Amounts, BilledPatient, Card, Payment
from tests.detectors.watch import Watch, access, at


def merge(old: str, survivor: str | None) -> PatientContext:
    return PatientContext(patient_ref=old, merged_into=survivor)


TIES: list[tuple[Data, str]] = [
    (AppointmentContext(patient_ref="OLD", user_ref="U1", start=at(1)), "T1"),
    (OrderContext(patient_ref="OLD", user_ref="U1", at=at(1)), "T2"),
    (EncounterContext(patient_ref="OLD", encounter_id="E1", user_refs=["U1"], admit_at=at(1)), "T2"),
    (CareTeamContext(patient_ref="OLD", user_ref="U1", from_=at(1)), "T6"),
    (TaskContext(patient_ref="OLD", user_ref="U1", opened_at=at(1)), "T7"),
]


@pytest.mark.parametrize(("tie", "template"), TIES, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("is_late", [False, True])
def test_ties_of_the_old_record_explain_accesses_to_the_survivor(tie: Data, template: str, is_late: bool) -> None:
    watch = Watch()
    for event in (merge("OLD", "NEW"), tie) if is_late else (tie, merge("OLD", "NEW")):
        watch.see(event, known=at(2))
    watch.see(access("U1", "NEW", 3))
    assert watch.notes["rel.templates"] == [template]
    assert "patient.merged_record" not in watch.notes


def test_ties_of_the_survivor_explain_accesses_to_the_old_record() -> None:
    watch = Watch()
    watch.see(CareTeamContext(patient_ref="NEW", user_ref="U1", from_=at(1)), known=at(1))
    watch.see(access("U1", "OLD", 2))
    assert watch.notes["rel.templates"] == []
    watch.see(merge("OLD", "NEW"), known=at(2))
    watch.see(access("U1", "OLD", 3))
    assert watch.notes["rel.templates"] == ["T6"]
    assert watch.notes["patient.merged_record"] is True


def test_without_a_merge_nothing_is_shared() -> None:
    watch = Watch()
    watch.see(CareTeamContext(patient_ref="OLD", user_ref="U1", from_=at(1)), merge("OLD", None), known=at(1))
    watch.see(access("U1", "NEW", 3))
    assert watch.notes["rel.templates"] == []


def test_an_explained_access_and_a_first_pair_are_of_both_numbers() -> None:
    watch = Watch()
    watch.see(OrderContext(patient_ref="OLD", user_ref="U1", at=at(0)), known=at(0))
    watch.see(access("U1", "OLD", 1))
    watch.see(merge("OLD", "NEW"), known=at(2))
    watch.see(access("U1", "NEW", 3))
    assert watch.notes["rel.first_pair"] is False
    assert watch.notes["rel.repeat"] is True


def test_flags_of_both_by_the_newest_word() -> None:
    watch = Watch()
    watch.see(PatientContext(patient_ref="OLD", vip=True, is_employee=True, deceased_at=at(1)), known=at(1))
    watch.see(PatientContext(patient_ref="NEW", vip=False, restricted=True), known=at(2))
    watch.see(merge("OLD", "NEW"), known=at(3))
    watch.see(PatientContext(patient_ref="OLD", deceased_at=None), known=at(4))
    watch.see(access("U1", "NEW", 25))
    flags = ("patient.vip", "patient.is_employee", "patient.restricted", "patient.deceased_days")
    assert [name for name in flags if name in watch.notes] == ["patient.is_employee", "patient.restricted"]


@pytest.mark.parametrize(("own", "opened"), [("OLD", "NEW"), ("NEW", "OLD"), ("OLD", "OLD")])
def test_the_own_record_is_recognised_by_any_number(own: str, opened: str) -> None:
    watch = Watch()
    watch.see(StaffContext(user_ref="U1", self_patient_ref=own), merge("OLD", "NEW"), known=at(0))
    watch.see(access("U1", opened, 1))
    assert "A05" in watch.detected()


def money(kind: Literal["patient_payment", "refund"], patient: str, cents: int, hours: float) -> BillingTransaction:
    return BillingTransaction(
        kind=kind,
        occurred_at=at(hours),
        patient=BilledPatient(ref=patient),
        amounts=Amounts(paid=cents),
        payment=Payment(card=Card(token="C1")),
    )


def test_a_refund_finds_its_payment_under_the_old_number() -> None:
    watch = Watch()
    watch.see(money("patient_payment", "OLD", 100, 0))
    watch.see(merge("OLD", "NEW"), known=at(1))
    watch.see(money("refund", "NEW", -250, 2))
    assert watch.notes["refund.original_amount"] == 100
    assert watch.notes["refund.over_payment"] is True


MERGES = ((2, merge("A", "B")), (3, merge("B", "C")))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_chain_of_merges_ends_at_one_record(order: tuple[int, ...]) -> None:
    watch = Watch()
    for name in "ABC":
        watch.see(CareTeamContext(patient_ref=name, user_ref=f"U{name}", from_=at(1)), known=at(1))
    for index in order:
        hour, event = MERGES[index]
        watch.see(event, known=at(hour))
    for user, patient in itertools.product("ABC", "ABC"):
        watch.see(access(f"U{user}", patient, 4))
        templates = watch.notes["rel.templates"]
        assert isinstance(templates, list)
        assert "T6" in templates, (user, patient)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_merge_turned_round_goes_on_at_the_later_survivor(order: tuple[int, ...]) -> None:
    watch = Watch()
    for name in "AB":
        watch.see(CareTeamContext(patient_ref=name, user_ref=f"U{name}", from_=at(1)), known=at(1))
    merges = ((2, merge("A", "B")), (3, merge("B", "A")))
    for index in order:
        hour, event = merges[index]
        watch.see(event, known=at(hour))
    watch.see(access("UA", "B", 4))
    assert watch.notes["rel.templates"] == ["T6"]
    assert watch.notes["patient.merged_record"] is True
    watch.see(access("UB", "A", 4))
    assert "patient.merged_record" not in watch.notes
    # Whether A took over B's ties: it did where the last merge arrived last; the other way round it had not yet any.
    assert watch.notes["rel.templates"] == ["T6"]


def test_a_merge_taken_back_parts_what_comes_later() -> None:
    watch = Watch()
    watch.see(merge("OLD", "NEW"), known=at(1))
    watch.see(merge("OLD", None), known=at(2))
    watch.see(CareTeamContext(patient_ref="NEW", user_ref="U1", from_=at(1)), known=at(3))
    watch.see(access("U1", "OLD", 4))
    assert watch.notes["rel.templates"] == []


def test_a_record_merged_into_itself_is_not_merged() -> None:
    watch = Watch()
    watch.see(merge("P1", "P1"), CareTeamContext(patient_ref="P1", user_ref="U1", from_=at(1)), known=at(1))
    watch.see(access("U1", "P1", 4))
    assert watch.notes["rel.templates"] == ["T6"]
    assert "patient.records" not in watch.notes


def test_every_event_is_counted_once() -> None:
    watch = Watch()
    watch.see(merge("OLD", "NEW"), known=at(1))
    watch.see(CareTeamContext(patient_ref="OLD", user_ref="U1", from_=at(1)), known=at(1))
    watch.see(access("U1", "OLD", 2))
    watch.see(merge("OLD", "NEW"), known=at(1), id="event-1")
    assert watch.outcomes == {"applied": 2, "scored": 1, "duplicate": 1}
    assert watch.failures == []

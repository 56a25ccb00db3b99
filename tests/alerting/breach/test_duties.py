"""What must be done, by what is known of a breach."""

from datetime import date
from typing import Any

import pytest

from alerting.breach.affected import Affected
from alerting.breach.clocks import Hold
from alerting.breach.deciding import finish_refusal, notice_refusal, notice_remarks
from alerting.breach.duties import duties, unfinished
from alerting.breach.records import (
    Approved,
    Assessed,
    Counted,
    Decided,
    Described,
    Discovered,
    HeldBack,
    Lifted,
    Record,
    Warned,
)
from alerting.breach.warning import next_on, warnings_due
from tests.alerting.breach.building import a_file, a_notice, an_assessment

FIRST = date(2026, 1, 15)  # a_file's first alert: day 60 is 2026-03-16


def counted(unreachable: int = 0, deceased: int = 0, without_kin: int = 0, **states: int) -> Counted:
    return Counted(
        affected=Affected(states=states, unreachable=unreachable, deceased=deceased, deceased_without_kin=without_kin)
    )


def table(*records: Record) -> list[tuple[str, date, int | None]]:
    return [(duty.clock, duty.due, duty.needed) for duty in duties(a_file(*records))]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({"NY": 499}, [("individual", 499), ("hhs_yearly", 1)]),
        ({"NY": 500}, [("individual", 500), ("hhs", 1)]),  # domain.md §9: HHS yes, media no
        ({"NY": 501}, [("individual", 501), ("media:NY", 1), ("hhs", 1)]),
        ({"NY": 300, "NJ": 300}, [("individual", 600), ("hhs", 1)]),
        ({"NY": 600, "NJ": 501, "CT": 5}, [("individual", 1106), ("media:NJ", 1), ("media:NY", 1), ("hhs", 1)]),
    ],
)
def test_who_must_be_told(states: dict[str, int], expected: list[tuple[str, int]]) -> None:
    assert [(clock, needed) for clock, _, needed in table(counted(**states))] == expected


def test_due_dates_are_those_of_the_vectors() -> None:
    assert table(counted(NY=600)) == [
        ("individual", date(2026, 3, 16), 600),
        ("media:NY", date(2026, 3, 16), 1),
        ("hhs", date(2026, 3, 16), 1),
    ]
    assert table(counted(NY=6))[-1] == ("hhs_yearly", date(2027, 3, 1), 1)
    found = Discovered(on=date(2027, 7, 1), basis="known", reason="told then")
    assert table(found, counted(NY=6)) == [
        ("individual", date(2027, 8, 30), 6),
        ("hhs_yearly", date(2028, 2, 29), 1),
    ]


def test_until_somebody_counts_the_strict_clocks_run() -> None:
    assert table() == [("individual", date(2026, 3, 16), None), ("hhs", date(2026, 3, 16), None)]


def test_people_who_get_no_letter() -> None:
    assert table(counted(NY=20, unreachable=9, deceased=2, without_kin=1)) == [
        ("individual", date(2026, 3, 16), 8),
        ("next_of_kin", date(2026, 3, 16), 2),
        ("substitute", date(2026, 3, 16), 9),
        ("hhs_yearly", date(2027, 3, 1), 1),
    ]
    assert [clock for clock, _, _ in table(counted(NY=3, unreachable=3))] == ["substitute", "hhs_yearly"]


@pytest.mark.parametrize(
    ("contract", "due"), [(None, date(2026, 3, 16)), (10, date(2026, 1, 25)), (90, date(2026, 3, 16))]
)
def test_a_business_associate_tells_its_covered_entity(contract: int | None, due: date) -> None:
    ours = Described(part="business_associate", contract_days=contract)
    assert table(ours, counted(NY=900)) == [("covered_entity", due, 900)]
    assert table(ours) == [("covered_entity", due, None)]


def test_a_hold_shifts_every_clock() -> None:
    until = date(2027, 6, 30)
    held = HeldBack(hold=Hold(kind="written", stated_on=date(2026, 2, 1), until=until), official="x", statement="x")
    assert {due for _, due, _ in table(counted(NY=600, unreachable=1, deceased=1), held)} == {date(2027, 7, 1)}
    assert {due for _, due, _ in table(counted(NY=6), held)} == {date(2027, 7, 1)}


def test_a_hold_that_was_lifted_ends_on_that_day() -> None:
    held = HeldBack(
        hold=Hold(kind="written", stated_on=date(2026, 2, 1), until=date(2026, 12, 31)), official="x", statement="x"
    )
    lifted = Lifted(on=date(2026, 4, 30), official="x", statement="x")
    assert table(counted(NY=600), held, lifted)[0][1] == date(2026, 5, 1)
    early = Lifted(on=date(2026, 2, 20), official="x", statement="x")
    assert table(counted(NY=600), held, early)[0][1] == date(2026, 3, 16)
    before = Lifted(on=date(2026, 1, 31), official="x", statement="x")  # of an earlier hold
    assert table(counted(NY=600), held, before)[0][1] == date(2027, 1, 1)


@pytest.mark.parametrize("conclusion", ["low_probability", "secured"])
def test_the_clocks_end_with_an_approved_assessment_alone(conclusion: str) -> None:
    written = Assessed(assessment=an_assessment(conclusion=conclusion))
    assert table(counted(NY=6), written) != []
    assert table(counted(NY=6), written, Approved(revision=1)) == []
    assert table(counted(NY=6), written, Approved(revision=1), written) != []


def test_notices_fulfil_duties() -> None:
    notices = [
        a_notice(count=589),
        a_notice(kind="next_of_kin", count=1),
        a_notice(kind="substitute", method="web", count=10, days=90),
        a_notice(kind="media", method="press_release", count=600, state="NY"),
        a_notice(kind="hhs", method="portal", count=600),
    ]
    whole = counted(NY=600, unreachable=10, deceased=1)
    assert unfinished(a_file(whole, *notices)) == []
    for place, missing in enumerate(notices):
        left = unfinished(a_file(whole, *notices[:place], *notices[place + 1 :]))
        assert [duty.kind for duty in left] == [missing.kind]


def test_the_yearly_submission_keeps_no_case_open_but_its_clock_runs() -> None:
    file = a_file(counted(NY=2), Decided(outcome="breach"), a_notice(count=2))
    assert finish_refusal(file) == ""
    assert [warned.clock for warned in warnings_due(file, date(2027, 2, 1))] == ["hhs_yearly"]
    told = a_notice(kind="hhs_yearly", method="portal", count=2)
    assert next_on(a_file(counted(NY=2), Decided(outcome="breach"), a_notice(count=2), told)) is None


def test_late_notices_are_known_as_late() -> None:
    on_time, late = date(2026, 3, 16), date(2026, 3, 17)
    for day, expected in ((on_time, False), (late, True)):
        assert duties(a_file(counted(NY=2), a_notice(count=2, made_on=day)))[0].late is expected


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ""),
        ({"made_on": date(2026, 4, 2)}, "future"),
        ({"made_on": date(2026, 1, 14)}, "discovered on 2026-01-15"),
        ({"method": "telephone"}, "mail, agreed_email"),
        ({"method": "email"}, "mail, agreed_email"),
        ({"count": 0}, "how many"),
        ({"kind": "media", "method": "press_release"}, "names its state"),
        ({"kind": "media", "method": "press_release", "state": "ZZ"}, "names its state"),
        ({"kind": "media", "method": "press_release", "state": "NY"}, ""),
        ({"state": "NY"}, "no other notice does"),
        ({"kind": "urgent", "method": "telephone"}, ""),
        ({"kind": "hhs", "method": "mail"}, "portal"),
    ],
)
def test_notices_that_cannot_be(fields: dict[str, Any], wrong: str) -> None:
    refusal = notice_refusal(a_file(counted(NY=20)), a_notice(**fields), date(2026, 4, 1))
    assert wrong in refusal
    assert bool(wrong) == bool(refusal)


@pytest.mark.parametrize(
    ("unreachable", "method", "days", "wrong"),
    [
        (9, "telephone", 0, ""),
        (9, "email", 0, ""),
        (10, "telephone", 0, "web posting or major media"),
        (10, "web", 89, "90 days"),
        (10, "web", 90, ""),
        (10, "major_media", 0, "90 days"),  # the toll-free number is answered for ninety days
        (10, "major_media", 90, ""),
    ],
)
def test_substitute_notice_by_how_many_are_out_of_reach(unreachable: int, method: str, days: int, wrong: str) -> None:
    notice = a_notice(kind="substitute", method=method, days=days, count=unreachable)
    refusal = notice_refusal(a_file(counted(NY=20, unreachable=unreachable)), notice, date(2026, 4, 1))
    assert wrong in refusal
    assert bool(wrong) == bool(refusal)


def test_remarks_on_notices() -> None:
    held = HeldBack(
        hold=Hold(kind="oral", stated_on=date(2026, 2, 20), until=date(2026, 3, 5)), official="x", statement="x"
    )
    file = a_file(counted(NY=500), held)
    remarks = notice_remarks(file, a_notice(kind="hhs_yearly", method="portal"))
    assert [remark.partition(" ")[0] for remark in remarks] == ["law", "the", "500"]
    assert notice_remarks(a_file(counted(NY=5), Decided(outcome="breach")), a_notice()) == []


def test_each_stage_is_warned_of_once() -> None:
    file = a_file(counted(NY=5), a_notice(kind="hhs_yearly", method="portal"))
    told: list[Warned] = []
    for day in range(1, 80):
        today = date.fromordinal(FIRST.toordinal() + day)
        current = a_file(counted(NY=5), a_notice(kind="hhs_yearly", method="portal"), *told)
        fresh = warnings_due(current, today)
        due = next_on(current)
        assert bool(fresh) == (due is not None and due <= today)
        told += fresh
    assert [(one.stage, one.due) for one in told] == [
        (stage, date(2026, 3, 16)) for stage in ("30_days_left", "15_days_left", "5_days_left", "overdue")
    ]
    assert next_on(file) == date(2026, 2, 14)  # day 30
    assert next_on(a_file(counted(NY=5), a_notice(kind="hhs_yearly", method="portal"), *told)) is None


def test_of_stages_that_passed_unseen_only_the_last_is_told() -> None:
    file = a_file(counted(NY=600))
    assert [(one.clock, one.stage) for one in warnings_due(file, date(2026, 3, 12))] == [
        ("individual", "5_days_left"), ("media:NY", "5_days_left"), ("hhs", "5_days_left"),
    ]  # fmt: skip


def test_when_the_end_moves_warnings_begin_anew() -> None:
    told = Warned(clock="individual", stage="overdue", due=date(2026, 3, 16))
    later = Discovered(on=date(2026, 2, 1), basis="known", reason="told then")  # due 2026-04-02
    file = a_file(counted(NY=5), told, later)
    assert [(one.clock, one.stage) for one in warnings_due(file, date(2026, 3, 20))] == [("individual", "15_days_left")]

"""In a confirmed breach nobody lessens the duties alone; over both databases."""

from datetime import date

import pytest

from alerting.breach.affected import Affected
from alerting.breach.checklist import checklist
from alerting.breach.clocks import Hold
from alerting.breach.commands import CountAffected, DescribeBreach, HoldNotices, RecordDiscovery
from alerting.breach.duties import duties
from alerting.breach.file import BreachFile
from alerting.breach.lessening import lessens
from alerting.breach.records import (
    Alerted,
    Change,
    Counted,
    Decided,
    Described,
    Discovered,
    Proposed,
    Record,
    first_break,
    missing_records,
)
from alerting.breach.rows import lines_of
from alerting.commands import ConfirmBreach
from alerting.desk import Desk
from alerting.policy import Policy
from alerting.refusal import Refused
from alerting.store import Store
from tests.alerting.breach.building import (
    ANALYST,
    LAWYER,
    OFFICER,
    POLICY,
    SECOND,
    a_breach_in_notification,
    a_case_under_assessment,
    a_file,
    approved,
    the_file,
)
from tests.alerting.building import Clock, a_desk, case_of

ASSOCIATE = Described(part="business_associate")
SOON = Discovered(on=date(2026, 1, 15), basis="known")
LATER = Discovered(on=date(2026, 1, 16), basis="known", reason="nobody read it before")


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return a_desk(store, clock, policy=POLICY)


def clocks_of(file: BreachFile) -> list[str]:
    return [duty.clock for duty in duties(file)]


def describe(desk: Desk, incident_id: str, actor: str, described: Described = ASSOCIATE) -> BreachFile:
    return desk.handle(DescribeBreach(actor=actor, incident_id=incident_id, described=described))


def count(desk: Desk, incident_id: str, actor: str, **states: int) -> BreachFile:
    return desk.handle(CountAffected(actor=actor, incident_id=incident_id, affected=Affected(states=states)))


def counted(unreachable: int = 0, deceased: int = 0, without_kin: int = 0, **states: int) -> Counted:
    people = Affected(states=states, unreachable=unreachable, deceased=deceased, deceased_without_kin=without_kin)
    return Counted(affected=people)


def test_one_person_alone_only_proposes(desk: Desk, store: Store) -> None:
    incident_id = a_breach_in_notification(desk, NY=612)
    before = the_file(store, incident_id)
    file = describe(desk, incident_id, ANALYST)
    assert clocks_of(file) == ["individual", "media:NY", "hhs"]
    assert checklist(file, date(2026, 3, 9)) == checklist(before, date(2026, 3, 9))
    assert [(one.by, one.change) for one in file.proposed] == [(ANALYST, ASSOCIATE)]
    entry = case_of(store, incident_id).timeline[-1]
    assert (entry.action, entry.actor, entry.detail["status"]) == ("describe_breach", ANALYST, "proposed")

    with pytest.raises(Refused, match=r"you proposed this already.*: a privacy officer gives it too"):
        describe(desk, incident_id, "A.Nalyst ")
    assert the_file(store, incident_id) == file

    file = describe(desk, incident_id, OFFICER)
    assert (clocks_of(file), file.proposed) == (["covered_entity"], ())
    entry = case_of(store, incident_id).timeline[-1]
    assert (entry.actor, entry.detail["proposed_by"], "status" in entry.detail) == (OFFICER, ANALYST, False)
    with store.reading() as connection:
        lines = lines_of(connection, incident_id)
    assert (lines[-2].record, lines[-1].record) == (Proposed(change=ASSOCIATE), ASSOCIATE)
    noted = [str(entry.detail["record"]) for entry in case_of(store, incident_id).timeline if "record" in entry.detail]
    assert (first_break(lines), missing_records(lines, noted), lines[-1].hash in noted) == (None, 0, True)


def test_fewer_people_wait_and_more_do_not(desk: Desk) -> None:
    incident_id = a_breach_in_notification(desk, NY=612)
    file = count(desk, incident_id, OFFICER, NY=400)
    assert clocks_of(file) == ["individual", "media:NY", "hhs"]
    with pytest.raises(Refused, match="another privacy officer, or somebody of the legal department, gives it too"):
        count(desk, incident_id, OFFICER, NY=400)
    file = count(desk, incident_id, ANALYST, NY=612, NJ=501)
    assert clocks_of(file) == ["individual", "media:NJ", "media:NY", "hhs"]
    assert file.proposed == ()  # it was not said with these numbers in view
    assert count(desk, incident_id, SECOND, NY=400).proposed[0].by == SECOND
    assert clocks_of(count(desk, incident_id, LAWYER, NY=400)) == ["individual", "hhs_yearly"]


def test_a_later_discovery_waits(desk: Desk) -> None:
    incident_id = a_breach_in_notification(desk, NY=10)  # first alert on 2026-03-02, a Monday
    desk.handle(
        RecordDiscovery(
            actor=ANALYST, incident_id=incident_id, discovered=Discovered(on=date(2026, 2, 20), basis="known")
        )
    )
    back = RecordDiscovery(
        actor=ANALYST, incident_id=incident_id, discovered=Discovered(on=date(2026, 3, 2), basis="known", reason="so")
    )
    assert desk.handle(back).discovered_on == date(2026, 2, 20)
    # Why, each says in words of their own.
    agreed = RecordDiscovery(
        actor=OFFICER, incident_id=incident_id, discovered=Discovered(on=date(2026, 3, 2), basis="known", reason="yes")
    )
    assert desk.handle(agreed).discovered_on == date(2026, 3, 2)


def test_a_hold_hides_no_later_discovery(desk: Desk) -> None:
    incident_id = a_breach_in_notification(desk, NY=10)
    early = Discovered(on=date(2026, 2, 20), basis="known")
    desk.handle(RecordDiscovery(actor=ANALYST, incident_id=incident_id, discovered=early))
    hold = Hold(kind="written", stated_on=date(2026, 3, 2), until=date(2026, 12, 31))
    desk.handle(HoldNotices(actor=ANALYST, incident_id=incident_id, hold=hold, official="Det. A.", statement="wait"))
    late = Discovered(on=date(2026, 3, 2), basis="known")
    after = desk.handle(RecordDiscovery(actor=ANALYST, incident_id=incident_id, discovered=late))
    assert after.discovered_on == date(2026, 2, 20)


def test_a_second_person_needs_the_role(desk: Desk) -> None:
    incident_id = a_breach_in_notification(desk, NY=10)
    describe(desk, incident_id, OFFICER)
    file = describe(desk, incident_id, ANALYST)  # it agrees to nothing; the officer may agree to it
    assert [one.by for one in file.proposed] == [OFFICER, ANALYST]
    assert clocks_of(file) == ["individual", "hhs_yearly"]
    assert clocks_of(describe(desk, incident_id, OFFICER)) == ["covered_entity"]


def test_the_legal_department_agrees_to_a_privacy_officer_alone(desk: Desk) -> None:
    incident_id = a_breach_in_notification(desk, NY=10)
    describe(desk, incident_id, ANALYST)
    assert clocks_of(describe(desk, incident_id, LAWYER)) == ["individual", "hhs_yearly"]


def test_without_people_two_work_names_are_needed(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock, policy=Policy())
    incident_id = a_breach_in_notification(desk, NY=10)
    describe(desk, incident_id, "ana")
    with pytest.raises(Refused, match="a second person gives it too"):
        describe(desk, incident_id, "ana")
    assert clocks_of(describe(desk, incident_id, "ben")) == ["covered_entity"]


def test_the_last_word_of_a_person_is_what_another_agrees_to(desk: Desk) -> None:
    incident_id = a_breach_in_notification(desk, NY=100)
    count(desk, incident_id, ANALYST, NY=1)
    file = count(desk, incident_id, ANALYST, NY=90)
    assert [one.change for one in file.proposed] == [counted(NY=90)]
    file = count(desk, incident_id, OFFICER, NY=1)
    assert file.counted == counted(NY=100)


def test_before_the_decision_one_person_is_enough(desk: Desk) -> None:
    incident_id = a_case_under_assessment(desk)
    count(desk, incident_id, ANALYST, NY=612)
    assert clocks_of(describe(desk, incident_id, ANALYST)) == ["covered_entity"]
    approved(desk, incident_id)
    desk.handle(ConfirmBreach(incident_id=incident_id, actor=OFFICER))
    assert clocks_of(describe(desk, incident_id, ANALYST, Described())) == ["individual", "media:NY", "hhs"]
    assert clocks_of(describe(desk, incident_id, ANALYST)) == ["individual", "media:NY", "hhs"]


PEOPLE = counted(NY=612)


@pytest.mark.parametrize(
    ("known", "change", "is_less"),
    [
        pytest.param(PEOPLE, ASSOCIATE, True, id="a part that tells the covered entity alone"),
        pytest.param(ASSOCIATE, Described(), False, id="a part that tells everybody"),
        pytest.param(Described(part="business_associate", contract_days=10), ASSOCIATE, True, id="a longer contract"),
        pytest.param(ASSOCIATE, Described(part="business_associate", contract_days=10), False, id="a shorter contract"),
        pytest.param(Described(part_2=True), Described(), True, id="no records of part 2 any more"),
        pytest.param(PEOPLE, counted(NY=611), True, id="one person fewer"),
        pytest.param(PEOPLE, counted(NY=613), False, id="one person more"),
        pytest.param(PEOPLE, counted(NY=500, NJ=112), True, id="the media of a state"),
        pytest.param(counted(NY=300, NJ=312), counted(NY=100, NJ=512), False, id="the media of one state more"),
        pytest.param(counted(NY=500), counted(NY=500, without_kin=1), True, id="nobody to write to"),
        pytest.param(counted(NY=300, NJ=200), counted(NY=300, NJ=199), True, id="hhs within 60 days"),
        pytest.param(counted(NY=499), counted(NY=500), False, id="hhs within 60 days and not once a year"),
        pytest.param(counted(NY=20), counted(12, NY=20), True, id="a posting for letters"),
        pytest.param(counted(12, NY=20), counted(NY=20), False, id="letters for a posting"),
        pytest.param(counted(NY=20), counted(0, 2, NY=20), False, id="letters to next of kin"),
        pytest.param(Described(), counted(NY=1), False, id="a first count"),
        pytest.param(SOON, LATER, True, id="a later day"),
        pytest.param(LATER, SOON, False, id="an earlier day"),
    ],
)
def test_what_lessens_the_duties(known: Record, change: Change, is_less: bool) -> None:
    assert lessens(a_file(known, Decided(outcome="breach")), change) is is_less
    assert not lessens(a_file(known), change)


def test_an_earlier_alert_ends_proposals_of_a_later_discovery() -> None:
    decided = (SOON, PEOPLE, Decided(outcome="breach"))
    file = a_file(
        *decided, Proposed(change=LATER), Proposed(change=ASSOCIATE), Alerted(first_alert_on=date(2026, 1, 3))
    )
    assert [one.change for one in file.proposed] == [ASSOCIATE]


def test_nothing_shows_what_was_proposed() -> None:
    file = a_file(SOON, Decided(outcome="breach"), Proposed(change=LATER))
    assert "nobody read it" not in repr([file, file.proposed, Proposed(change=LATER)])

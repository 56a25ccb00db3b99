"""The injections of access patterns A02 to A24, recomputed from their events by the rules of domain.md §3.3."""

from collections import defaultdict
from itertools import pairwise

from detectors.events import AccessEvent
from streams.simulator import build_hospital
from streams.simulator.injections import inject, schedule
from tests.streams.simulator.ward import DAY, Access, Week


def incidents(week: Week, scenario: str) -> dict[str, list[Access]]:
    """The labelled accesses of a scenario by incident, in order."""
    found: dict[str, list[Access]] = defaultdict(list)
    known = {access.id: access for access in week.labelled(scenario)}
    for item in week.items:
        if item.labels and item.event.id in known:
            found[item.labels[0].incident].append(known[item.event.id])
    assert found
    return found


def test_a02_looks_at_a_colleague_of_the_own_department(week: Week) -> None:
    workplace = {record.self_patient_ref: (user, record.dept) for user, record in week.staff.items()}
    for accesses in incidents(week, "A02").values():
        assert len({(access.user, access.patient) for access in accesses}) == 1
        for access in accesses:
            colleague, dept = workplace[access.patient]
            assert access.data.patient
            assert access.data.patient.is_employee
            assert colleague != access.user
            assert dept == week.staff[access.user].dept
            assert not week.explains(access)


def test_a03_looks_at_someone_of_the_own_household(week: Week) -> None:
    for access in week.labelled("A03"):
        record, patient = week.staff[access.user], access.data.patient
        assert patient
        assert patient.address_tok == record.address_tok
        assert access.patient != record.self_patient_ref
        assert not week.explains(access)


def test_a06_more_than_five_curious_look_at_one_known_person_within_a_day(week: Week) -> None:
    for accesses in incidents(week, "A06").values():
        assert len({access.patient for access in accesses}) == 1
        assert all(access.data.patient and access.data.patient.vip for access in accesses)
        assert len({access.user for access in accesses}) >= 8
        assert accesses[-1].at - accesses[0].at < DAY
        assert not any(week.explains(access) for access in accesses)


def test_a07_overrides_without_a_reason_for_people_who_are_not_there(week: Week) -> None:
    for accesses in incidents(week, "A07").values():
        starts = [access for access in accesses if access.data.action == "break_glass_start"]
        assert len({access.patient for access in starts}) == 3
        for access in accesses:
            assert access.data.break_glass
            assert access.data.break_glass.reason_code == ""
            assert not week.explains(access)
        expiry = accesses[-1].data.break_glass
        assert expiry
        assert expiry.expires_at
        assert accesses[-1].at > expiry.expires_at.timestamp()


def test_a07_ordinary_overrides_have_a_reason_and_a_visit(week: Week) -> None:
    ordinary = [access for access in week.ordinary() if access.data.action == "break_glass_start"]
    assert ordinary
    for access in ordinary:
        assert access.data.break_glass
        assert access.data.break_glass.reason_code == "ETREAT"
        assert week.staff[access.user].dept == "Emergency"
        assert week.ties[access.patient]


def test_a10_exports_more_than_five_hundred_and_nobody_else_does_without_a_ticket(week: Week) -> None:
    labelled = week.labelled("A10")
    assert labelled
    for access in week.accesses:
        volume, purpose = access.data.volume, access.data.purpose
        if access.scenario == "A10":
            assert access.data.action == "export"
            assert volume
            assert volume.records > 500
            assert purpose is None
        elif volume and volume.records > 500:
            assert access.decoy == "research_pull"
            assert purpose


def test_a15_works_on_two_machines_in_turn(week: Week) -> None:
    for accesses in incidents(week, "A15").values():
        assert len({access.user for access in accesses}) == 1
        deeds = [access for access in accesses if access.data.patient]
        machines = [access.data.client.workstation for access in deeds if access.data.client]
        assert len(deeds) == len(machines) == 24
        assert len(set(machines)) == 2
        assert all(before != after for before, after in pairwise(machines))
        assert all(after.at - before.at < 120 for before, after in pairwise(deeds))


def test_a18_grants_a_right_to_oneself_and_uses_it_on_sensitive_notes(week: Week) -> None:
    for accesses in incidents(week, "A18").values():
        (user,) = {access.user for access in accesses}
        changes = [access for access in accesses if access.data.action == "privilege_change"]
        rights = [access.data.resource for access in changes if access.data.resource]
        assert [right.category for right in rights] == ["grant:sensitive_notes", "revoke:sensitive_notes"]
        assert all(right.id == user for right in rights)
        between = [access for access in accesses if changes[0].at < access.at < changes[1].at]
        assert len({access.patient for access in between}) == 2
        assert all(access.data.resource and access.data.resource.sensitivity == ["PSY"] for access in between)
    for access in week.accesses:
        if access.data.action == "privilege_change" and access.scenario != "A18":
            assert access.data.actor.type == "service"
            assert access.data.client
            assert access.data.client.app == "iam"


def test_a20_an_interface_logs_in_from_elsewhere_and_no_other_does(week: Week) -> None:
    machines: dict[str, set[str]] = defaultdict(set)
    for access in week.accesses:
        if access.data.actor.type == "service" and access.data.client and access.scenario != "A20":
            assert access.data.action not in ("login", "login_failed")
            machines[access.user].add(access.data.client.workstation)
    assert all(len(own) == 1 for own in machines.values())
    for accesses in incidents(week, "A20").values():
        assert accesses[0].data.action == "login"
        assert accesses[0].data.actor.type == "service"
        for access in accesses[1:]:
            assert access.data.client
            assert access.data.client.workstation not in machines[access.user]
            assert access.data.resource
            assert access.data.resource.category == "note"


def test_a21_opens_a_protected_category_for_the_first_time(week: Week) -> None:
    for access in week.labelled("A21"):
        assert access.data.resource
        (code,) = access.data.resource.sensitivity
        assert code in ("GDIS", "SUD", "HIV")
        assert not week.explains(access)


def test_a24_comes_back_to_one_patient_on_six_separate_days() -> None:
    """In a month the days suffice: more than the rule's four."""
    hospital = build_hospital(0.01, 1)
    days: dict[str, set[int]] = defaultdict(set)
    pairs = set()
    for scene in (scene for scenes in schedule(hospital, 30).values() for scene in scenes if scene.name == "A24"):
        for item in inject(scene):
            assert isinstance(item.event.data, AccessEvent)
            assert item.event.data.patient
            pairs.add((item.event.data.actor.id, item.event.data.patient.ref))
            days[item.labels[0].incident].add(int(item.event.time // DAY))
    assert len(pairs) == len(days) == 2
    assert all(len(own) == 6 for own in days.values())

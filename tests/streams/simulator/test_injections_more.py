"""Injections beyond those of domain.md §6.2, recomputed from their events by the rules of its §2.2 and §3.3."""

from collections import Counter, defaultdict

from tests.streams.simulator.ward import Week

HOUR = 3_600.0


def test_a13b_opens_more_than_half_the_hard_cap_in_an_hour(week: Week) -> None:
    users: dict[str, list[float]] = defaultdict(list)
    for access in week.labelled("A13b"):
        users[access.user].append(access.at)
    for times in users.values():
        assert max(sum(0 <= other - at < HOUR for other in times) for at in times) >= 30


def test_a23_nothing_ties_the_user_to_the_restricted_record(week: Week) -> None:
    accesses = week.labelled("A23")
    assert accesses
    assert not any(week.explains(access) for access in accesses)


def test_a25_money_follows_an_access_that_nothing_explains(week: Week) -> None:
    (opened,), (written_off,) = week.labelled("A25"), week.labelled_money("A25")
    assert not week.explains(opened)
    assert written_off.data.patient
    assert written_off.data.patient.ref == opened.patient
    assert written_off.data.user
    assert written_off.data.user.ref == opened.user
    assert 0 < written_off.at - opened.at < 7 * 24 * HOUR


def test_a26_and_a30_are_no_staff(week: Week) -> None:
    portal, vendor = week.labelled("A26"), week.labelled("A30")
    assert {access.data.actor.type for access in portal} == {"patient"}
    assert len({access.user for access in portal}) == 7
    assert len({access.data.client.device_id for access in portal if access.data.client}) == 1
    assert {access.data.actor.type for access in vendor} == {"vendor"}


def test_b23_writes_off_what_the_user_owes(week: Week) -> None:
    for money in week.labelled_money("B23"):
        assert money.data.user
        assert money.data.patient
        assert week.staff[money.data.user.ref].self_patient_ref == money.data.patient.ref


def test_b27_is_often(week: Week) -> None:
    paid = Counter(money.data.patient.ref for money in week.labelled_money("B27") if money.data.patient)
    assert list(paid.values()) == [9]
    times = [money.at for money in week.labelled_money("B27")]
    assert max(times) - min(times) < HOUR

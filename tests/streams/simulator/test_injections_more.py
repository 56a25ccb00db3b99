"""Injections beyond those of domain.md §6.2, recomputed from their events by the rules of its §2.2 and §3.3."""

import datetime
from collections import Counter, defaultdict

from detectors.events import BillingTransaction
from streams.simulator import build_hospital
from streams.simulator.drg import DRG_WEIGHTS
from streams.simulator.injections import inject, schedule
from tests.streams.simulator.ward import Week

HOUR = 3_600.0


def test_a13b_opens_more_than_half_the_hard_cap_in_an_hour(week: Week) -> None:
    users: dict[str, list[float]] = defaultdict(list)
    for access in week.labelled("A13b"):
        users[access.user].append(access.at)
    for times in users.values():
        assert max(sum(0 <= other - at < HOUR for other in times) for at in times) >= 30


def test_a14_an_account_of_long_ago_opens_charts_that_nothing_explains(week: Week) -> None:
    for access in week.labelled("A14"):
        record = week.staff[access.user]
        assert isinstance(record.last_login_at, datetime.datetime)
        assert access.at - record.last_login_at.timestamp() > 90 * 24 * HOUR
        assert not access.patient or not week.explains(access)
    deeds = Counter(access.data.action for access in week.labelled("A14"))
    assert deeds == {"login": 1, "read": 4}


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


def test_b26_a_card_from_abroad_pays_for_four_who_share_nothing(week: Week) -> None:
    paid = week.labelled_money("B26")
    cards = [money.data.payment.card for money in paid if money.data.payment]
    assert {(card.avs, card.cvv_result, card.country) for card in cards if card} == {("N", "N", "RO")}
    assert len({card.token for card in cards if card}) == 1
    assert len({money.data.patient.ref for money in paid if money.data.patient}) == 4
    others = [money for money in week.money if money.data.kind == "patient_payment" and money.scenario != "B26"]
    assert not any(
        money.data.payment and money.data.payment.card and money.data.payment.card.avs == "N" for money in others
    )


def test_b30_one_amount_again_and_again(week: Week) -> None:
    written = week.labelled_money("B30")
    (cents,) = {money.data.amounts.adjustment for money in written if money.data.amounts}
    assert cents % 5_000 == 0
    assert len({money.data.user.ref for money in written if money.data.user}) == 1
    assert len(written) > 10


def test_b33_money_goes_to_another_account_on_the_last_day(week: Week) -> None:
    labelled = week.labelled_money("B33")
    (payee,) = {money.data.payment.payee_npi for money in labelled if money.data.payment}
    accounts: dict[int, set[str]] = defaultdict(set)
    for money in week.money:
        if money.data.payment and money.data.payment.payee_npi == payee:
            accounts[int(money.at // (24 * HOUR))].add(money.data.payment.bank_fp)
    *usual, last = (accounts[day] for day in sorted(accounts))
    assert len(usual) >= 2
    assert all(len(own) == 1 for own in (*usual, last))
    assert not last & set[str]().union(*usual)


def test_b33_one_payment_has_no_deposit_for_ten_days() -> None:
    for scene in (one for some in schedule(build_hospital(0.01, 1), 30).values() for one in some):
        if scene.name != "B33-deposit":
            continue
        sums: dict[tuple[str, str], int] = defaultdict(int)
        times: dict[tuple[str, str], float] = {}
        labelled = set()
        for item in inject(scene):
            data = item.event.data
            assert isinstance(data, BillingTransaction)
            assert data.payment
            assert data.amounts
            key = (data.kind, data.payment.trace)
            sums[key] += data.amounts.paid
            times[key] = item.event.time
            if item.labels:
                labelled.add(key)
        remitted = {trace: cents for (kind, trace), cents in sums.items() if kind == "remit_paid"}
        deposited = {trace: cents for (kind, trace), cents in sums.items() if kind == "deposit"}
        (missing,) = remitted.keys() - deposited.keys()
        assert {trace: remitted[trace] for trace in deposited} == deposited
        (overdue,) = labelled - {("remit_paid", missing)}
        assert overdue[0] == "deposit"
        assert times[overdue] - times["remit_paid", missing] > 10 * 24 * HOUR
        assert min(times[key] for key in times if key[0] == "deposit") < times["remit_paid", missing]


def test_b34_asks_more_than_anybody_else(week: Week) -> None:
    labelled = {
        line.charge for money in week.labelled_money("B34") for line in money.data.lines if line.code == "99213"
    }
    others = {
        line.charge
        for money in week.money
        for line in money.data.lines
        if money.scenario != "B34" and line.code == "99213"
    }
    assert min(labelled) > max(others)


def test_b21_three_practices_share_most_of_their_patients() -> None:
    """Pairs of patient and week, two by two, after two weeks: Jaccard above 0.5 (domain.md B21)."""
    for scene in (one for some in schedule(build_hospital(0.01, 1), 30).values() for one in some if one.name == "B21"):
        met: dict[str, set[tuple[str, int]]] = defaultdict(set)
        practices = set()
        for item in inject(scene):
            data = item.event.data
            assert isinstance(data, BillingTransaction)
            assert data.rendering
            assert data.patient
            assert data.lines[0].dos_from
            met[data.rendering.npi].add((data.patient.ref, data.lines[0].dos_from.toordinal() // 7))
            assert data.billing
            practices.add((data.billing.tin_ref, data.billing.zip))
        assert len(practices) == len(met) == 3
        pairs = [(one, other) for one in met.values() for other in met.values() if one is not other]
        assert all(len(one & other) / len(one | other) > 0.5 for one, other in pairs)
        assert min(map(len, met.values())) >= 40


def test_b35_stays_too_short_for_groups_with_a_major_complication(week: Week) -> None:
    groups = {row[0]: row for row in DRG_WEIGHTS}
    labelled = [money.data.claim for money in week.labelled_money("B35")]
    ordinary = [
        money.data.claim
        for money in week.money
        if money.data.kind == "claim_submitted"
        and money.scenario != "B35"
        and money.data.claim
        and money.data.claim.drg
    ]
    assert len(labelled) >= 20
    assert len(ordinary) >= 4
    for claim in labelled:
        assert claim
        assert claim.admit_at
        assert claim.discharge_at
        assert (claim.discharge_at.date() - claim.admit_at.date()).days == 1
        assert "WITH MCC" in groups[claim.drg][3]
        assert [diagnosis.role for diagnosis in claim.dx] == ["principal", "other"]
    severe = [claim.drg for claim in ordinary if "WITH MCC" in groups[claim.drg][3]]
    assert len(severe) < len(ordinary) / 2


def test_b27_is_often(week: Week) -> None:
    paid = Counter(money.data.patient.ref for money in week.labelled_money("B27") if money.data.patient)
    assert list(paid.values()) == [9]
    times = [money.at for money in week.labelled_money("B27")]
    assert max(times) - min(times) < HOUR

"""Each injection is what it claims to be, recomputed from its events by the rules of domain.md §2.2 and §3.3."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from streams.simulator import INJECTIONS, START, build_hospital
from streams.simulator.injections import schedule
from streams.simulator.timing import calendar_from
from tests.streams.simulator.ward import DAY, Access, Money, Week, haversine_km, most_within


def key_of(money: Money) -> tuple[object, ...]:
    """What CMS compares of a professional claim (domain.md B01)."""
    data = money.data
    assert data.member
    assert data.claim
    lines = tuple(
        (line.code, line.revenue, tuple(line.modifiers), line.dos_from, line.dos_to, line.charge, line.units)
        for line in data.lines
    )
    rendering = data.rendering.npi if data.rendering else ""
    return (data.member.ref, rendering, data.claim.pos, data.claim.type, lines)


def test_b01_copies_repeat_earlier_claims_of_a_busy_provider(week: Week) -> None:
    first: dict[tuple[object, ...], float] = {}
    claims: Counter[str] = Counter()
    repeated: Counter[str] = Counter()
    labelled = set()
    for money in week.money:
        if money.data.kind != "claim_submitted" or not money.data.rendering:
            continue
        npi = money.data.rendering.npi
        claims[npi] += 1
        if money.decoy == "claim_file_replay":
            continue
        if key_of(money) in first:
            repeated[npi] += 1
            assert first[key_of(money)] < money.at
        first.setdefault(key_of(money), money.at)
        if money.scenario == "B01":
            labelled.add(npi)
    (npi,) = labelled
    assert repeated[npi] == len(week.labelled_money("B01"))
    assert claims[npi] >= 200
    assert repeated[npi] / claims[npi] > 0.05
    others = sum(repeated.values()) - repeated[npi]
    assert others < 0.01 * sum(claims.values())


def test_b05_needs_more_minutes_than_a_day_has(week: Week) -> None:
    """90837 takes 53 minutes at least; n units of 97110 take 15 n - 7 (domain.md B05)."""
    minutes: dict[tuple[str, object], float] = defaultdict(float)
    for money in week.labelled_money("B05"):
        for line in money.data.lines:
            assert line.code in ("90837", "97110")
            minutes[line.rendering_npi, line.dos_from] += 53 if line.code == "90837" else 15 * line.units - 7
    assert list(minutes.values()) == [30 * 53 + 4 * 53]
    assert max(minutes.values()) > 1440
    assert {npi for npi, _ in minutes} <= {
        money.data.rendering.npi for money in week.money if money.data.rendering and not money.scenario
    }


def test_b14_bills_after_an_exclusion_that_is_known(week: Week) -> None:
    claims = week.labelled_money("B14")
    assert len(claims) == 8
    excluded = {listed.npi: (known, listed) for known, listed in week.exclusions}
    for money in claims:
        assert money.data.rendering
        known, listed = excluded[money.data.rendering.npi]
        assert known < money.at
        assert listed.to is None
        for line in money.data.lines:
            assert line.dos_from
            assert line.dos_from >= listed.from_


def test_b14_nobody_else_who_bills_is_excluded(week: Week) -> None:
    excluded = {listed.npi for _, listed in week.exclusions}
    assert len(excluded) > 5
    for money in week.money:
        if money.scenario != "B14" and money.data.rendering:
            assert money.data.rendering.npi not in excluded


def test_b22_refunds_nine_payments_to_a_card_that_paid_none(week: Week) -> None:
    refunds = week.labelled_money("B22")
    paid = {money.id: money for money in week.money if money.data.kind == "patient_payment"}
    assert len(refunds) == 9
    assert len({money.data.user.ref for money in refunds if money.data.user}) == 1
    cards = {money.data.payment.card.token for money in refunds if money.data.payment and money.data.payment.card}
    assert len(cards) == 1
    for money in refunds:
        original = paid[money.data.links[0].id]
        assert original.at < money.at
        assert original.data.amounts == money.data.amounts
        assert original.data.patient == money.data.patient
    payers = {
        money.data.payment.card.token for money in paid.values() if money.data.payment and money.data.payment.card
    }
    assert not cards & payers


def test_b25_tries_forty_cards_a_minute_for_fifteen_minutes(week: Week) -> None:
    attempts = week.labelled_money("B25")
    assert len(attempts) == 600
    assert attempts[-1].at - attempts[0].at == pytest.approx(15 * 60, abs=5)
    cards, machines = set(), set()
    declined: Counter[int] = Counter()
    for money in attempts:
        assert money.data.payment
        assert money.data.payment.card
        assert money.data.payment.client
        assert money.data.amounts
        assert 100 <= money.data.amounts.paid <= 500
        cards.add(money.data.payment.card.token)
        machines.add((money.data.payment.client.ip, money.data.payment.client.device_id))
        declined[int((money.at - attempts[0].at) // 60)] += money.data.payment.card.response != "00"
    assert len(cards) == 600
    assert len(machines) == 1
    assert all(declined[minute] / 40 >= 0.7 for minute in range(14))


def test_b25_no_ordinary_machine_tries_many_cards(week: Week) -> None:
    cards: dict[str, set[str]] = defaultdict(set)
    for money in week.money:
        payment = money.data.payment
        if not money.scenario and payment and payment.card and payment.client and payment.client.ip:
            cards[payment.client.ip].add(payment.card.token)
    assert max(len(tokens) for tokens in cards.values()) < 5


def test_a01_nothing_explains_the_first_access_of_the_pair(week: Week) -> None:
    snooped = week.labelled("A01")
    before = {(access.user, access.patient): access.at for access in reversed(week.accesses)}
    pairs = {(access.user, access.patient) for access in snooped}
    for access in snooped:
        assert not week.explains(access)
        assert access.data.action == "read"
        assert before[access.user, access.patient] >= min(
            one.at for one in snooped if (one.user, one.patient) == (access.user, access.patient)
        )
    by_incident = Counter(user for user, _ in pairs)
    assert max(by_incident.values()) >= 3
    alone = [access for access in snooped if by_incident[access.user] == 1]
    assert all(access.data.resource and access.data.resource.sensitivity in ([], ["PSY"]) for access in alone)
    assert any(access.data.resource and access.data.resource.sensitivity == ["PSY"] for access in snooped)


def test_a05_opens_the_own_chart_and_nobody_else_does(week: Week) -> None:
    labelled = week.labelled("A05")
    assert len(labelled) == 3
    for access in labelled:
        assert week.staff[access.user].self_patient_ref == access.patient
    for access in week.ordinary():
        assert not access.patient or week.staff[access.user].self_patient_ref != access.patient


def test_a09_opens_more_than_twice_the_cap_within_an_hour(week: Week) -> None:
    labelled = week.labelled("A09")
    (user,) = {access.user for access in labelled}
    cap = 150 if week.staff[user].role == "ma_registrar" else 60
    assert most_within([(access.at, access.patient) for access in labelled], 3600.0) > 2 * cap


def test_a13_uses_an_account_after_its_end(week: Week) -> None:
    labelled = week.labelled("A13")
    assert [access.data.action for access in labelled].count("login") == 1
    gone = {user for user, record in week.staff.items() if record.terminated_at}
    for access in labelled:
        ended = week.staff[access.user].terminated_at
        assert ended
        assert access.at > ended.timestamp() + 3600
        assert access.data.outcome == "success"
    assert gone
    assert not gone & {access.user for access in week.accesses if access.scenario != "A13"}


def test_a16_travels_faster_than_an_airliner(week: Week) -> None:
    (far,) = week.labelled("A16")
    logins = [access for access in week.accesses if access.user == far.user and access.data.action == "login"]
    before = logins[[access.id for access in logins].index(far.id) - 1]
    places = []
    for access in (before, far):
        assert access.data.client
        assert access.data.client.geo
        assert access.data.client.geo.accuracy_km < 100
        places.append((access.data.client.geo.lat, access.data.client.geo.lon))
    distance = haversine_km(places[0], places[1])
    assert distance > 500
    assert distance / ((far.at - before.at) / 3600) > 900
    after = [access for access in logins if access.at > far.at]
    if after:
        assert distance / ((after[0].at - far.at) / 3600) < 900


def test_a17_succeeds_after_many_failures_within_ten_minutes(week: Week) -> None:
    labelled = week.labelled("A17")
    success = labelled[-1]
    assert [access.data.action for access in labelled].count("login_failed") == len(labelled) - 1
    assert success.data.action == "login"
    recent = [access for access in labelled if success.at - 600 <= access.at < success.at]
    assert len(recent) >= 10
    assert all(access.data.outcome != "success" for access in recent)


def test_a19_fast_walks_the_ranks(week: Week) -> None:
    labelled = week.labelled("A19")
    run = [(access.at, access.data.patient.mrn_rank or 0) for access in labelled if access.data.patient]
    assert len({rank for _, rank in run}) >= 20
    assert run[19][0] - run[0][0] <= 1800
    steps = [after - before for (_, before), (_, after) in pairwise(run)]
    assert sum(0 < step <= 3 for step in steps) >= 0.7 * len(steps)
    gaps = [after - before for (before, _), (after, _) in pairwise(run)]
    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert spread / mean < 0.3


def test_a19_slow_stays_under_the_window_of_the_fast(week: Week) -> None:
    labelled = week.labelled("A19-slow")
    assert most_within([(access.at, access.patient) for access in labelled], 1800.0) <= 3
    days: dict[int, list[Access]] = defaultdict(list)
    for access in labelled:
        days[int(access.at // DAY)].append(access)
    for walked in days.values():
        assert len(walked) == 24
        ranks = [access.data.patient.mrn_rank or 0 for access in walked if access.data.patient]
        steps = [after - before for before, after in pairwise(ranks)]
        assert sum(0 < step <= 3 for step in steps) >= 0.7 * len(steps)


def test_a_month_of_the_default_hospital_has_the_incidents_of_the_specification() -> None:
    """domain.md §6.2; A01 counts 40 pairs, two an incident on average; A05 and the last fifteen are ours."""
    hospital = build_hospital(1.0, 1, calendar_from(START))
    planned = Counter(scene.name for scenes in schedule(hospital, 30).values() for scene in scenes)
    assert planned == {
        "B01": 3, "B02": 2, "B04": 3, "B05": 2, "B06": 2, "B08": 1, "B11": 1, "B14": 1, "B18": 1, "B20": 1, "B22": 1,
        "B24": 2, "B25": 2, "B28": 2, "A01": 20, "A02": 12, "A03": 15, "A05": 4, "A06": 1,
        "A07": 8, "A09": 3, "A10": 2, "A13": 1, "A15": 3, "A16": 2, "A17": 2, "A18": 1, "A19": 1, "A19-slow": 1,
        "A20": 1, "A21": 6, "A24": 2, "A13b": 2, "A23": 2, "A25": 2, "A26": 2, "A30": 2, "B23": 2, "B27": 2,
        "A14": 2, "B21": 1, "B26": 2, "B30": 2, "B33": 2, "B33-deposit": 1, "B34": 2, "B35": 1,
    }  # fmt: skip


def test_incidents_are_spread_over_the_days() -> None:
    hospital = build_hospital(0.01, 1, calendar_from(START))
    for days in (1, 7, 30):
        scenes = schedule(hospital, days)
        assert 0 in scenes
        assert max(scenes) < days
        planned = sum(injection.incidents(0.01, days) for injection in INJECTIONS.values())
        assert sum(len(some) for some in scenes.values()) == planned
        # Incidents of several days begin early enough, which makes a few days fuller. Some draw their days.
        spread = [sum(not INJECTIONS[scene.name].apart for scene in some) for some in scenes.values()]
        assert max(spread) <= -(-sum(spread) // days) + 6

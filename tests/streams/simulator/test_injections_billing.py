"""The injections of billing patterns B02 to B28, recomputed from their events by the rules of domain.md §2.2."""

from collections import Counter, defaultdict
from functools import cache

from detectors.events import BillingTransaction, EncounterContext
from detectors.reference.procedure_pairs import load_procedure_pairs
from detectors.reference.rows import delimited_rows
from streams.simulator import Simulated, build_hospital
from streams.simulator.injections import INJECTIONS, inject, schedule
from streams.simulator.reference_tables import reference_tables
from tests.streams.simulator.ward import DAY, Week

TOP_LEVELS = {"99214", "99215"}


@cache
def month(scenario: str) -> dict[str, list[Simulated]]:
    """Every incident of a scenario in a month of a small hospital, with its context, by time."""
    hospital = build_hospital(0.01, 1)
    found = {}
    for scene in (scene for scenes in schedule(hospital, 30).values() for scene in scenes if scene.name == scenario):
        assert scene.label
        found[scene.label.incident] = sorted(inject(scene), key=lambda item: item.event.time)
    assert len(found) == INJECTIONS[scenario].incidents(0.01, 30)
    return found


def labelled(items: list[Simulated]) -> list[BillingTransaction]:
    data = [item.event.data for item in items if item.labels]
    assert data
    claims = [one for one in data if isinstance(one, BillingTransaction)]
    assert len(claims) == len(data)
    return claims


def renderers(claims: list[BillingTransaction]) -> set[str]:
    return {claim.rendering.npi for claim in claims if claim.rendering}


def seen(items: list[Simulated]) -> set[tuple[str, object]]:
    """Patients and days of the visits that belong to an incident."""
    return {
        (item.event.data.patient_ref, item.event.data.admit_at.date())
        for item in items
        if isinstance(item.event.data, EncounterContext)
    }


def test_b02_bills_both_codes_of_more_than_twenty_pairs_on_different_claims() -> None:
    table = reference_tables(build_hospital(0.01, 1), 30)["procedure_pairs.csv"]
    pairs, bad = load_procedure_pairs(delimited_rows(table.splitlines(keepends=True)))
    assert not bad
    for items in month("B02").values():
        claims = labelled(items)
        assert len(renderers(claims)) == 1
        codes: dict[tuple[str, object], list[tuple[str, object]]] = defaultdict(list)
        for claim in claims:
            assert claim.patient
            (line,) = claim.lines
            assert not line.modifiers
            codes[claim.patient.ref, line.dos_from].append((line.code, claim.occurred_at.date()))
            assert line.dos_from
        violations = 0
        for (_, day), billed in codes.items():
            (one, first_day), (other, second_day) = billed
            edit = pairs.either_way(one, other, day)  # type: ignore[arg-type]  # checked above to be a date
            violations += edit is not None and edit.modifier == 0 and second_day != first_day
        assert violations > 20
        assert set(codes) <= seen(items)


def test_b04_bills_the_top_levels_far_more_often_than_peers(week: Week) -> None:
    ordinary = Counter(
        line.code
        for money in week.ordinary_money()
        if money.data.kind == "claim_submitted"
        for line in money.data.lines
        if line.code.startswith("9921")
    )
    usual = sum(ordinary[code] for code in TOP_LEVELS) / ordinary.total()
    for items in month("B04").values():
        claims = labelled(items)
        assert len(claims) >= 50
        assert len(renderers(claims)) == 1
        top = sum(claim.lines[0].code in TOP_LEVELS for claim in claims) / len(claims)
        assert top > usual + 0.2
        assert all(claim.patient and (claim.patient.ref, claim.lines[0].dos_from) in seen(items) for claim in claims)


def test_b06_bills_three_dead_patients_of_one_physician() -> None:
    for items in month("B06").values():
        claims = labelled(items)
        assert len(claims) == 3
        assert len(renderers(claims)) == 1
        assert len({claim.patient.ref for claim in claims if claim.patient}) == 3
        for claim in claims:
            assert claim.patient
            assert claim.patient.death_date
            assert claim.lines[0].dos_from
            assert (claim.lines[0].dos_from - claim.patient.death_date).days > 30


def test_b06_nobody_ordinary_is_billed_after_death(week: Week) -> None:
    for money in week.ordinary_money():
        if money.data.patient and money.data.lines:
            assert money.data.patient.death_date is None


def test_b08_bills_eighty_visits_without_any_trace(week: Week) -> None:
    for items in month("B08").values():
        claims = labelled(items)
        assert len(claims) == 80
        assert len(renderers(claims)) == 1
        assert len({(claim.patient.ref, claim.lines[0].dos_from) for claim in claims if claim.patient}) == 80
    for money in week.labelled_money("B08"):
        assert money.data.patient
        assert not week.ties.get(money.data.patient.ref)


def test_b11_a_provider_without_a_past_bills_many_claims_a_day() -> None:
    for items in month("B11").values():
        claims = labelled(items)
        (npi,) = renderers(claims)
        by_day = Counter(claim.occurred_at.date() for claim in claims)
        assert set(by_day.values()) == {30}
        assert len(by_day) >= 5
        providers = reference_tables(build_hospital(0.01, 1), 30)["providers.csv"]
        assert f"{npi},1,MA,02118," in providers


def test_b11_no_peer_bills_as_many_a_day(week: Week) -> None:
    catching_up = renderers([money.data for money in week.labelled_money("B01")])
    days: Counter[tuple[str, int]] = Counter()
    for money in week.ordinary_money():
        if money.data.kind == "claim_submitted" and money.data.rendering:
            if money.data.rendering.npi in catching_up:
                continue
            days[money.data.rendering.npi, int(money.at // DAY)] += 1
    assert max(days.values()) < 25


def test_b18_bypasses_every_pair() -> None:
    for items in month("B18").values():
        claims = labelled(items)
        assert len(claims) >= 30
        assert len(renderers(claims)) == 1
        for claim in claims:
            assert [(line.code, line.modifiers) for line in claim.lines] == [("97530", []), ("97140", ["59"])]


def test_b18_peers_bypass_some(week: Week) -> None:
    pairs = [
        money.data
        for money in week.ordinary_money()
        if money.data.kind == "claim_submitted" and [line.code for line in money.data.lines] == ["97530", "97140"]
    ]
    assert len(pairs) > 5
    bypassed = sum(data.lines[1].modifiers == ["59"] for data in pairs) / len(pairs)
    assert 0.2 < bypassed < 0.95


def test_b20_one_physician_refers_many_to_one_new_laboratory() -> None:
    physicians = []
    for items in month("B20").values():
        claims = labelled(items)
        physicians += [claim.referring.npi for claim in claims[:1] if claim.referring]
        assert len(claims) >= 50
        assert len({claim.referring.npi for claim in claims if claim.referring}) == 1
        assert len({claim.billing.npi for claim in claims if claim.billing}) == 1
        assert not renderers(claims)
    assert len(set(physicians)) == len(month("B20")) == 2


def test_b20_ordinary_referrals_are_spread(week: Week) -> None:
    laboratories: dict[str, Counter[str]] = defaultdict(Counter)
    for money in week.ordinary_money():
        if money.data.kind == "claim_submitted" and money.data.referring and not money.data.rendering:
            assert money.data.billing
            laboratories[money.data.referring.npi][money.data.billing.npi] += 1
    busy = [counts for counts in laboratories.values() if counts.total() >= 5]
    assert busy
    assert sum(max(counts.values()) for counts in busy) / sum(counts.total() for counts in busy) < 0.75


def test_b24_splits_an_amount_into_parts_just_under_a_limit() -> None:
    kinds = set()
    for items in month("B24").values():
        parts = labelled(items)
        (kind,) = {part.kind for part in parts}
        kinds.add(kind)
        limit = 50_000 if kind == "refund" else 1_000_000
        amounts = [part.amounts.paid for part in parts if part.amounts]
        assert len(amounts) == 4
        assert all(0.8 * limit <= amount < limit for amount in amounts)
        assert sum(amounts) >= 1.5 * limit
        assert (parts[-1].occurred_at - parts[0].occurred_at).total_seconds() < 5 * DAY
    assert kinds == {"refund", "patient_payment"}


def test_b28_an_unverified_change_follows_a_reset_and_is_paid_within_days() -> None:
    for items in month("B28").values():
        reset, login, change, paid = (item.event.data for item in items)
        assert not isinstance(reset, BillingTransaction)
        assert (getattr(reset, "action", ""), getattr(login, "action", "")) == ("user_attribute_change", "login")
        assert isinstance(change, BillingTransaction)
        assert isinstance(paid, BillingTransaction)
        assert change.bank_change
        assert change.bank_change.channel == "email"
        assert change.bank_change.verified_at is None
        assert paid.payment
        assert paid.payment.bank_fp == change.bank_change.new_fp
        assert (paid.occurred_at - change.occurred_at).days < 10
        assert [label.completes for item in items for label in item.labels] == [False, False, True, False]

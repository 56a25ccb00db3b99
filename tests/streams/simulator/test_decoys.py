"""Each decoy looks suspicious by the rule that it is for, and has what makes it ordinary work (domain.md §6.2)."""

import datetime
from collections import Counter, defaultdict

import numpy as np
import pytest

from detectors.events import BillingTransaction, TaskContext
from streams.simulator import Simulated, simulate
from streams.simulator.claims import claims_of, fee_schedule_day
from streams.simulator.decoys import MARKED, SCENES, descriptions
from streams.simulator.hospital import build_hospital
from streams.simulator.tariff import index_of
from streams.simulator.visits import Agenda
from tests.streams.simulator.ward import DAY, Week, haversine_km


def test_every_decoy_of_the_specification_is_there_within_a_month() -> None:
    """All thirteen; those of a date are there where the month has it (30 March to 5 April has most)."""
    names = {"flu_clinic", "float_pool", "month_end_coding", "research_pull", "practice_acquisition", "fee_schedule",
             "expired_passwords", "gateway_outage", "newborns", "common_surname", "vpn_egress", "claim_file_replay",
             "clock_change"}  # fmt: skip
    assert set(SCENES) | set(MARKED) == names
    assert set(descriptions()) == names


def test_decoys_are_no_incidents(items: list[Simulated]) -> None:
    marked = {item.decoy for item in items if item.decoy}
    assert marked == (set(SCENES) | set(MARKED)) - {"month_end_coding", "fee_schedule"}
    assert not any(item.labels for item in items if item.decoy)
    assert not any(item.decoy for item in items if item.again)


def test_flu_clinic_bills_everybody_alike_and_everybody_was_there(week: Week) -> None:
    claims = [money.data for money in week.money_of_decoy("flu_clinic")]
    vectors = {
        (tuple((line.code, line.charge) for line in claim.lines), claim.claim.dx[0].code)
        for claim in claims
        if claim.claim
    }
    assert len(claims) == 48
    assert len(vectors) == 1
    assert all(claim.patient and week.ties[claim.patient.ref] for claim in claims)


@pytest.mark.parametrize("name", ["float_pool", "research_pull", "newborns", "clock_change"])
def test_context_explains_every_chart_of_these(week: Week, name: str) -> None:
    charts = [access for access in week.of_decoy(name) if access.patient]
    assert charts
    assert all(week.explains(access) for access in charts)


def test_float_pool_works_on_a_ward_that_is_not_its_own(week: Week) -> None:
    for access in week.of_decoy("float_pool"):
        (unit,) = {shift.unit for shift in week.shifts[access.user] if shift.start.timestamp() <= access.at} - {
            week.staff[access.user].dept
        }
        assert unit.startswith("Unit")


def test_research_pull_is_on_a_queue_and_under_a_ticket(week: Week) -> None:
    accesses = week.of_decoy("research_pull")
    (export,) = [access for access in accesses if access.data.action == "export"]
    assert export.data.volume
    assert export.data.volume.records > 500
    assert export.data.resource
    assert export.data.resource.id.startswith("TICKET-")
    tasks = [item.event.data for item in week.items if isinstance(item.event.data, TaskContext)]
    assert sum(task.queue == "research" for task in tasks) == export.data.volume.records
    assert len({access.patient for access in accesses if access.patient}) == 150


def test_acquired_physicians_are_new_here_and_long_known_elsewhere(week: Week) -> None:
    claims = week.money_of_decoy("practice_acquisition")
    first = min(money.at for money in claims)
    npis = {money.data.rendering.npi for money in claims if money.data.rendering}
    assert len(npis) == 4
    for money in week.money:
        if money.at < first and money.data.rendering:
            assert money.data.rendering.npi not in npis
    by_day = Counter((money.data.rendering.npi, money.at // DAY) for money in claims if money.data.rendering)
    assert set(by_day.values()) == {5}
    assert all(money.data.patient and week.ties[money.data.patient.ref] for money in claims)


def test_gateway_outage_is_no_decline_and_all_succeed_in_the_end(week: Week) -> None:
    tries: dict[str, list[str]] = defaultdict(list)
    for money in week.money_of_decoy("gateway_outage"):
        assert money.data.payment
        assert money.data.payment.card
        tries[money.data.payment.card.token].append(money.data.payment.card.response)
    assert len(tries) == 24
    for responses in tries.values():
        assert responses[-1] == "00"
        assert set(responses[:-1]) == {"91", "96"}


def test_common_surname_is_shared_but_no_household(week: Week) -> None:
    accesses = week.of_decoy("common_surname")
    assert accesses
    for access in accesses:
        assert access.data.patient
        record = week.staff[access.user]
        assert access.data.patient.last_name_tok == record.last_name_tok
        assert access.data.patient.address_tok != record.address_tok


def test_vpn_egress_seems_to_travel_but_says_that_it_is_the_vpn(week: Week) -> None:
    logins = [access for access in week.of_decoy("vpn_egress") if access.data.action == "login"]
    far = [access.data.client for access in logins if access.data.client and access.data.client.ip_class == "vpn"]
    assert len(far) == 4
    for client in far:
        assert client.geo
        assert haversine_km((client.geo.lat, client.geo.lon), (42.3601, -71.0589)) > 500


def test_replayed_claims_are_the_same_claims_under_other_ids(week: Week) -> None:
    again = week.money_of_decoy("claim_file_replay")
    assert again
    sent = {money.data.claim.pcn: money for money in week.money if money.data.claim and not money.decoy}
    for money in again:
        assert money.data.claim
        original = sent[money.data.claim.pcn]
        assert (original.data.lines, original.data.patient) == (money.data.lines, money.data.patient)
        assert original.id != money.id
        assert money.at == original.at + 4 * 3600


def test_clocks_change_on_the_second_sunday_of_march(week: Week) -> None:
    hours = {(datetime.datetime.fromtimestamp(access.at, datetime.UTC).date(), int(access.at % DAY // 3600))
             for access in week.of_decoy("clock_change")}  # fmt: skip
    assert {day for day, _ in hours} == {datetime.date(2026, 3, 8)}
    assert {hour for _, hour in hours} <= {7, 8}


def test_charges_rise_by_an_eighth_with_the_new_fee_schedule() -> None:
    """In March, which has no first after the start, on day 16. 12 % against a spread within codes of 40 %."""
    hospital = build_hospital(1.0, 1)
    assert hospital.calendar.date(fee_schedule_day(hospital)) == datetime.date(2026, 3, 18)
    medians = []
    for day in (15, 16):
        table, _ = claims_of(hospital, Agenda(hospital), day)
        charges = table.lines["charge"][table.lines["code"] == index_of("99213")]
        assert len(charges) > 500
        medians.append(float(np.median(charges)))
    # Standard error of a median of 700 lognormal values of this spread: 1.25 * 0.4 / sqrt(700), 2 %.
    assert 1.12 * 0.92 < medians[1] / medians[0] < 1.12 * 1.08


def test_the_first_claims_of_the_new_fee_schedule_are_marked() -> None:
    start = datetime.datetime(2026, 3, 31, tzinfo=datetime.UTC)
    marked = [item.event.data for item in simulate(6, 1, 0.02, start) if item.decoy == "fee_schedule"]
    days = {data.claim.from_ for data in marked if isinstance(data, BillingTransaction) and data.claim}
    assert days == {datetime.date(2026, 4, 1), datetime.date(2026, 4, 2)}


def test_month_end_is_marked() -> None:
    start = datetime.datetime(2026, 3, 30, tzinfo=datetime.UTC)
    marked = [item for item in simulate(1, 1, 0.01, start) if item.decoy == "month_end_coding"]
    assert len(marked) > 100

"""The stream as a whole: the same for the same seed, decodable, complete in its references, and in order."""

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterator

import pytest

from detectors.events import AccessEvent, BillingTransaction
from detectors.events.envelope import decode_structured, encode_structured
from streams.pan import masked
from streams.simulator import INJECTIONS, START, Simulated, build_hospital, simulate, stream
from streams.simulator.timing import calendar_from
from tests.streams.simulator.ward import BEGIN, DAY, DAYS, SCALE, SEED, Week


def fingerprint(items: Iterator[Simulated]) -> str:
    digest = hashlib.sha256()
    for item in items:
        digest.update(encode_structured(item.event))
        digest.update(repr(item.labels).encode())
    return digest.hexdigest()


def test_same_seed_gives_the_same_bytes() -> None:
    assert fingerprint(simulate(2, 3, SCALE)) == fingerprint(simulate(2, 3, SCALE))


def test_another_seed_gives_another_hospital_with_other_ids(items: list[Simulated]) -> None:
    other = {item.event.id for item in simulate(1, SEED + 1, SCALE)}
    assert not other & {item.event.id for item in items}


def test_every_event_decodes_without_unknown_fields(items: list[Simulated]) -> None:
    for item in items:
        event, unknown = decode_structured(encode_structured(item.event))
        assert unknown == 0
        assert event == item.event


def test_nothing_looks_like_a_payment_card_number(items: list[Simulated]) -> None:
    for item in items:
        line = encode_structured(item.event)
        assert masked(line) is line


def test_every_scenario_occurs(items: list[Simulated]) -> None:
    scenarios = {label.scenario for item in items for label in item.labels}
    assert scenarios == set(INJECTIONS)


def test_no_event_belongs_to_two_incidents(items: list[Simulated]) -> None:
    assert max(len(item.labels) for item in items) == 1


def test_context_comes_by_time_and_begins_before_the_start(items: list[Simulated]) -> None:
    times = [item.event.time for item in items if not isinstance(item.event.data, AccessEvent | BillingTransaction)]
    assert times == sorted(times)
    assert times[0] < BEGIN - 40 * DAY
    assert times[-1] < BEGIN + DAYS * DAY


def test_events_lie_within_the_days_asked_for(week: Week) -> None:
    for at in [*(access.at for access in week.accesses), *(money.at for money in week.money)]:
        assert BEGIN <= at < BEGIN + DAYS * DAY


def test_every_user_of_an_event_has_a_staff_record(week: Week) -> None:
    for access in week.accesses:
        if access.data.actor.type not in ("patient", "vendor"):
            assert access.data.actor.dept == week.staff[access.user].dept
    for money in week.money:
        if money.data.user:
            assert money.data.user.ref in week.staff
        if money.data.approval:
            assert money.data.approval.user_ref in week.staff


def test_managers_are_others_and_approve(week: Week) -> None:
    for user, record in week.staff.items():
        assert record.manager_ref in week.staff
        assert record.manager_ref != user
    approved = [money.data for money in week.money if money.data.approval]
    assert approved
    for refund in approved:
        assert refund.user
        assert refund.approval
        assert refund.user.ref != refund.approval.user_ref


def test_links_lead_back_to_earlier_records(week: Week) -> None:
    """A link to a record that is not there speaks of a claim from before the start."""
    at = {money.id: money.at for money in week.money}
    kinds: Counter[str] = Counter()
    for money in week.money:
        for link in money.data.links:
            kinds[link.rel] += 1
            if link.id in at:
                assert at[link.id] < money.at
            else:
                assert money.data.claim
                assert money.data.claim.through
                assert money.data.claim.through < START.date()
    assert set(kinds) == {"replaces", "reverses", "pays", "refunds"}


def test_patients_of_claims_were_seen_on_the_date_of_service(week: Week) -> None:
    """Ordinary claims of the first days stand on a visit: an encounter of the same patient, begun by then."""
    begun = {(patient, tie.since) for patient, ties in week.ties.items() for tie in ties}
    days = {(patient, int(since // DAY)) for patient, since in begun}
    checked = 0
    for money in week.money:
        claim = money.data.claim
        if money.data.kind != "claim_submitted" or not claim or claim.pcn.startswith("PCN-B") or not claim.from_:
            continue
        day = (datetime.datetime.combine(claim.from_, datetime.time(), datetime.UTC)).timestamp()
        if day >= BEGIN - 35 * DAY:
            assert money.data.patient
            assert (money.data.patient.ref, int(day // DAY)) in days
            checked += 1
    assert checked > 100


def test_stream_yields_the_same_events(items: list[Simulated]) -> None:
    lazily = stream(DAYS, SEED, SCALE)
    for item, event in zip(items[:2000], lazily, strict=False):
        assert item.event == event


@pytest.mark.parametrize(
    ("days", "seed", "scale", "start"),
    [
        (0, 1, 0.01, START),
        (1, -1, 0.01, START),
        (1, 1, 0.0, START),
        (1, 1, 0.01, START + datetime.timedelta(hours=1)),
        (1, 1, 0.01, START.replace(tzinfo=None)),
    ],
)
def test_impossible_arguments_are_refused(days: int, seed: int, scale: float, start: datetime.datetime) -> None:
    with pytest.raises(ValueError, match="must be"):
        simulate(days, seed, scale, start)


def test_another_start_moves_everything() -> None:
    start = datetime.datetime(2027, 6, 7, tzinfo=datetime.UTC)
    events = [event for event in stream(1, 1, SCALE, start) if isinstance(event.data, AccessEvent)]
    assert all(start.timestamp() <= event.time < start.timestamp() + DAY for event in events)


def test_size_grows_with_the_scale() -> None:
    calendar = calendar_from(START)
    small, large = build_hospital(0.1, 1, calendar), build_hospital(0.2, 1, calendar)
    assert (small.patients.n, large.patients.n) == (12_000, 24_000)
    physicians = [sum(actor.roles == ["physician"] for actor in hospital.actors) for hospital in (small, large)]
    assert physicians == [45, 90]

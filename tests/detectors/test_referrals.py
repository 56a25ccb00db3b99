"""B20: orders that turn to one recipient (domain.md §2.2)."""

import pytest

from detectors.events import AppointmentContext
from detectors.events.billing import Amounts, Party
from detectors.reference.nppes import COLUMNS, load_registry
from detectors.references import References
from streams.simulator.providers import npi
from tests.detectors.test_billing_patterns import claim
from tests.detectors.test_provider_conduct import DAY, bill, found
from tests.detectors.watch import Watch, at


def orders(watch: Watch, orderer: int, day: float, recipients: list[int]) -> None:
    for recipient in recipients:
        bill(watch, recipient, day, "X30", asked_by=orderer)


def peers_who_order_alike(watch: Watch, *days: float) -> None:
    for peer in range(100, 112):
        orders(watch, peer, 0, [201, 202] * 26)
        for day in days:
            orders(watch, peer, day, [201])


def test_b20_orders_that_turn_to_one_recipient() -> None:
    watch = Watch()
    peers_who_order_alike(watch, 60, 61)
    orders(watch, 1, 0, [201, 202] * 15)
    orders(watch, 1, 65, [203] * 30)
    assert found(watch, "B20") == [], "all in one week"
    orders(watch, 1, 66, [203] * 7)
    assert found(watch, "B20") == [], "30 of 37 in one week are more than four in five"
    orders(watch, 1, 66, [203])
    (finding,) = found(watch, "B20")
    # 38 of 68 orders of equal price, and all of those since: a rise of the whole.
    assert finding.features == {"orders": 68.0, "share": pytest.approx(38 / 68, abs=1e-3), "rise": 1.0}


def test_b20_a_rise_is_seen_within_a_month() -> None:
    watch = Watch()
    peers_who_order_alike(watch, 8)
    orders(watch, 1, 0, [201, 202] * 10)
    orders(watch, 1, 9, [203] * 20)
    orders(watch, 1, 10, [203] * 9)
    assert found(watch, "B20") == [], "49 orders"
    orders(watch, 1, 10, [203])
    (finding,) = found(watch, "B20")
    assert finding.features == {"orders": 50.0, "share": 0.6, "rise": 1.0}


def refer(watch: Watch, day: int, recipients: list[int], *, is_seen: bool) -> None:
    """Orders of one provider for services of the day before, with an appointment of the patient's on it or without."""
    for number, recipient in enumerate(recipients):
        patient, before = f"R{day}-{number}", at((day - 1) * DAY + 9)
        whose = patient if is_seen else "somebody else"
        watch.see(AppointmentContext(patient_ref=whose, start=before, dept="Clinic"), known=at(day * DAY))
        data = claim(day * DAY + 9, patient=patient, pcn=patient, npi=npi(recipient))
        assert data.claim is not None
        data.claim.from_, data.ordering, data.amounts = before.date(), Party(npi=npi(1)), Amounts(charge=10_000)
        watch.see(data)


@pytest.mark.parametrize(
    ("enumerated", "seen_there", "seen_elsewhere", "severity"),
    [
        ("02/20/2026", False, True, "high"),
        ("05/03/2010", False, True, "medium"),  # a laboratory of long standing
        ("", False, True, "medium"),  # not in the registry
        ("02/20/2026", True, True, "medium"),  # whose patients were here
        ("02/20/2026", False, False, "medium"),  # the orderer's visits are not in the feeds
    ],
)
def test_b20_a_new_recipient_of_orders_without_a_visit_is_grave(
    enumerated: str, seen_there: bool, seen_elsewhere: bool, severity: str
) -> None:
    known = {"npi": npi(203), "enumerated": enumerated}
    rows = [[known.get(name, "") for name in COLUMNS]] if enumerated else []
    registry, _ = load_registry([[headings[0] for headings in COLUMNS.values()], *rows])
    watch = Watch(references=References(registry=registry))
    peers_who_order_alike(watch, 8)
    refer(watch, 5, [201, 202] * 10, is_seen=seen_elsewhere)
    refer(watch, 12, [203] * 20, is_seen=seen_there)
    refer(watch, 17, [203] * 10, is_seen=seen_there)
    (finding,) = found(watch, "B20")
    assert finding.severity == severity
    assert ("existed for some months only" in finding.reasons[0]) is (severity == "high")


def test_b20_what_goes_on_is_said_once_a_week() -> None:
    """The 50th order comes in the week from Thursday the 12th on, more in those from the 19th and the 26th on."""
    watch = Watch()
    peers_who_order_alike(watch, 8)
    orders(watch, 1, 0, [201, 202] * 10)
    for day in (9, 10, 11, 17, 18, 24):
        orders(watch, 1, day, [203] * 15)
    assert len({finding.id for finding in found(watch, "B20") if finding.kind == "rule"}) == 3


def test_b20_one_file_that_is_sent_late_is_no_habit() -> None:
    watch = Watch()
    peers_who_order_alike(watch, 60, 61)
    orders(watch, 1, 0, [201, 202] * 15)
    orders(watch, 1, 72, [203] * 60)
    orders(watch, 1, 73, [203, 201])
    assert found(watch, "B20") == []


def test_b20_where_the_peers_turn_too_it_is_a_contract() -> None:
    watch = Watch()
    peers_who_order_alike(watch)
    for day in (60, 67, 74):
        for peer in range(100, 112):
            orders(watch, peer, day, [203] * 12)
    for peer in range(100, 112):
        orders(watch, peer, 81, [203])
    before = len(found(watch, "B20"))
    orders(watch, 1, 0, [201, 202] * 26)
    orders(watch, 1, 75, [203] * 18)
    orders(watch, 1, 82, [203] * 18)
    assert len(found(watch, "B20")) == before


def test_b20_an_orderer_who_always_sent_to_one() -> None:
    watch = Watch()
    for peer in range(100, 112):
        orders(watch, peer, 0, [201, 202] * 26)
        orders(watch, peer, 71, [201])
    orders(watch, 1, 0, [203] * 60)
    orders(watch, 1, 72, [203] * 10)
    orders(watch, 1, 73, [203])
    assert found(watch, "B20") == []

"""B25, B25b and B26: card testing, refused cards and stolen cards."""

import dataclasses
from typing import Any

import pytest

from detectors.events.billing import PaymentClient
from detectors.profiles.instrument import InstrumentProfile
from detectors.thresholds import Thresholds
from detectors.thresholds_money import MoneyThresholds
from tests.detectors.money.events import DAY, of, paid, person, severities, staff
from tests.detectors.watch import Watch

MINUTE = 1 / 60
MACHINE = PaymentClient(ip="203.0.113.7", device_id="device-x", channel="portal")
KIOSK = PaymentClient(ip="198.18.0.1", terminal="T-1", channel="kiosk")


def attack(watch: Watch, minutes: float, *, begin: float = 1, response: str = "05") -> None:
    """Ten cards a minute from one machine, all refused."""
    for number in range(int(minutes * 10)):
        watch.see(
            paid(begin + number * MINUTE / 10, 10_000, card=f"c{begin}-{number}", client=MACHINE, response=response)
        )


def test_b25_five_minutes_of_it_are_critical() -> None:
    watch = Watch()
    attack(watch, 4.9)
    assert set(severities(watch, "B25")) == {"high"}
    attack(watch, 2, begin=1 + 4.9 * MINUTE)
    assert set(severities(watch, "B25")) == {"high", "critical"}


def test_b25_an_attack_from_one_machine_is_one_case() -> None:
    """Its BIN has ten refusals in a minute, too, and its device as many cards."""
    watch = Watch()
    attack(watch, 2)
    rules = [finding for finding in of(watch, "B25") if finding.kind == "rule"]
    assert {finding.entity.ref for finding in rules} == {"ip:203.0.113.7"}
    assert len({finding.id for finding in rules}) == 1


def test_b25_a_bin_that_is_tried_from_many_machines_is_a_case_of_its_own() -> None:
    watch = Watch()
    for number in range(10):
        client = PaymentClient(ip=f"203.0.113.{number}", channel="portal")
        watch.see(paid(1 + number * MINUTE / 10, 10_000, card=f"c{number}", client=client, response="05"))
    assert [finding.entity.ref for finding in of(watch, "B25") if finding.kind == "rule"] == ["bin:400012"]


def test_b25_two_bursts_with_a_pause_are_not_sustained() -> None:
    watch = Watch()
    attack(watch, 1)
    attack(watch, 1, begin=1 + 6 * MINUTE)
    assert set(severities(watch, "B25")) == {"high"}


@pytest.mark.parametrize("response", ["91", "96"])
def test_b25_an_outage_is_no_attack(response: str) -> None:
    watch = Watch()
    attack(watch, 6, response=response)
    assert of(watch, "B25", "B25b", "B25c", "B27") == []


@pytest.mark.parametrize(("kiosks", "found"), [((), True), (("terminal:T-1",), False), (("ip:198.18.0.1",), False)])
def test_b25_many_cards_at_a_kiosk(kiosks: tuple[str, ...], found: bool) -> None:
    money = MoneyThresholds(kiosks=frozenset(kiosks))
    watch = Watch(thresholds=dataclasses.replace(Thresholds(), money=money))
    for number in range(6):
        watch.see(paid(1 + number * MINUTE, 10_000, patient=f"P{number}", card=f"c{number}", client=KIOSK))
    assert bool(of(watch, "B25")) is found


def test_b25_refusals_at_a_kiosk_count_all_the_same() -> None:
    watch = Watch(
        thresholds=dataclasses.replace(Thresholds(), money=MoneyThresholds(kiosks=frozenset({"terminal:T-1"})))
    )
    for number in range(10):
        watch.see(paid(1 + number / 1000, 10_000, patient=f"P{number}", card=f"c{number}", client=KIOSK, response="05"))
    assert "B25" in watch.detected()


def day_of_a_portal() -> list[Any]:
    """For ten hours one payment in ten minutes, two of three refused; then many machines, each with one card."""
    ordinary = [portal_payment(number / 6, f"P{number}", refused=number % 3 > 0) for number in range(60)]
    return ordinary + [portal_payment(12 + number / 100, f"Q{number}", refused=True) for number in range(12)]


def portal_payment(hours: float, patient: str, *, refused: bool) -> Any:
    client = PaymentClient(channel="portal", device_id=f"device-of-{patient}")
    response = "05" if refused else "00"
    return paid(hours, 5_000, patient=patient, card=f"card-of-{patient}", client=client, response=response)


def test_b25_a_whole_channel_has_more_refusals_than_ever() -> None:
    watch = Watch()
    events = day_of_a_portal()
    for event in events[:60]:
        watch.see(event)
    assert of(watch, "B25c") == []
    for event in events[60:]:
        watch.see(event)
    found = of(watch, "B25c")
    assert severities(watch, "B25c") == ["high"]
    assert found[0].reasons == [
        "10 cards were refused on this channel within ten minutes; over 71 such windows it was 0.6 on average."
    ], "40 refusals in 71 windows"
    profile = watch.stages["instrument"]._profiles.decode(
        "channel:portal", watch.tables["instrument"]["channel:portal"]
    )
    assert isinstance(profile, InstrumentProfile)
    assert profile.attempts == [], "it is no means of payment and has no row for the models"


def test_b25_a_whole_channel_in_the_order_of_partitions() -> None:
    """Catching up: every second payment of the day comes after one of the evening."""
    watch = Watch()
    events = day_of_a_portal()
    for event in [*events[::2], portal_payment(20, "T1", refused=False), *events[1::2]]:
        watch.see(event)
    assert [finding.reasons[0][:56] for finding in of(watch, "B25c")] == [
        "10 cards were refused on this channel within ten minutes"
    ]


def test_b25_a_channel_forgets_what_it_learned() -> None:
    """Three days later the first day is learned, and a payment of it comes too late to be counted."""
    watch = Watch()
    for event in day_of_a_portal()[:60]:
        watch.see(event)
    watch.see(portal_payment(3 * 24, "R1", refused=False))
    for number in range(12):
        watch.see(portal_payment(9 + number / 100, f"S{number}", refused=True))
    assert of(watch, "B25c") == []


# --- B25b -------------------------------------------------------------------------------------------------------------


def test_b25b_more_than_ten_refusals_in_a_day() -> None:
    watch = Watch()
    for number in range(10):
        watch.see(paid(number, 5_000, response="51"))
    assert of(watch, "B25b") == []
    watch.see(paid(10, 5_000, response="51"))
    assert [finding.reasons for finding in of(watch, "B25b")] == [
        ["One card was refused 11 times within 24 hours; from 10 on the card network charges for it."]
    ]


def test_b25b_from_the_sixteenth_in_thirty_days() -> None:
    watch = Watch()
    for number in range(16):
        watch.see(paid(number * DAY, 5_000, response="51"))
    assert [finding.features["declines_30d"] for finding in of(watch, "B25b")] == [16.0]


# --- B26 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_card", "found"),
    [
        ({"avs": "N", "country": "RO"}, True),
        ({"cvv_result": "N", "country": "RO"}, True),
        ({"avs": "Y", "cvv_result": "M", "country": "RO"}, False),
        ({"avs": "N", "country": "US"}, False),
    ],
)
def test_b26_a_check_that_failed_and_a_card_from_abroad(of_card: dict[str, Any], found: bool) -> None:
    watch = Watch()
    watch.see(paid(1, 5_000, **of_card))
    assert severities(watch, "B26") == (["high"] if found else [])


@pytest.mark.parametrize(("amount", "found"), [(9_000, True), (5_000, False)])
def test_b26_a_check_that_failed_and_more_than_was_ever_paid(amount: int, found: bool) -> None:
    watch = Watch()
    for day in range(5):
        watch.see(paid(day * DAY, 8_000))
    watch.see(paid(6 * DAY, amount, card="card-2", avs="N"))
    assert [finding.reasons for finding in of(watch, "B26")] == (
        [
            [
                "A card that this account was never paid with before was used: the address does not match, and the "
                "amount is larger than every payment before."
            ]
        ]
        if found
        else []
    )


def test_b26_a_card_that_was_used_before_is_known() -> None:
    watch = Watch()
    watch.see(paid(1, 5_000), paid(2, 5_000, avs="N", country="RO"))
    assert of(watch, "B26") == []


HOMES = (("PA", "N1", "A1"), ("PB", "N2", "A2"), ("PC", "N3", "A3"))


@pytest.mark.parametrize(
    ("homes", "found"),
    [
        (HOMES, True),
        ((*HOMES[:2], ("PC", "N2", "A3")), False),
        ((*HOMES[:2], ("PC", "N3", "A1")), False),
        ((*HOMES[:2], ("PC", "", "")), False),
    ],
)
def test_b26_one_card_for_unrelated_patients(homes: tuple[tuple[str, str, str], ...], found: bool) -> None:
    """A shared surname or home makes one family; of whom nothing is known, nothing is said."""
    watch = Watch()
    watch.see(*(person(patient, name, address) for patient, name, address in homes))
    for number, (patient, _, _) in enumerate(homes):
        watch.see(paid(number * DAY, 5_000, patient=patient))
    assert severities(watch, "B26b") == (["high"] if found else [])


def test_b26_a_charitys_card_is_listed() -> None:
    watch = Watch(
        thresholds=dataclasses.replace(Thresholds(), money=MoneyThresholds(shared_cards=frozenset({"card-1"})))
    )
    watch.see(*(person(patient, name, address) for patient, name, address in HOMES))
    watch.see(*(paid(1, 5_000, patient=patient) for patient, _, _ in HOMES))
    assert of(watch, "B26b") == []


def test_b26_patients_of_months_ago_do_not_count() -> None:
    watch = Watch()
    watch.see(staff("U1"), *(person(patient, name, address) for patient, name, address in HOMES))
    watch.see(*(paid(number * 50 * DAY, 5_000, patient=HOMES[number][0]) for number in range(3)))
    assert of(watch, "B26b") == []

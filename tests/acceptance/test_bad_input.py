"""Everything that may come in and should not, through a live worker on Apache Kafka.

A dead letter with its reason or a counted duplicate each time, a worker that goes on, a ledger that balances, and
nothing of what was wrong in any log.
"""

import datetime
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance import handbook, synthea
from tests.acceptance.site import Site
from tests.acceptance.world import lines_of
from tests.services.kafka import KafkaServer

NOW = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)
ACCESS, BILLING = "org.wardwatch.phi.access.v1", "org.wardwatch.billing.transaction.v1"
SOURCE = "urn:bad:feed"
CANARY = "Zaphod-Beeblebrox-1952"
"""A name that is in every bad record, and may be in no log, finding or notice."""
PAN = "4111111111111111"
SPACED_PAN = "5500 0000 0000 0004"
"""Test numbers of the card schemes; both pass the Luhn check."""


def structured(number: object, data: Any, **attributes: Any) -> bytes:
    """Return a CloudEvent in structured mode, with NaN and infinities as Python's JSON writes them."""
    event = {
        "specversion": "1.0", "id": f"bad-{number}", "source": SOURCE, "type": ACCESS,
        "time": NOW.isoformat(), "data": data, **attributes,
    }  # fmt: skip
    return json.dumps(event).encode()


def access(**fields: Any) -> dict[str, Any]:
    """Return the data of a sound access, with some fields replaced."""
    sound = {
        "action": "read", "occurred_at": NOW.isoformat(), "actor": {"id": f"user-{CANARY}"},
        "patient": {"ref": f"patient-{CANARY}"},
    }  # fmt: skip
    return {**sound, **fields}


def payment(**fields: Any) -> dict[str, Any]:
    """Return the data of a sound payment, with some fields replaced."""
    sound = {"kind": "patient_payment", "occurred_at": NOW.isoformat(), "patient": {"ref": f"patient-{CANARY}"}}
    return {**sound, **fields}


def geo(latitude: float) -> dict[str, Any]:
    return access(client={"geo": {"lat": latitude, "lon": 1.0}})


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in access().items() if name != field}


BAD: dict[str, tuple[bytes, str]] = {
    "not JSON": (f"{CANARY},read,2026-03-02".encode(), "not_json"),
    "cut off": (structured(1, access())[:-20], "not_json"),
    "not UTF-8": (b'{"specversion":"1.0","id":"\xff\xfe","source":"x"}', "not_json"),
    "nothing": (b"", "not_json"),
    "a wrong type": (structured(2, access(actor=CANARY)), "wrong_type"),
    "a word where a number is due": (structured(3, payment(amounts={"paid": CANARY}), type=BILLING), "wrong_type"),
    "an unknown action": (structured(4, access(action=CANARY)), "wrong_type"),
    "no actor": (structured(5, without("actor")), "missing_field"),
    "no id": (
        json.dumps({"specversion": "1.0", "source": SOURCE, "type": ACCESS, "data": {}}).encode(),
        "missing_field",
    ),
    "nested deep": (structured(6, access(x=json.loads("[" * 500 + "]" * 500))), "too_deep"),
    "not a number": (structured(7, geo(float("nan"))), "not_json"),
    "infinity": (structured(8, geo(float("inf"))), "not_json"),
    "a huge number": (structured(9, payment(amounts={"paid": 10**30}), type=BILLING), "wrong_type"),
    "a position off the earth": (structured(10, geo(91.0)), "wrong_type"),
    "the year 9999": (structured(11, access(occurred_at="9999-12-31T23:59:59Z")), "impossible_date"),
    "the 31st of February": (structured(12, access(occurred_at="2026-02-31T00:00:00Z")), "impossible_date"),
    "a card number in free text": (
        structured(13, access(purpose={"code": "TREAT"}, resource={"type": f"paid with {PAN} {CANARY}"})),
        "pan_found",
    ),
    "a card number with spaces": (structured(14, access(resource={"type": SPACED_PAN})), "pan_found"),
    "an unknown type": (structured(15, access(), type=f"org.example.{CANARY}"), "unknown_type"),
    "another version": (structured(16, access(), specversion="2.0"), "unknown_specversion"),
    "10 MB": (structured(17, access(resource={"type": CANARY * (10_000_000 // len(CANARY))})), "too_large"),
}
"""What is sent, and the reason of its dead letter."""


@pytest.fixture(scope="module")
def site(kafka_broker: KafkaServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A deployment whose topics are empty; its very first event comes in the first test."""
    folder = tmp_path_factory.mktemp("bad")
    with Site(kafka_broker.bootstrap, folder, f"sqlite:///{folder / 'wardwatch.sqlite'}") as made:
        made.start()
        yield made


@pytest.fixture(scope="module")
def sound(site: Site) -> int:
    """How many records a worker has taken that started with empty topics: one access, the first event ever."""
    site.wait_until_ready()
    assert site.ledger().received == 0
    first = synthea.access(f"user-{CANARY}", "dept", "nurse", f"patient-{CANARY}", NOW)
    sent = site.publish(lines_of([first]))
    assert site.wait_until_balanced(sent).scored == 1
    return sent


@pytest.fixture(scope="module")
def refused(site: Site, sound: int) -> int:
    """How many records there are when all of `BAD` came, as `wardwatch ingest` sends them, and sound ones after."""
    total = sound + site.publish(line for line, _ in BAD.values())
    site.wait_until_balanced(total)
    good = handbook.payment("after", f"patient-{CANARY}", "tok-after", 4_000, NOW, terminal="t1")
    total += site.publish(lines_of([good]))
    ledger = site.wait_until_balanced(total)
    assert ledger.scored == 2, "the worker goes on"
    return total


def test_the_first_event_ever_on_empty_topics_is_scored(site: Site, sound: int) -> None:
    ledger = site.ledger()
    assert (ledger.received, ledger.scored) == (1, 1)
    assert site.letters() == []


def test_each_is_a_dead_letter_with_its_reason(site: Site, refused: int) -> None:
    ledger = site.ledger()
    assert ledger.received == refused
    assert ledger.is_balanced
    assert ledger.dead_letters == Counter(reason for _, reason in BAD.values())
    letters = {letter.id: letter for letter in site.letters()}
    assert Counter(letter.reason for letter in letters.values()) == ledger.dead_letters


def test_of_a_record_that_is_too_large_the_beginning_is_kept(site: Site, refused: int) -> None:
    (letter,) = [letter for letter in site.letters() if letter.reason == "too_large"]
    sent = BAD["10 MB"][0]
    assert letter.cut_from == len(sent)
    assert 0 < len(letter.payload) < 100_000
    assert sent.startswith(letter.payload)


def test_details_of_dead_letters_say_where_and_never_what(site: Site, refused: int) -> None:
    assert all(CANARY not in letter.detail for letter in site.letters())


@pytest.mark.parametrize("topic", ["access.events", "billing.transactions", "context.patient", "context.user"])
def test_other_senders_may_send_anything_to_any_topic(site: Site, refused: int, topic: str) -> None:
    """Not by `wardwatch ingest`, so nothing is masked or cut on the way: the intake does it."""
    before = site.ledger()
    site.publish_raw(topic, f"paid with {PAN} {CANARY}".encode())
    site.publish_raw(topic, structured(20, access())[:-1], {"ce_type": b"\xff", "ce_id": b"1"})
    site.publish_raw(topic, b"x" * 1_500_000)
    site.publish_raw(topic, None)
    after = site.wait_until_balanced(before.received + 4)
    assert sum(after.dead_letters.values()) - sum(before.dead_letters.values()) == 3
    assert after.filtered.get("tombstone", 0) - before.filtered.get("tombstone", 0) == 1


def test_one_id_with_different_bodies_is_scored_once(site: Site, refused: int) -> None:
    """The first body counts, whatever the later ones say; they are counted duplicates."""
    before = site.ledger()
    bodies = [access(action="read"), access(action="print"), access(action="export", client={"app": "other"})]
    sent = site.publish(structured("twice", body) for body in bodies)
    after = site.wait_until_balanced(before.received + sent)
    assert (after.scored - before.scored, after.duplicates - before.duplicates) == (1, 2)


def test_one_id_about_different_patients_is_a_different_event_each_time(site: Site, refused: int) -> None:
    """A duplicate is told by id and patient: dropping the second would lose an event that nobody has seen."""
    before = site.ledger()
    bodies = [access(patient={"ref": f"patient-{n}-{CANARY}"}) for n in range(3)]
    sent = site.publish(structured("elsewhere", body) for body in bodies)
    after = site.wait_until_balanced(before.received + sent)
    assert (after.scored - before.scored, after.duplicates - before.duplicates) == (3, 0)


def test_no_card_number_is_kept_or_told_anywhere(site: Site, refused: int) -> None:
    site.wait_until_told()
    letters = [letter.payload + repr(letter.headers).encode() for letter in site.letters()]
    kept = [*letters, *(value or b"" for topic in ("findings", "ledger") for value in site.values(topic))]
    kept += [site.log.read_bytes(), site.told()]
    assert any(b"*" * 16 in payload for payload in letters), "masked, not dropped"
    for digits in (PAN, SPACED_PAN, SPACED_PAN.replace(" ", "")):
        assert not [place for place, text in enumerate(kept) if digits.encode() in text]


def test_nothing_of_what_was_wrong_is_logged_found_or_told(site: Site, refused: int) -> None:
    site.wait_until_told()
    canary = CANARY.encode()
    assert canary not in site.log.read_bytes()
    assert canary not in site.told()
    assert not [value for value in site.values("findings") if value and canary in value]
    assert b"Traceback" not in site.log.read_bytes()


def test_the_worker_lived_through_all_of_it(site: Site, refused: int) -> None:
    assert site.is_alive
    assert site.stop() == 0

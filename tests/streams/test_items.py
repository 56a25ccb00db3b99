"""Items of source adapters as records: no identifier leaves, and the intake agrees with what was said of each."""

import json
from typing import Any

import pytest

from detectors.events import AccessEvent, Event
from detectors.events.envelope import MAXIMUM_BYTES, decode_structured
from streams.intake import KEPT_BYTES, LONGEST_PLACE, Intake, IntakeResult
from streams.items import message_of_item
from streams.publisher import Message
from streams.records import CUT_HEADER, PLACE_HEADER, REFUSED_HEADER, SourceRecord
from streams.sources.api import Item, Origin, Refused
from streams.topics import TopicPlan
from tests.streams.samples import ACCESS, AT, BILLING, HOUR, SOURCE, access, line, payment, tokeniser

PLAN = TopicPlan(prefix="x-", partitions=2)
ORIGIN = Origin("urn:wardwatch:src:archive", "march.csv")
PAN = "4111111111111111"


def event(data: Any, **changes: Any) -> Event:
    return decode_structured(line(data, **changes))[0]


def sent(item: Item) -> Message:
    return message_of_item(item, tokeniser(), PLAN, ORIGIN)


def admitted(*messages: Message) -> IntakeResult:
    records = [
        SourceRecord(message.topic, 0, offset, AT, message.value, dict(message.headers))
        for offset, message in enumerate(messages)
    ]
    return Intake(tokeniser()).admit(records)


def test_an_event_leaves_without_its_identifiers_under_the_token_of_its_first_entity() -> None:
    message = sent(event(access()))
    patient = tokeniser().token("p", "MRN0012345")
    assert (message.topic, message.key, message.refused) == ("x-access.events", patient, "")
    assert message.headers == [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"e1"),
        ("ce_source", SOURCE.encode()),
        ("ce_type", ACCESS.encode()),
        ("content-type", b"application/json"),
        ("ce_time", b"2026-03-02T09:14:03+00:00"),
        ("ce_subject", patient.encode()),
    ]
    data = json.loads(message.value)
    assert data["patient"]["ref"] == patient
    assert data["actor"]["id"] == tokeniser().token("u", "u1001")
    for raw in (b"MRN0012345", b"u1001", b"Smith", b"Jones"):
        assert raw not in message.value


@pytest.mark.parametrize(("data", "type_name"), [(access(), ACCESS), (payment(), BILLING)])
def test_the_intake_sees_what_it_would_see_of_the_raw_event(data: dict[str, Any], type_name: str) -> None:
    (of_adapter,) = admitted(sent(event(data, type_name=type_name))).visits
    raw = SourceRecord("file", 0, 0, AT, line(data, type_name=type_name))
    (of_line,) = Intake(tokeniser()).admit([raw]).visits
    of_adapter.place = of_line.place
    assert of_adapter == of_line


def test_what_concerns_nobody_has_no_key() -> None:
    verdict = {"verdict": "duplicate", "by": "pat", "at": "2026-03-02T09:14:03Z"}
    message = sent(event(verdict, type_name="org.wardwatch.feedback.v1"))
    assert (message.topic, message.key, message.refused) == ("x-feedback", None, "")


def test_an_event_with_a_card_number_is_masked_and_refused() -> None:
    message = sent(event(access(actor={"id": "u1", "dept": f"card {PAN}"})))
    assert message.refused == "pan_found"
    assert PAN.encode() not in message.value
    (letter,) = admitted(message).dead_letters
    assert (letter.reason, letter.headers["ce_source"]) == ("pan_found", SOURCE.encode())


def test_of_an_event_too_large_the_beginning_leaves() -> None:
    large = event(access())
    assert isinstance(large.data, AccessEvent)
    large.data.actor.dept = "x" * MAXIMUM_BYTES
    message = sent(large)
    assert (message.refused, len(message.value)) == ("too_large", KEPT_BYTES)
    (letter,) = admitted(message).dead_letters
    assert letter.reason == "too_large"
    assert letter.cut_from > MAXIMUM_BYTES


def test_an_event_that_the_intake_will_refuse_says_so() -> None:
    wrong = event(access())
    assert isinstance(wrong.data, AccessEvent)
    wrong.data.actor.dept = "x" * 5_000
    message = sent(wrong)
    (letter,) = admitted(message).dead_letters
    assert message.refused == letter.reason == "wrong_type"


REFUSED = Refused("missing_column", "line 7, column patient", b"2026-03-02,MRN0012345," + PAN.encode())


def test_a_refusal_becomes_a_dead_letter_with_its_reason_and_place_and_a_row_of_the_ledger() -> None:
    message = sent(REFUSED)
    assert (message.topic, message.key, message.refused) == ("x-access.events", None, "missing_column")
    assert message.value == b"2026-03-02,***," + b"*" * 16
    result = admitted(message)
    (letter,) = result.dead_letters
    assert (letter.reason, letter.detail, letter.cut_from) == ("missing_column", "line 7, column patient", 0)
    assert letter.payload == message.value
    rows = [row for entry in result.entries for row in entry.rows]
    assert [(row.source, row.hour, row.outcome, row.n) for row in rows] == [
        (ORIGIN.source, HOUR, "received", 1),
        (ORIGIN.source, HOUR, "dead_letter:missing_column", 1),
    ]


def test_of_a_large_refusal_the_beginning_is_kept_and_the_reason_stays() -> None:
    payload = b"x" * (KEPT_BYTES - 8) + b" " + PAN.encode() + b" y" * MAXIMUM_BYTES
    message = sent(Refused("bad_segment", "byte 4", payload))
    assert len(message.value) == KEPT_BYTES
    assert dict(message.headers)[CUT_HEADER] == str(len(payload)).encode()
    assert b"4111" not in message.value
    (letter,) = admitted(message).dead_letters
    assert (letter.reason, letter.detail, letter.cut_from) == ("bad_segment", "byte 4", len(payload))


@pytest.mark.parametrize("reason", [b"", b"Not a code", b"\xff", b"x" * 65, b"code:1"])
def test_only_a_code_becomes_a_reason(reason: bytes) -> None:
    record = SourceRecord("access.events", 0, 0, AT, b"{}", {REFUSED_HEADER: reason, PLACE_HEADER: b"p" * 1_000})
    (letter,) = Intake(tokeniser()).admit([record]).dead_letters
    assert (letter.reason, letter.detail) == ("unknown_reason", "p" * LONGEST_PLACE)


def test_a_place_that_holds_a_card_number_after_all_is_masked() -> None:
    message = sent(Refused("bad_segment", f"segment {PAN}", b""))
    assert PAN.encode() not in dict(message.headers)[PLACE_HEADER]
    (letter,) = admitted(message).dead_letters
    assert letter.detail == "segment " + "*" * 16

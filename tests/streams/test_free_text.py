"""Whatever names a person outright is masked in free text, wherever it comes in, and codes are left alone."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.events import AccessEvent, BillingTransaction, Event
from detectors.reference.npi import passes_luhn
from detectors.visit import Visit
from streams.free_text import NOTE, FreeTexts, masked_letter, names_somebody, without_identifiers
from streams.ingest import message_of
from streams.intake import Intake, IntakeResult
from streams.items import message_of_item
from streams.records import MASKED_HEADER, SourceRecord
from streams.sources.api import Origin, Refused
from streams.topics import TopicPlan
from tests.streams.samples import BILLING, SOURCE, access, binary, line, payment, record, tokeniser

PLAN = TopicPlan(prefix="x-", partitions=2)
SSN, EMAIL, CARD = "219-09-9999", "jane.doe@example.org", "4111111111111111"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("refund, SSN 219-09-9999, as agreed", "refund, SSN ***, as agreed"),
        ("219 09 9999", "***"),
        ("219\u201309\u20119999", "***"),  # an en dash and a hyphen that does not break
        ("ssn: 219099999", "***"),
        ("doe_219-09-9999.csv", "doe_***.csv"),
        ("mail jane.doe+x@mail.example.org now", "mail *** now"),
        ("(212) 555-0187", "***"),
        ("+1 212-555-0187", "***"),
        ("212.555.0187", "***"),
        ("call 2125550187", "***"),
        ("MRN: 0012345", "***"),
        ("medical record no. 77A12", "***"),
        ("\u0664\u0661\u0662-\u0660\u0669-\u0669\u0669\u0669\u0669", "***"),  # digits of another script
        (f"card {CARD}", "card " + "*" * 16),
    ],
)
def test_what_names_somebody_is_masked(text: str, expected: str) -> None:
    assert without_identifiers(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.204 Safari/537.36",
        "837_20260302_1234567893.x12", "2026-03-02", "2026-03-02T09:14:03Z", "ICU-4 bed 12", "WS-03-037",
        "10.20.30.40", "1234567893", "urn:oid:2.16.840.1.113883.4.6", "3-20-2026", "MRN", "emrn5", "a@b",
        "0123-45-6789", "219-09-99990",
    ],
)  # fmt: skip
def test_codes_and_numbers_of_other_kinds_stay(text: str) -> None:
    assert without_identifiers(text) == text


def admitted(*records: SourceRecord) -> IntakeResult:
    return Intake(tokeniser()).admit(records)


def data_of(visit: Visit) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.msgpack.decode(visit.data)
    return data


def test_free_texts_of_an_event_are_masked_and_the_event_says_so() -> None:
    client = {"workstation": f"WS {SSN}", "location": "bed 3", "user_agent": f"x ({EMAIL})"}
    source = {"system": "ehr", "file_id": f"doe_{SSN}_{CARD}.csv", "originator_id": CARD}
    opened = access(actor={"id": EMAIL, "dept": f"ICU {EMAIL}"}, client=client, src=source)
    result = admitted(record(line(opened)), record(line(access()), offset=1))
    found, clean = result.visits
    data = data_of(found)
    assert data["client"] == {"workstation": "WS ***", "location": "bed 3", "user_agent": "x (***)"}
    assert data["src"] == {"system": "ehr", "file_id": f"doe_***_{'*' * 16}.csv", "originator_id": "*" * 16}
    assert data["actor"]["dept"] == "ICU ***"
    assert data["actor"]["id"] == tokeniser().token("u", EMAIL)  # identifiers become tokens, as ever
    assert (found.notes, clean.notes, result.masked_texts) == ({NOTE: 5}, {}, 1)


def test_the_reason_of_an_adjustment_is_masked() -> None:
    refund = payment(kind="refund", adjustment={"reason": f"for {SSN}"}, links=[{"rel": "refunds", "id": f"p-{SSN}"}])
    (visit,) = admitted(record(line(refund, type_name=BILLING, id=f"r-{SSN}"))).visits
    assert data_of(visit)["adjustment"] == {"reason": "for ***"}
    assert visit.id == tokeniser().token("k", f"r-{SSN}")
    assert data_of(visit)["links"] == [{"rel": "refunds", "id": tokeniser().token("k", f"p-{SSN}")}]


def test_reasons_of_an_access_are_masked() -> None:
    opened = access(purpose={"code": f"call {EMAIL}"}, break_glass={"flag": True, "reason_code": SSN})
    (visit,) = admitted(record(line(opened))).visits
    assert data_of(visit)["purpose"]["code"] == "call ***"
    assert data_of(visit)["break_glass"] == {"flag": True, "reason_code": "***"}


def test_every_sight_of_a_text_counts() -> None:
    texts = FreeTexts(remembered=2)
    assert [texts.safe(text, cards=True) for text in (SSN, "a", SSN, "b", "c", "a")] == [
        "***",
        "a",
        "***",
        "b",
        "c",
        "a",
    ]
    assert texts.found == 2
    assert SSN not in texts.harmless
    assert len(texts.harmless) <= 2


def test_the_name_of_a_source_is_masked_in_the_ledger_too() -> None:
    result = admitted(record(line(access(), source=f"urn:{EMAIL}")), record(b"{}", offset=1, ce_source=SSN.encode()))
    assert result.visits[0].source == "urn:***"
    assert {row.source for entry in result.entries for row in entry.rows} == {"urn:***", "***"}


def test_ids_that_are_hashes_are_passed_over_and_others_looked_at() -> None:
    assert not names_somebody("829c57fdc110bdeebf32e9af40eb452a46915f2c8a330c95183a5f64bd82c0ab")
    assert not names_somebody("9f86d081-884c-4d63-a567-0e02b2c3d479")
    assert names_somebody(CARD)
    assert names_somebody(f"claim of {EMAIL}")
    # Of the length of a hash, but with white space that a decoder of hexadecimal digits would pass over.
    assert names_somebody(("219 09 9999 " + "0" * 64)[:64])


DEAD = [
    b'{"specversion":"1.0","data":{"adjustment":{"reason":"%b, %b, %b"}}'
    % (SSN.encode(), EMAIL.encode(), CARD.encode()),
    b"CLM*A1*100***11:B:1*Y~NTE*ADD*SSN %b CARD %b~PER*IC*JANE*EM*%b~" % (SSN.encode(), CARD.encode(), EMAIL.encode()),
    b'<ActiveParticipant UserID="%b" UserName="%b"><x>4111 1111 1111 1111</x>' % (EMAIL.encode(), SSN.encode()),
    b"<x>%b &#52;111&#x31;11111111111 %b</x>" % (SSN.encode(), EMAIL.encode()),
    f"{SSN};{EMAIL};{CARD}".encode("utf-16"),
    b"\xef\xbb\xbfname,ssn\r\nDoe,%b,%b,%b\r\n" % (SSN.encode(), EMAIL.encode(), CARD.encode()),
    b'{"data":{"adjustment":{"reason":"\\u0032\\u0031\\u0039-09-9999 jane.doe@example.org \\u0034111111111111111"}}',
]


@pytest.mark.parametrize("payload", DEAD)
def test_dead_letters_of_every_format_are_masked(payload: bytes) -> None:
    (letter,) = admitted(record(payload, note=EMAIL.encode())).dead_letters
    held = b"".join([letter.payload, *letter.headers.values()]).replace(b"\0", b"")
    digits = held.translate(None, b" -")
    for canary in (EMAIL.encode(), b"219099999", CARD.encode()):
        assert canary not in held
        assert canary not in digits


def test_of_a_dead_letter_the_identifiers_stay_that_will_become_tokens() -> None:
    bad = line(access(actor={"id": EMAIL, "dept": EMAIL}, outcome="nobody knows"))
    (letter,) = admitted(record(bad)).dead_letters
    actor = json.loads(letter.payload)["data"]["actor"]
    assert actor == {"id": EMAIL, "dept": "***"}
    assert masked_letter(b'{"user_refs": ["u1", "jane@example.org"]}') == b'{"user_refs": ["u1", "jane@example.org"]}'
    untouched = b"ISA*00*          *00*          *ZZ*SENDER~"
    assert masked_letter(untouched) is untouched


@given(st.binary(max_size=400))
def test_masking_a_letter_never_fails_and_ends(payload: bytes) -> None:
    once = masked_letter(payload)
    assert masked_letter(once) == masked_letter(once)
    assert once == payload or b"*" in once


def event_of(kind: type[AccessEvent] | type[BillingTransaction], data: dict[str, Any], event_id: str = "e1") -> Event:
    return Event(id=event_id, source=SOURCE, type=BILLING, time=1.7e9, data=msgspec.convert(data, kind))


def test_items_of_adapters_are_masked_before_they_are_sent_and_the_note_arrives() -> None:
    refund = payment(kind="refund", adjustment={"reason": f"for {SSN}"})
    message = message_of_item(event_of(BillingTransaction, refund), tokeniser(), PLAN, Origin(SOURCE, "f"))
    headers = dict(message.headers)
    assert headers[MASKED_HEADER] == b"1"
    assert SSN.encode() not in message.value
    (visit,) = admitted(SourceRecord("billing.transactions", 0, 0, 1.7e9, message.value, headers)).visits
    assert visit.notes == {NOTE: 1}


def test_a_line_with_free_text_is_sent_tokenised() -> None:
    raw = line(payment(adjustment={"reason": EMAIL}), type_name=BILLING)
    message = message_of(raw, Intake(tokeniser()), PLAN)
    assert dict(message.headers)[MASKED_HEADER] == b"1"
    assert not {b"jane", b"MRN0012345"} & set(message.value.replace(b'"', b" ").split())
    clean = message_of(line(payment(), type_name=BILLING), Intake(tokeniser()), PLAN)
    assert MASKED_HEADER not in dict(clean.headers)


def test_a_refusal_is_masked_with_its_source() -> None:
    refusal = Refused("bad_segment", f"segment 4 {SSN}", f"NM1*IL*1*DOE****MI*{SSN}~".encode())
    message = message_of_item(refusal, tokeniser(), PLAN, Origin(f"urn:{EMAIL}", "f"))
    assert SSN.encode() not in b"".join([message.value, *(value for _, value in message.headers)])
    assert EMAIL.encode() not in dict(message.headers)["ce_source"]


NUMBERS = ("pcn", "payer_ccn", "original_ref", "auth", "referral")


@pytest.mark.parametrize("field", NUMBERS)
def test_a_claim_number_that_looks_like_a_card_is_no_card(field: str) -> None:
    """One in ten does, and real ones have been seen that do: they become tokens, on both ways in."""
    assert passes_luhn(CARD.encode())
    claim = {"kind": "claim_submitted", "occurred_at": "2026-03-02T09:14:03Z", "claim": {field: CARD}}
    token = tokeniser().token("k", CARD)
    patient = {"patient": {"ref": CARD}, "member": {"ref": CARD}, "lines": [{"n": 1, "control": CARD}]}
    (visit,) = admitted(record(line(claim | patient, type_name=BILLING))).visits
    assert data_of(visit)["claim"] == {field: token}
    message = message_of_item(event_of(BillingTransaction, claim | patient), tokeniser(), PLAN, Origin(SOURCE, "f"))
    assert message.refused == ""
    assert json.loads(message.value)["claim"] == {field: token}


@pytest.mark.parametrize(
    "data",
    [
        payment(adjustment={"reason": f"paid by {CARD}"}),
        payment(payment={"method": "card", "card": {"token": CARD}}),
        payment(billing={"npi": CARD}),
        payment(src={"isa13": CARD}),
        payment(user={"ref": "u1", "role": CARD}),
    ],
)
def test_a_card_number_in_any_other_field_is_refused(data: dict[str, Any]) -> None:
    (letter,) = admitted(record(line(data, type_name=BILLING))).dead_letters
    assert letter.reason == "pan_found"
    assert CARD.encode() not in letter.payload


def test_a_card_number_as_the_id_of_an_event_becomes_a_token() -> None:
    (visit,) = admitted(binary(access(), ce_id=CARD.encode())).visits
    assert visit.id == tokeniser().token("k", CARD)

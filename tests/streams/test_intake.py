"""The intake: what enters, what is refused and why, and a ledger that balances to the record."""

import json

import msgspec
import pytest

from alerting.feedback.teaching import TakeVerdict
from alerting.ledger import LedgerEntry, LedgerRow
from detectors.events import AccessEvent, Data
from detectors.events.envelope import MAXIMUM_BYTES
from detectors.visit import Stop
from streams.intake import KEPT_BYTES, Intake, IntakeResult
from streams.parcels import decode_found, of_verdicts
from streams.records import SourceRecord
from streams.tokens import Tokeniser
from streams.topics import TopicPlan
from tests.streams.samples import (
    ACCESS,
    AT,
    BILLING,
    HOUR,
    SOURCE,
    access,
    binary,
    event,
    line,
    payment,
    record,
    tokeniser,
)

PAN = "4111111111111111"


def admit(*records: SourceRecord) -> IntakeResult:
    return Intake(tokeniser()).admit(records)


def token(letter: str, value: str) -> str:
    return tokeniser().token(letter, value)


def refusal(one: SourceRecord) -> tuple[str, str]:
    """Reason and detail of the dead letter that one record becomes, its ledger checked."""
    result = admit(one)
    (letter,) = result.dead_letters
    assert not result.visits
    assert [(row.outcome, row.n) for row in result.entries[0].rows] == [
        ("received", 1),
        (f"dead_letter:{letter.reason}", 1),
    ]
    return letter.reason, letter.detail


@pytest.mark.parametrize(
    "one",
    [
        record(line(access())),
        record(line(access()), content_type=b"application/cloudevents+json; charset=utf-8"),
        binary(access()),
        binary(access(), ce_time=None, content_type=None),
    ],
)
def test_an_access_becomes_a_visit_in_every_mode(one: SourceRecord) -> None:
    (visit,) = admit(one).visits
    patient, user = token("p", "MRN0012345"), token("u", "u1001")
    assert (visit.id, visit.source, visit.type, visit.time, visit.received) == ("e1", SOURCE, ACCESS, AT, AT)
    assert visit.stops == [Stop("patient", patient), Stop("user", user)]
    assert (visit.at, visit.notes, visit.signals) == (0, {}, [])
    data = msgspec.msgpack.decode(visit.data, type=AccessEvent)
    expected = msgspec.convert(
        access(
            actor={"id": user, "dept": "ICU", "roles": ["nurse"], "last_name_tok": token("n", "smith")},
            client={"ip": token("i", "10.2.3.4"), "device_id": token("d", "WS-0042")},
            patient={"ref": patient, "last_name_tok": token("n", "jones")},
            resource={"type": "chart", "id": token("k", "doc-1"), "encounter_ref": token("k", "enc-1")},
        ),
        AccessEvent,
    )
    assert data == expected


def test_structured_mode_wins_by_its_content_type() -> None:
    one = binary(event(access()), content_type=b"application/cloudevents+json")
    assert len(admit(one).visits) == 1


def test_a_payment_visits_its_instruments_as_tokens() -> None:
    (visit,) = admit(record(line(payment(), type_name=BILLING))).visits
    assert visit.stops == [
        Stop("patient", token("p", "MRN0012345")),
        Stop("instrument", f"card:{token('c', 'tok-77')}"),
        Stop("instrument", "bin:411111"),
        Stop("user", token("u", "u2002")),
    ]


def test_no_raw_identifier_is_in_what_goes_on() -> None:
    result = admit(record(line(access())), binary(access(), offset=1))
    encoded = msgspec.msgpack.encode(result.visits)
    for identifier in (b"MRN0012345", b"u1001", b"Smith", b"Jones", b"10.2.3.4", b"WS-0042", b"doc-1", b"enc-1"):
        assert identifier not in encoded


def test_unknown_fields_are_counted_and_kept_out() -> None:
    result = admit(record(line(access(surprise=1, patient={"ref": "MRN1", "name": "Ann Jones"}))))
    assert result.unknown_fields == 2
    assert b"Ann" not in bytes(result.visits[0].data)


NESTED = b'{"specversion":"1.0","data":' + b"[" * 40 + b"]" * 40 + b"}"


@pytest.mark.parametrize(
    ("one", "reason", "detail"),
    [
        (record(b"not json"), "not_json", ""),
        (record(b""), "not_json", ""),
        (record(b"\xff\xfe"), "not_json", ""),
        (record(b"[1, 2]"), "wrong_type", ""),
        (record(line(access(), specversion="0.3")), "unknown_specversion", "specversion must be 1.0"),
        (record(line(access(), type_name="org.other.v1")), "unknown_type", "the type is not one of Wardwatch's"),
        (record(line(access(actor={}))), "missing_field", "$.actor.id"),
        (record(line(access(actor={"id": 17}))), "wrong_type", "$.actor.id"),
        (record(line(access(action="peek"))), "wrong_type", "$.action"),
        (
            record(line(access(occurred_at="9999-12-31T23:59:59Z"))),
            "impossible_date",
            "time is before 1900 or after 2199",
        ),
        (record(line(access(), id="")), "wrong_type", "$.id"),
        (record(NESTED), "too_deep", "nested deeper than 32"),
        (record(line(access()).replace(b'"ICU"', b"NaN")), "not_json", ""),
        (record(line(access()).replace(b'"ICU"', b"Infinity")), "not_json", ""),
        (binary(access(), ce_id=None), "missing_field", "ce_id"),
        (binary(access(), ce_source=b""), "missing_field", "ce_source"),
        (binary(access(), ce_source=b"\xff"), "wrong_type", "ce_source"),
        (binary(access(), ce_id=b"x" * 257), "wrong_type", "ce_id"),
        (binary(access(), ce_type=b"x" * 129), "wrong_type", "ce_type"),
        (binary(access(), ce_type=b"org.other.v1"), "unknown_type", "the type is not one of Wardwatch's"),
        (binary(access(), ce_specversion=None), "unknown_specversion", "specversion must be 1.0"),
        (binary(access(), ce_time=b"yesterday"), "impossible_date", "ce_time"),
        (
            binary({"patient_ref": "MRN1", "user_ref": 3}, ce_type=b"org.wardwatch.context.roster.v1"),
            "wrong_type",
            "$.user_ref",
        ),
        (binary(access(query={"result_count": 10**13})), "wrong_type", "$.query.result_count"),
    ],
)
def test_a_bad_record_is_a_dead_letter_with_its_reason(one: SourceRecord, reason: str, detail: str) -> None:
    assert refusal(one) == (reason, detail)


def test_a_dead_letter_holds_all_of_its_record() -> None:
    one = binary(access(actor={}), offset=17)
    (letter,) = admit(one).dead_letters
    assert letter.id == "access.events:3:17"
    assert (letter.topic, letter.partition, letter.offset, letter.timestamp) == ("access.events", 3, 17, AT)
    assert (letter.payload, letter.headers, letter.cut_from) == (one.value, one.headers, 0)


@pytest.mark.parametrize(
    ("one", "detail"),
    [
        (record(line(access(raw_ref=f"card {PAN}"))), "data"),
        (record(line(access(), source=f"urn:{PAN}")), "data"),
        (record(b"not json " + PAN.encode()), "data"),
        (binary(access(raw_ref="4111-1111-1111-1111")), "data"),
        (binary(access(), wardwatch_pan_masked=b"yes"), "data"),
        (binary(access(), ce_subject=PAN.encode()), "headers"),
        (binary(access(), ce_source=PAN.encode()), "headers"),
    ],
)
def test_a_card_number_goes_no_further(one: SourceRecord, detail: str) -> None:
    assert refusal(one) == ("pan_found", detail)
    shown = msgspec.json.encode(msgspec.to_builtins(admit(one))) + repr(admit(one)).encode()
    assert PAN.encode() not in shown
    assert b"4111-1111" not in shown


def test_claim_numbers_and_traces_may_look_like_cards() -> None:
    numbers = {"pcn": PAN, "payer_ccn": PAN}
    paid = payment(kind="remit_paid", claim=numbers, payment={"trace": PAN}, billing={"npi": "1234567893"})
    assert len(admit(record(line(paid, type_name=BILLING, id=PAN))).visits) == 1


def test_a_record_too_large_is_kept_in_part() -> None:
    value = line(access(), padding=PAN + " " * MAXIMUM_BYTES)
    one = record(value)
    assert refusal(one)[0] == "too_large"
    (letter,) = admit(one).dead_letters
    assert len(letter.payload) == KEPT_BYTES
    assert letter.cut_from == len(value)
    assert PAN.encode() not in letter.payload


def test_no_card_number_is_cut_in_two() -> None:
    beginning = b" " * (KEPT_BYTES - 15) + PAN.encode()
    (letter,) = admit(record(beginning + b" " * MAXIMUM_BYTES)).dead_letters
    assert letter.payload == b" " * (KEPT_BYTES - 15) + b"*" * 15


def test_a_stand_in_for_a_record_too_large_to_send() -> None:
    one = record(b"beginning", wardwatch_cut_from=b"9000000", ce_source=SOURCE.encode())
    assert refusal(one) == ("too_large", f"9000000 bytes, {MAXIMUM_BYTES} allowed")
    result = admit(one)
    assert result.dead_letters[0].cut_from == 9_000_000
    assert result.entries[0].rows[0].source == SOURCE


VERDICT = {"verdict": "benign_explained", "by": "pat", "at": "2026-03-02T09:14:03Z", "incident_id": "INC-1"}


def test_a_verdict_of_another_system_goes_to_the_desk() -> None:
    result = admit(binary(VERDICT, ce_type=b"org.wardwatch.feedback.v1", ce_id=b"v1"))
    assert result.verdicts == [
        TakeVerdict(actor="pat", event_id="v1", verdict="benign_explained", at=AT, incident_id="INC-1")
    ]
    assert [row.outcome for entry in result.entries for row in entry.rows] == ["received", "applied"]
    (sent,) = of_verdicts(result.verdicts, TopicPlan())
    assert decode_found(sent.value or b"") == result.verdicts
    assert of_verdicts([], TopicPlan()) == []


@pytest.mark.parametrize(
    ("one", "outcome", "source"),
    [
        (record(None), "filtered:tombstone", "unknown"),
        (record(None, ce_source=SOURCE.encode()), "filtered:tombstone", SOURCE),
        (
            binary(
                {"verdict": "duplicate", "by": "pat", "at": "2026-03-02T09:14:03Z"},
                ce_type=b"org.wardwatch.feedback.v1",
            ),
            "filtered:no_entity",
            SOURCE,
        ),
        (
            binary(VERDICT, ce_type=b"org.wardwatch.feedback.v1", ce_source=b"urn:wardwatch:desk"),
            "filtered:own_verdict",
            "urn:wardwatch:desk",
        ),
    ],
)
def test_what_concerns_nobody_is_filtered(one: SourceRecord, outcome: str, source: str) -> None:
    result = admit(one)
    assert not result.visits
    assert not result.dead_letters
    assert result.entries == [
        LedgerEntry(
            "access.events",
            3,
            [LedgerRow(0, 0, source, HOUR, "received", 1), LedgerRow(0, 0, source, HOUR, outcome, 1)],
        )
    ]


@pytest.mark.parametrize(
    ("one", "source"),
    [
        (record(b"junk"), "unknown"),
        (record(b'{"source": 3}'), "unknown"),
        (record(b'{"source": ""}'), "unknown"),
        (record(json.dumps({"source": "x" * 257}).encode()), "unknown"),
        (record(b'{"source": "urn:a"}'), "urn:a"),
        (binary(access(actor={}), ce_source=b"urn:b"), "urn:b"),
        (binary(access(), ce_source=b"\xff"), "unknown"),
        (binary(access(), ce_source=PAN.encode()), "*" * 16),
    ],
)
def test_the_ledger_names_the_source_where_the_record_does(one: SourceRecord, source: str) -> None:
    assert {row.source for row in admit(one).entries[0].rows} == {source}


def test_neighbours_of_one_fate_share_a_row() -> None:
    good, other = line(access()), line(access(), source="urn:other")
    values = [good, good, b"x", b"x", good, other, None, good]
    result = admit(*(record(value, offset=10 + n) for n, value in enumerate(values)))
    assert len(result.visits) == 5
    assert result.entries == [
        LedgerEntry(
            "access.events",
            3,
            [
                LedgerRow(10, 11, SOURCE, HOUR, "received", 2),
                LedgerRow(12, 13, "unknown", HOUR, "received", 2),
                LedgerRow(12, 13, "unknown", HOUR, "dead_letter:not_json", 2),
                LedgerRow(14, 14, SOURCE, HOUR, "received", 1),
                LedgerRow(15, 15, "urn:other", HOUR, "received", 1),
                LedgerRow(16, 16, "unknown", HOUR, "received", 1),
                LedgerRow(16, 16, "unknown", HOUR, "filtered:tombstone", 1),
                LedgerRow(17, 17, SOURCE, HOUR, "received", 1),
            ],
        )
    ]


def test_a_gap_in_the_offsets_and_a_new_hour_begin_a_row() -> None:
    value = line(access())
    result = admit(record(value, offset=1), record(value, offset=3), record(value, offset=4, at=AT + 3600))
    assert result.entries[0].rows == [
        LedgerRow(1, 1, SOURCE, HOUR, "received", 1),
        LedgerRow(3, 3, SOURCE, HOUR, "received", 1),
        LedgerRow(4, 4, SOURCE, HOUR + 1, "received", 1),
    ]


def test_each_partition_has_its_own_entry() -> None:
    value = line(access())
    places = [("a", 0), ("b", 0), ("a", 0), ("a", 1)]
    result = admit(*(SourceRecord(topic, part, n, AT, value) for n, (topic, part) in enumerate(places)))
    assert [(entry.topic, entry.partition, sum(row.n for row in entry.rows)) for entry in result.entries] == [
        ("a", 0, 2),
        ("b", 0, 1),
        ("a", 1, 1),
    ]


class BrokenTokeniser(Tokeniser):
    def tokenise(self, data: Data) -> Data:
        if isinstance(data, AccessEvent) and data.actor.id == "u13":
            message = "u13 is unlucky"
            raise ArithmeticError(message)
        return super().tokenise(data)


def test_a_fault_of_ours_is_a_dead_letter_that_names_its_class_only() -> None:
    good, bad = line(access()), line(access(actor={"id": "u13"}))
    result = Intake(BrokenTokeniser({1: bytes(32)}, 1)).admit(
        [record(good), record(bad, offset=1), record(good, offset=2)]
    )
    assert len(result.visits) == 2
    (letter,) = result.dead_letters
    assert (letter.offset, letter.reason, letter.detail, letter.payload) == (1, "intake_error", "ArithmeticError", bad)

"""The envelope: what is decoded, and that everything else is one documented error without the value."""

import datetime
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.events import AccessEvent, BadRecord, BillingTransaction, Event, event_id
from detectors.events.envelope import (
    DATA_TYPES,
    MAXIMUM_BYTES,
    decode,
    decode_structured,
    encode_structured,
    json_schemas,
)

ACCESS: dict[str, Any] = {
    "action": "read",
    "occurred_at": "2026-03-02T09:14:03Z",
    "actor": {"id": "U1"},
    "patient": {"ref": "P1"},
}


def line(data: object = ACCESS, **attributes: object) -> bytes:
    """Return one structured CloudEvent."""
    envelope = {
        "specversion": "1.0",
        "id": "e1",
        "source": "urn:test",
        "type": "org.wardwatch.phi.access.v1",
        "time": "2026-03-02T09:14:03Z",
        "data": data,
    }
    return json.dumps({**envelope, **attributes}).encode()


def test_an_access_is_decoded_with_its_business_time() -> None:
    event, unknown = decode_structured(line())
    assert isinstance(event.data, AccessEvent)
    assert (event.id, event.source, unknown) == ("e1", "urn:test", 0)
    # 2026-03-02T09:14:03Z: 20,514 days after 1970-01-01 (56 years with 14 leap days, then 31 + 28 + 1 days).
    assert event.time == 20_514 * 86_400 + 9 * 3_600 + 14 * 60 + 3


def test_unknown_fields_are_kept_out_and_counted_at_every_depth() -> None:
    data = {**ACCESS, "extra": 1, "actor": {"id": "U1", "shoe_size": 9, "roles": ["RN"]}}
    event, unknown = decode_structured(line(data))
    assert isinstance(event.data, AccessEvent)
    assert unknown == 2
    assert event.data.actor.roles == ["RN"]


def test_unknown_fields_inside_lists_are_counted() -> None:
    claim = {
        "kind": "claim_submitted",
        "occurred_at": "2026-03-02T09:14:03Z",
        "claim": {"from": "2026-03-01", "dx": [{"code": "A1", "colour": 1}]},
        "lines": [{"code": "X", "mood": 1}, {"code": "Y"}],
    }
    event, unknown = decode_structured(line(claim, type="org.wardwatch.billing.transaction.v1"))
    assert isinstance(event.data, BillingTransaction)
    assert unknown == 2
    assert event.data.claim is not None
    assert event.data.claim.from_ == datetime.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("bad", "reason", "place"),
    [
        (b"not json", "not_json", ""),
        (b"", "not_json", ""),
        (b"\xff\xfe\x00", "not_json", ""),
        (line(type="org.elsewhere.v1"), "unknown_type", ""),
        (line(specversion="0.3"), "unknown_specversion", ""),
        (line({**ACCESS, "action": "peek"}), "wrong_type", "$.action"),
        (line({**ACCESS, "actor": {}}), "missing_field", "id"),
        (line({"action": "read", "actor": {"id": "U1"}}), "missing_field", "occurred_at"),
        (line({**ACCESS, "patient": {"ref": 7}}), "wrong_type", "$.patient.ref"),
        (line({**ACCESS, "extra": 1, "patient": {"ref": 7}}), "wrong_type", "$.patient.ref"),
        (line({**ACCESS, "occurred_at": "9999-12-31T00:00:00Z"}), "impossible_date", "1900"),
        (line({**ACCESS, "occurred_at": "2026-02-30T00:00:00Z"}), "impossible_date", "$.occurred_at"),
        (line({**ACCESS, "occurred_at": "2026-03-02T09:14:03"}), "impossible_date", "$.occurred_at"),
        (line(ACCESS).replace(b'"read"', b"NaN"), "not_json", ""),
        (line({**ACCESS, "client": {"geo": {"lat": 1e999, "lon": 0}}}), "not_json", ""),
        (line({**ACCESS, "client": {"geo": {"lat": 91, "lon": 0}}}), "wrong_type", "$.client.geo.lat"),
        (b" " * (MAXIMUM_BYTES + 1), "too_large", "1048577 bytes"),
        (line({**ACCESS, "deep": json.loads("[" * 40 + "]" * 40)}), "too_deep", "32"),
        (b"[" * 100_000, "too_deep", "32"),
        (line({**ACCESS, "volume": {"records": -1}}), "wrong_type", "$.volume.records"),
    ],
)
def test_bad_input_has_a_reason_and_a_place(bad: bytes, reason: str, place: str) -> None:
    with pytest.raises(BadRecord) as caught:
        decode_structured(bad)
    assert caught.value.reason == reason
    assert place in caught.value.detail


def test_brackets_inside_text_are_not_depth() -> None:
    data = {**ACCESS, "purpose": {"code": "[" * 60 + '"{'}}
    event, _ = decode_structured(line(data))
    assert isinstance(event.data, AccessEvent)


CANARY = "JANE-CANARY-1234567"


@pytest.mark.parametrize(
    "bad",
    [
        line({**ACCESS, "action": CANARY}),
        line({**ACCESS, "occurred_at": CANARY}),
        line({**ACCESS, "actor": CANARY}),
        line({**ACCESS, "volume": {"records": CANARY}}),
        CANARY.encode(),
    ],
)
def test_no_error_quotes_the_value(bad: bytes) -> None:
    with pytest.raises(BadRecord) as caught:
        decode_structured(bad)
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_events_do_not_show_their_data() -> None:
    event, _ = decode_structured(line({**ACCESS, "patient": {"ref": CANARY}}))
    assert CANARY not in repr(event)
    assert CANARY not in repr(event.data)
    assert CANARY not in f"{event.data}"


def test_structured_mode_round_trips() -> None:
    event, _ = decode_structured(line())
    again, _ = decode_structured(encode_structured(event))
    assert again == event


def test_binary_mode_takes_the_time_of_the_attribute_where_the_data_has_none() -> None:
    moment = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
    event, _ = decode(
        b'{"user_ref":"U1","dept":"ED"}', id="1", source="s", type_name="org.wardwatch.context.staff.v1", time=moment
    )
    assert event.time == moment.timestamp()
    with pytest.raises(BadRecord, match="missing_field: time"):
        decode(b'{"user_ref":"U1"}', id="1", source="s", type_name="org.wardwatch.context.staff.v1")


def test_event_ids_are_deterministic_and_tell_parts_apart() -> None:
    assert event_id("ehr", "row-1") == event_id("ehr", "row-1")
    assert event_id("ehr", "row-1") != event_id("ehrrow", "-1")
    assert event_id("ehr", "row-1", "2") != event_id("ehr", "row-1", "1")


@given(st.binary(max_size=400))
def test_random_bytes_raise_nothing_but_bad_record(noise: bytes) -> None:
    for payload in (noise, line().replace(b'"read"', noise)):
        try:
            event, _ = decode_structured(payload)
        except BadRecord:
            continue
        assert isinstance(event, Event)


def test_every_type_has_a_schema_that_allows_extra_fields() -> None:
    schemas = json_schemas()
    assert schemas.keys() == DATA_TYPES.keys()
    assert b"additionalProperties" not in msgspec.json.encode(schemas)

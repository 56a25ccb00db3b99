"""Files: NDJSON, gzip, Bundles, damage, and whatever else comes."""

import copy
import gzip
import io
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.events import Event
from streams.sources.api import Item, Refused
from streams.sources.fhir import looks_like_fhir, read_fhir, stream
from streams.sources.limits import SourceLimits
from tests.streams.sources.fhir.samples import ORIGIN, audit_event, claim, read, refusal
from tests.streams.sources.fhir.test_billing import benefit, encounter, invoice
from tests.streams.sources.lazy import Lazy, binary

LINE = json.dumps(audit_event()).encode()


def reasons(items: list[Item]) -> list[str]:
    return [f"{item.reason} {item.place}" if isinstance(item, Refused) else "event" for item in items]


def test_one_resource_on_each_line_with_any_line_ends_and_blank_lines() -> None:
    payload = b"\xef\xbb\xbf" + LINE + b"\r\n\r\n" + LINE + b"\n\n" + LINE
    assert reasons(read(payload)) == ["event"] * 3


def test_a_damaged_line_is_refused_and_the_others_are_read() -> None:
    assert reasons(read(LINE[:40] + b"\n" + LINE)) == ["not_json line 1", "event"]
    assert reasons(read(LINE + b"\n" + LINE[:40] + b"\n" + LINE)) == ["event", "not_json line 2", "event"]


def test_a_resource_over_many_lines_is_one() -> None:
    assert reasons(read(json.dumps(audit_event(), indent=2).encode())) == ["event"]


def test_the_place_in_a_bundle_is_said() -> None:
    entries = [{"resource": audit_event()}, {"response": {"status": "204"}}, {"resource": {"resourceType": "Consent"}}]
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [*entries, {"resource": audit_event(action="Z")}]}
    assert reasons(read(json.dumps(bundle, indent=1).encode())) == [
        "event",
        "unsupported_resource file, entry 3: Consent",
        "unknown_code file, entry 4: $.action",
    ]
    assert read({"resourceType": "Bundle", "type": "searchset"}) == []


def test_what_is_no_resource_is_refused_without_its_name() -> None:
    assert refusal({"resourceType": "Consent"}) == ("unsupported_resource", "line 1: Consent")
    assert refusal({"resourceType": "JohnDoe"}) == ("unknown_resource", "line 1: resourceType")
    assert refusal({"name": "x"}) == ("not_fhir", "file: resourceType")
    assert refusal({"resourceType": "Bundle", "type": "mine"}) == ("unknown_code", "line 1: $.type")
    inner = {"resourceType": "Bundle", "type": "batch", "entry": [{"resource": {"resourceType": "Bundle"}}]}
    assert refusal(inner) == ("nested_bundle", "line 1, entry 1: Bundle")
    assert refusal(b"[1, 2]") == ("wrong_type", "file")
    assert refusal("{}".encode("utf-16")) == ("not_json", "file")
    assert refusal(LINE.replace(b"u1001", b"u\xff"))[0] == "not_json"
    assert refusal(b'{"resourceType": "AuditEvent", "type": ' + b"[" * 100_000)[0] in ("not_json", "too_deep")
    assert read(b"") == read(b"\n \n") == []


def test_gzip_is_recognised_also_in_several_members() -> None:
    packed = gzip.compress(LINE + b"\n") + gzip.compress(LINE + b"\n" + LINE) + b"\0" * 512
    assert reasons(read(packed)) == ["event"] * 3


def test_damaged_gzip_is_refused_after_what_was_whole() -> None:
    packed = gzip.compress(LINE + b"\n" + LINE + b"\n")
    assert reasons(read(packed[:-4]))[-1].startswith("damaged_compression")
    assert reasons(read(packed + b"garbage")) == ["event", "event", "damaged_compression line 3: gzip"]
    assert refusal(b"\x1f\x8bnonsense")[0] == "damaged_compression"


def test_a_line_that_is_too_long_is_skipped_in_small_memory() -> None:
    endless = Lazy([LINE + b"\n", *[b"0" * (1 << 18)] * 200, b"\n" + LINE], most=1 << 18)
    items = list(read_fhir(binary(endless), ORIGIN))
    assert reasons(items) == ["event", "too_large line 2: line", "event"]
    assert isinstance(items[1], Refused)
    assert len(items[1].payload) <= 1024
    assert stream.LARGEST_DOCUMENT < 200 << 18


def test_a_resource_that_nests_too_deep_is_refused_and_its_neighbours_are_read() -> None:
    extension = b'{"url":"x","extension":[' * 20 + b"]}" * 20
    deep = LINE.rstrip()[:-1] + b',"extension":[' + extension + b"]}"
    items = list(read_fhir(io.BytesIO(b"\n".join([LINE, deep, LINE])), ORIGIN))
    assert reasons(items) == ["event", "too_deep line 2", "event"]
    deeper = list(read_fhir(io.BytesIO(deep), ORIGIN, SourceLimits(depth=64)))
    assert reasons(deeper) == ["event"]


def test_a_compressed_bomb_is_skipped() -> None:
    bomb = gzip.compress(b"[" * (stream.LARGEST_DOCUMENT + 2), 1)
    assert refusal(bomb) == ("too_large", "line 1: line")


def test_the_stream_stays_open_and_need_not_seek() -> None:
    payload = io.BytesIO(LINE)
    list(read_fhir(payload, ORIGIN))
    assert not payload.closed


def test_what_looks_like_fhir() -> None:
    assert looks_like_fhir(LINE)
    assert looks_like_fhir(gzip.compress(LINE))
    assert looks_like_fhir(b'\xef\xbb\xbf  {\n "resourceType" : "Bundle"')
    assert not looks_like_fhir(b'{"specversion": "1.0"}')
    assert not looks_like_fhir(b'ISA*00*"resourceType":"Claim"')
    assert not looks_like_fhir(b"\x1f\x8bnonsense")
    assert not looks_like_fhir(b"")


RECORDS = [audit_event(), claim(), benefit(), invoice("balanced", ("discount", 5.0)), encounter()]

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=300),
    st.sampled_from(["2026-13-01", "0001-01-01", "9999-12-31T23:59:60Z", "NaN", "Infinity", "-1e400", "#x"]),
    st.lists(st.text(max_size=5), max_size=3), st.dictionaries(st.text(max_size=8), st.text(max_size=5), max_size=3),
)  # fmt: skip


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path to every part of a JSON value."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path, *(found for key, item in inner for found in places(item, (*path, key)))]


@st.composite
def altered(draw: st.DrawFn) -> bytes:
    """A resource with a few parts replaced by junk or taken away."""
    record: Any = copy.deepcopy(draw(st.sampled_from(RECORDS)))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from([found for found in places(record) if found]))
        holder = record
        for step in path[:-1]:
            holder = holder[step]
        if draw(st.booleans()):
            holder[path[-1]] = draw(JUNK)
        else:
            del holder[path[-1]]
    return json.dumps(record).encode()


@settings(max_examples=600, deadline=None)
@given(st.one_of(altered(), st.binary(max_size=200), st.binary(max_size=60).map(lambda tail: LINE[:-30] + tail)))
def test_nothing_but_events_and_refusals_comes_out_and_events_are_canonical(payload: bytes) -> None:
    for item in read(payload):
        if isinstance(item, Refused):
            assert item.reason.replace("_", "").isalpha()
        else:
            assert isinstance(item, Event)
            assert len(item.id) == 64


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_to_compressed_files_raises_nothing(data: st.DataObject) -> None:
    packed = bytearray(gzip.compress(b"\n".join([LINE] * 3)))
    for _ in range(data.draw(st.integers(1, 3))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    list(read_fhir(io.BytesIO(bytes(packed[: data.draw(st.integers(0, len(packed)))])), ORIGIN))

"""Bundles that are larger than a document may be are read entry by entry, and mean what small ones mean."""

import gzip
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.events import BadRecord, Event
from streams.sources.api import Item, Refused
from streams.sources.fhir import read_fhir
from streams.sources.fhir.bundle import entries
from streams.sources.fhir.reader import MOST_DESCRIBED
from streams.sources.fhir.stream import LARGEST_DOCUMENT
from tests.streams.sources.fhir.samples import ORIGIN, audit_event, claim

Document = dict[str, Any]


def chunks_of(payload: bytes, size: int) -> list[bytes]:
    return [payload[at : at + size] for at in range(0, len(payload), size)]


def entries_of(payload: bytes, size: int = 7) -> list[Any]:
    return [json.loads(entry) for entry in entries(iter(chunks_of(payload, size)))]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(
    held=st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), max_size=5),
    size=st.integers(1, 40),
    indent=st.sampled_from([None, 2]),
    is_ascii=st.booleans(),
)
def test_entries_are_those_of_the_whole_text_however_it_comes(
    held: list[Document], size: int, indent: int | None, is_ascii: bool
) -> None:
    bundle = {"resourceType": "Bundle", "id": "b", "total": len(held), "entry": held, "link": [{"url": "]}"}]}
    assert entries_of(json.dumps(bundle, indent=indent, ensure_ascii=is_ascii).encode(), size) == held


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"entry": [{}], "resourceType": "Bundle"}', "not_fhir"),  # whether it is a Bundle is not known yet
        ('{"resourceType": "Patient", "entry": [{}]}', "not_fhir"),
        ('{"resourceType": "Bundle", "entry": [{}', "not_json"),
        ('{"resourceType": "Bundle", "entry": [{}{}]}', "not_json"),
        ('{"resourceType": "Bundle", "entry": [{"a": tru}]}', "not_json"),
        ('{"resourceType": "Bundle", "entry": []} {}', "not_json"),
        ('["Bundle"]', "not_json"),
        ("", "not_json"),
        ('{"resourceType": "Bundle", "entry": [' + "[" * 100_000, "too_deep"),
    ],
)
def test_what_is_no_bundle_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadRecord) as refused:
        entries_of(text.encode(), 1 << 18)
    assert refused.value.reason == reason


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(BadRecord, match="not_json"):
        entries_of(b'{"resourceType": "Bundle", "entry": [{"a": "\xff"}]}')


def large_bundle(*resources: Document) -> bytes:
    """A Bundle that is just too large for a document; its bulk are resources that carry nothing for us."""
    bulk = {"resourceType": "Binary", "data": "A" * 999_000}
    ahead = [{"resource": bulk}] * (LARGEST_DOCUMENT // 999_000 + 1)
    held = [*ahead, *({"resource": resource} for resource in resources)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": held}).encode()


def read(payload: bytes) -> list[Item]:
    return list(read_fhir(io.BytesIO(payload), ORIGIN))


def of_small(*resources: Document) -> list[Item]:
    held = [{"resource": resource} for resource in resources]
    return read(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": held}).encode())


PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1961-06-15", "gender": "female"}
CLAIM = claim(patient={"reference": "Patient/p1"})


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_large_bundle_is_read_entry_by_entry(pack: Any) -> None:
    """The patient stands behind the claim that names it."""
    resources = (audit_event(id="a1"), CLAIM, PATIENT)
    items = read(pack(large_bundle(*resources)))
    found = [item for item in items if isinstance(item, Event)]
    expected = [item for item in of_small(*resources) if isinstance(item, Event)]
    assert [event.id for event in found] == [event.id for event in expected]
    assert getattr(found[1].data, "patient") == getattr(expected[1].data, "patient")  # noqa: B009 - of two types
    refused = [item for item in items if isinstance(item, Refused)]
    assert {item.reason for item in refused} == {"unsupported_resource"}
    assert refused[-1].place == f"file, entry {len(items)}: Patient"


def test_a_large_bundle_that_is_cut_off_is_refused_whole() -> None:
    (item,) = read(large_bundle(audit_event(id="a1"))[:-9])
    assert isinstance(item, Refused)
    assert item.reason == "too_large"


@pytest.mark.parametrize(("described", "reasons"), [(0, {"unsupported_resource"}), (1, {"too_large"})])
def test_a_large_bundle_may_describe_so_many(described: int, reasons: set[str]) -> None:
    patients = [{"resourceType": "Patient", "id": f"p{number}"} for number in range(MOST_DESCRIBED + described)]
    assert {item.reason for item in read(large_bundle(*patients)) if isinstance(item, Refused)} == reasons


class _Forwards(io.BytesIO):
    def seekable(self) -> bool:
        return False


def test_a_large_bundle_that_cannot_be_read_twice_is_refused_whole() -> None:
    (item,) = list(read_fhir(_Forwards(large_bundle(audit_event(id="a1"))), ORIGIN))
    assert isinstance(item, Refused)
    assert item.reason == "too_large"

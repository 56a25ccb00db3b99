"""Content made to do harm: XML, JSON, text, references; and what took quadratic time before."""

import io
import itertools
import json
import tracemalloc
from collections.abc import Callable, Iterable
from typing import BinaryIO

import msgspec
import pytest

from detectors.events import BadRecord, Event
from detectors.events.envelope import decode_structured
from detectors.reference.nppes import load_registry
from detectors.reference.service_minutes import TableError, load
from streams.records import DeadLetter
from streams.sources.api import Item
from streams.sources.atna import read_atna
from streams.sources.fhir import read_fhir
from streams.sources.hl7 import read_hl7
from streams.sources.tables import read_table
from streams.sources.x12 import read_x12
from tests.detectors.reference.test_nppes import HEADER, row
from tests.streams.samples import access, line
from tests.streams.sources.atna.samples import PATIENT, USER, message
from tests.streams.sources.fhir.samples import agent, audit_event
from tests.streams.sources.hl7.adt import ORIGIN, ZONE, adt
from tests.streams.sources.hostile import CSV, LAUGHS, MIB, said, table
from tests.streams.sources.lazy import Lazy, binary
from tests.streams.sources.tables.made import ACCESS, mapping
from tests.streams.sources.x12.samples import CLAIM, professional


@pytest.mark.parametrize(
    ("content", "reasons"),
    [
        (LAUGHS.replace(b"sst", b"AuditMessage") + b"]>" + message(more="&amp;"), ["xml_document_type"]),
        (b'<!DOCTYPE AuditMessage SYSTEM "file:///etc/passwd">' + message(), ["xml_document_type"]),
        (message(more="&j;"), ["not_xml"]),
        (message(more='<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'), ["event"]),
        (message(more="<a>" * 1_000 + "</a>" * 1_000), ["too_deep"]),
        (message(more=f'<a b="{"A" * 2 * MIB}"/>'), ["too_large"]),
        (message(more='<a b="1" b="2"/>'), ["not_xml"]),
        (message(participants=USER.replace('"u1001"', '"' + "A" * 500 + '"')), ["too_long"]),
    ],
    ids=["laughs", "outer", "entity", "xinclude", "deep", "large", "twice", "long"],
)
def test_audit_messages_that_do_harm(content: bytes, reasons: list[str]) -> None:
    items = list(read_atna(io.BytesIO(content), ORIGIN))
    assert said(items) == reasons
    assert "root:" not in str(items)


def test_a_record_of_many_patients_does_not_multiply_its_roles() -> None:
    roles = "".join(f'<RoleIDCode csd-code="{number}"/>' for number in range(33))
    crowd = "".join(PATIENT.replace("MRN1", f"MRN{number}") for number in range(50))
    many = message(participants=f'<ActiveParticipant UserID="u">{roles}</ActiveParticipant>', objects=crowd)
    assert said(list(read_atna(io.BytesIO(many), ORIGIN))) == ["too_many_values"]
    fewer = many.replace(b'<RoleIDCode csd-code="0"/>', b"")
    assert said(list(read_atna(io.BytesIO(fewer), ORIGIN))) == ["event"] * 50
    concepts = [{"coding": [{"code": str(number)}]} for number in range(33)]
    acting = agent("IRCP", who={"identifier": {"value": "u1"}}, requestor=True, role=concepts)
    assert said(list(read_fhir(io.BytesIO(json.dumps(audit_event(agent=[acting])).encode()), ORIGIN))) == [
        "too_many_values"
    ]


# JSON


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ((b'"u1001"', b"[" * 5_000 + b"]" * 5_000), "too_deep"),
        ((b'"u1001"', b"1e999"), "wrong_type"),
        ((b'"u1001"', b"NaN"), "not_json"),
        ((b'"u1001"', b"9" * 5_000), "wrong_type"),
        ((b'"u1001"', b'"\\ud800"'), "not_json"),
        ((b'"u1001"', b'"\xed\xa0\x80"'), "not_json"),
    ],
    ids=["deep", "infinite", "nan", "digits", "surrogate", "encoded surrogate"],
)
def test_json_that_does_harm(damage: tuple[bytes, bytes], reason: str) -> None:
    whole = line(access())
    assert damage[0] in whole
    with pytest.raises(BadRecord) as refused:
        decode_structured(whole.replace(*damage))
    assert refused.value.reason == reason


def test_of_a_field_given_twice_the_last_counts_for_us_and_for_the_hash() -> None:
    whole = line(access()).replace(b'"u1001"', b'"u1001", "id": "u2"')
    event, _ = decode_structured(whole)
    assert event == decode_structured(line(access()).replace(b"u1001", b"u2"))[0]


def test_a_dead_letter_that_is_none_raises_what_is_documented() -> None:
    letter = DeadLetter("t:0:1", "not_json", "", "t", 0, 1, 1.5, b"x").encode()
    for content in (letter.replace(b"not_json", b"not_\xff\xff\xff\xff"), b"\x81\xa1x" * 5_000, b"", letter[:-3]):
        with pytest.raises(msgspec.MsgspecError):
            DeadLetter.decode(content)


# Text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (CSV.decode().encode("utf-16"), ["event"]),
        (CSV.decode().encode("utf-16-be"), ["nul_character"]),
        (CSV + "2,2026-03-02T09:14:03,Zoë,p1,open\n".encode() + "3,2026-03-02T09:14:03,Zoë,p1,open\n".encode("latin-1"),
         ["event"] * 3),
        (CSV + b"\xef\xbb\xbf2,2026-03-02T09:14:03,u1,p1,open\n", ["event"] * 2),
        (CSV + b"2,2026-03-02T09:14:03,u\x001,p1,open\n", ["event", "nul_character"]),
        (CSV.replace(b"\n", b"\r"), ["event"]),
        (CSV.replace(b"\n", b"\r\n"), ["event"]),
        (CSV + b"," * 1_000_000 + b"\n", ["event", "too_many_columns"]),
        (b"," * 1_000_000 + b"\n" + CSV, ["event"]),
        (CSV + b"2,2026-03-02T09:14:03,=cmd|' /C calc'!A0,p1,open\n", ["event"] * 2),
    ],
    ids=["utf-16", "no mark", "mixed", "mark within", "nul", "cr", "crlf", "columns", "columns first", "formula"],
)  # fmt: skip
def test_text_as_no_export_should_be(content: bytes, expected: list[str]) -> None:
    found = table(content)
    assert found == expected or (expected == ["nul_character"] and found == ["missing_column"])


def test_a_line_without_end_takes_little_memory() -> None:
    """Every reader of streams; the pieces are one object, so that what is measured is what readers keep."""
    block = b"A" * MIB
    samples: dict[str, tuple[Callable[[BinaryIO], Iterable[Item]], bytes]] = {
        "x12": (lambda stream: read_x12(stream, ORIGIN), professional(CLAIM)[:-60]),
        "hl7": (lambda stream: read_hl7(stream, ORIGIN, ZONE), adt() + b"\x1c"),
        "atna": (lambda stream: read_atna(stream, ORIGIN), message() + b"<AuditMessage "),
        "table": (lambda stream: read_table(stream, ORIGIN, mapping(ACCESS)), CSV),
    }
    for name, (read, sample) in samples.items():
        stream = Lazy(itertools.chain([sample], itertools.repeat(block, 64)))
        tracemalloc.start()
        found = [type(item) for item in read(binary(stream))]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert found.count(Event) == 1 or name == "x12", name
        assert peak < 24 * MIB, name


# Time


def test_what_was_quadratic_is_read() -> None:
    """Each took minutes or more before; a hang is what fails here, and `tests/fuzz/adversarial.py` bounds them all."""
    ended_by_lines = professional(CLAIM).replace(b"~\n", b"\n")
    assert "event" not in said(list(read_x12(io.BytesIO(ended_by_lines[:300] + b"\n" * 500_000), ORIGIN)))
    escapes = adt(patient="\\" * 500_000)
    assert said(list(read_hl7(io.BytesIO(escapes), ORIGIN, ZONE))) == ["wrong_type"]
    crowd = "".join(PATIENT.replace("MRN1", f"M{number}") for number in range(4_000))
    assert said(list(read_atna(io.BytesIO(message(objects=crowd)), ORIGIN))) == ["event"] * 4_000
    entities = [
        {"what": {"reference": f"Patient/p{number}"}, "type": {"code": "1"}, "role": {"code": "1"}}
        for number in range(5_000)
    ]
    crowded = json.dumps(audit_event(id=None, entity=entities)).encode()
    found = list(read_fhir(io.BytesIO(crowded), ORIGIN))
    assert len({item.id for item in found if isinstance(item, Event)}) == 5_000


def test_reference_tables_raise_only_what_is_documented() -> None:
    _, bad = load_registry([HEADER, row(enumerated="1/1/99999999999999999999"), row(enumerated="1_0/01/2020")])
    assert [one.reason for one in bad] == ["impossible_value"] * 2
    for text in ("X,nan,1", "X,inf,1", "X,-1,1", ",1,1", "X," + "1" * 200_000 + ",1"):
        with pytest.raises(TableError):
            load(io.StringIO("code,minutes,each\n" + text + "\n", newline=""))

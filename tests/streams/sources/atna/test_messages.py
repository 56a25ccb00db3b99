"""Audit messages: the reference files, fields by hand, many in one stream, and hostile XML."""

import datetime
import hashlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.events import AccessEvent, Event
from streams.sources.api import Refused
from streams.sources.atna import looks_like_atna, parse_syslog, read_atna
from streams.sources.atna.split import pieces
from tests.streams.sources.atna.samples import (
    HEADER,
    ORIGIN,
    PATIENT,
    USER,
    access,
    folder,
    message,
    read,
    reasons,
)
from tests.streams.sources.lazy import Lazy, binary

EXPECTED: dict[str, tuple[str, str, list[str]]] = {
    "atna-record-1": ("transmit", "smitty@readingroom.hospital.org", ["ptid12345"]),
    "atna-record-2": ("import", "7601002860123", ["PATIENT1"]),
    # The user is unknown and the other id is a process: the machine is what is known.
    "audit-message-iti55": ("query", "192.168.42.20", [""]),
    "pdq": ("query", "MESA_DEPARTMENT|MESA_PD_CONSUMER", ["24", "78246", "27", "78106"]),
    "pdqm": ("query", "/app-gateway/fhir/Patient", [""]),
    "pdqmread": ("query", "/app-gateway/fhir/Patient/IHERED-2340", ["IHERED-2340"]),
    "pdqv3": (
        "query",
        "127.0.0.1",
        ["IHERED-2340", "IHEGREEN-2340", "IHEBLUE-2340", "IHEBLUE-2342", "IHEFACILITY-2340", "IHEFACILITY-2342"],
    ),
    "pixfeed": ("create", "PKL|SAP-ISH", ["7627199"]),
    "pixfeedmerge": ("delete", "NIST|NIST_SENDER", ["MW-10001"]),
    "pixfeedmergesource": ("update", "BLA|IHE_SYS_IHERED", ["IHERED-2340"]),
    "pixfeedsource": ("update", "BLA|IHE_SYS_IHERED", ["IHERED-2342"]),
    "pixm": ("query", "/app-gateway/fhir/Patient/$ihe-pix", ["IHEBLUE-2340"]),
    "pixquery": ("query", "MESA_DEPARTMENT|MESA_PIX_CLIENT", ["27", "78106"]),
    "pixupdatesource": ("read", "BLA|IHE_SYS_IHERED", ["IHERED-2342", "IHEBLUE-2342", "IHEFACILITY-2342"]),
    "pixv3feed": ("create", "127.0.0.1", ["JW-824-v3"]),
    "pixv3query": ("query", "127.0.0.1", ["JW-824-v3"]),
    "pixv3sourcefeed": ("create", "127.0.0.1", ["PIX"]),
    "xcpd": ("query", "127.0.0.1", ["IHERED-1040"]),
    "xpidsource": (
        "update",
        "BLA|IHE_SYS_IHERED",
        ["IHEGREEN-2340", "IHEGREEN-2342", "IHERED-2340", "IHERED-2342"],
    ),
}
"""File to action, actor and patients, read off the files by hand."""


def test_every_reference_file_is_mapped_or_refused_with_a_reason() -> None:
    files = sorted(folder().glob("*.xml"))
    assert {path.stem for path in files} == {*EXPECTED, "start", "stop"}
    for path in files:
        assert looks_like_atna(path.read_bytes()[:1024]), path.stem
        items = read(path.read_bytes())
        if path.stem in ("start", "stop"):
            assert reasons(items) == ["not_an_access"], path.stem
            continue
        found = [item.data for item in items if isinstance(item, Event) and isinstance(item.data, AccessEvent)]
        assert len(found) == len(items), path.stem
        action, actor, patients = EXPECTED[path.stem]
        assert {one.action for one in found} == {action}, path.stem
        assert {one.actor.id for one in found} == {actor}, path.stem
        assert [one.patient.ref if one.patient else "" for one in found] == patients, path.stem


def test_the_dialect_of_rfc_3881_field_by_field() -> None:
    found = access(folder().joinpath("atna-record-1.xml").read_bytes())
    # 2001-12-17T09:30:47 has no offset: UTC.
    assert found.occurred_at == datetime.datetime(2001, 12, 17, 9, 30, 47, tzinfo=datetime.UTC)
    assert (found.outcome, found.actor.type) == ("success", "human")
    assert found.client is not None
    assert found.client.ip == "192.168.1.2"
    assert found.resource is not None
    assert (found.resource.type, found.resource.id) == ("Study Instance 725 UID", "1.2.840.10008.2.3.4.5.6.7.78.8")
    assert found.volume is not None
    assert found.volume.records == 1503  # 1500 and 3 instances
    assert found.src is not None
    assert (found.src.system, found.src.format) == ("ReadingRoom", "atna")


def test_the_dialect_of_dicom_field_by_field() -> None:
    found = access(folder().joinpath("atna-record-2.xml").read_bytes())
    # 2025-01-21T11:05:39.3842263+01:00; microseconds are as fine as it gets.
    assert found.occurred_at == datetime.datetime(2025, 1, 21, 10, 5, 39, 384226, tzinfo=datetime.UTC)
    assert (found.actor.type, found.actor.roles) == ("human", ["HCP", "223366009"])
    assert found.client is not None
    assert (found.client.ip, found.client.app) == ("10.0.1.42", "1234")  # who imports is the destination
    assert found.purpose is not None
    assert found.purpose.code == "NORM"
    assert found.resource is not None
    assert found.resource.type == "XDSDocumentEntry"


def test_a_look_into_the_audit_log_is_marked() -> None:
    """Rules tell the audit team from others by it (A27)."""
    opened = access(message(event="110101")).resource
    assert opened is not None
    assert opened.category == "audit_log"
    other = access(message(event="110110")).resource
    assert other is None or other.category == ""


def test_both_dialects_say_the_same() -> None:
    new, old = (access(message(type_="ITI-8", action="U", dialect=dialect)) for dialect in ("csd-code", "code"))
    assert new == old
    assert new.action == "update"


@pytest.mark.parametrize(
    ("event", "type_", "action", "outcome", "expected"),
    [
        ("110114", "110122", "E", "0", "login"),
        ("110114", "110122", "E", "4", "login_failed"),
        ("110114", "110123", "E", "0", "logout"),
        ("110113", "110127", "E", "0", "break_glass_start"),
        ("110113", "110138", "E", "0", "break_glass_end"),
        ("110113", "110133", "E", "0", "audit_tamper"),
        ("110113", "110137", "E", "0", "privilege_change"),
        ("110106", "", "R", "0", "export"),
        ("110105", "", "D", "0", "delete"),
        ("110101", "", "R", "0", "read"),
        ("110109", "", "C", "0", "create"),
        ("110111", "", "U", "12", "update"),
    ],
)
def test_the_codes_say_what_was_done(event: str, type_: str, action: str, outcome: str, expected: str) -> None:
    found = access(message(event=event, type_=type_, action=action, outcome=outcome))
    assert found.action == expected
    assert (found.outcome == "success") is (outcome == "0")


@pytest.mark.parametrize(("medium", "expected"), [("110038", "print"), ("110032", "export")])
def test_an_export_to_paper_is_a_printout(medium: str, expected: str) -> None:
    destination = (
        '<ActiveParticipant UserID="printer" UserIsRequestor="false"><RoleIDCode csd-code="110154"/><MediaIdentifier>'
        f'<MediaType csd-code="{medium}" codeSystemName="DCM"/></MediaIdentifier></ActiveParticipant>'
    )
    assert access(message(event="110106", participants=USER + destination)).action == expected


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (message(event="110100", type_="110120", action="E"), "not_an_access"),
        (message(event="110108", action="E"), "not_an_access"),
        (message(event="110110", action="E"), "unknown_event_type"),
        (message(event=""), "missing_field"),
        (message(action="Z"), "unknown_code"),
        (message(outcome="1"), "unknown_code"),
        (message(outcome=""), "missing_field"),
        (message(at=""), "missing_field"),
        (message(at="2026-02-30T00:00:00Z"), "impossible_date"),
        (message(at="02.03.2026"), "impossible_date"),
        (message(at="1234-01-01T00:00:00Z"), "impossible_date"),
        (message(participants=""), "missing_actor"),
        (message(participants='<ActiveParticipant UserID="unknown"/>'), "missing_actor"),
        (message(participants='<ActiveParticipant UserID="u" UserIsRequestor="maybe"/>'), "unknown_code"),
        (message(participants=f'<ActiveParticipant UserID="{"u" * 129}"/>'), "too_long"),
        (b"<AuditMessage></AuditMessage>", "missing_field"),
        (b"<AuditMessage><a></AuditMessage>", "not_xml"),
        (b"<AuditMessage>" + b"<a>" * 40 + b"</a>" * 40 + b"</AuditMessage>", "too_deep"),
    ],
)
def test_what_is_wrong_is_refused(payload: bytes, reason: str) -> None:
    assert reasons(read(payload)) == [reason]


def test_the_one_who_requested_acted_people_before_systems() -> None:
    system = (
        '<ActiveParticipant UserID="app" UserIsRequestor="true"><RoleIDCode csd-code="110153"/></ActiveParticipant>'
    )
    bystander = '<ActiveParticipant UserID="other" UserIsRequestor="false"/>'
    assert access(message(participants=bystander + system)).actor.id == "app"
    assert access(message(participants=bystander + system)).actor.type == "service"
    assert access(message(participants=system + bystander + USER)).actor.id == "u1001"


def test_a_query_is_kept_as_a_hash_and_emergency_access_as_a_flag() -> None:
    query = (
        '<ParticipantObjectIdentification ParticipantObjectID="q" ParticipantObjectTypeCode="2" '
        'ParticipantObjectTypeCodeRole="24"><ParticipantObjectQuery>R0VU</ParticipantObjectQuery>'
        '<ParticipantObjectDetail type="result_count" value="MTI="/></ParticipantObjectIdentification>'
    )
    found = access(message(event="110112", action="E", objects=query, more='<PurposeOfUse csd-code="BTG"/>'))
    assert found.query is not None
    assert (found.query.sha256, found.query.result_count) == (hashlib.sha256(b"GET").hexdigest(), 12)
    assert found.resource is None
    assert found.break_glass is not None
    assert found.break_glass.flag


def test_the_same_message_is_the_same_event_however_it_came() -> None:
    (first,) = read(message())
    spaced = (
        message().replace(b"><", b">\n  <").replace(b'UserID="u1001" UserName="Ann"', b'UserName="Ann" UserID="u1001"')
    )
    (second,) = read(spaced)
    (third,) = parse_syslog(HEADER + b"\xef\xbb\xbf" + message(), ORIGIN)
    (other,) = read(message(at="2026-03-02T09:14:04Z"))
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert isinstance(third, Event)
    assert isinstance(other, Event)
    assert first.id == second.id == third.id != other.id


@pytest.mark.parametrize(
    "between",
    [
        b"",
        b"\n",
        b"\r\n" + HEADER,
        b'\n<?xml version="1.0"?>\n<!-- next -->\n',
        b"\n123 " + HEADER + b"\xef\xbb\xbf",
        b"\0",
    ],
)
def test_many_messages_follow_one_another(between: bytes) -> None:
    assert reasons(read(between.join([b"", message(), message(), message()]))) == ["event"] * 3
    assert reasons(read(b"<Log>" + between + message() + b"</Log>")) == ["event"]


def test_what_is_no_message_is_refused_and_the_rest_is_read() -> None:
    cut = message()[:-30]
    foreign = b"<34>1 2026-03-02T09:14:03Z host su - - - failed\n"
    assert reasons(read(cut + message())) == ["truncated", "event"]
    assert reasons(read(message() + cut)) == ["event", "truncated"]
    assert reasons(read(message() + b"\n" + foreign + HEADER + message())) == ["event", "not_an_audit_message", "event"]
    assert reasons(read(message() + b"\nnoise")) == ["event", "not_an_audit_message"]
    assert reasons(read(message().decode().encode("utf-16"))) == ["not_an_audit_message"]
    assert read(b"") == read(b"\n") == []


def test_a_message_that_never_ends_takes_bounded_memory() -> None:
    endless = Lazy([message() + b"<AuditMessage>", *[b"x" * 65_536] * 64, message()], most=65_536)
    items = list(read_atna(binary(endless), ORIGIN))
    assert reasons(items) == ["event", "too_large", "event"]
    assert max(len(item.payload) for item in items if isinstance(item, Refused)) <= 1024


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))


@pytest.mark.parametrize(
    "document_type",
    [
        b'<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]>",
        b'<!DOCTYPE AuditMessage SYSTEM "http://127.0.0.1:1/x.dtd">',
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>',
        b'<!doctype x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;]>',
    ],
)
def test_a_document_type_is_refused_unread(document_type: bytes) -> None:
    hostile = document_type + message(participants=USER.replace("u1001", "&l9;"))
    assert reasons(read(hostile)) == ["xml_document_type"]
    assert reasons(parse_syslog(HEADER + hostile, ORIGIN)) == ["xml_document_type"]
    inside = message().replace(b"<EventIdentification", document_type + b"<EventIdentification")
    assert reasons(read(inside)) == ["not_xml"]
    assert reasons(read(message(participants=USER.replace("u1001", "&l9;")))) == ["not_xml"]


def test_a_frame_without_a_message_is_refused() -> None:
    assert reasons(parse_syslog(b"<34>1 - - - - - - su failed", ORIGIN)) == ["not_an_audit_message"]
    assert reasons(parse_syslog(HEADER, ORIGIN)) == ["not_an_audit_message"]
    assert reasons(parse_syslog(b"", ORIGIN)) == ["not_an_audit_message"]
    assert reasons(parse_syslog(b"<13>Mar  2 09:14:03 host ihe: " + message(), ORIGIN)) == ["event"]
    assert reasons(parse_syslog(HEADER + message()[:200], ORIGIN)) == ["truncated"]


def test_what_looks_like_audit_messages() -> None:
    assert looks_like_atna(HEADER + message())
    assert looks_like_atna(b'<a:AuditMessage xmlns:a="x">')
    assert not looks_like_atna(b"<AuditMessages>")
    assert not looks_like_atna(b'{"resourceType": "AuditEvent"}')


def test_nothing_shown_of_a_refusal_is_a_value() -> None:
    (item,) = read(message(action="SECRET", participants=USER.replace("u1001", "SECRET")))
    assert isinstance(item, Refused)
    assert "SECRET" not in f"{item!r}{item.reason}{item.place}"


SEEDS = [message(), HEADER + message(event="110112", action="E"), message() + PATIENT.encode() + message(type_="x")]


@st.composite
def altered(draw: st.DrawFn) -> bytes:
    payload = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(payload)))
        payload[at : at + draw(st.integers(0, 20))] = draw(
            st.one_of(
                st.binary(max_size=8), st.sampled_from([b"<AuditMessage>", b"<!--", b"&#0;", b"&#xD800;", b"]]>", b'"'])
            )
        )
    return bytes(payload)


@settings(max_examples=600, deadline=None)
@given(st.one_of(altered(), st.binary(max_size=200)))
def test_nothing_but_events_and_refusals_comes_out(payload: bytes) -> None:
    for item in [*read(payload), *parse_syslog(payload, ORIGIN)]:
        if isinstance(item, Refused):
            assert item.reason.replace("_", "").isalpha()
        else:
            assert isinstance(item, Event)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([message(), message()[:-9], b"noise", b"\n", HEADER, b"<!-- x -->"]), max_size=8),
    st.data(),
)
def test_chunks_change_nothing(parts: list[bytes], data: st.DataObject) -> None:
    payload = b"".join(parts)
    whole = [(piece.payload, piece.reason) for piece in pieces(io.BytesIO(payload))]

    class Dripping(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            return super().read(data.draw(st.integers(1, 400)))

    assert [(piece.payload, piece.reason) for piece in pieces(Dripping(payload))] == whole

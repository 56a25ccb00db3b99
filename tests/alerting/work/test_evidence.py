"""Evidence: what is kept, what is sealed, what is refused, and that content is never to be seen."""

import hashlib

import pytest
from msgspec import structs

from alerting.commands import RecordFindings
from alerting.refusal import Refused
from alerting.store import Store
from alerting.vault.cipher import DamagedEntryError, MissingKeyError, VaultKeys
from alerting.work.commands import AddEvidence
from alerting.work.evidence_rows import evidence_of, find_evidence
from alerting.work.sealing import MAX_BYTES, Content, opened_content, sealed_content
from alerting.work.values import Evidence
from tests.alerting.building import Clock, a_desk, a_finding, case_of

KEYS = VaultKeys({1: b"k" * 32}, 1)
SECRET = b"Jane Doe, MRN 1234567\x00\xff"


def found(store: Store, evidence: Evidence) -> Content:
    with store.reading() as connection:
        kept = find_evidence(connection, evidence.id)
    assert kept is not None
    assert kept[1] is not None
    return kept[1]


def test_a_file_is_sealed_and_comes_back(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    (incident_id,) = desk.handle(RecordFindings([a_finding()])).opened
    content = sealed_content(KEYS, incident_id, SECRET)
    command = AddEvidence(incident_id=incident_id, actor="ana", kind="file", reference="scan.pdf", content=content)
    evidence = desk.handle(command)
    sha256 = hashlib.sha256(SECRET).hexdigest()
    assert (evidence.size, evidence.sha256, evidence.reference) == (23, sha256, "scan.pdf")
    assert case_of(store, incident_id).timeline[-1].detail == {
        "evidence": evidence.id, "kind": "file", "sha256": sha256, "bytes": 23,
    }  # fmt: skip
    assert opened_content(KEYS, incident_id, found(store, evidence)) == SECRET
    with store.reading() as connection:
        (row,) = connection.exec_driver_sql("SELECT * FROM work_evidence").all()
    assert not any(b"Jane" in bytes(value) for value in row if isinstance(value, bytes | memoryview))
    assert not any("Jane" in repr(value) for value in (command, content, evidence))
    assert desk.handle(command) == evidence, "not kept twice"
    with store.reading() as connection:
        assert evidence_of(connection, incident_id) == [evidence]


def test_content_opens_for_its_case_and_hash_alone() -> None:
    content = sealed_content(KEYS, "INC-A", SECRET)
    with pytest.raises(DamagedEntryError):
        opened_content(KEYS, "INC-B", content)
    with pytest.raises(DamagedEntryError):
        opened_content(KEYS, "INC-A", structs.replace(content, sha256="0" * 64))
    flipped = bytes([content.sealed.body[0] ^ 1]) + content.sealed.body[1:]
    with pytest.raises(DamagedEntryError):
        opened_content(KEYS, "INC-A", structs.replace(content, sealed=structs.replace(content.sealed, body=flipped)))
    with pytest.raises(MissingKeyError):
        opened_content(VaultKeys({2: b"n" * 32}, 2), "INC-A", content)
    rotated = VaultKeys({1: b"k" * 32, 2: b"n" * 32}, 2)
    assert opened_content(rotated, "INC-A", content) == SECRET


@pytest.mark.parametrize("size", [0, MAX_BYTES + 1])
def test_content_has_a_size(size: int) -> None:
    with pytest.raises(Refused, match="between 1 byte and 20 MiB"):
        sealed_content(KEYS, "INC-A", bytes(size))


def test_findings_events_and_notes(store: Store, clock: Clock) -> None:
    desk = a_desk(store, clock)
    finding = a_finding()
    (incident_id,) = desk.handle(RecordFindings([finding])).opened
    note = sealed_content(KEYS, incident_id, b"the manager says so")
    kept = [
        desk.handle(AddEvidence(incident_id=incident_id, actor="ana", kind="finding", reference=finding.id)),
        desk.handle(AddEvidence(incident_id=incident_id, actor="ana", kind="event", reference="e1:5f2c")),
        desk.handle(AddEvidence(incident_id=incident_id, actor="ana", kind="note", content=note)),
    ]
    assert [(one.kind, one.reference, one.size) for one in kept] == [
        ("finding", finding.id, 0), ("event", "e1:5f2c", 0), ("note", "", 19),
    ]  # fmt: skip
    assert len({one.id for one in kept}) == 3


@pytest.mark.parametrize(
    ("sentence", "fields", "says"),
    [
        ("unknown finding", {"kind": "finding", "reference": "0" * 32}, "there is no such finding"),
        ("nothing named", {"kind": "event", "reference": " "}, "named in 1 to 500 characters"),
        ("too long", {"kind": "event", "reference": "x" * 501}, "named in 1 to 500 characters"),
        ("a file without content", {"kind": "file", "reference": "a"}, "evidence of the kind file has content"),
        (
            "an event with content",
            {"kind": "event", "reference": "a", "content": sealed_content(KEYS, "INC-T0000001", b"x")},
            "evidence of the kind event has none",
        ),
    ],
)
def test_what_is_no_evidence(store: Store, clock: Clock, sentence: str, fields: dict[str, object], says: str) -> None:
    desk = a_desk(store, clock)
    (incident_id,) = desk.handle(RecordFindings([a_finding()])).opened
    with pytest.raises(Refused, match=says):
        desk.handle(AddEvidence(incident_id=incident_id, actor="ana", **fields))  # type: ignore[arg-type]  # of any kind
    assert case_of(store, incident_id).incident.revision == 1, sentence

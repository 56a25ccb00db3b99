"""A bundle holds the whole case, is the same each time, and tells which file in it was changed."""

import io
import json
import zipfile
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs
from sqlalchemy import update

from alerting.bundle.dossier import CaseFile, case_file
from alerting.bundle.packing import Packing, packed, problems_of
from alerting.bundle.summary import summary
from alerting.commands import Acknowledge, Comment, Merge, RecordFindings, Resolve, RetractFindings
from alerting.documents import plain_text
from alerting.ocsf.events import Exporter
from alerting.refusal import UnknownIncident
from alerting.store import Store
from alerting.store.schema import TIMELINE
from alerting.work.commands import AddEvidence, AddTask
from detectors.retraction import Retraction
from tests.alerting.building import MONDAY, Clock, a_desk, a_finding

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
TITLES = {"A09": "Unusual volume of records"}
PACKING = Packing(
    by="p.officer", at=MONDAY, purpose="for counsel", exporter=Exporter(product_version="1.2.3", titles=TITLES)
)
CASE = "INC-T0000001"


@pytest.fixture
def case(store: Store) -> CaseFile:
    """A case of two findings, one of which was withdrawn, worked on and resolved."""
    desk = a_desk(store, Clock())
    gone = a_finding("A01", at=MONDAY + 1, reasons=["no tie to the patient was known"])
    desk.handle(RecordFindings([a_finding("A09"), gone]))
    desk.handle(
        RetractFindings([Retraction(finding_id=gone.id, at=gone.at, entity=gone.entity, reason="an order came late")])
    )
    desk.handle(Acknowledge(incident_id=CASE, actor="p.officer"))
    desk.handle(Comment(incident_id=CASE, actor="p.officer", note="asked the manager"))
    desk.handle(Resolve(incident_id=CASE, actor="p.officer", verdict="benign_explained", reason="a survey, approved"))
    return read(store)


def read(store: Store) -> CaseFile:
    with store.reading() as connection:
        return case_file(connection, CASE)


def files_of(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def repacked(files: dict[str, bytes]) -> bytes:
    packed_to = io.BytesIO()
    with zipfile.ZipFile(packed_to, "w") as bundle:
        for name, content in files.items():
            bundle.writestr(name, content)
    return packed_to.getvalue()


def test_the_whole_case_is_in_it(case: CaseFile) -> None:
    files = files_of(packed(case, PACKING, {"a.txt": b"a scan"}, KEY))
    assert set(files) == {
        "README.txt", "case.pdf", "case.txt", "incident.json", "timeline.json", "findings.jsonl", "ocsf.jsonl",
        "withdrawn.json", "work.json", "breach.json", "notices.json", "held.json", "verdicts.json", "detectors.json",
        "audit.jsonl", "audit_checkpoint.json", "evidence/a.txt", "manifest.json", "manifest.sig",
        "taken_over.json",
    }  # fmt: skip
    assert files["case.pdf"].startswith(b"%PDF-")
    assert [entry["action"] for entry in json.loads(files["timeline.json"])] == [
        "opened", "finding_withdrawn", "acknowledge", "comment", "resolve",
    ]  # fmt: skip
    assert [json.loads(line)["detector"] for line in files["findings.jsonl"].splitlines()] == ["A09", "A01"]
    assert [json.loads(line)["type_uid"] for line in files["ocsf.jsonl"].splitlines()] == [200401, 200403, 200503]
    assert [json.loads(line)["action"] for line in files["audit.jsonl"].splitlines()] == [
        "acknowledge", "comment", "resolve",
    ]  # fmt: skip
    assert json.loads(files["detectors.json"])[1] == {
        "id": "A09",
        "kind": "rule",
        "version": 1,
        "title": "Unusual volume of records",
    }
    manifest = json.loads(files["manifest.json"])
    assert (manifest["made_by"], manifest["made_at"], manifest["purpose"], manifest["is_chain_whole"]) == (
        "p.officer",
        "2026-03-02 09:14:03",
        "for counsel",
        True,
    )
    assert manifest["files"]["evidence/a.txt"] == sha256(b"a scan").hexdigest()
    assert set(manifest["files"]) == set(files) - {"manifest.json", "manifest.sig"}


def test_the_same_case_makes_the_same_bytes(case: CaseFile) -> None:
    assert packed(case, PACKING, {}, KEY) == packed(case, PACKING, {}, KEY)


def test_what_was_not_touched_is_sound(case: CaseFile) -> None:
    bundle = packed(case, PACKING, {}, KEY)
    assert problems_of(bundle, KEY.public_key()) == []
    assert problems_of(bundle, None) == []
    assert problems_of(packed(case, PACKING, {}, None), None) == []


def test_every_change_is_told(case: CaseFile) -> None:
    files = files_of(packed(case, PACKING, {}, KEY))
    public = KEY.public_key()
    assert problems_of(repacked(files | {"findings.jsonl": b""}), public) == ["findings.jsonl was changed"]
    assert problems_of(repacked(files | {"more.txt": b""}), public) == ["more.txt is not in the manifest"]
    without = {name: content for name, content in files.items() if name != "audit.jsonl"}
    assert problems_of(repacked(without), public) == ["audit.jsonl is missing"]
    assert problems_of(repacked(files), OTHER.public_key()) == ["the signature of the manifest is not that of the key"]
    unsigned = {name: content for name, content in files.items() if name != "manifest.sig"}
    assert problems_of(repacked(unsigned), public) == ["the manifest is not signed, so nobody can tell who made it"]
    adapted = files["manifest.json"].replace(b"for counsel", b"for anybody")
    assert problems_of(repacked(files | {"manifest.json": adapted}), public) == [
        "the signature of the manifest is not that of the key"
    ]


def test_what_is_no_bundle_is_told() -> None:
    for odd in (b"", b"PK", repacked({"a": b""}), repacked({"manifest.json": b"{}"})):
        assert problems_of(odd, None) == ["this is no evidence bundle, or its manifest is damaged"]


def test_a_broken_timeline_is_said_in_the_bundle(store: Store, case: CaseFile) -> None:
    assert case.is_chain_whole
    with store.writing() as connection:
        connection.execute(update(TIMELINE).where(TIMELINE.c.seq == 3).values(actor="nobody"))
    broken = read(store)
    assert not broken.is_chain_whole
    assert "BROKEN" in files_of(packed(broken, PACKING, {}, None))["case.txt"].decode()


def test_a_timeline_that_was_broken_before_is_told(store: Store, case: CaseFile) -> None:
    with store.writing() as connection:
        connection.execute(update(TIMELINE).where(TIMELINE.c.seq == 3).values(actor="nobody"))
    told = ["a timeline was broken already when the bundle was made"]
    assert problems_of(packed(read(store), PACKING, {}, KEY), KEY.public_key()) == told


def test_a_timeline_is_followed_whatever_the_manifest_says(case: CaseFile) -> None:
    forged = structs.replace(case, timeline=[*case.timeline[:2], *case.timeline[3:]])
    assert problems_of(packed(forged, PACKING, {}, None), None) == ["the timeline in timeline.json is broken"]
    short = structs.replace(case, timeline=case.timeline[:-1])
    assert problems_of(packed(short, PACKING, {}, None), None) == ["the timeline in timeline.json is broken"]


def test_a_file_that_is_in_it_twice_is_told(case: CaseFile) -> None:
    """Which of the two somebody sees depends on their program."""
    whole = io.BytesIO(packed(case, PACKING, {}, KEY))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(whole, "a") as bundle:
        bundle.writestr("case.txt", files_of(packed(case, PACKING, {}, KEY))["case.txt"])
    assert problems_of(whole.getvalue(), KEY.public_key()) == ["case.txt is in it 2 times"]


def test_a_damaged_stream_is_no_bundle(case: CaseFile) -> None:
    whole = bytearray(packed(case, PACKING, {}, KEY))
    with zipfile.ZipFile(io.BytesIO(bytes(whole))) as opened:
        start = opened.getinfo("timeline.json").header_offset + 30 + len("timeline.json")
    whole[start : start + 20] = bytes(byte ^ 0xFF for byte in whole[start : start + 20])
    assert problems_of(bytes(whole), None) == ["this is no evidence bundle, or its manifest is damaged"]


def test_what_was_merged_brings_its_work_along(store: Store) -> None:
    desk = a_desk(store, Clock())
    finding = a_finding(ref="u1:b")
    assert desk.handle(RecordFindings([a_finding(ref="u1:a"), finding])).opened == (CASE, "INC-T0000002")
    desk.handle(AddEvidence(actor="ana", incident_id="INC-T0000002", kind="finding", reference=finding.id))
    desk.handle(AddTask(actor="ana", incident_id="INC-T0000002", text="pull the log", assignee="", due_at=MONDAY + 60))
    desk.handle(Acknowledge(incident_id="INC-T0000002", actor="ana"))
    desk.handle(Merge(incident_id="INC-T0000002", actor="ana", into=CASE))
    whole = read(store)
    assert whole.is_chain_whole
    assert [evidence.reference for evidence in whole.evidence] == [finding.id]
    bundle = packed(whole, PACKING, {}, KEY)
    assert problems_of(bundle, KEY.public_key()) == []
    (merged,) = json.loads(files_of(bundle)["taken_over.json"])
    assert [task["text"] for task in merged["work"]["tasks"]] == ["pull the log"]
    assert [entry["action"] for entry in merged["timeline"]] == [
        "opened", "add_evidence", "add_task", "acknowledge", "merge",
    ]  # fmt: skip
    with store.writing() as connection:
        theirs = (TIMELINE.c.incident_id == "INC-T0000002") & (TIMELINE.c.seq == 2)
        connection.execute(update(TIMELINE).where(theirs).values(actor="nobody"))
    assert not read(store).is_chain_whole
    claimed = structs.replace(read(store), is_chain_whole=True)
    told = ["the timeline of INC-T0000002 in taken_over.json is broken"]
    assert problems_of(packed(claimed, PACKING, {}, None), None) == told


def test_a_case_that_is_not_there(store: Store) -> None:
    with pytest.raises(UnknownIncident):
        read(store)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "no assessment was begun"),
        ({"status": "notifying"}, "notifying; see breach.json"),
        ({"status": "closed", "breach": "not_breach"}, "not breach"),
    ],
)
def test_the_breach_on_paper(case: CaseFile, fields: dict[str, Any], told: str) -> None:
    changed = structs.replace(case, incident=structs.replace(case.incident, **fields))
    text = " ".join(plain_text([summary(changed, {}, at=MONDAY, by="ana", purpose="p")]).split())
    assert f"Breach {told}" in text or f"Breach: {told}" in text


def test_the_case_on_paper(case: CaseFile) -> None:
    text = plain_text([summary(case, TITLES, at=MONDAY, by="p.officer", purpose="for counsel")])
    for line in (
        "INCIDENT INC-T0000001",
        "benign explained",
        "A09 Unusual volume of records",
        "opened 212 different charts in one hour",
        "(withdrawn 2026-03-02 09:14:04: an order came late)",
        "asked the manager",
        "a survey, approved",
    ):
        assert line in " ".join(text.split()), line

"""Packing a case into a ZIP whose manifest names the hash of every file in it, and is signed."""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from alerting.bundle.dossier import CaseFile
from alerting.bundle.summary import moment, summary
from alerting.documents import plain_text
from alerting.documents.pdf import pdf_of
from alerting.ocsf.events import Exporter, finding_event, incident_event
from alerting.timeline import Entry, first_break
from models.signing import is_signed, sign

PURPOSE = "evidence bundle"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
TIMELINE = "timeline.json"
TAKEN_OVER = "taken_over.json"
UNSIGNED = "the manifest is not signed, so nobody can tell who made it"
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the ZIP: the same case makes the same bytes."""
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError, RuntimeError, NotImplementedError,
    msgspec.MsgspecError,
)  # fmt: skip
_READ_ME = """\
Evidence bundle of Wardwatch
============================

case.pdf, case.txt   the case for people; no PDF where no font has all characters of its notes
incident.json        the case as the store has it
timeline.json        every entry, chained by hashes: changing one breaks all that follow
taken_over.json      cases that were merged into this one: their timelines, work and breach files
findings.jsonl       every finding with its reasons, numbers, rule or model and version
ocsf.jsonl           the same as OCSF 1.8.0 events (2004, 2005)
withdrawn.json       findings whose ground fell away, and why
work.json            clocks, tasks, links, watchers, evidence, overpayment
breach.json          the breach file: assessments, approvals, notices (null where there is none)
notices.json         what was told by which channel, and what became of it
held.json            what was held back, and why
verdicts.json        the verdict on every finding
detectors.json       titles and versions of the rules and models, and of Wardwatch
audit.jsonl          who did what with this case; audit_checkpoint.json signs the whole log
evidence/            the files and notes that people added
manifest.json        the SHA-256 of every file above; manifest.sig is its signature (Ed25519)

To check it:   wardwatch audit verify-bundle FILE.zip
By hand:       sha256sum each file and compare with manifest.json

It holds tokens and free text: protected health information.
"""


class Manifest(Struct, frozen=True, kw_only=True):
    """What is in a bundle: name of each file to its SHA-256; who made it, when and what for."""

    incident_id: str
    revision: int
    last_hash: str
    made_at: str
    made_by: str
    purpose: str
    product_version: str
    is_chain_whole: bool
    files: dict[str, str]


class _End(Struct, frozen=True):
    id: str
    last_hash: str


class _Chain(Struct, frozen=True):
    """Of a case that was taken over, what shows whether its timeline is whole."""

    incident: _End
    timeline: list[Entry]


class Packing(Struct, frozen=True, kw_only=True):
    """How a bundle is made: by whom, when (seconds since the epoch), what for, and with which words.

    `font` is another than ours for the PDF, which may be left out: case.txt has all that it would.
    """

    by: str
    at: float
    purpose: str
    exporter: Exporter
    font: Path | None = None
    has_pdf: bool = True

    def __repr__(self) -> str:
        return f"<Packing by {self.by}>"


def packed(case: CaseFile, packing: Packing, attachments: Mapping[str, bytes], key: Ed25519PrivateKey | None) -> bytes:
    """Return the bundle of a case as a ZIP.

    Args:
        case: everything about it.
        packing: who makes it, when and what for.
        attachments: content of files and notes, by the name that they get below `evidence/`.
        key: signs the manifest; without one it is not signed.

    Raises:
        UnprintableError: if the font of the PDF lacks a character of a note.
    """
    contents = _contents(case, packing, attachments)
    manifest = Manifest(
        incident_id=case.incident.id,
        revision=case.incident.revision,
        last_hash=case.incident.last_hash,
        made_at=moment(packing.at),
        made_by=packing.by,
        purpose=packing.purpose,
        product_version=packing.exporter.product_version,
        is_chain_whole=case.is_chain_whole,
        files={name: sha256(content).hexdigest() for name, content in contents.items()},
    )
    listed = _pretty(manifest)
    contents[MANIFEST] = listed
    if key is not None:
        contents[SIGNATURE] = sign(key, PURPOSE, listed).encode() + b"\n"
    packed_to = io.BytesIO()
    with zipfile.ZipFile(packed_to, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in contents.items():
            bundle.writestr(zipfile.ZipInfo(name, _EARLIEST), content, zipfile.ZIP_DEFLATED)
    return packed_to.getvalue()


def problems_of(bundle: bytes, key: Ed25519PublicKey | None) -> list[str]:
    """Return what is wrong with a bundle: a sentence for each file that is not as it was packed.

    Args:
        bundle: the ZIP.
        key: what the manifest must be signed with; without one the signature is not looked at.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
            names = opened.namelist()
            contents = {name: opened.read(name) for name in names}
        listed = contents.pop(MANIFEST)
        manifest = msgspec.json.decode(listed, type=Manifest)
    except _UNREADABLE:
        return ["this is no evidence bundle, or its manifest is damaged"]
    signature = contents.pop(SIGNATURE, b"").decode(errors="replace")
    # Which of two files of one name somebody sees depends on the program with which they open the bundle.
    problems = [f"{name} is in it {times} times" for name, times in Counter(names).items() if times > 1]
    if key is not None and not signature:
        problems.append(UNSIGNED)
    elif key is not None and not is_signed(key, PURPOSE, listed, signature):
        problems.append("the signature of the manifest is not that of the key")
    problems += [f"{name} is missing" for name in manifest.files if name not in contents]
    problems += [f"{name} is not in the manifest" for name in contents if name not in manifest.files]
    problems += [
        f"{name} was changed"
        for name, content in contents.items()
        if name in manifest.files and sha256(content).hexdigest() != manifest.files[name]
    ]
    return [*problems, *_problems_of_timelines(manifest, contents)]


def _problems_of_timelines(manifest: Manifest, contents: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what is wrong with the chains of entries, which may have been broken before the bundle was made."""
    if not manifest.is_chain_whole:
        yield "a timeline was broken already when the bundle was made"
        return
    try:
        timeline = msgspec.json.decode(contents.get(TIMELINE, b"[]"), type=list[Entry])
        taken_over = msgspec.json.decode(contents.get(TAKEN_OVER, b"[]"), type=list[_Chain])
    except msgspec.MsgspecError:
        yield f"{TIMELINE} or {TAKEN_OVER} cannot be read"
        return
    if TIMELINE in contents and not _ends_with(timeline, manifest.last_hash):
        yield f"the timeline in {TIMELINE} is broken"
    for one in taken_over:
        if not _ends_with(one.timeline, one.incident.last_hash):
            yield f"the timeline of {one.incident.id} in {TAKEN_OVER} is broken"


def _ends_with(timeline: list[Entry], last_hash: str) -> bool:
    return bool(timeline) and first_break(timeline) is None and timeline[-1].hash == last_hash


def _contents(case: CaseFile, packing: Packing, attachments: Mapping[str, bytes]) -> dict[str, bytes]:
    titles = packing.exporter.titles
    document = summary(case, titles, at=packing.at, by=packing.by, purpose=packing.purpose)
    events = [
        finding_event(finding, packing.exporter, recorded_at=finding.at, is_withdrawn=finding.id in case.withdrawn)
        for finding in case.findings
    ]
    versions = {(finding.detector, finding.kind, finding.version) for finding in case.findings}
    detectors = [
        {"id": name, "kind": kind, "version": version, "title": titles.get(name, "")}
        for name, kind, version in sorted(versions)
    ]
    pdf = {}
    if packing.has_pdf:
        pdf["case.pdf"] = pdf_of([document], title=document.title, at=packing.at, font=packing.font)
    return {
        "README.txt": _READ_ME.encode(),
        **(
            {"case.pdf": pdf_of([document], title=document.title, at=packing.at, font=packing.font)}
            if packing.has_pdf
            else {}
        ),
        "case.txt": plain_text([document]).encode(),
        "incident.json": _pretty(case.incident),
        TIMELINE: _pretty(case.timeline),
        TAKEN_OVER: _pretty(case.taken_over),
        "findings.jsonl": _lines(case.findings),
        "ocsf.jsonl": _lines([*events, incident_event(case.incident, case.findings, packing.exporter)]),
        "withdrawn.json": _pretty(case.withdrawn),
        "work.json": _pretty(case.work),
        "breach.json": _pretty(case.breach),
        "notices.json": _pretty(case.notices),
        "held.json": _pretty(case.held),
        "verdicts.json": _pretty(case.verdicts),
        "detectors.json": _pretty(detectors),
        "audit.jsonl": _lines(case.audit),
        "audit_checkpoint.json": _pretty(case.checkpoint),
        **{f"evidence/{name}": content for name, content in attachments.items()},
    }


def _pretty(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _lines(values: list[Any]) -> bytes:
    return b"".join(msgspec.json.encode(value) + b"\n" for value in values)

"""`wardwatch incidents export` and `wardwatch audit verify-bundle`: a case as one file, and whether it is as it was."""

import hashlib
import re
import time
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from msgspec import structs
from sqlalchemy import Connection

from alerting.bundle.dossier import CaseFile, case_file
from alerting.bundle.exporting import ExportCase
from alerting.bundle.packing import UNSIGNED, Packing, packed, problems_of
from alerting.documents.pdf import UnprintableError
from alerting.ocsf.events import Exporter
from alerting.policy import OWN_TITLES
from alerting.vault.cipher import DamagedEntryError, MissingKeyError
from alerting.work.evidence_rows import find_evidence
from alerting.work.sealing import opened_content
from alerting.work.values import SEALED_KINDS
from monitor.auditing import MADE_BY
from monitor.catalogue import read_rules, titles
from monitor.cli.incident_parts import AsOption, IdArgument, acting
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, load_settings, remark, say
from monitor.evidence import evidence_keys
from monitor.failure import Failure
from monitor.private_files import refuse_existing, write_private
from monitor.response import build_desk, opened_store
from monitor.settings import Settings
from monitor.signing_keys import private_key, public_key


def export(
    incident: IdArgument,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The ZIP to write; must not exist.")],
    *,
    purpose: Annotated[str, typer.Option("--purpose", metavar="TEXT", help="What it is for; kept for ever.")],
    font: Annotated[
        Path | None, typer.Option("--font", metavar="FILE", help="A TrueType font, where ours lacks characters.")
    ] = None,
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a case as an evidence bundle: timeline, findings, decisions, audit excerpt, hashes, as ZIP with a PDF.

    It holds free text and tokens, and the files that people added. Its hash is in the timeline.

    Example:
        wardwatch incidents export INC-7F3K9Q2M --out INC-7F3K9Q2M.zip --purpose "for counsel, 2026-0042"
    """
    if not purpose.strip():
        raise Failure("say what the bundle is for, with --purpose")
    refuse_existing([out])
    settings = load_settings(config)
    rules = read_rules(settings)
    exporter = Exporter(
        product_version=metadata.version("wardwatch"),
        titles={**titles(rules), **OWN_TITLES},
        console_url=settings.public_url.rstrip("/"),
    )
    key = private_key(settings.audit_signing_key, MADE_BY) if settings.audit_signing_key else None
    packing = Packing(by=acting(actor), at=time.time(), purpose=purpose, exporter=exporter, font=font)
    with opened_store(settings) as store:
        with store.reading() as connection:
            case = case_file(connection, incident)
            attachments = _attachments(connection, case, settings)
        try:
            bundle = packed(case, packing, attachments, key)
        except UnprintableError as error:
            remark(f"There is no case.pdf in it, only case.txt: {error}; give a font that has them with --font.")
            bundle = packed(case, structs.replace(packing, has_pdf=False), attachments, key)
        digest = _digest_of(bundle)
        exported = ExportCase(actor=packing.by, incident_id=incident, purpose=purpose, sha256=digest)
        build_desk(settings, store, rules).handle(exported)
    write_private(out, bundle)
    if as_json:
        answer_json({"file": str(out), "sha256": digest, "bytes": len(bundle), "is_signed": key is not None})
        return
    say(f"{out} holds {incident}: {len(bundle):,} bytes, SHA-256 {digest}.")
    if key is None:
        remark("It is not signed: WARDWATCH_AUDIT_SIGNING_KEY is not set.")
    if not case.is_chain_whole:
        remark("Its timeline is broken: `wardwatch audit verify` tells where.")


def verify_bundle(
    bundle: Annotated[Path, typer.Argument(metavar="FILE", help="A bundle of `wardwatch incidents export`.")],
    config: ConfigOption = None,
) -> None:
    """Check that every file of an evidence bundle is as it was packed. Ends with 1 where one is not.

    Example:
        WARDWATCH_AUDIT_PUBLIC_KEY=audit.pub wardwatch audit verify-bundle INC-7F3K9Q2M.zip
    """
    settings = load_settings(config)
    key = public_key(settings.audit_public_key, MADE_BY) if settings.audit_public_key else None
    try:
        content = bundle.read_bytes()
    except OSError as error:
        message = f"{bundle} cannot be read: {error.strerror}"
        raise Failure(message) from None
    problems = problems_of(content, key)
    for problem in problems:
        remark(problem)
    if problems == [UNSIGNED]:
        message = f"every file of {bundle} is as its manifest says, but it was not signed when it was made"
        raise Failure(message)
    if problems:
        message = f"{bundle} is not as it was packed"
        raise Failure(message)
    say("Every file is as it was packed.")
    say(
        "The signature is that of the key."
        if key
        else "The signature was not checked: WARDWATCH_AUDIT_PUBLIC_KEY is unset."
    )


def _attachments(connection: Connection, case: CaseFile, settings: Settings) -> dict[str, bytes]:
    """Return what people added to the case, opened, by a name that tells which piece it is."""
    sealed = [evidence for evidence in case.evidence if evidence.kind in SEALED_KINDS]
    keys = evidence_keys(settings) if sealed else None
    opened: dict[str, bytes] = {}
    for evidence in sealed:
        found = find_evidence(connection, evidence.id)
        if keys is None or found is None or found[1] is None:
            continue
        name = f"{evidence.id}-{_plain(evidence.reference)}" if evidence.reference else f"{evidence.id}.txt"
        try:
            opened[name] = opened_content(keys, evidence.incident_id, found[1])
        except (MissingKeyError, DamagedEntryError) as error:
            message = f"{evidence.id} does not open: {error}; see `wardwatch keys check`"
            raise Failure(message) from None
    return opened


def _plain(reference: str) -> str:
    """Return the name of a file that is no path, whatever unpacks it: for some programs a backslash makes one."""
    return re.sub(r"[^\w.-]", "_", Path(reference).name)


def _digest_of(bundle: bytes) -> str:
    return hashlib.sha256(bundle).hexdigest()

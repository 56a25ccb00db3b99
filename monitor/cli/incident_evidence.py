"""`wardwatch incidents evidence`: what a case rests on and what was gathered for it."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from alerting.vault.cipher import DamagedEntryError, MissingKeyError
from alerting.work.commands import AddEvidence
from alerting.work.evidence_rows import evidence_of, find_evidence
from alerting.work.sealing import MAX_BYTES, Content, opened_content, sealed_content
from monitor.auditing import note_process
from monitor.cli.incident_parts import AsOption, IdArgument, acting, handled, note_look, require_incident
from monitor.cli.incident_views import evidence_row
from monitor.cli.moments import site_zone
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app, say
from monitor.evidence import counted, evidence_keys, resealed
from monitor.failure import Failure
from monitor.response import opened_store
from monitor.settings import Settings

app = new_app("Keep evidence for a case: findings, events, notes and files. Notes and files are kept sealed.")


@app.command()
def add(
    incident: IdArgument,
    *,
    finding: Annotated[str, typer.Option("--finding", metavar="ID", help="A finding, by its id.")] = "",
    event: Annotated[str, typer.Option("--event", metavar="TOKEN", help="An event, by its token.")] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="A note; kept sealed.")] = "",
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help=f"A file of at most {MAX_BYTES >> 20} MiB; kept sealed."),
    ] = None,
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep one piece of evidence; its hash goes into the timeline, its content nowhere else.

    Example:
        wardwatch incidents evidence add INC-7F3K9Q2M --file badge-log.pdf
    """
    if sum(map(bool, (finding, event, note, file))) != 1:
        message = "give one of --finding, --event, --note and --file"
        raise Failure(message)
    settings = load_settings(config)
    who = acting(actor)
    if file:
        content = _sealed(settings, incident, _read(file))
        command = AddEvidence(incident_id=incident, actor=who, kind="file", reference=file.name, content=content)
    elif note:
        content = _sealed(settings, incident, note.encode())
        command = AddEvidence(incident_id=incident, actor=who, kind="note", content=content)
    elif finding:
        command = AddEvidence(incident_id=incident, actor=who, kind="finding", reference=finding)
    else:
        command = AddEvidence(incident_id=incident, actor=who, kind="event", reference=event)
    evidence = handled(settings, command)
    if as_json:
        answer_json(evidence)
    else:
        say(f"{evidence.id} is evidence of {evidence.incident_id}.")


@app.command("list")
def list_evidence(incident: IdArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the evidence of a case, without its contents.

    Example:
        wardwatch incidents evidence list INC-7F3K9Q2M --json
    """
    settings = load_settings(config)
    with opened_store(settings) as store:
        require_incident(store, incident)
        with store.reading() as connection:
            found = evidence_of(connection, incident)
        note_look(store, incident, "evidence")
    if as_json:
        answer_json(found)
    else:
        zone = site_zone(settings)
        answer_table([evidence_row(evidence, zone) for evidence in found], "There is no evidence.")


@app.command()
def get(
    evidence: Annotated[
        str, typer.Argument(metavar="EVIDENCE", help="Id of a note or file, such as EV-0A1B2C3D4E5F6071.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; must not exist. Standard output otherwise.")
    ] = None,
    actor: AsOption = "",
    config: ConfigOption = None,
) -> None:
    """Open a sealed note or file; a content that was changed does not open.

    Example:
        wardwatch incidents evidence get EV-0A1B2C3D4E5F6071 --out badge-log.pdf
    """
    settings = load_settings(config)
    with opened_store(settings) as store:
        with store.reading() as connection:
            found = find_evidence(connection, evidence)
        if found is not None:
            note_look(store, found[0].incident_id, found[0].id, actor)
    if found is None:
        message = f"there is no evidence {evidence}; `wardwatch incidents evidence list` shows what there is"
        raise Failure(message)
    about, content = found
    if content is None:
        message = f"{about.id} names a {about.kind} and has no content: {about.reference}"
        raise Failure(message)
    try:
        opened = opened_content(evidence_keys(settings), about.incident_id, content)
    except (MissingKeyError, DamagedEntryError) as error:
        raise Failure(str(error)) from None
    _write(out, opened)


@app.command()
def reseal(actor: AsOption = "", config: ConfigOption = None) -> None:
    """Seal everything with the current key of evidence that is still under an older one.

    Run it after that key was changed and everything was started again; it may be run at any time, and goes on where it
    was interrupted.

    Example:
        wardwatch incidents evidence reseal
    """
    settings = load_settings(config)
    keys = evidence_keys(settings)
    with opened_store(settings) as store:
        n = resealed(store, keys)
        note_process(store, acting(actor), "reseal_evidence", f"key {keys.current}")
    say(f"{counted(n)} sealed anew.")


def _sealed(settings: Settings, incident: str, content: bytes) -> Content:
    return sealed_content(evidence_keys(settings), incident, content)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise Failure(message) from None


def _write(out: Path | None, content: bytes) -> None:
    """Write a content, for its owner alone."""
    if out is None:
        sys.stdout.buffer.write(content)
        return
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        message = f"{out} cannot be written: {error.strerror}"
        raise Failure(message) from None
    say(f"{len(content)} bytes are in {out}.")

"""`wardwatch audit`: who did what, and has anybody changed what was written down?"""

import datetime
import getpass
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from alerting.audit import first_break
from alerting.auditing.checkpoints import Checkpoint
from alerting.auditing.keeping import CheckpointKeeper
from alerting.auditing.rows import AuditQuery, audit_page, checkpoints
from alerting.auditing.verifying import DIGESTS, Fault, faults_in
from monitor.auditing import MADE_BY, note_process
from monitor.cli import moments
from monitor.cli.bundling import verify_bundle
from monitor.cli.moments import shown, site_zone
from monitor.cli.shared import (
    ConfigOption,
    JsonOption,
    answer_json,
    answer_table,
    as_incident_id,
    load_settings,
    new_app,
    say,
)
from monitor.failure import Failure
from monitor.response import opened_store
from monitor.settings import Settings
from monitor.signing_keys import make_keys, private_key, public_key
from monitor.vault import opened_vault

app = new_app("See who did what, and verify that nobody changed what was written down.")
app.command("verify-bundle")(verify_bundle)


@app.command("list")
def list_entries(
    *,
    since: Annotated[str, typer.Option("--since", metavar="WHEN", help=f"From then on: {moments.SINCE}.")] = "",
    actor: Annotated[str, typer.Option("--actor", metavar="NAME", help="What this person or process did.")] = "",
    incident: Annotated[
        str, typer.Option("--incident", metavar="ID", help="What was done to this incident.", callback=as_incident_id)
    ] = "",
    action: Annotated[str, typer.Option("--action", metavar="WORD", help="Such as resolve or look.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many, the latest.")] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what people and processes did.

    Example:
        wardwatch audit list --actor p.officer --since 2026-03-01
        wardwatch audit list --since 2026-03-01T18:00-06:00 --json
    """
    settings = load_settings(config)
    zone = site_zone(settings)
    begins = moments.since(since, time.time(), zone)
    wanted = AuditQuery(since=begins, actor=actor, incident=incident, action=action, limit=limit)
    with opened_store(settings) as store, store.reading() as connection:
        entries = audit_page(connection, wanted)
    if as_json:
        answer_json(entries)
        return
    rows = [
        {
            "seq": entry.seq,
            "at": shown(entry.at, zone, seconds=True),
            "by": entry.actor,
            "action": entry.action,
            "incident": entry.incident or "-",
            "subject": entry.subject or "-",
            "outcome": entry.outcome,
        }
        for entry in entries
    ]
    answer_table(rows, "Nobody did anything that fits.")


@app.command()
def verify(
    *,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", metavar="FILE", help="A checkpoint that was kept elsewhere; may be repeated."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Compute the digests of all checkpoints, not of a day.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every entry of the audit log and of all timelines, and every signed checkpoint. Ends with 1 at any fault.

    Example:
        wardwatch audit verify --checkpoint /mnt/elsewhere/checkpoint.json
    """
    settings = load_settings(config)
    key = public_key(settings.audit_public_key, MADE_BY) if settings.audit_public_key else None
    kept = [_kept(path) for path in checkpoint or []]
    with opened_store(settings) as store, store.reading() as connection:
        faults = faults_in(connection, key, kept, now=time.time(), digests=None if every else DIGESTS)
        signed = len(checkpoints(connection))
    faults += _faults_of_vault(settings)
    if as_json:
        answer_json({"faults": faults, "checkpoints": signed, "signatures_checked": key is not None})
    else:
        answer_table(
            [{"where": each.where, "row": each.row, "what": each.what} for each in faults], "All is as written."
        )
        if key is None:
            say(f"Signatures of {signed} checkpoints were not checked: WARDWATCH_AUDIT_PUBLIC_KEY is not set.")
        else:
            say(f"{signed} checkpoints and their signatures were checked.")
    if faults:
        message = f"{len(faults)} faults: somebody changed what was written, or a disk did; keep a copy, then look"
        raise Failure(message)


@app.command("checkpoint")
def sign_checkpoint(config: ConfigOption = None) -> None:
    """Sign how far the audit log and all timelines have come, and write that out, to be kept elsewhere.

    Example:
        wardwatch audit checkpoint > /mnt/elsewhere/checkpoint.json
    """
    settings = load_settings(config)
    if settings.audit_signing_key is None:
        message = f"WARDWATCH_AUDIT_SIGNING_KEY is not set; make a pair of keys with `{MADE_BY}`"
        raise Failure(message)
    key = private_key(settings.audit_signing_key, MADE_BY)
    with opened_store(settings) as store:
        note_process(store, getpass.getuser(), "sign_checkpoint")
        signed = CheckpointKeeper(store, key, lambda: datetime.datetime.now(datetime.UTC).timestamp()).sign()
    answer_json(signed)


@app.command()
def keygen(
    private: Annotated[Path, typer.Argument(metavar="PRIVATE", help="File for the private key, for the workers.")],
    public: Annotated[Path, typer.Argument(metavar="PUBLIC", help="File for the public key, for who verifies.")],
) -> None:
    """Make a pair of keys: checkpoints are signed with the private one and verified with the public one.

    Example:
        wardwatch audit keygen audit.key audit.pub
    """
    make_keys(private, public)
    say(
        f"Set WARDWATCH_AUDIT_SIGNING_KEY={private} for the workers and WARDWATCH_AUDIT_PUBLIC_KEY={public} for audits."
    )


def _kept(path: Path) -> Checkpoint:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Checkpoint)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise Failure(message) from None
    except msgspec.MsgspecError:
        message = f"{path} is no checkpoint; `wardwatch audit checkpoint` writes one"
        raise Failure(message) from None


def _faults_of_vault(settings: Settings) -> list[Fault]:
    """Check the chain of the vault's own log, where this process can open the vault."""
    if settings.vault_key is None:
        return []
    with opened_vault(settings) as vault:
        broken = first_break(vault.audit())
    return [] if broken is None else [Fault("vault log", broken, "this entry does not continue the chain")]

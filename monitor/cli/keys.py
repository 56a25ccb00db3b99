"""`wardwatch keys`: which keys are live, and the next one. No command shows a key unless told to."""

import getpass
import time
from pathlib import Path
from typing import Annotated

import typer

from alerting.vault import Vault, VaultKeys
from alerting.work.resealing import evidence_by_key
from monitor import settings as settings_module
from monitor.auditing import note_process
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app, remark, say
from monitor.evidence import counted, resealed
from monitor.failure import ExitCode, Failure
from monitor.key_check import examine_keys, key_ids_of_open_incidents
from monitor.key_rotation import (
    KeyRing,
    as_variables,
    key_ring,
    require_files,
    retired,
    rotated,
    write_files,
    write_new,
)
from monitor.response import opened_store
from monitor.settings import Settings
from monitor.vault import open_vault, opened_vault, rewrapped

app = new_app("See which keys are live, and change them.")

VERDICTS = {True: "ok", False: "FAIL"}

WriteOption = Annotated[
    Path | None,
    typer.Option(
        "--write-to", metavar="FILE", help="Write what is to be set into a new file, and change none of ours."
    ),
]
ShowOption = Annotated[bool, typer.Option("--show", help="Show what is to be set, keys included.")]


@app.command()
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show which keys are live and where they come from, and what is wrong with them.

    Ends with 1 where something is: a file that others may read, a vault that its key does not open, tokens without key.

    Example:
        wardwatch keys check
    """
    settings = load_settings(config)
    with opened_store(settings) as store:
        rows = examine_keys(settings, settings_module.places(config), store)
    if as_json:
        answer_json(rows)
    else:
        table = [{"key": row.what, "verdict": VERDICTS[row.ok], "detail": row.detail} for row in rows]
        answer_table(table, "There are no keys.")
    raise typer.Exit(ExitCode.OK if all(row.ok for row in rows) else ExitCode.FAILED)


@app.command()
def rotate(
    *,
    vault: Annotated[bool, typer.Option("--vault", help="The key of the vault, not that of tokens.")] = False,
    evidence: Annotated[bool, typer.Option("--evidence", help="The key of evidence, not that of tokens.")] = False,
    cut: Annotated[
        bool, typer.Option("--cut", help="The old key is known to others: no token of it goes on, profiles start anew.")
    ] = False,
    retire: Annotated[
        int | None, typer.Option("--retire", metavar="ID", min=1, help="Drop an old key instead of making a new one.")
    ] = None,
    cold_start: Annotated[
        bool, typer.Option("--cold-start", help="With --retire: although patients still go by tokens of that key.")
    ] = False,
    write_to: WriteOption = None,
    show: ShowOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    config: ConfigOption = None,
) -> None:
    """Make the next key; the one before stays live until it is retired.

    Keys in files are replaced there at once. For keys in variables it writes what to set into a file (--write-to).
    Then start all workers, `watch`, `listen` and the console again. With a vault, who had a token keeps it; with --cut
    nobody does. docs/privacy.md has every step.

    Example:
        wardwatch keys rotate --dry-run
        wardwatch keys rotate --vault
        wardwatch keys rotate --evidence
        wardwatch keys rotate --retire 1
    """
    if cut and (vault or evidence or retire is not None):
        raise typer.BadParameter("--cut is for a new key of tokens")
    if vault and evidence:
        raise typer.BadParameter("--vault and --evidence are two keys: one after the other")
    settings = load_settings(config)
    kind = "vault" if vault else "evidence" if evidence else "token"
    ring = key_ring(settings, settings_module.places(config), kind)
    after = rotated(ring) if retire is None else retired(ring, retire)
    if retire is not None:
        _require_unused(settings, ring.kind, retire, cold_start=cold_start)
    to_files = write_to is None and not show
    if to_files:
        require_files(after)
    if dry_run:
        _tell_plan(ring, after, write_to if not to_files else after.file)
        return
    _note_in_vault(settings, ring, retired_id=retire, cut=cut)
    if to_files:
        write_files(after)
    elif write_to is not None:
        write_new(write_to, as_variables(after))
    else:
        say(as_variables(after).rstrip())
    _tell_done(after, retire, write_to)
    if to_files and retire is None:
        _seal_with(settings, after)


def _require_unused(settings: Settings, kind: str, number: int, *, cold_start: bool) -> None:
    """Make sure that nothing needs an old key."""
    if kind == "evidence":
        with opened_store(settings) as store, store.reading() as connection:
            n = evidence_by_key(connection).get(number, 0)
        if n:
            message = f"{counted(n)} under key {number}; run `wardwatch incidents evidence reseal` first"
            raise Failure(message)
        return
    if kind == "vault":
        with opened_vault(settings) as vault:
            n = vault.entries_by_vault_key().get(number, 0)
        if n:
            message = f"{n} entries of the vault are under key {number}; run `wardwatch vault rewrap` first"
            raise Failure(message)
        return
    with opened_store(settings) as store:
        cases = key_ids_of_open_incidents(store).get(number, 0)
    if cases:
        message = f"{cases} open incidents are about tokens of key {number}; close them first"
        raise Failure(message)
    vault_or_none = open_vault(settings)
    if vault_or_none is None:
        return
    goes_on = number in vault_or_none.closed_token_keys()
    n = vault_or_none.entries_by_token_key().get(number, 0)
    vault_or_none.engine.dispose()
    if goes_on and n and not cold_start:
        message = f"{n} identifiers go on under key {number}; with --cold-start their profiles begin anew"
        raise Failure(message)


def _note_in_vault(settings: Settings, ring: KeyRing, *, retired_id: int | None, cut: bool) -> None:
    """Say in the vault what becomes of the tokens of older keys, before the keys change."""
    if ring.kind != "token":
        return
    vault = open_vault(settings)
    if vault is None:
        if retired_id is None:
            remark("There is no vault: every patient and user gets another token, and profiles start anew.")
        return
    try:
        if retired_id is not None:
            vault.cut_token_keys(only=retired_id)
        elif cut:
            vault.cut_token_keys()
        else:
            vault.close_token_key(ring.current.id, time.time())
    finally:
        vault.engine.dispose()


def _seal_with(settings: Settings, ring: KeyRing) -> None:
    """Seal the vault, or all evidence, with a key that the settings of this process do not have yet."""
    keys = VaultKeys({**ring.previous, ring.current.id: ring.current.key}, ring.current.id)
    if ring.kind == "vault":
        with opened_vault(settings) as vault:
            n = rewrapped(Vault(vault.engine, keys))
        remark(f"{n} entries of the vault are sealed with key {ring.current.id} now.")
    if ring.kind == "evidence":
        with opened_store(settings) as store:
            n = resealed(store, keys)
            note_process(store, getpass.getuser(), "reseal_evidence", f"key {ring.current.id}")
        remark(f"{counted(n)} sealed with key {ring.current.id} now.")


def _tell_plan(ring: KeyRing, after: KeyRing, target: Path | None) -> None:
    say(f"{ring.kind} keys now: {_ids(ring)}")
    say(f"{ring.kind} keys then: {_ids(after)}")
    say(f"written to: {target or 'the screen'}")
    say("nothing was done")


def _tell_done(after: KeyRing, retired_id: int | None, write_to: Path | None) -> None:
    if retired_id is None:
        remark(f"{after.kind} key {after.current.id} is made; live are {_ids(after)}.")
    else:
        remark(f"{after.kind} key {retired_id} is retired; live are {_ids(after)}.")
    if write_to is not None:
        remark(f"Set what {write_to} says, then remove it.")
    remark("Now start everything again that uses keys: workers, watch, listen, console.")


def _ids(ring: KeyRing) -> str:
    return ", ".join(f"{key_id} (current)" if key_id == ring.current.id else str(key_id) for key_id in ring.ids)

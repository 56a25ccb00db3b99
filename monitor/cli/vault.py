"""`wardwatch vault`: who a token stands for. Every opening is in the audit log before its answer is on the screen."""

import getpass
import re
import time
from typing import Annotated

import typer

from alerting.audit import first_break
from alerting.vault import DamagedEntryError, MissingKeyError
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
from monitor.vault import opened_vault, rewrapped

app = new_app("See who a token stands for, with a purpose and into the audit log.")

LEAST_PURPOSE = 8
"""Characters: enough that a reviewer of the audit log can tell one reason from another."""

_TOKEN = re.compile(r"[a-z]\d{1,3}:[A-Za-z0-9_-]{22}")
_NO_TOKEN = "(no token)"  # noqa: S105 - what stands in the log for what was typed, which may be a record number

ByOption = Annotated[
    str,
    typer.Option("--as", "--by", metavar="NAME", help="Work name of who asks; the name of the login where not given."),
]


@app.command()
def reveal(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="The token, such as p1:… of a finding.")],
    *,
    purpose: Annotated[str, typer.Option("--purpose", metavar="TEXT", help="What it is needed for; kept for ever.")],
    incident: Annotated[
        str, typer.Option("--incident", metavar="ID", help="The incident that is worked on.", callback=as_incident_id)
    ] = "",
    by: ByOption = "",
    config: ConfigOption = None,
) -> None:
    """Show who a token stands for.

    Who asked, when, for which token, why and with which outcome is written down first, also where the answer is no.

    Example:
        wardwatch vault reveal p1:3q2vJ0aZkXo8fTnB5uYw1A --purpose "call the patient" --incident INC-7F3K9Q2M
    """
    settings = load_settings(config)
    actor = by or getpass.getuser()
    asked = token if _TOKEN.fullmatch(token) else _NO_TOKEN
    with opened_vault(settings) as vault:
        problem = _problem(settings, asked, purpose, incident)
        if problem:
            vault.refuse(asked, purpose=purpose, actor=actor, at=time.time(), incident=incident)
            raise Failure(problem)
        opening = vault.open(token, purpose=purpose, actor=actor, at=time.time(), incident=incident)
    if opening.outcome == "unknown":
        raise Failure("the vault does not hold that token; it keeps patients, members, users, claims and accounts only")
    if opening.outcome == "damaged":
        raise Failure("the entry does not open: it was changed, or its key is missing; see `wardwatch keys check`")
    say(opening.value)


@app.command()
def audit(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show who opened what and why, and whether the log is whole.

    Example:
        wardwatch vault audit --json
    """
    settings = load_settings(config)
    with opened_vault(settings) as vault:
        entries = vault.audit()
    broken = first_break(entries)
    if as_json:
        answer_json({"entries": entries, "first_break": broken})
    else:
        zone = site_zone(settings)
        rows = [
            {
                "at": shown(entry.at, zone, seconds=True),
                "by": entry.actor,
                "token": entry.subject,
                "outcome": entry.outcome,
                "purpose": entry.purpose,
                "incident": entry.incident,
            }
            for entry in entries
        ]
        answer_table(rows, "Nobody opened anything.")
    if broken is not None:
        message = f"the log is broken at entry {broken}: somebody changed it"
        raise Failure(message)


@app.command()
def rewrap(by: ByOption = "", config: ConfigOption = None) -> None:
    """Seal everything with the current key of the vault that is still under an older one.

    Run it after the vault's key was changed and everything was started again; it may be run at any time.

    Example:
        wardwatch vault rewrap
    """
    with opened_vault(load_settings(config)) as vault:
        try:
            n = rewrapped(vault)
        except (MissingKeyError, DamagedEntryError) as error:
            message = f"{error}; see `wardwatch keys check`"
            raise Failure(message) from None
        vault.note("vault.rewrap", f"{n} entries", actor=by or getpass.getuser(), at=time.time())
    say(f"{n} entries were sealed anew.")


def _problem(settings: Settings, asked: str, purpose: str, incident: str) -> str:
    """Return why an opening is refused, or nothing."""
    if asked == _NO_TOKEN:
        return "that is no token; a token is a letter, a number, a colon and 22 characters"
    if len(purpose.strip()) < LEAST_PURPOSE:
        return f"say what it is needed for, in {LEAST_PURPOSE} characters or more"
    if incident:
        with opened_store(settings) as store:
            if store.incident(incident, max_findings=1) is None:
                return f"there is no incident {incident}; `wardwatch incidents list` shows those that are"
    return ""

"""`wardwatch report`: who looked at a patient's record, for the patient or for the privacy office."""

import sys
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from alerting.archive import Access, Archive
from alerting.documents import plain_text
from alerting.records.accounting import Form, Report, is_told, limits_of, lines_of, period
from alerting.records.commands import GiveReport
from alerting.records.paper import csv_of, document_of
from monitor.archive import opened_archive
from monitor.cli.moments import end_of, start_of
from monitor.cli.muting import acting, handled
from monitor.cli.shared import ConfigOption, JsonOption, load_settings, new_app, remark, say
from monitor.failure import Failure
from monitor.keys import required_keys
from monitor.private_files import write_private
from monitor.response_plan import response_plan
from monitor.settings import Settings
from monitor.vault import opened_vault
from streams.tokens import Tokeniser

app = new_app("Tell who looked at a record.")

MOST_ENTRIES = 100_000
"""Of one report; a record of six years has a few thousand."""


SHAPES = (".txt", ".csv", ".json", ".pdf")
"""How a report is written, by the end of its file's name."""


@app.callback()
def _group() -> None:
    """Tell who looked at a record."""


@app.command()
def access(
    *,
    patient: Annotated[
        list[str] | None, typer.Option("--patient", metavar="TOKEN", help="Token of the patient; may be given again.")
    ] = None,
    mrn: Annotated[bool, typer.Option("--mrn", help="Ask for the record number, or read it from a pipe.")] = False,
    purpose: Annotated[str, typer.Option("--purpose", metavar="TEXT", help="What it is needed for; kept for ever.")],
    disclosures: Annotated[
        bool, typer.Option("--disclosures", help="Only what 45 CFR 164.528 accounts for, six years back at most.")
    ] = False,
    names: Annotated[bool, typer.Option("--names", help="Tell who the users are, through the vault.")] = False,
    starts: Annotated[str, typer.Option("--from", metavar="WHEN", help="From a day on; six years back else.")] = "",
    ends: Annotated[str, typer.Option("--to", metavar="WHEN", help="To the end of a day; until now else.")] = "",
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Answer with CSV, for spreadsheets.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=f"Write a file that only you can read: {', '.join(SHAPES)}."),
    ] = None,
    actor: Annotated[str, typer.Option("--as", metavar="NAME", help="Work name of who acts; the login else.")] = "",
    config: ConfigOption = None,
) -> None:
    """Tell who looked at the record of a patient, also under numbers that were merged with it.

    Users are told by role and department; with --names by their user id too, each from the vault and into its audit
    log. The report itself is in the audit log before it is made. It says what the archive cannot know.

    Example:
        wardwatch report access --mrn --purpose "request of the patient, 2026-11-20" --out report.pdf
    """
    settings = load_settings(config)
    if bool(patient) == mrn:
        raise typer.BadParameter("give either --patient TOKEN or --mrn")
    shape = out.suffix if out else ".json" if as_json else ".csv" if as_csv else ".txt"
    if shape not in SHAPES:
        message = f"the file's name must end in one of {', '.join(SHAPES)}"
        raise typer.BadParameter(message)
    plan, now, form = response_plan(settings), time.time(), _form(disclosures=disclosures)
    start, end = period(
        form, start_of(starts, now, plan.zone) if starts else None, end_of(ends, now, plan.zone) if ends else now, now
    )
    asked = tuple(patient or _tokens_of(settings, _typed()))
    with opened_archive(settings) as archive:
        found = _found(archive, asked, start, end)
        told = [one for one in found[:MOST_ENTRIES] if is_told(one, form)]
        handled(
            settings,
            GiveReport(
                actor=acting(actor), patients=asked, purpose=purpose, form=form, entries=len(told), names_told=names
            ),
        )
        known = _names(settings, told, purpose, acting(actor)) if names else {}
        report = Report(
            form=form,
            start=start,
            end=end,
            zone=plan.zone,
            lines=lines_of(told, form, plan.zone, known),
            limits=limits_of(
                start,
                end,
                first_at=archive.extent().first_at,
                deleted_before=archive.deleted_before(),
                gaps=archive.gaps(),
                zone=plan.zone,
            ),
            is_whole=len(found) <= MOST_ENTRIES,
        )
        if mrn and not (found or archive.knows(archive.numbers_of(asked)) or _is_token(settings, asked)):
            remark("No access and no token of that number is known: check the number.")
    _write(report, shape, out, plan.entity.name, now)


def _form(*, disclosures: bool) -> Form:
    return "disclosures" if disclosures else "accesses"


def _typed() -> str:
    """Return a record number that is typed unseen, or comes through a pipe: never an argument, which others can see."""
    typed = typer.prompt("Record number", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not typed.strip():
        raise Failure("no record number was given")
    return str(typed).strip()


def _tokens_of(settings: Settings, mrn: str) -> list[str]:
    """Return the tokens that a record number has under every key that is in use."""
    live = required_keys(settings).live
    return [Tokeniser({number: key}, number).token("p", mrn) for number, key in sorted(live.items())]


def _found(archive: Archive, asked: tuple[str, ...], start: float, end: float) -> list[Access]:
    return archive.accesses(archive.numbers_of(asked), start, end, limit=MOST_ENTRIES + 1)


def _is_token(settings: Settings, asked: tuple[str, ...]) -> bool:
    """Return whether the vault, where there is one, has ever seen a number."""
    if settings.vault_key is None:
        return False
    with opened_vault(settings) as vault:
        return vault.holds_any(asked)


def _names(settings: Settings, told: list[Access], purpose: str, actor: str) -> dict[str, str]:
    """Return who the users are, as far as the vault holds it; every opening is in its audit log."""
    with opened_vault(settings) as vault:
        openings = {
            user: vault.open(user, purpose=purpose, actor=actor, at=time.time())
            for user in dict.fromkeys(access.actor for access in told)
        }
    return {user: opening.value for user, opening in openings.items() if opening.outcome == "opened"}


def _write(report: Report, shape: str, out: Path | None, entity: str, now: float) -> None:
    made = _made(report, shape, entity, now)
    if out is None:
        say(made.decode().rstrip("\n"))
        return
    write_private(out, made)
    remark(f"{len(report.lines)} entries were written to {out}.")


def _made(report: Report, shape: str, entity: str, now: float) -> bytes:
    document = document_of(report, entity, now)
    match shape:
        case ".json":
            return msgspec.json.format(msgspec.json.encode(report), indent=2)
        case ".csv":
            return csv_of(report).encode()
        case ".pdf":
            # Its library takes half a second to load and serves this command alone.
            from alerting.documents.pdf import UnprintableError, pdf_of  # noqa: PLC0415

            try:
                return pdf_of([document], title=document.title, at=now)
            except UnprintableError as error:
                message = f"{error}; write a .txt file instead"
                raise Failure(message) from None
        case _:
            return plain_text([document]).encode()

"""`wardwatch breach notice`: draw up the notices of a breach, and write down that they were made.

Letters hold PHI: names and addresses are read from a file for the moment of writing and are not kept, what is written
can be read by its owner alone, and nothing of it is logged.
"""

import hashlib
import time
from datetime import date
from pathlib import Path
from typing import Annotated, cast

import typer

from alerting.breach.clocks import day_of, held_on
from alerting.breach.commands import RecordDocument, RecordNotice, VoidNotice
from alerting.breach.deciding import notice_remarks
from alerting.breach.duties import METHODS
from alerting.breach.letters.drawing import Drawn, DrawnKind, Order, drawn
from alerting.breach.letters.recipients import recipients_in
from alerting.breach.letters.story import Story
from alerting.breach.letters.writing import TEMPLATES, template_of
from alerting.breach.records import Made, Method, Noticed, NoticeKind
from alerting.documents import plain_text
from monitor.cli.breach_shared import (
    AsOption,
    IdArgument,
    answer_file,
    carried_out,
    carry_out,
    day_from,
    file_in,
    form_from,
    text_of,
    who,
    word_from,
)
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, load_settings, new_app, remark, say
from monitor.failure import Failure
from monitor.private_files import refuse_existing, write_private
from monitor.response import opened_store
from monitor.response_plan import response_plan
from monitor.settings import Settings

app = new_app("Draw up the notices of a breach, and write down that they were made.")

OnOption = Annotated[str, typer.Option("--on", metavar="DAY", help="The day, as 2026-03-02; today where not given.")]


@app.command()
def make(
    incident: IdArgument,
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="individual, next_of_kin, substitute, media, hhs or list.")
    ],
    *,
    story: Annotated[
        Path, typer.Option("--story", metavar="FILE", help="The account; `breach form story` prints one.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where to write; made if it is not there.")],
    people: Annotated[
        Path | None,
        typer.Option("--people", metavar="FILE", help="CSV: name, street, street2, city, state, zip, next_of_kin."),
    ] = None,
    state: Annotated[str, typer.Option("--state", metavar="STATE", help="Of a notice to the media.")] = "",
    template: Annotated[
        Path | None, typer.Option("--template", metavar="FILE", help="Your own text; see `breach notice template`.")
    ] = None,
    font: Annotated[
        Path | None, typer.Option("--font", metavar="FILE", help="A TrueType font, where ours lacks characters.")
    ] = None,
    on: OnOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write letters, a notice, the sheet for HHS or the list of individuals, as PDF and as text.

    Nothing is sent. The names and addresses are not kept; the hash of each document is.

    Example:
        wardwatch breach notice make INC-7F3K9Q2M individual --story story.yml --people people.csv --out letters
    """
    settings = load_settings(config)
    with opened_store(settings) as store:
        order = _order(settings, kind, story, people, state=state, template=template, on=on)
        file = file_in(store, incident)
        made = drawn(order, file)
        written = _written(made, incident, out, font)
        for _, digest in written:
            record = Made(kind=made.kind, copies=len(made.documents), document=digest)
            command = RecordDocument(actor=who(actor), incident_id=incident, made=record)
            file = carried_out(settings, store, command)
    rows = [{"file": str(path), "copies": len(made.documents), "sha256": digest} for path, digest in written]
    if as_json:
        answer_json(rows)
    else:
        for row in rows:
            say(f"{row['file']}: {row['copies']} of {kind}, sha256 {row['sha256']}")
    for thought in made.remarks:
        remark(f"Note: {thought}.")
    if held_on(file.hold_times, order.written_on):
        remark("Note: law enforcement holds notices back: do not send this yet (164.412).")


@app.command()
def record(
    incident: IdArgument,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(METHODS)}.")],
    *,
    method: Annotated[str, typer.Option("--method", metavar="METHOD", help="How it was made; refusals name the ways.")],
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, help="For how many people it was.")],
    on: OnOption = "",
    state: Annotated[str, typer.Option("--state", metavar="STATE", help="Of a notice to the media.")] = "",
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=0, help="How long a posting stays, and the number is answered.")
    ] = 0,
    document: Annotated[
        Path | None, typer.Option("--document", metavar="FILE", help="What was sent; its hash is kept, it is not.")
    ] = None,
    reference: Annotated[
        str, typer.Option("--reference", metavar="TEXT", help="Number of the mailing, tracking number of the portal.")
    ] = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down that a notice was made: the proof that the rule asks for (164.414(b)).

    Example:
        wardwatch breach notice record INC-7F3K9Q2M individual --method mail --count 612 --on 2026-03-20
    """
    settings = load_settings(config)
    notice = Noticed(
        kind=cast(NoticeKind, word_from(kind, NoticeKind, "kind of notice")),
        made_on=day_from(on) if on else _today(settings),
        method=cast(Method, word_from(method, Method, "method")),
        count=count,
        state=state.upper(),
        days=days,
        document=_digest(document) if document else "",
        reference=reference,
    )
    file = carry_out(RecordNotice(actor=who(actor), incident_id=incident, notice=notice), config)
    answer_file(file, f"Notice {len(file.notices)} of {incident} is recorded.", as_json=as_json)
    for thought in notice_remarks(file, notice):
        remark(f"Note: {thought}.")


@app.command()
def void(
    incident: IdArgument,
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="Of the notice, as `breach show` has it.")],
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it does not count.")],
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a notice was recorded in error; it is kept and does not count.

    Example:
        wardwatch breach notice void INC-7F3K9Q2M 1 --reason "recorded for the wrong case"
    """
    command = VoidNotice(actor=who(actor), incident_id=incident, number=number, reason=reason)
    answer_file(carry_out(command, config), f"Notice {number} of {incident} does not count.", as_json=as_json)


@app.command()
def template(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="individual, next_of_kin, substitute or media.")],
) -> None:
    """Print the text of a notice, to change it and give it to `make --template`.

    Example:
        wardwatch breach notice template individual > individual.txt
    """
    chosen = next((one for one in TEMPLATES if one == kind), None)
    if chosen is None:
        message = f"there is no template {kind!r}; give one of {', '.join(TEMPLATES)}"
        raise Failure(message)
    say(template_of(chosen).rstrip())


def _order(
    settings: Settings,
    kind: str,
    story: Path,
    people: Path | None,
    *,
    state: str,
    template: Path | None,
    on: str,
) -> Order:
    chosen = cast(DrawnKind, word_from(kind, DrawnKind, "document"))
    return Order(
        kind=chosen,
        entity=response_plan(settings).entity,
        story=form_from(story, Story),
        written_on=day_from(on) if on else _today(settings),
        recipients=tuple(recipients_in(text_of(people)) if people else ()),
        state=state.upper(),
        template=text_of(template) if template else "",
    )


def _written(made: Drawn, incident: str, out: Path, font: Path | None) -> list[tuple[Path, str]]:
    """Write the documents as PDF and as text; return each file with its hash."""
    # What writes PDF takes half a second to load, which no other command should wait for.
    from alerting.documents.pdf import UnprintableError, pdf_of  # noqa: PLC0415

    try:
        pdf = pdf_of(made.documents, title=f"{incident} {made.name}", at=time.time(), font=font)
    except UnprintableError as error:
        message = f"{error}; give a font that has them with --font"
        raise Failure(message) from None
    stem = f"{incident}-{made.name}"
    contents = {out / f"{stem}.pdf": pdf, out / f"{stem}.txt": plain_text(made.documents).encode()}
    refuse_existing(contents)
    for path, content in contents.items():
        write_private(path, content)
    return [(path, hashlib.sha256(content).hexdigest()) for path, content in contents.items()]


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        message = f"{path} cannot be read: {type(error).__name__}"
        raise Failure(message) from None


def _today(settings: Settings) -> date:
    return day_of(time.time(), response_plan(settings).zone)

"""`wardwatch incidents ask` and `questions`: "was this you?", and what was answered."""

import secrets
from typing import Annotated

import typer

from alerting.questions.contacts import WAYS, Audience, Way
from alerting.questions.rows import questions_about
from alerting.refusal import Refused
from monitor.catalogue import read_rules
from monitor.cli.incident_parts import IdArgument, acting, note_look
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, say
from monitor.failure import Failure
from monitor.questions import ask_about
from monitor.response import build_desk, opened_store
from monitor.response_plan import response_plan
from monitor.staff_contacts import staff_contacts

AUDIENCES: tuple[Audience, ...] = ("actor", "manager")


def add_questions(app: typer.Typer) -> None:
    """Add the commands to those about incidents."""
    app.command()(ask)
    app.command()(questions)


def ask(
    incident: IdArgument,
    *,
    who: Annotated[str, typer.Option("--who", metavar="WHO", help="`actor` (whose account acted) or `manager`.")],
    channel: Annotated[
        str, typer.Option("--channel", metavar="CHANNEL", help="`slack` or `email`; the first that has an address.")
    ] = "",
    actor: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Work name of who asks; the name of the login where not given.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Ask somebody whether the activity was theirs, with a link that can be used once.

    The address comes from the table WARDWATCH_STAFF_CONTACTS; the response plan says about which cases nobody is asked.

    Example:
        wardwatch incidents ask INC-7F3K9Q2M --who actor --channel email
    """
    audience = next((known for known in AUDIENCES if known == who), None)
    way: Way | None = next((known for known in WAYS if known == channel), None)
    if audience is None or (channel and way is None):
        message = "--who is actor or manager, --channel is slack or email"
        raise Failure(message)
    settings = load_settings(config)
    try:
        plan = response_plan(settings)
        with opened_store(settings) as store:
            question = ask_about(
                build_desk(settings, store, read_rules(settings)),
                settings,
                staff_contacts(settings, plan.people),
                plan.questions,
                incident,
                audience=audience,
                way=way,
                actor=acting(actor),
                random=secrets.token_bytes,
            )
    except Refused as refusal:
        raise Failure(str(refusal)) from None
    say(f"The {question.audience} is asked by {question.channel}; the timeline of {incident} will have the answer.")


def questions(incident: IdArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the questions about an incident, and what was answered.

    Example:
        wardwatch incidents questions INC-7F3K9Q2M --json
    """
    with opened_store(load_settings(config)) as store:
        with store.reading() as connection:
            found = questions_about(connection, incident)
        if found:
            note_look(store, incident, "questions")
    if as_json:
        answer_json(found)
        return
    rows = [
        {"question": one.id, "who": one.audience, "by": one.channel, "state": one.state, "answer": one.answer or "-"}
        for one in found
    ]
    answer_table(rows, "Nobody was asked.")

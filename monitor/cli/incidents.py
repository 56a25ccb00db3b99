"""`wardwatch incidents`: see and work on incidents. Every command leaves its entry in the timeline."""

import time
from typing import Annotated, get_args

import msgspec
import typer

from alerting.incidents import QUEUES, Status
from alerting.severity import SEVERITIES
from alerting.timeline import first_break
from alerting.work.dossier import dossier_of
from alerting.work.pages import Wanted, page_of
from detectors.finding import EntityType, Queue
from monitor.cli import incident_evidence, incident_money, incident_tasks, moments
from monitor.cli.asking import add_questions
from monitor.cli.bundling import export
from monitor.cli.incident_bonds import add_bonds
from monitor.cli.incident_parts import IdArgument, acting, chosen, note_look, unknown
from monitor.cli.incident_states import add_states
from monitor.cli.incident_views import detail_of, json_of, row_of, say_case
from monitor.cli.moments import shown, site_zone
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app
from monitor.cli.snoozing import snooze, unsnooze
from monitor.failure import Failure
from monitor.response import opened_store
from monitor.response_plan import response_plan

app = new_app("See and work on incidents.")

NO_QUEUE = "fraud_privacy"
"""The word for the queue that has no name."""

StatusOption = Annotated[
    list[str] | None, typer.Option("--status", metavar="STATUS", help="Only those of this status.")
]
SeverityOption = Annotated[
    list[str] | None, typer.Option("--severity", metavar="SEV", help="Only those of this severity, SEV1 to SEV4.")
]
QueueOption = Annotated[
    str, typer.Option("--queue", metavar="QUEUE", help=f"Only those of {', '.join((NO_QUEUE, *QUEUES))}.")
]


@app.command("list")
def list_incidents(
    *,
    statuses: StatusOption = None,
    severities: SeverityOption = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that somebody has yet to work on.")] = False,
    queue: QueueOption = "",
    assignee: Annotated[
        str | None,
        typer.Option("--assignee", metavar="NAME", help="Only those of whom this is responsible; '' nobody."),
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only those that I am responsible for or follow.")] = False,
    rule: Annotated[str | None, typer.Option("--rule", metavar="RULE", help="Only those with this rule.")] = None,
    entity: Annotated[str, typer.Option("--entity", metavar="TYPE", help="Only those about a user, patient, ….")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those with a clock that has run out.")] = False,
    since: Annotated[
        str, typer.Option("--since", metavar="WHEN", help=f"Only those opened from then on: {moments.SINCE}.")
    ] = "",
    prefix: Annotated[str, typer.Option("--id", metavar="TEXT", help="Only those whose id begins like this.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many, newest first.")] = 50,
    after: Annotated[
        str | None, typer.Option("--after", metavar="INCIDENT", help="The page that follows this one.")
    ] = None,
    actor: Annotated[str, typer.Option("--as", metavar="NAME", help="Who --mine is; the login where not given.")] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List incidents, newest first; several statuses or severities mean any of them.

    Example:
        wardwatch incidents list --open --severity SEV1 --severity SEV2 --overdue --json
    """
    settings, now = load_settings(config), time.time()
    wanted = Wanted(
        statuses=tuple(chosen(one, get_args(Status), "status") for one in statuses or ()),
        only_open=only_open,
        severities=tuple(chosen(one, SEVERITIES, "severity") for one in severities or ()),
        queue=_queue(queue),
        assignee=assignee,
        concerns=acting(actor) if mine else None,
        rule=rule,
        entity_type=_entity_type(entity),
        overdue_at=now if overdue else None,
        since=moments.since(since, now, response_plan(settings).zone) if since else None,
        prefix=prefix,
    )
    with opened_store(settings) as store, store.reading() as connection:
        found = page_of(connection, wanted, limit=limit, after=after)
    if as_json:
        answer_json([json_of(listed.incident, listed.clock, now) for listed in found])
    else:
        zone = site_zone(settings)
        answer_table([row_of(listed, now, zone) for listed in found], "There are no incidents.")


@app.command()
def show(incident: IdArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show an incident with its clocks, tasks, links, evidence, findings, their reasons, and its timeline.

    Example:
        wardwatch incidents show INC-7F3K9Q2M
    """
    settings, now = load_settings(config), time.time()
    with opened_store(settings) as store:
        case = store.incident(incident)
        with store.reading() as connection:
            dossier = dossier_of(connection, incident)
        if case is not None:
            note_look(store, incident)
    if case is None:
        raise unknown(incident)
    if as_json:
        about = json_of(case.incident, dossier.clock, now)
        answer_json({**msgspec.to_builtins(case), "incident": about, "work": dossier})
    else:
        say_case(case, dossier, now, site_zone(settings))


@app.command()
def history(incident: IdArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Tell who did what to an incident, when, and check that nothing of that was changed since.

    Example:
        wardwatch incidents history INC-7F3K9Q2M --json
    """
    settings = load_settings(config)
    with opened_store(settings) as store:
        case = store.incident(incident, max_findings=0)
        if case is not None:
            note_look(store, incident, "history")
    if case is None:
        raise unknown(incident)
    zone = site_zone(settings)
    rows: list[dict[str, object]] = [
        {
            "number": entry.seq,
            "at": shown(entry.at, zone),
            "actor": entry.actor,
            "action": entry.action,
            "status": entry.to_status,
            "detail": detail_of(entry),
            "note": entry.note,
        }
        for entry in case.timeline
    ]
    if as_json:
        answer_json(case.timeline)
    else:
        answer_table(rows, "Nothing happened.")
    if (broken := first_break(case.timeline)) is not None:
        message = f"entry {broken} does not continue the chain of hashes: the timeline was changed"
        raise Failure(message)


add_states(app)
add_bonds(app)
add_questions(app)
app.command()(export)
app.command()(snooze)
app.command()(unsnooze)
app.add_typer(incident_tasks.app, name="tasks")
app.add_typer(incident_evidence.app, name="evidence")
app.add_typer(incident_money.app, name="overpayment")


def _queue(text: str) -> Queue | None:
    if not text:
        return None
    return "" if text == NO_QUEUE else chosen(text, QUEUES, "queue")


def _entity_type(text: str) -> EntityType | None:
    known: tuple[EntityType, ...] = get_args(EntityType)
    return chosen(text, known, "type") if text else None

"""`wardwatch incidents tasks`: what is to be done for a case."""

import time
from typing import Annotated

import typer

from alerting.work.commands import AddTask, FinishTask
from alerting.work.rows import open_tasks, tasks_of
from monitor.cli.incident_parts import AsOption, IdArgument, acting, handled, note_look, require_incident
from monitor.cli.incident_views import task_row
from monitor.cli.moments import WHEN, end_of, site_zone
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
from monitor.response import opened_store
from monitor.response_plan import response_plan

app = new_app("Write down what is to be done for a case, and by whom.")


@app.command()
def add(
    incident: IdArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be done; never sent out.")],
    *,
    assignee: Annotated[str, typer.Option("--assignee", metavar="NAME", help="Work name of who is to do it.")] = "",
    due: Annotated[str, typer.Option("--due", metavar="WHEN", help=f"Until when: {WHEN}.")] = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down something to do; people are reminded once it is overdue.

    Example:
        wardwatch incidents tasks add INC-7F3K9Q2M "pull the badge log" --assignee ben --due 2d
    """
    settings = load_settings(config)
    due_at = end_of(due, time.time(), response_plan(settings).zone) if due else None
    command = AddTask(incident_id=incident, actor=acting(actor), text=text, assignee=assignee, due_at=due_at)
    task = handled(settings, command)
    if as_json:
        answer_json(task)
    else:
        say(f"Task {task.number} of {task.incident_id}.")


@app.command()
def done(
    incident: IdArgument,
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="Number of the task.")],
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a task is done.

    Example:
        wardwatch incidents tasks done INC-7F3K9Q2M 1
    """
    task = handled(load_settings(config), FinishTask(incident_id=incident, actor=acting(actor), number=number))
    if as_json:
        answer_json(task)
    else:
        say(f"Task {task.number} of {task.incident_id} is done.")


@app.command("list")
def list_tasks(
    incident: Annotated[
        str,
        typer.Argument(
            metavar="INCIDENT",
            help="Id of an incident; the open tasks of all where not given.",
            callback=as_incident_id,
        ),
    ] = "",
    assignee: Annotated[
        str | None, typer.Option("--assignee", metavar="NAME", help="Only open tasks of this work name.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many, of all incidents.")] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the tasks of an incident, or the open ones of all, those that are due first.

    Example:
        wardwatch incidents tasks list --assignee ben
    """
    settings = load_settings(config)
    with opened_store(settings) as store:
        if incident:
            require_incident(store, incident)
        with store.reading() as connection:
            tasks = tasks_of(connection, incident) if incident else open_tasks(connection, assignee, limit)
        note_look(store, incident, "tasks")
    if as_json:
        answer_json(tasks)
    else:
        now, zone = time.time(), site_zone(settings)
        answer_table([task_row(task, now, zone) for task in tasks], "There is nothing to do.")

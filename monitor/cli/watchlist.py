"""`wardwatch watchlist`: entities that somebody wants to hear of for a time."""

import getpass
import time
from typing import Annotated, get_args

import typer

from alerting.commands import Unwatch, Watch
from alerting.watch_list import WatchRefused
from detectors.finding import Entity, EntityType
from monitor.catalogue import read_rules
from monitor.cli.moments import WHEN, end_of, shown, site_zone, telling
from monitor.cli.shared import (
    ConfigOption,
    JsonOption,
    answer_json,
    answer_table,
    load_settings,
    new_app,
    say,
)
from monitor.failure import Failure
from monitor.response import build_desk, opened_store

app = new_app("Watch entities for a time: what is found about them needs no budget and is one severity graver.")

EntityArgument = Annotated[
    str, typer.Argument(metavar="ENTITY", help="Type and token, such as user:u1:5f2c, as findings have them.")
]
AsOption = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Work name of who acts; the name of the login where not given.")
]


@app.command()
def add(
    entity: EntityArgument,
    *,
    until: Annotated[
        str,
        typer.Option("--until", metavar="WHEN", help=f"To {WHEN}; of a day to its end."),
    ],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the log of the list.")],
    actor: AsOption = "",
    config: ConfigOption = None,
) -> None:
    """Put an entity on the list; an earlier entry about it is replaced.

    Example:
        wardwatch watchlist add user:u1:5f2c --until 30d --reason "notice given, access to research data"
    """
    zone = site_zone(load_settings(config))
    command = Watch(_entity(entity), actor or getpass.getuser(), end_of(until, time.time(), zone), reason)
    _carry_out(command, config)
    say(f"Watched until {shown(command.until, zone)}.")


@app.command("list")
def list_entries(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List who is watched, until when and why; entries that have ended say so.

    Example:
        wardwatch watchlist list --json
    """
    now = time.time()
    settings = load_settings(config)
    tell = telling(settings, as_json=as_json)
    with opened_store(settings) as store:
        entries = store.watch_list()
    rows: list[dict[str, object]] = [
        {
            "entity": f"{entry.entity.type}:{entry.entity.ref}",
            "state": "ended" if entry.has_ended(now) else "watched",
            "until": tell(entry.until),
            "author": entry.author,
            "reason": entry.reason,
        }
        for entry in entries
    ]
    if as_json:
        answer_json(rows)
    else:
        answer_table(rows, "Nobody is watched.")


@app.command()
def remove(entity: EntityArgument, actor: AsOption = "", config: ConfigOption = None) -> None:
    """Take an entity off the list.

    Example:
        wardwatch watchlist remove user:u1:5f2c
    """
    _carry_out(Unwatch(_entity(entity), actor or getpass.getuser()), config)
    say("Not watched any more.")


@app.command()
def log(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Tell who changed the list, when and why.

    Example:
        wardwatch watchlist log
    """
    settings = load_settings(config)
    tell = telling(settings, as_json=as_json)
    with opened_store(settings) as store:
        lines = store.watch_log()
    rows: list[dict[str, object]] = [
        {
            "at": tell(line.at),
            "actor": line.actor,
            "act": line.act,
            "entity": f"{line.entity.type}:{line.entity.ref}",
            "until": tell(line.until),
            "reason": line.reason,
        }
        for line in lines
    ]
    if as_json:
        answer_json(rows)
    else:
        answer_table(rows, "Nothing was done to the list.")


def _carry_out(command: Watch | Unwatch, config: ConfigOption) -> None:
    settings = load_settings(config)
    try:
        with opened_store(settings) as store:
            build_desk(settings, store, read_rules(settings)).handle(command)
    except WatchRefused as error:
        raise Failure(str(error)) from None


def _entity(text: str) -> Entity:
    kind, _, ref = text.partition(":")
    known: tuple[EntityType, ...] = get_args(EntityType)
    chosen = next((one for one in known if one == kind), None)
    if chosen is None or not ref:
        message = f"an entity is a type ({', '.join(known)}), a colon and its token"
        raise Failure(message)
    return Entity(chosen, ref)

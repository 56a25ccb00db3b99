"""Commands about who follows an incident, and how incidents belong together."""

from typing import Annotated

import typer

from alerting.work.commands import LinkIncidents, Split, UnlinkIncidents, UnwatchIncident, WatchIncident
from alerting.work.values import RELATIONS
from monitor.cli.incident_parts import AsOption, IdArgument, acting, chosen, handled
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, as_incident_id, counted, load_settings, say

OtherArgument = Annotated[
    str, typer.Argument(metavar="OTHER", help="Id of the other incident.", callback=as_incident_id)
]
WhoOption = Annotated[
    str, typer.Option("--who", metavar="NAME", help="Work name of somebody else who is to follow it, or no more.")
]


def follow(
    incident: IdArgument,
    who: WhoOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hear of everything that happens to an incident; the subject of a case never does.

    Example:
        wardwatch incidents follow INC-7F3K9Q2M
    """
    command = WatchIncident(incident_id=incident, actor=acting(actor), watcher=who)
    _say_followers(handled(load_settings(config), command), as_json=as_json)


def unfollow(
    incident: IdArgument,
    who: WhoOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hear no more of it than others do.

    Example:
        wardwatch incidents unfollow INC-7F3K9Q2M
    """
    command = UnwatchIncident(incident_id=incident, actor=acting(actor), watcher=who)
    _say_followers(handled(load_settings(config), command), as_json=as_json)


def link(
    incident: IdArgument,
    other: OtherArgument,
    *,
    relation: Annotated[
        str, typer.Option("--as-a", metavar="RELATION", help=f"One of {', '.join(RELATIONS)} (by the other).")
    ] = "related",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that two incidents belong together; a second link replaces the first.

    Example:
        wardwatch incidents link INC-7F3K9Q2M INC-0A1B2C3D --as-a caused_by
    """
    command = LinkIncidents(
        incident_id=incident,
        actor=acting(actor),
        other=other,
        relation=chosen(relation, RELATIONS, "relation"),
    )
    after = handled(load_settings(config), command)
    if as_json:
        answer_json(after)
    else:
        say(f"{after.id} and {other} are linked.")


def unlink(
    incident: IdArgument,
    other: OtherArgument,
    *,
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a link away again.

    Example:
        wardwatch incidents unlink INC-7F3K9Q2M INC-0A1B2C3D
    """
    command = UnlinkIncidents(incident_id=incident, actor=acting(actor), other=other)
    after = handled(load_settings(config), command)
    if as_json:
        answer_json(after)
    else:
        say(f"{after.id} and {other} are not linked.")


def split(
    incident: IdArgument,
    findings: Annotated[
        list[str], typer.Argument(metavar="FINDING...", help="Ids of findings, as `wardwatch incidents show` has them.")
    ],
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in both timelines.")] = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make findings of a case another case.

    Example:
        wardwatch incidents split INC-7F3K9Q2M 5f2c8e0b9d6a4c1e8f7b3a2d1c0e9f8a --reason "another matter"
    """
    command = Split(incident_id=incident, actor=acting(actor), findings=tuple(findings), reason=reason)
    new = handled(load_settings(config), command)
    if as_json:
        answer_json(new)
    else:
        say(f"{new.id} holds {counted(new.findings, 'finding')} of {incident} now.")


def add_bonds(app: typer.Typer) -> None:
    """Add the commands to their group."""
    for command in (follow, unfollow, link, unlink, split):
        app.command()(command)


def _say_followers(names: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        answer_json(names)
    else:
        say(f"Followed by {', '.join(names)}." if names else "Nobody follows it.")

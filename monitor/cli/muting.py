"""What the commands about silences, maintenance and snoozes share."""

import getpass
import time
from typing import Annotated, TypeVar

import typer

from alerting.command import Command
from alerting.muting.silences import Kind, Silence
from alerting.muting.waiting import held_back_by, waiting_cases
from alerting.store import Store
from monitor.catalogue import read_rules
from monitor.cli.moments import WHEN, Telling
from monitor.response import build_desk, opened_store
from monitor.settings import Settings

Result = TypeVar("Result")

MatchersArgument = Annotated[
    list[str],
    typer.Argument(metavar="MATCHER...", help="Such as 'rule=~\"A0.*\"' or severity=SEV4; all of them must hold."),
]
UntilOption = Annotated[str, typer.Option("--until", metavar="WHEN", help=f"When it ends: {WHEN}.")]
FromOption = Annotated[str, typer.Option("--from", metavar="WHEN", help="When it begins, in the same form; now else.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept, and never sent out.")]
AsOption = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Work name of who acts; the name of the login where not given.")
]


def handled(settings: Settings, command: Command[Result]) -> Result:
    """Give a command to the desk.

    Raises:
        Refused: if it may not be; the command line tells why.
    """
    with opened_store(settings) as store:
        return build_desk(settings, store, read_rules(settings)).handle(command)


def acting(name: str) -> str:
    """Return the work name of who acts."""
    return name or getpass.getuser()


def row_of(silence: Silence, tell: Telling) -> dict[str, object]:
    """Return a silence as a row of a list."""
    return {
        "id": silence.id,
        "state": silence.state(time.time()),
        "matchers": ", ".join(silence.matchers),
        "starts": tell(silence.starts_at),
        "ends": tell(silence.ends_at),
        "author": silence.author,
        "reason": silence.reason,
    }


def waiting_rows(store: Store, tell: Telling, kind: Kind | None = None, holder: str = "") -> list[dict[str, object]]:
    """Return the cases whose news wait, as rows; of one kind or one holder where that is said."""
    with store.reading() as connection:
        cases = waiting_cases(connection)
    return [
        {
            "incident": case.incident_id,
            "severity": case.severity,
            "behind": f"{case.reason} {case.behind or case.holder}",
            "news": case.news,
            "since": tell(case.first_at),
            "until": tell(case.until),
        }
        for case in cases
        if (kind is None or case.reason == kind) and (not holder or case.holder == holder)
    ]


def details_of(store: Store, silence: Silence, tell: Telling) -> dict[str, object]:
    """Return everything about a silence, with the news that it has held back by case."""
    with store.reading() as connection:
        held = held_back_by(connection, silence.kind, silence.id)
    return row_of(silence, tell) | {
        "including_critical": silence.including_critical,
        "created": tell(silence.created_at),
        "replaces": silence.replaces,
        "expired_by": silence.expired_by,
        "held_back": held,
        "waiting": waiting_rows(store, tell, silence.kind, silence.id),
    }

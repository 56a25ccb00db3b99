"""What the commands about incidents share: options, and the way to the desk."""

import getpass
from collections.abc import Iterable
from typing import Annotated, TypeVar, overload

import typer

from alerting.command import Command
from alerting.commands import IncidentCommand
from alerting.incidents import Incident
from alerting.store import Store
from monitor.auditing import note_process
from monitor.catalogue import read_rules
from monitor.cli.shared import as_incident_id
from monitor.failure import Failure
from monitor.response import build_desk, opened_store
from monitor.settings import Settings

Result = TypeVar("Result")
Word = TypeVar("Word", bound=str)

IdArgument = Annotated[
    str,
    typer.Argument(metavar="INCIDENT", help="Id of the incident, such as INC-7F3K9Q2M.", callback=as_incident_id),
]
NoteOption = Annotated[str, typer.Option("--note", metavar="TEXT", help="Free text for the timeline; never sent out.")]
AsOption = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Work name of who acts; the name of the login where not given.")
]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the timeline.")]


@overload
def handled(settings: Settings, command: IncidentCommand) -> Incident: ...
@overload
def handled(settings: Settings, command: Command[Result]) -> Result: ...
def handled(settings: Settings, command: IncidentCommand | Command[Result]) -> Incident | Result:
    """Give a command to the desk.

    Raises:
        Refused: if it may not be; the command line tells why.
    """
    with opened_store(settings) as store:
        return build_desk(settings, store, read_rules(settings)).handle(command)


def acting(given: str) -> str:
    """Return the work name of who acts."""
    return given or getpass.getuser()


def chosen(text: str, known: Iterable[Word], about: str) -> Word:
    """Return one of the words that there are, or end with all of them."""
    words = list(known)
    found = next((word for word in words if word == text), None)
    if found is None:
        message = f"there is no {about} {text!r}; give one of {', '.join(words)}"
        raise Failure(message)
    return found


def require_incident(store: Store, incident_id: str) -> None:
    """Make sure that there is an incident, or end with how to find one."""
    if store.incident(incident_id, max_findings=0) is None:
        raise unknown(incident_id)


def note_look(store: Store, incident_id: str, subject: str = "", actor: str = "") -> None:
    """Note in the audit log that somebody, or the login, looks at a case, or at the part of it that is named."""
    note_process(store, acting(actor), "look", subject, incident=incident_id)


def unknown(incident_id: str) -> Failure:
    """Return the failure that there is no such incident."""
    message = f"there is no incident {incident_id}; `wardwatch incidents list` shows those that are"
    return Failure(message)

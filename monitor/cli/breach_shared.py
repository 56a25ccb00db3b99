"""What the commands about breaches share: options, reading forms, and the way to the desk."""

import getpass
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar, get_args

import msgspec
import typer
import yaml

from alerting.breach.commands import BreachCommand
from alerting.breach.duties import duties
from alerting.breach.file import BreachFile
from alerting.breach.records import Change, Counted, Described, Discovered
from alerting.breach.rows import find_file
from alerting.commands import IncidentCommand
from alerting.incidents import Incident
from alerting.store import Store
from detectors.sigma import load_rules
from monitor.catalogue import read_rules
from monitor.cli.shared import answer_json, as_incident_id, load_settings, remark, say
from monitor.failure import Failure
from monitor.response import build_desk, opened_store
from monitor.settings import Settings

IdArgument = Annotated[
    str,
    typer.Argument(metavar="INCIDENT", help="Id of the incident, such as INC-7F3K9Q2M.", callback=as_incident_id),
]
AsOption = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Work name of who acts; the name of the login where not given.")
]

Form = TypeVar("Form")


def who(given: str) -> str:
    """Return the work name of whoever acts."""
    return given or getpass.getuser()


def day_from(text: str) -> date:
    """Return a day as it was typed, or end with what is wrong with it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = "a day is written as 2026-03-02"
        raise Failure(message) from None


def word_from(text: str, literal: object, about: str) -> str:
    """Return one of the words of a literal type, or end with those that there are."""
    known = get_args(literal)
    if text not in known:
        message = f"there is no {about} {text!r}; give one of {', '.join(known)}"
        raise Failure(message)
    return text


def form_from(path: Path, kind: type[Form]) -> Form:
    """Return the form that somebody filled in, or end with the place of what is wrong; the text is not quoted."""
    try:
        written = yaml.safe_load(text_of(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        message = f"{path} is no YAML{f' in line {mark.line + 1}' if mark else ''}"
        raise Failure(message) from None
    try:
        return msgspec.convert(written, kind)
    except msgspec.ValidationError as error:
        told = str(error)
        wrong = "not one of the words that are known" if told.startswith("Invalid enum") else told.partition(" - at")[0]
        place = told.partition(" - at `$")[2].rstrip("`").lstrip(".")
        message = f"{path}: {place or 'the form'}: {wrong}"
        raise Failure(message) from None


def text_of(path: Path) -> str:
    """Return the text of a file, or end with why it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read: {type(error).__name__}"
        raise Failure(message) from None


def carry_out(command: BreachCommand, config: Path | None) -> BreachFile:
    """Give a command to the desk and return the file as it is then."""
    settings = load_settings(config)
    with opened_store(settings) as store:
        return carried_out(settings, store, command)


def carried_out(settings: Settings, store: Store, command: BreachCommand) -> BreachFile:
    """Give a command to the desk of an open store.

    Nobody is told of such a command, so the titles of the rules, which take a second to read, are not needed.
    """
    return build_desk(settings, store, load_rules((), ())).handle(command)


def step(command: IncidentCommand, config: Path | None) -> Incident:
    """Take the incident a step along the breach path."""
    settings = load_settings(config)
    with opened_store(settings) as store:
        return build_desk(settings, store, read_rules(settings)).handle(command)


def file_in(store: Store, incident: str) -> BreachFile:
    """Return the file of a case, or end with how one begins."""
    with store.reading() as connection:
        file = find_file(connection, incident)
    if file is None:
        message = f"{incident} has no breach file; `wardwatch breach begin {incident}` begins one"
        raise Failure(message)
    return file


def answer_change(file: BreachFile, change: Change, said: str, *, as_json: bool) -> None:
    """Answer a change of what the duties follow from, which may only be proposed."""
    if all(one.change != change for one in file.proposed):
        answer_file(file, said, as_json=as_json)
        return
    answer_file(file, f"{file.incident_id}: proposed: {change_in_words(change)}.", as_json=as_json)
    remark(
        "Note: this lessens the duties of a confirmed breach: it counts when a second person gives the same command."
    )


def change_in_words(change: Change) -> str:
    """Return what a change says."""
    match change:
        case Discovered():
            reason = f": {change.reason}" if change.reason else ""
            return f"discovered on {change.on} ({change.basis.replace('_', ' ')}){reason}"
        case Described():
            days = f", contract of {change.contract_days} days" if change.contract_days is not None else ""
            associate = ", at a business associate" if change.at_associate else ""
            return f"part {change.part.replace('_', ' ')}{days}{associate}{', 42 CFR part 2' if change.part_2 else ''}"
        case Counted():
            return f"affected {counts_in_words(change)}"


def counts_in_words(counted: Counted) -> str:
    """Return who is affected, by state and by how they are reached."""
    people = counted.affected
    states = ", ".join(f"{state} {n}" for state, n in sorted(people.states.items()))
    parts = {
        "unreachable": people.unreachable,
        "next of kin": people.deceased,
        "dead without kin": people.deceased_without_kin,
    }
    others = "".join(f"; {name} {n}" for name, n in parts.items() if n)
    return f"{people.total}{' (estimate)' if counted.is_estimate else ''}: {states}{others}"


def answer_file(file: BreachFile, said: str, *, as_json: bool) -> None:
    """Answer a change of a file: what was done and which clocks run, or the whole file."""
    if as_json:
        answer_json(file)
        return
    say(said)
    for duty in duties(file):
        if not duty.is_done:
            needed = "?" if duty.needed is None else duty.needed
            say(f"  {duty.clock}: {duty.made} of {needed} made, due {duty.due}")
    if file.is_running and file.discovery_remark:
        remark(f"Note: {file.discovery_remark}.")

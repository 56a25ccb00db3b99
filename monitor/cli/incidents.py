"""`wardwatch incidents`: see and work on incidents. Every command leaves its entry in the timeline."""

import datetime
import getpass
from typing import Annotated

import typer

from alerting.commands import (
    Acknowledge,
    AssessRisk,
    Assign,
    AwaitContext,
    Close,
    Comment,
    ConfirmBreach,
    Contain,
    FinishNotifying,
    IncidentCommand,
    Merge,
    Remediate,
    Reopen,
    Resolve,
    RuleOutBreach,
    StartInvestigation,
    StartNotifying,
    Suppress,
)
from alerting.incidents import VERDICT_OCSF, Incident, Status, Verdict
from alerting.refusal import UnknownIncident
from alerting.store import Case
from alerting.transitions import IllegalTransition
from monitor.catalogue import read_rules
from monitor.cli.asking import add_questions
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app, say
from monitor.cli.snoozing import snooze, unsnooze
from monitor.failure import Failure
from monitor.response import build_desk, opened_store

app = new_app("See and work on incidents.")

IdArgument = Annotated[str, typer.Argument(metavar="INCIDENT", help="Id of the incident, such as INC-7F3K9Q2M.")]
NoteOption = Annotated[str, typer.Option("--note", metavar="TEXT", help="Free text for the timeline; never sent out.")]
AsOption = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Work name of who acts; the name of the login where not given.")
]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the timeline.")]

SIMPLE: dict[str, tuple[type[IncidentCommand], str]] = {
    "ack": (Acknowledge, "Say that somebody has seen it."),
    "investigate": (StartInvestigation, "Begin to work on it, or go on after waiting."),
    "suppress": (Suppress, "Say that it is not worth anyone's time."),
    "await-context": (AwaitContext, "Wait for human resources, a manager or the patient."),
    "contain": (Contain, "Say that nothing more can happen: access is cut, the payment is held."),
    "remediate": (Remediate, "Begin to repair what happened."),
    "assess-risk": (AssessRisk, "Begin the four-factor assessment of 45 CFR 164.402(2)."),
    "confirm-breach": (ConfirmBreach, "Say that it is a breach of unsecured PHI."),
    "start-notifying": (StartNotifying, "Begin the notices of 45 CFR 164.404 to 164.408."),
    "finish-notifying": (FinishNotifying, "Say that all notices have been made."),
    "close": (Close, "Make the verdict final."),
}
"""Commands that need nothing but the incident."""


@app.command("list")
def list_incidents(
    status: Annotated[str, typer.Option("--status", metavar="STATUS", help="Only those of this status.")] = "",
    only_open: Annotated[bool, typer.Option("--open", help="Only those that somebody has yet to work on.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many, newest first.")] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List incidents, newest first.

    Example:
        wardwatch incidents list --open --json
    """
    statuses = [_status(status)] if status else []
    with opened_store(load_settings(config)) as store:
        found = store.incidents(statuses, only_open=only_open, limit=limit)
    if as_json:
        answer_json(found)
    else:
        answer_table([_row(incident) for incident in found], "There are no incidents.")


@app.command()
def show(incident: IdArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show an incident with its findings, their reasons and its timeline.

    Example:
        wardwatch incidents show INC-7F3K9Q2M
    """
    with opened_store(load_settings(config)) as store:
        case = store.incident(incident)
    if case is None:
        message = f"there is no incident {incident}; `wardwatch incidents list` shows those that are"
        raise Failure(message)
    if as_json:
        answer_json(case)
    else:
        _show(case)


def _show(case: Case) -> None:
    for name, value in _row(case.incident).items():
        say(f"{name:10} {value}")
    if case.incident.verdict:
        say(f"{'verdict':10} {case.incident.verdict}")
    say("\nFindings")
    for finding in case.findings:
        say(f"  {_moment(finding.at)} {finding.detector} {finding.severity}, risk {finding.risk:.0f}")
        if withdrawal := case.withdrawn.get(finding.id):
            say(f"    withdrawn {_moment(withdrawal.at)}: {withdrawal.reason}")
        for reason in finding.reasons:
            say(f"    {reason}")
    say("\nTimeline")
    for entry in case.timeline:
        say(f"  {_moment(entry.at)} {entry.actor}: {entry.action}{f' - {entry.note}' if entry.note else ''}")


@app.command()
def resolve(
    incident: IdArgument,
    *,
    verdict: Annotated[str, typer.Option("--verdict", metavar="VERDICT", help=f"One of {', '.join(VERDICT_OCSF)}.")],
    reason: ReasonOption,
    note: NoteOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
) -> None:
    """Say that the work is done, with a verdict.

    Example:
        wardwatch incidents resolve INC-7F3K9Q2M --verdict benign_explained --reason "covering for a colleague"
    """
    chosen: Verdict | None = next((known for known in VERDICT_OCSF if known == verdict), None)
    if chosen is None:
        message = f"there is no verdict {verdict!r}; give one of {', '.join(VERDICT_OCSF)}"
        raise Failure(message)
    _carry_out(Resolve(incident_id=incident, actor=_actor(actor), note=note, verdict=chosen, reason=reason), config)


@app.command()
def reopen(
    incident: IdArgument, reason: ReasonOption, note: NoteOption = "", actor: AsOption = "", config: ConfigOption = None
) -> None:
    """Say that the verdict does not hold any more.

    Example:
        wardwatch incidents reopen INC-7F3K9Q2M --reason "the colleague was on leave"
    """
    _carry_out(Reopen(incident_id=incident, actor=_actor(actor), note=note, reason=reason), config)


@app.command("rule-out-breach")
def rule_out_breach(
    incident: IdArgument, reason: ReasonOption, note: NoteOption = "", actor: AsOption = "", config: ConfigOption = None
) -> None:
    """Say that it is no breach: low probability of compromise, an exclusion, or secured PHI.

    Example:
        wardwatch incidents rule-out-breach INC-7F3K9Q2M --reason "unintentional, by staff, in good faith"
    """
    _carry_out(RuleOutBreach(incident_id=incident, actor=_actor(actor), note=note, reason=reason), config)


@app.command()
def comment(
    incident: IdArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to write into the timeline.")],
    actor: AsOption = "",
    config: ConfigOption = None,
) -> None:
    """Write something into the timeline.

    Example:
        wardwatch incidents comment INC-7F3K9Q2M "asked the manager"
    """
    _carry_out(Comment(incident_id=incident, actor=_actor(actor), note=text), config)


@app.command()
def assign(
    incident: IdArgument,
    assignee: Annotated[str, typer.Argument(metavar="NAME", help="Work name of who is responsible from now on.")],
    note: NoteOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
) -> None:
    """Make somebody responsible.

    Example:
        wardwatch incidents assign INC-7F3K9Q2M p.officer
    """
    _carry_out(Assign(incident_id=incident, actor=_actor(actor), note=note, assignee=assignee), config)


@app.command()
def merge(
    incident: IdArgument,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The open incident that takes over its findings.")],
    note: NoteOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
) -> None:
    """Make it a part of another incident.

    Example:
        wardwatch incidents merge INC-7F3K9Q2M INC-0A1B2C3D
    """
    _carry_out(Merge(incident_id=incident, actor=_actor(actor), note=note, into=into), config)


def _add_simple(name: str, command: type[IncidentCommand], about: str) -> None:
    def act(incident: IdArgument, note: NoteOption = "", actor: AsOption = "", config: ConfigOption = None) -> None:
        _carry_out(command(incident_id=incident, actor=_actor(actor), note=note), config)

    act.__doc__ = f"{about}\n\nExample:\n    wardwatch incidents {name} INC-7F3K9Q2M\n"
    app.command(name)(act)


app.command()(snooze)
app.command()(unsnooze)
add_questions(app)

for _name, (_command, _about) in SIMPLE.items():
    _add_simple(_name, _command, _about)


def _carry_out(command: IncidentCommand, config: ConfigOption) -> None:
    settings = load_settings(config)
    try:
        with opened_store(settings) as store:
            after = build_desk(settings, store, read_rules(settings)).handle(command)
    except (IllegalTransition, UnknownIncident) as error:
        message = f"{error.args[0]}; see `wardwatch incidents show {command.incident_id}`"
        raise Failure(message) from None
    say(f"{after.id} is {after.status}.")


def _actor(given: str) -> str:
    return given or getpass.getuser()


def _status(text: str) -> Status:
    known: tuple[Status, ...] = Status.__args__  # type: ignore[attr-defined]  # of a Literal
    chosen = next((status for status in known if status == text), None)
    if chosen is None:
        message = f"there is no status {text!r}; give one of {', '.join(known)}"
        raise Failure(message)
    return chosen


def _row(incident: Incident) -> dict[str, object]:
    return {
        "id": incident.id,
        "status": incident.status,
        "severity": incident.severity,
        "queue": incident.queue or "-",
        "entity": incident.entity.type if incident.entity else incident.kind,
        "rules": ", ".join(incident.rules),
        "findings": incident.findings,
        "risk": f"{incident.risk:.0f}",
        "last": _moment(incident.last_at),
        "assignee": incident.assignee or "-",
    }


def _moment(at: float) -> str:
    return datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%d %H:%M")

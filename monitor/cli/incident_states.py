"""Commands that move an incident through its life, or say who works on it."""

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
from alerting.incidents import VERDICT_OCSF, Verdict
from alerting.refusal import UnknownIncident
from alerting.transitions import IllegalTransition
from monitor.cli.incident_parts import AsOption, IdArgument, NoteOption, ReasonOption, acting, chosen, handled
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, load_settings, remark, say
from monitor.failure import Failure
from monitor.response_plan import response_plan

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


def resolve(
    incident: IdArgument,
    *,
    verdict: Annotated[str, typer.Option("--verdict", metavar="VERDICT", help=f"One of {', '.join(VERDICT_OCSF)}.")],
    reason: ReasonOption,
    note: NoteOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that the work is done, with a verdict.

    Example:
        wardwatch incidents resolve INC-7F3K9Q2M --verdict benign_explained --reason "covering for a colleague"
    """
    said: Verdict = chosen(verdict, VERDICT_OCSF, "verdict")
    carry_out(
        Resolve(incident_id=incident, actor=acting(actor), note=note, verdict=said, reason=reason),
        config,
        as_json=as_json,
    )


def reopen(
    incident: IdArgument,
    *,
    reason: ReasonOption,
    note: NoteOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that the verdict does not hold any more.

    Example:
        wardwatch incidents reopen INC-7F3K9Q2M --reason "the colleague was on leave"
    """
    carry_out(Reopen(incident_id=incident, actor=acting(actor), note=note, reason=reason), config, as_json=as_json)


def rule_out_breach(
    incident: IdArgument,
    *,
    reason: ReasonOption,
    note: NoteOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that it is no breach: low probability of compromise, an exclusion, or secured PHI.

    Example:
        wardwatch incidents rule-out-breach INC-7F3K9Q2M --reason "unintentional, by staff, in good faith"
    """
    carry_out(
        RuleOutBreach(incident_id=incident, actor=acting(actor), note=note, reason=reason), config, as_json=as_json
    )


def comment(
    incident: IdArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to write into the timeline.")],
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write something into the timeline.

    Example:
        wardwatch incidents comment INC-7F3K9Q2M "asked the manager"
    """
    carry_out(Comment(incident_id=incident, actor=acting(actor), note=text), config, as_json=as_json)


def assign(
    incident: IdArgument,
    assignee: Annotated[str, typer.Argument(metavar="NAME", help="Work name of who is responsible from now on.")],
    *,
    note: NoteOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make somebody responsible.

    Example:
        wardwatch incidents assign INC-7F3K9Q2M p.officer
    """
    carry_out(Assign(incident_id=incident, actor=acting(actor), note=note, assignee=assignee), config, as_json=as_json)
    directory = response_plan(load_settings(config)).directory
    if assignee and directory.people and directory.named(assignee) is None:
        remark(f"{assignee} is nobody in the response plan, so nobody tells them of the case.")


def merge(
    incident: IdArgument,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The open incident that takes over its findings.")],
    *,
    note: NoteOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make it a part of another incident.

    Example:
        wardwatch incidents merge INC-7F3K9Q2M INC-0A1B2C3D
    """
    carry_out(Merge(incident_id=incident, actor=acting(actor), note=note, into=into), config, as_json=as_json)


def add_states(app: typer.Typer) -> None:
    """Add the commands to their group."""
    for command in (resolve, reopen, comment, assign, merge):
        app.command()(command)
    app.command("rule-out-breach")(rule_out_breach)
    for name, (command_type, about) in SIMPLE.items():
        _add_simple(app, name, command_type, about)


def _add_simple(app: typer.Typer, name: str, command: type[IncidentCommand], about: str) -> None:
    def act(
        incident: IdArgument,
        note: NoteOption = "",
        actor: AsOption = "",
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        carry_out(command(incident_id=incident, actor=acting(actor), note=note), config, as_json=as_json)

    act.__doc__ = f"{about}\n\nExample:\n    wardwatch incidents {name} INC-7F3K9Q2M\n"
    app.command(name)(act)


def carry_out(command: IncidentCommand, config: ConfigOption, *, as_json: bool) -> None:
    """Give a command to the desk, and answer with what the incident is then."""
    try:
        after = handled(load_settings(config), command)
    except (IllegalTransition, UnknownIncident) as error:
        message = f"{error.args[0]}; see `wardwatch incidents show {command.incident_id}`"
        raise Failure(message) from None
    if as_json:
        answer_json(after)
    else:
        say(f"{after.id} is {after.status}.")

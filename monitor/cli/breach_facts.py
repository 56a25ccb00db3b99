"""`wardwatch breach`: what is known of a breach, who is affected, and the risk assessment by two people."""

from pathlib import Path
from typing import Annotated, cast

import typer

from alerting.breach.affected import Affected, counts_in, counts_of
from alerting.breach.assessment import Assessment, missing, remarks
from alerting.breach.clocks import Hold, Statement
from alerting.breach.commands import (
    ApproveAssessment,
    AssessBreach,
    CountAffected,
    DescribeBreach,
    HoldNotices,
    LiftHold,
    RecordDiscovery,
)
from alerting.breach.forms import STORY_FORM, assessment_form
from alerting.breach.records import Basis, Counted, Described, Discovered, Part
from monitor.cli.breach_shared import (
    AsOption,
    IdArgument,
    answer_change,
    answer_file,
    carry_out,
    day_from,
    form_from,
    text_of,
    who,
    word_from,
)
from monitor.cli.shared import ConfigOption, JsonOption, remark, say
from monitor.failure import Failure

FORMS = {"assessment": assessment_form(), "story": STORY_FORM}


def form(
    name: Annotated[str, typer.Argument(metavar="FORM", help="assessment, or story for what the notices tell.")],
) -> None:
    """Print a form to fill in, as YAML.

    Example:
        wardwatch breach form assessment > assessment.yml
    """
    if name not in FORMS:
        message = f"there is no form {name!r}; give one of {', '.join(FORMS)}"
        raise Failure(message)
    say(FORMS[name].rstrip())


def discovery(
    incident: IdArgument,
    *,
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="The first day that somebody knew, or would have.")],
    basis: Annotated[
        str, typer.Option("--basis", metavar="BASIS", help="known, reasonable_diligence or associate_told.")
    ] = "known",
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why that day; needed where it is after the first alert.")
    ] = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say on which day the breach was discovered; every clock runs from it.

    Example:
        wardwatch breach discovery INC-7F3K9Q2M --on 2026-03-02 --basis known
    """
    chosen = cast(Basis, word_from(basis, Basis, "basis"))
    discovered = Discovered(on=day_from(on), basis=chosen, reason=reason)
    file = carry_out(RecordDiscovery(actor=who(actor), incident_id=incident, discovered=discovered), config)
    answer_change(file, discovered, f"{incident} was discovered on {file.discovered_on}.", as_json=as_json)


def describe(
    incident: IdArgument,
    *,
    part: Annotated[
        str, typer.Option("--part", metavar="PART", help="What we are: covered_entity or business_associate.")
    ] = "covered_entity",
    contract_days: Annotated[
        int | None, typer.Option("--contract-days", metavar="DAYS", min=0, help="What the contract of ours asks for.")
    ] = None,
    at_associate: Annotated[
        bool, typer.Option("--at-associate", help="The breach was at a business associate of ours.")
    ] = False,
    part_2: Annotated[
        bool, typer.Option("--part-2", help="Records of substance use disorder (42 CFR part 2) are among them.")
    ] = False,
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what the duties depend on; what is not given is not so.

    Example:
        wardwatch breach describe INC-7F3K9Q2M --part business_associate --contract-days 10
    """
    described = Described(
        part=cast(Part, word_from(part, Part, "part")),
        contract_days=contract_days,
        at_associate=at_associate,
        part_2=part_2,
    )
    file = carry_out(DescribeBreach(actor=who(actor), incident_id=incident, described=described), config)
    answer_change(file, described, f"{incident} is described.", as_json=as_json)


def affected(
    incident: IdArgument,
    *,
    counts: Annotated[
        list[str] | None,
        typer.Option("--affected", metavar="STATE=N", help="Individuals by residence; XX counts people elsewhere."),
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="CSV with the columns state and count instead.")
    ] = None,
    unreachable: Annotated[
        int, typer.Option("--unreachable", metavar="N", min=0, help="Of them, without usable contact data.")
    ] = 0,
    deceased: Annotated[
        int, typer.Option("--deceased", metavar="N", min=0, help="Of them, dead, with next of kin to write to.")
    ] = 0,
    deceased_without_kin: Annotated[
        int, typer.Option("--deceased-without-kin", metavar="N", min=0, help="Of them, dead, with nobody to write to.")
    ] = 0,
    estimate: Annotated[bool, typer.Option("--estimate", help="People still count.")] = False,
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who is affected, as counts; the last counts hold, all are kept.

    Example:
        wardwatch breach affected INC-7F3K9Q2M --affected NY=612 --affected NJ=14 --unreachable 12
    """
    if bool(counts) == (source is not None):
        raise Failure("give counts with --affected, or a file of counts with --from")
    states = counts_in(text_of(source)) if source else counts_of(counts or [])
    people = Affected(
        states=states, unreachable=unreachable, deceased=deceased, deceased_without_kin=deceased_without_kin
    )
    command = CountAffected(actor=who(actor), incident_id=incident, affected=people, is_estimate=estimate)
    file = carry_out(command, config)
    about = f"{people.total} individuals{' (estimate)' if estimate else ''}"
    counted = Counted(affected=people, is_estimate=estimate)
    answer_change(file, counted, f"{incident} affects {about}.", as_json=as_json)


def hold(
    incident: IdArgument,
    *,
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="Of the statement: written or oral.")],
    stated_on: Annotated[str, typer.Option("--stated-on", metavar="DAY", help="The day of the statement.")],
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help="The last day of the delay; oral: 30 days at most.")
    ],
    official: Annotated[str, typer.Option("--official", metavar="TEXT", help="Who asked: name, rank, agency.")],
    statement: Annotated[str, typer.Option("--statement", metavar="TEXT", help="What was stated.")],
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down that law enforcement asked for a delay of the notices (45 CFR 164.412).

    Example:
        wardwatch breach hold INC-7F3K9Q2M --kind oral --stated-on 2026-03-05 --until 2026-04-04
          --official "Det. A. Example, State Police" --statement "notices would warn the suspect"
    """
    chosen = cast(Statement, word_from(kind, Statement, "kind of statement"))
    delay = Hold(kind=chosen, stated_on=day_from(stated_on), until=day_from(until))
    command = HoldNotices(actor=who(actor), incident_id=incident, hold=delay, official=official, statement=statement)
    answer_file(carry_out(command, config), f"Notices of {incident} are held back until {until}.", as_json=as_json)


def lift(
    incident: IdArgument,
    *,
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="The last day of the delay.")],
    official: Annotated[str, typer.Option("--official", metavar="TEXT", help="Who let the notices go.")],
    statement: Annotated[str, typer.Option("--statement", metavar="TEXT", help="What was stated.")],
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down that law enforcement let the notices go earlier than was stated.

    Example:
        wardwatch breach lift INC-7F3K9Q2M --on 2026-03-20 --official "Det. A. Example" --statement "arrest made"
    """
    command = LiftHold(actor=who(actor), incident_id=incident, on=day_from(on), official=official, statement=statement)
    answer_file(carry_out(command, config), f"Notices of {incident} may go after {on}.", as_json=as_json)


def assess(
    incident: IdArgument,
    *,
    source: Annotated[Path, typer.Option("--from", metavar="FILE", help="The form, as `breach form` prints it.")],
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the risk assessment; an earlier one is kept beside it, and loses its approval.

    Example:
        wardwatch breach assess INC-7F3K9Q2M --from assessment.yml
    """
    assessment = form_from(source, Assessment)
    command = AssessBreach(actor=who(actor), incident_id=incident, assessment=assessment, login=who(""))
    file = carry_out(command, config)
    answer_file(file, f"Assessment {len(file.assessments)} of {incident} is written.", as_json=as_json)
    for lack in missing(assessment):
        remark(f"Missing: {lack}.")


def approve(
    incident: IdArgument,
    *,
    revision: Annotated[int, typer.Option("--revision", metavar="N", min=1, help="The assessment that was read.")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="For the file.")] = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve an assessment, as a second person; read it before with `breach show`.

    Example:
        wardwatch breach approve INC-7F3K9Q2M --revision 1 --as p.officer
    """
    command = ApproveAssessment(actor=who(actor), incident_id=incident, revision=revision, note=note, login=who(""))
    file = carry_out(command, config)
    answer_file(file, f"Assessment {revision} of {incident} is approved: {file.presumption}.", as_json=as_json)
    current = file.current
    if current is None:
        return
    for thought in remarks(current.assessment):
        remark(f"Note: {thought}.")
    if current.login == current.approver_login:
        remark(f"Note: both came from the login {current.login}; the file says so.")

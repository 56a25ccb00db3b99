"""`wardwatch breach`: the breach notification rule, from the risk assessment to the last notice."""

import csv
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Annotated

import typer
from msgspec import structs

from alerting.breach.assessment import missing, remarks
from alerting.breach.checklist import checklist
from alerting.breach.clocks import day_of, stage_of
from alerting.breach.clockwork import unassessed_due
from alerting.breach.duties import duties
from alerting.breach.file import BreachFile, Written
from alerting.breach.records import RECORD, first_break, missing_records
from alerting.breach.rows import breaches_discovered, lines_of, open_files, unassessed_cases
from alerting.breach.yearly import LogLine, yearly_log
from alerting.commands import AssessRisk, ConfirmBreach, FinishNotifying, IncidentCommand, RuleOutBreach, StartNotifying
from alerting.store import Store
from monitor.cli import breach_facts, breach_notices
from monitor.cli.breach_shared import AsOption, IdArgument, change_in_words, counts_in_words, file_in, step, who
from monitor.cli.incident_parts import note_look
from monitor.cli.moments import shown, site_zone
from monitor.cli.shared import (
    ConfigOption,
    JsonOption,
    answer_json,
    answer_table,
    load_settings,
    new_app,
    remark,
    say,
)
from monitor.failure import Failure
from monitor.response import opened_store
from monitor.response_plan import response_plan

app = new_app("Work on breaches of PHI: assessment by two people, clocks, notices, proof.")

NoteOption = Annotated[str, typer.Option("--note", metavar="TEXT", help="Free text for the timeline; never sent out.")]

MAX_UNASSESSED = 500
"""Of cases without an assessment, the oldest are listed."""

STEPS: dict[str, tuple[type[IncidentCommand], str]] = {
    "begin": (AssessRisk, "Begin the risk assessment of a case; the clocks may run since its first alert."),
    "confirm": (ConfirmBreach, "Act on an approved assessment: it is a breach of unsecured PHI."),
    "start": (StartNotifying, "Begin the notices."),
    "finish": (FinishNotifying, "Say that all notices have been made; refused while one is missing."),
}
"""Steps of the incident that need nothing else; the same as those of `wardwatch incidents`."""


def rule_out(
    incident: IdArgument,
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the timeline.")],
    actor: AsOption = "",
    config: ConfigOption = None,
) -> None:
    """Act on an approved assessment: it is no breach.

    Example:
        wardwatch breach rule-out INC-7F3K9Q2M --reason "low probability of compromise, assessment 1"
    """
    after = step(RuleOutBreach(incident_id=incident, actor=who(actor), reason=reason), config)
    say(f"{after.id} is {after.status}.")


def show(incident: IdArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show a breach file: discovery, assessments with their narratives, who is affected, holds, notices.

    Example:
        wardwatch breach show INC-7F3K9Q2M --json
    """
    settings = load_settings(config)
    with opened_store(settings) as store:
        file = file_in(store, incident)
        case = store.incident(incident, max_findings=1)
        with store.reading() as connection:
            lines = lines_of(connection, incident)
        note_look(store, incident, "breach file")
    noted = [str(entry.detail[RECORD]) for entry in case.timeline if RECORD in entry.detail] if case else []
    broken = first_break(lines) or (len(lines) + 1 if missing_records(lines, noted) else None)
    if as_json:
        answer_json({"file": file, "duties": duties(file), "records": lines, "first_break": broken})
    else:
        _show(file, site_zone(settings))
    if broken is not None:
        message = f"the file is broken at record {broken}: somebody changed it"
        raise Failure(message)


def clocks(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List every clock that runs, from the one that ends first; cases without an assessment among them.

    Example:
        wardwatch breach clocks --json
    """
    settings = load_settings(config)
    zone = response_plan(settings).zone
    today = day_of(time.time(), zone)
    with opened_store(settings) as store:
        with store.reading() as connection:
            files = open_files(connection)
        rows = [row for file in files for row in _clock_rows(file, today)] + _unassessed(store, today, zone)
    rows.sort(key=lambda row: (str(row["due"]), str(row["incident"])))
    if as_json:
        answer_json(rows)
    else:
        answer_table([_in_words(row) for row in rows], "No clock runs.")


def log(
    year: Annotated[int, typer.Option("--year", metavar="YEAR", min=2009, max=9998, help="Year of discovery.")],
    *,
    as_csv: Annotated[bool, typer.Option("--csv", help="Answer with CSV, for a spreadsheet.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the breaches of fewer than 500 individuals of a year, which HHS gets after it ends (164.408(c)).

    Example:
        wardwatch breach log --year 2026 --csv
    """
    with opened_store(load_settings(config)) as store, store.reading() as connection:
        lines = yearly_log(breaches_discovered(connection, date(year, 1, 1), date(year, 12, 31)), year)
    if as_json:
        answer_json(lines)
        return
    rows = [structs.asdict(line) for line in lines]
    if as_csv:
        writer = csv.DictWriter(sys.stdout, LogLine.__struct_fields__, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        answer_table(
            [_in_words(row) for row in rows], f"No breach of fewer than 500 individuals was discovered in {year}."
        )


def check(incident: IdArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Go through everything that the rule asks for in a case, and say what is open.

    Example:
        wardwatch breach checklist INC-7F3K9Q2M
    """
    settings = load_settings(config)
    with opened_store(settings) as store:
        file = file_in(store, incident)
        note_look(store, incident, "breach file")
    items = checklist(file, day_of(time.time(), response_plan(settings).zone))
    if as_json:
        answer_json(items)
        return
    for item in items:
        say(f"[{'x' if item.is_done else ' '}] {item.what} ({item.section}){f': {item.hint}' if item.hint else ''}")


def _in_words(row: dict[str, object]) -> dict[str, object]:
    """Return a row for people: what is not counted, not done, late or not."""
    unknown = {"needed": "not counted", "affected": "not counted"}
    words = {True: "yes", False: "no"}
    return {
        name: unknown.get(name, "-") if value is None else words[value] if isinstance(value, bool) else value
        for name, value in row.items()
    }


def _step(name: str, command: type[IncidentCommand], about: str) -> Callable[..., None]:
    def act(incident: IdArgument, note: NoteOption = "", actor: AsOption = "", config: ConfigOption = None) -> None:
        after = step(command(incident_id=incident, actor=who(actor), note=note), config)
        say(f"{after.id} is {after.status}.")

    act.__doc__ = f"{about}\n\nExample:\n    wardwatch breach {name} INC-7F3K9Q2M\n"
    return act


COMMANDS: dict[str, Callable[..., None]] = {
    "show": show,
    "clocks": clocks,
    "checklist": check,
    "form": breach_facts.form,
    **{name: _step(name, command, about) for name, (command, about) in STEPS.items()},
    "discovery": breach_facts.discovery,
    "describe": breach_facts.describe,
    "affected": breach_facts.affected,
    "assess": breach_facts.assess,
    "approve": breach_facts.approve,
    "rule-out": rule_out,
    "hold": breach_facts.hold,
    "lift": breach_facts.lift,
    "log": log,
}

for _name, _command in COMMANDS.items():
    app.command(_name)(_command)
app.add_typer(breach_notices.app, name="notice")


def _show(file: BreachFile, zone: str) -> None:
    basis = file.discovered.basis if file.discovered else "first alert"
    facts = {
        "case": file.incident_id,
        "status": file.decision.replace("_", " ") or file.presumption,
        "discovered": f"{file.discovered_on} ({basis.replace('_', ' ')}; first alert {file.first_alert_on})",
        "part": file.described.part.replace("_", " ") + (", 42 CFR part 2" if file.described.part_2 else ""),
        "affected": counts_in_words(file.counted) if file.counted else "not counted",
    }
    for name, value in facts.items():
        say(f"{name:10} {value}")
    for proposal in file.proposed:
        proposer = f"by {proposal.by} on {shown(proposal.at, zone)}, does not count yet"
        say(f"{'proposed':10} {change_in_words(proposal.change)}; {proposer}")
    for held in file.holds:
        hold = held.hold
        say(f"{'hold':10} {hold.kind}, {hold.stated_on} to {hold.until}: {held.official}: {held.statement}")
    for lifted in file.lifted:
        say(f"{'lifted':10} {lifted.on}: {lifted.official}: {lifted.statement}")
    for written in file.assessments:
        _show_assessment(written, zone)
    say("\nNotices")
    for one in file.notices:
        notice = one.notice
        void = f" (void: {one.voided})" if one.voided else ""
        place = f" {notice.state}" if notice.state else ""
        said = f"{notice.made_on} {notice.kind}{place} by {notice.method}, {notice.count}"
        say(f"  {one.number}. {said}{void} {notice.document[:12]}")
    if file.is_running and file.discovery_remark:
        remark(f"Note: {file.discovery_remark}.")


def _show_assessment(written: Written, zone: str) -> None:
    approval = "not approved"
    if written.approved_at is not None:
        approval = f"approved by {written.approver} on {shown(written.approved_at, zone)}"
    assessment = written.assessment
    author = f"{written.author} on {shown(written.at, zone)}"
    say(f"\nAssessment {written.revision} by {author}, {approval}: {assessment.conclusion}")
    if written.approver and written.login and written.login == written.approver_login:
        say(f"  {'logins':10} both came from the login {written.login}")
    for name, factor in assessment.factors.items():
        if factor.rating or factor.narrative:
            say(f"  {name:10} {factor.rating or '-'}: {' '.join(factor.narrative.split())}")
    if assessment.exclusion:
        say(f"  {'exclusion':10} {assessment.exclusion}")
    say(f"  {'ground':10} {' '.join(assessment.ground.split())}")
    for lack in missing(assessment):
        say(f"  missing    {lack}")
    for thought in remarks(assessment):
        say(f"  note       {thought}")


def _clock_rows(file: BreachFile, today: date) -> list[dict[str, object]]:
    return [
        {
            "incident": file.incident_id,
            "clock": duty.clock,
            "due": duty.due.isoformat(),
            "days_left": (duty.due - today).days,
            "stage": duty.stage(today) or "running",
            "made": duty.made,
            "needed": duty.needed,
            "status": file.decision or file.presumption,
        }
        for duty in duties(file)
        if not duty.is_done
    ]


def _unassessed(store: Store, today: date, zone: str) -> list[dict[str, object]]:
    """Return the clocks that may run since the first alert of a grave case that nobody has assessed."""
    with store.reading() as connection:
        found = unassessed_cases(connection, time.time(), limit=MAX_UNASSESSED)
        due = {incident.id: unassessed_due(connection, incident, zone) for incident in found}
    return [
        {
            "incident": incident.id,
            "clock": "no_assessment",
            "due": due[incident.id].isoformat(),
            "days_left": (due[incident.id] - today).days,
            "stage": stage_of(due[incident.id], today) or "running",
            "made": 0,
            "needed": None,
            "status": "undetermined",
        }
        for incident in found
    ]

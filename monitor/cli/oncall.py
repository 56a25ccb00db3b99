"""`wardwatch oncall`: who is on call, who stands in, and whom a case would reach."""

import time
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar, get_args

import typer

from alerting.incidents import Incident, IncidentKind
from alerting.oncall.commands import OverrideShift, RemoveOverride
from alerting.oncall.ical import calendar
from alerting.oncall.override_rows import overrides_during
from alerting.oncall.schedules import Override, Schedule, gaps, shifts, who
from alerting.plan import Plan
from alerting.routing.router import Router
from alerting.routing.tree import QueueName, Traits
from alerting.severity import SEVERITIES
from detectors.finding import Entity, EntityType
from monitor.catalogue import read_rules
from monitor.channels import configured
from monitor.cli.moments import WHEN, Telling, end_of, shown, start_of, telling, written
from monitor.cli.muting import AsOption, FromOption, ReasonOption, UntilOption, acting, handled
from monitor.cli.oncall_rows import marked, override_row, route_rows, shift_row
from monitor.cli.shared import ConfigOption, JsonOption, answer_json, answer_table, load_settings, new_app, say
from monitor.failure import Failure
from monitor.response import build_policy, opened_store
from monitor.response_plan import response_plan
from monitor.settings import Settings

app = new_app("Who is on call, who stands in, and whom a case would reach.")
override = new_app("Let somebody stand in for a time.")
app.add_typer(override, name="override")

ScheduleArgument = Annotated[str, typer.Argument(metavar="SCHEDULE", help="Name of a schedule of the response plan.")]
AtOption = Annotated[str, typer.Option("--at", metavar="WHEN", help=f"At another time than now: {WHEN}.")]
FOUR_WEEKS = "28d"
Word = TypeVar("Word", bound=str)


@app.command("list")
def list_schedules(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the schedules, and who is on call now.

    Example:
        wardwatch oncall list
    """
    settings, now = load_settings(config), time.time()
    plan, overrides = response_plan(settings), _overrides(settings, now, now)
    rows: list[dict[str, object]] = []
    for schedule in plan.schedules:
        duty = who(schedule, now, plan.zone, overrides)
        rows.append({"schedule": schedule.name, "on_call": duty.person, "because": duty.because})
    _answer(rows, "The response plan has no schedules.", as_json=as_json)


@app.command("who")
def who_is_on_call(
    schedule: ScheduleArgument, at: AtOption = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Say who is on call; ends with 1 where nobody is.

    Example:
        wardwatch oncall who security --at 2026-12-24T20:00
    """
    settings = load_settings(config)
    plan = response_plan(settings)
    now = start_of(at, time.time(), plan.zone) if at else time.time()
    duty = who(_named(plan, schedule), now, plan.zone, _overrides(settings, now, now))
    if as_json:
        answer_json({"schedule": schedule, "at": written(now), "on_call": duty.person, "because": duty.because})
    else:
        say(f"{duty.person} ({duty.because})" if duty.person else "nobody")
    if not duty.person:
        raise typer.Exit(1)


@app.command()
def show(
    schedule: ScheduleArgument,
    *,
    starts: FromOption = "",
    until: UntilOption = FOUR_WEEKS,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who is on call for the next four weeks, or for another time; times are local to the site.

    Example:
        wardwatch oncall show security --until 2026-12-31
    """
    plan, chosen, first, last, overrides = _span(config, schedule, starts, until)
    tell = _telling(plan, as_json=as_json)
    rows = [shift_row(shift, tell) for shift in shifts(chosen, first, last, plan.zone, overrides)]
    _answer(rows, "", as_json=as_json)


@app.command("gaps")
def find_gaps(
    schedule: ScheduleArgument,
    *,
    starts: FromOption = "",
    until: UntilOption = FOUR_WEEKS,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell when nobody is on call; ends with 1 where there is such a time.

    Example:
        wardwatch oncall gaps security --until 90d
    """
    plan, chosen, first, last, overrides = _span(config, schedule, starts, until)
    found = gaps(chosen, first, last, plan.zone, overrides)
    tell = _telling(plan, as_json=as_json)
    rows: list[dict[str, object]] = [{"from": tell(begin), "until": tell(end)} for begin, end in found]
    _answer(rows, "Somebody is always on call.", as_json=as_json)
    if found:
        raise typer.Exit(1)


@app.command()
def export(
    schedule: ScheduleArgument,
    *,
    starts: FromOption = "",
    until: UntilOption = "90d",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Into a file instead.")] = None,
    config: ConfigOption = None,
) -> None:
    """Write a schedule as a calendar (iCalendar, RFC 5545).

    Example:
        wardwatch oncall export security --out security.ics
    """
    plan, chosen, first, last, overrides = _span(config, schedule, starts, until)
    text = calendar(schedule, shifts(chosen, first, last, plan.zone, overrides), time.time())
    if out is None:
        say(text.rstrip("\r\n"))
        return
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        message = f"{out}: {error.strerror}"
        raise Failure(message) from None


@app.command()
def route(
    *,
    severity: Annotated[str, typer.Option("--severity", metavar="SEV", help="SEV1 to SEV4.")],
    rule: Annotated[list[str] | None, typer.Option("--rule", metavar="ID", help="A rule of it; repeatable.")] = None,
    entity: Annotated[str, typer.Option("--entity", metavar="TYPE", help="Type of its entity.")] = "user",
    queue: Annotated[str, typer.Option("--queue", metavar="QUEUE", help="Whose case it is.")] = "fraud_and_privacy",
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="A case, or one about Wardwatch.")] = "case",
    source: Annotated[list[str] | None, typer.Option("--source", metavar="NAME", help="Repeatable.")] = None,
    department: Annotated[list[str] | None, typer.Option("--department", metavar="NAME", help="Repeatable.")] = None,
    at: AtOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain which routes take a case, and whom it would reach now; nothing is sent.

    Channels that the settings do not configure are told beside: there nobody is reached.

    Example:
        wardwatch oncall route --severity SEV2 --rule A09
    """
    settings = load_settings(config)
    traits = Traits(
        severity=_one_of(severity, SEVERITIES, "severity"),
        queue=_one_of(queue, get_args(QueueName), "queue"),
        rules=tuple(rule or ()),
        entity_type=_one_of(entity, get_args(EntityType), "entity type"),
        kind=_one_of(kind, get_args(IncidentKind), "kind"),
        sources=frozenset(source or ()),
        departments=frozenset(department or ()),
    )
    policy = build_policy(settings, read_rules(settings))
    now = start_of(at, time.time(), policy.plan.zone) if at else time.time()
    incident = _incident_of(traits)
    with opened_store(settings) as store, store.reading() as connection:
        router = Router(connection, policy, now)
        rows = route_rows(router, incident, router.taken(incident, traits), policy.plan)
    channels = configured(settings)
    _answer([marked(row, channels) for row in rows], "", as_json=as_json)


@override.command("add")
def add_override(
    schedule: ScheduleArgument,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Work name of who stands in.")],
    *,
    until: UntilOption,
    reason: ReasonOption,
    starts: FromOption = "",
    actor: AsOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let somebody stand in; the newest one counts.

    Example:
        wardwatch oncall override add security b.okafor --from 2026-12-24 --until 2026-12-26 --reason "swap"
    """
    settings = load_settings(config)
    now, zone = time.time(), response_plan(settings).zone
    made = handled(
        settings,
        OverrideShift(
            actor=acting(actor),
            schedule=schedule,
            person=person,
            first=start_of(starts, now, zone) if starts else now,
            last=end_of(until, now, zone),
            reason=reason,
        ),
    )
    if as_json:
        answer_json(override_row(made, written))
    else:
        say(f"Override {made.id}: {made.person} until {shown(made.last, zone)}.")


@override.command("list")
def list_overrides(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List who stands in, now and later.

    Example:
        wardwatch oncall override list --json
    """
    settings = load_settings(config)
    tell = telling(settings, as_json=as_json)
    rows = [override_row(one, tell) for one in _overrides(settings, time.time(), float("inf"))]
    _answer(rows, "Nobody stands in.", as_json=as_json)


@override.command("remove")
def remove_override(
    number: Annotated[int, typer.Argument(metavar="OVERRIDE", help="Number of the override.")],
    actor: AsOption = "",
    config: ConfigOption = None,
) -> None:
    """Let an override hold no longer.

    Example:
        wardwatch oncall override remove 3
    """
    removed = handled(load_settings(config), RemoveOverride(actor=acting(actor), override=number))
    say(f"{removed.person} does not stand in any more.")


def _overrides(settings: Settings, first: float, last: float) -> list[Override]:
    with opened_store(settings) as store, store.reading() as connection:
        return overrides_during(connection, first, last)


def _named(plan: Plan, name: str) -> Schedule:
    found = next((schedule for schedule in plan.schedules if schedule.name == name), None)
    if found is None:
        names = ", ".join(schedule.name for schedule in plan.schedules) or "none"
        message = f"the response plan has no schedule {name!r}; it has {names}"
        raise Failure(message)
    return found


def _span(
    config: Path | None, schedule: str, starts: str, until: str
) -> tuple[Plan, Schedule, float, float, list[Override]]:
    settings, now = load_settings(config), time.time()
    plan = response_plan(settings)
    first = start_of(starts, now, plan.zone) if starts else now
    last = end_of(until, first, plan.zone)
    if last <= first:
        message = "the end must come after the begin"
        raise Failure(message)
    return plan, _named(plan, schedule), first, last, _overrides(settings, first, last)


def _one_of(text: str, known: tuple[Word, ...], what: str) -> Word:
    found = next((word for word in known if word == text), None)
    if found is None:
        message = f"{text!r} is no {what}; write one of {', '.join(known)}"
        raise typer.BadParameter(message)
    return found


def _incident_of(traits: Traits) -> Incident:
    """Return a case with these traits that is nowhere stored."""
    return Incident(
        id="",
        kind=traits.kind,
        key="" if traits.queue == "fraud_and_privacy" else f"{traits.queue}:",
        entity=Entity(traits.entity_type, "") if traits.entity_type else None,
        status="new",
        severity=traits.severity,
        rules=traits.rules,
        findings=1,
        risk=0.0,
        first_at=0.0,
        last_at=0.0,
        opened_at=0.0,
        updated_at=0.0,
    )


def _telling(plan: Plan, *, as_json: bool) -> Telling:
    return written if as_json else partial(shown, zone=plan.zone)


def _answer(rows: list[dict[str, object]], empty: str, *, as_json: bool) -> None:
    if as_json:
        answer_json(rows)
    else:
        answer_table(rows, empty)

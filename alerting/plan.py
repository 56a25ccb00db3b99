"""The response plan: what a site writes down about who answers to what, as one typed value (one YAML file)."""

import datetime
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from alerting.breach.entity import CoveredEntity
from alerting.muting.rules import Muting
from alerting.oncall.escalations import Escalation, escalation_problems
from alerting.oncall.schedules import Schedule, schedule_problems
from alerting.people import Directory, Person, Team
from alerting.questions.rules import Asking
from alerting.records.rules import Records
from alerting.routing.receivers import Receiver
from alerting.routing.tree import RouteNode, route_problems
from alerting.slack.rules import Rooms
from alerting.work.hours import BusinessHours, zone_problem
from alerting.work.sla import Promise, Targets
from detectors.reference.npi import is_npi


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Everything about people and work that a site may set; every part may be left out.

    `zone` is the IANA time zone of the site: its days and business hours are local. `routes` say who is told; without
    any that fits, the settings do. `last_resort` is told what nobody answers to. `holidays` are days on which nobody
    works; `sla` says how soon somebody must have seen a case and done something; `muting` what may hold news back, and
    for how long; `questions` which cases the people in them may be asked about; `records` how often activity is
    reviewed; `slack_rooms` which cases get a channel of their own.
    """

    zone: str = "UTC"
    people: tuple[Person, ...] = ()
    teams: tuple[Team, ...] = ()
    routes: tuple[RouteNode, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    last_resort: Receiver | None = None
    business_hours: BusinessHours = BusinessHours()
    holidays: tuple[datetime.date, ...] = ()
    sla: Targets = Targets()
    entity: CoveredEntity = CoveredEntity()
    muting: Muting = Muting()
    records: Records = Records()
    questions: Asking = Asking()
    slack_rooms: Rooms | None = None

    @cached_property
    def directory(self) -> Directory:
        """Everybody in it."""
        return Directory(self.people, self.teams)

    @cached_property
    def promise(self) -> Promise:
        """What the deadlines of cases depend on."""
        return Promise(targets=self.sla, hours=self.business_hours, holidays=self.holidays, zone=self.zone)

    def problems(self) -> list[str]:
        """Return what is wrong with it, a sentence each that names the place."""
        zone = zone_problem(self.zone)
        return [
            *([f"zone: {zone}"] if zone else []),
            *_problems_of_people(self.people, self.teams),
            *self._problems_of_telling(),
            *self.business_hours.problems(),
            *self.sla.problems(),
            *([] if zone else self.muting.problems(self.zone)),
            *self.records.problems(),
        ]

    def _problems_of_telling(self) -> Iterator[str]:
        """Yield what is wrong with routes, schedules and escalations."""
        schedules = frozenset(schedule.name for schedule in self.schedules)
        escalations = frozenset(escalation.name for escalation in self.escalations)
        yield from route_problems(self.routes, self.directory, schedules, escalations)
        yield from schedule_problems(self.schedules, frozenset(person.name for person in self.people))
        yield from escalation_problems(self.escalations, self.directory, schedules)
        if self.last_resort:
            yield from self.last_resort.problems("last_resort", self.directory, schedules)
        if self.slack_rooms:
            yield from self.slack_rooms.problems(self.teams)


def _problems_of_people(people: tuple[Person, ...], teams: tuple[Team, ...]) -> list[str]:
    names = {person.name for person in people}
    problems = [f"people: {field} {value!r} is given to more than one person" for field, value in _repeated(people)]
    problems += [
        f"people: the backup {person.backup!r} of {person.name!r} is nobody in `people`"
        for person in people
        if person.backup and person.backup not in names
    ]
    problems += [
        f"people: the provider id {npi!r} of {person.name!r} is no NPI"
        for person in people
        for npi in person.provider_ids
        if not is_npi(npi)
    ]
    problems += [
        f"teams: {member!r} of team {team.name!r} is nobody in `people`"
        for team in teams
        for member in team.members
        if member not in names
    ]
    known = {team.name for team in teams}
    problems += [
        f"teams: the backup {team.backup!r} of team {team.name!r} is not in `teams`"
        for team in teams
        if team.backup and team.backup not in known
    ]
    return problems


def _repeated(people: tuple[Person, ...]) -> list[tuple[str, str]]:
    found = []
    for field in ("name", "email", "slack", "pagerduty"):
        values = [getattr(person, field) for person in people if getattr(person, field)]
        found += [(field, value) for value in dict.fromkeys(values) if values.count(value) > 1]
    # An account of two would keep the cases about it from one of them alone.
    for field, owned in (
        ("user id", [person.user_ids for person in people]),
        ("provider id", [person.provider_ids for person in people]),
    ):
        values = [value for ids in owned for value in dict.fromkeys(ids)]
        found += [(field, value) for value in dict.fromkeys(values) if values.count(value) > 1]
    return found

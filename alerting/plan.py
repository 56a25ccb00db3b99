"""The response plan: what a site writes down about who answers to what, as one typed value (one YAML file)."""

from functools import cached_property

from msgspec import Struct

from alerting.people import Directory, Person, Team


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Everything about people and work that a site may set; every part may be left out.

    `zone` is the IANA time zone of the site: its days and business hours are local.
    """

    zone: str = "UTC"
    people: tuple[Person, ...] = ()
    teams: tuple[Team, ...] = ()

    @cached_property
    def directory(self) -> Directory:
        """Everybody in it."""
        return Directory(self.people, self.teams)

    def problems(self) -> list[str]:
        """Return what is wrong with it, a sentence each that names the place."""
        return _problems_of_people(self.people, self.teams)


def _problems_of_people(people: tuple[Person, ...], teams: tuple[Team, ...]) -> list[str]:
    names = {person.name for person in people}
    problems = [f"people: {field} {value!r} is given to more than one person" for field, value in _repeated(people)]
    problems += [
        f"people: the backup {person.backup!r} of {person.name!r} is nobody in `people`"
        for person in people
        if person.backup and person.backup not in names
    ]
    problems += [
        f"teams: {member!r} of team {team.name!r} is nobody in `people`"
        for team in teams
        for member in team.members
        if member not in names
    ]
    return problems


def _repeated(people: tuple[Person, ...]) -> list[tuple[str, str]]:
    found = []
    for field in ("name", "email", "slack", "pagerduty"):
        values = [getattr(person, field) for person in people if getattr(person, field)]
        found += [(field, value) for value in dict.fromkeys(values) if values.count(value) > 1]
    return found

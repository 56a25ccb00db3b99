"""Who works with Wardwatch: people with their roles and addresses, and the teams that they are in."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

Role: TypeAlias = Literal[
    "analyst",
    "responder",
    "privacy_officer",
    "security_officer",
    "supervisor",
    "legal",
    "operator",
    "auditor",
]


class Person(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who works with Wardwatch.

    `name` is the work name, which may leave (domain.md §4.6). `slack` and `pagerduty` are user ids there. `user_ids`
    are the person's own accounts in the systems that are watched, as those systems write them, and `provider_ids` their
    NPIs: who is the subject of a case never receives it. `zone` is an IANA time zone. `backup` names who stands in.
    """

    name: str
    roles: tuple[Role, ...] = ()
    email: str = ""
    slack: str = ""
    pagerduty: str = ""
    user_ids: tuple[str, ...] = ()
    provider_ids: tuple[str, ...] = ()
    zone: str = ""
    backup: str = ""

    def __repr__(self) -> str:
        return f"<Person {self.name}>"


class Team(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People who receive together. `slack` is a channel id, `email` a shared mailbox.

    `backup` names the team that receives instead while a member is the subject of a case.
    """

    name: str
    members: tuple[str, ...] = ()
    slack: str = ""
    email: str = ""
    backup: str = ""


class Directory:
    """Finds people. Names, Slack ids and email addresses belong to one person each."""

    def __init__(self, people: Sequence[Person] = (), teams: Sequence[Team] = ()) -> None:
        self.people = tuple(people)
        self.teams = tuple(teams)
        self._by_name = {person.name: person for person in people}
        self._by_slack = {person.slack: person for person in people if person.slack}
        self._by_email = {person.email.casefold(): person for person in people if person.email}
        self._by_pagerduty = {person.pagerduty: person for person in people if person.pagerduty}
        self._teams = {team.name: team for team in teams}

    def named(self, name: str) -> Person | None:
        """Return the person of this work name."""
        return self._by_name.get(name)

    def of_slack(self, user: str) -> Person | None:
        """Return the person whom Slack knows by this user id."""
        return self._by_slack.get(user)

    def of_email(self, address: str) -> Person | None:
        """Return the person of this email address."""
        return self._by_email.get(address.casefold())

    def of_pagerduty(self, user: str) -> Person | None:
        """Return the person whom PagerDuty knows by this user id."""
        return self._by_pagerduty.get(user)

    def team(self, name: str) -> Team | None:
        """Return a team."""
        return self._teams.get(name)

    def with_role(self, role: Role) -> tuple[Person, ...]:
        """Return everybody who has a role."""
        return tuple(person for person in self.people if role in person.roles)

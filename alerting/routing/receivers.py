"""Receivers as a response plan writes them: a channel, and for whom."""

from collections.abc import Iterator

from msgspec import Struct

from alerting.people import Directory, Person, Team

PREFERRED = ("slack", "email")
"""Channels that people are told by where a plan names none, from the first."""
PAGERS = frozenset({"pagerduty", "opsgenie"})
"""Channels that wake people up and take no digests."""


class Receiver(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody to tell.

    At most one of `team`, `person`, `schedule` and `to` (an address in the channel's own terms); without any it is the
    usual place of `channel`. `channel` may be left out for people: Slack, then email. `fallback` names channels to try
    one after the other if that fails.
    """

    channel: str = ""
    team: str = ""
    person: str = ""
    schedule: str = ""
    to: str = ""
    fallback: tuple[str, ...] = ()

    @property
    def channels(self) -> tuple[str, ...]:
        """Its channels in the order in which they are tried."""
        return tuple(dict.fromkeys((*((self.channel,) if self.channel else PREFERRED), *self.fallback)))

    def __str__(self) -> str:
        about = next((f"{name} {value}" for name, value in self._targets() if value), "")
        return " ".join(part for part in (self.channel, about) if part)

    def _targets(self) -> tuple[tuple[str, str], ...]:
        return (("team", self.team), ("person", self.person), ("schedule", self.schedule), ("to", self.to))

    def problems(self, place: str, directory: Directory, schedules: frozenset[str]) -> Iterator[str]:
        """Yield what is wrong with it, a sentence each that begins with its place in the plan."""
        named = [name for name, value in self._targets() if value]
        if len(named) > 1:
            yield f"{place}: give one of team, person, schedule and to, not {' and '.join(named)}"
        if not self.channel and (not named or self.to):
            yield f"{place}: a channel is needed"
        if self.schedule and self.schedule not in schedules:
            yield f"{place}: schedule {self.schedule!r} is not in `schedules`"
        if self.person:
            yield from self._problems_of_person(place, directory.named(self.person))
        if self.team:
            yield from self._problems_of_team(place, directory.team(self.team), directory)

    def _problems_of_person(self, place: str, person: Person | None) -> Iterator[str]:
        if person is None:
            yield f"{place}: person {self.person!r} is nobody in `people`"
        elif not any(address_of(person, channel) for channel in self.channels):
            yield f"{place}: {self.person!r} has no address for {' or '.join(self.channels)}"

    def _problems_of_team(self, place: str, team: Team | None, directory: Directory) -> Iterator[str]:
        if team is None:
            yield f"{place}: team {self.team!r} is not in `teams`"
            return
        members = [directory.named(name) for name in team.members]
        reached = any(
            shared_address(team, channel) or any(person and address_of(person, channel) for person in members)
            for channel in self.channels
        )
        if not reached:
            yield f"{place}: team {self.team!r} has no address for {' or '.join(self.channels)}"


def address_of(person: Person, channel: str) -> str:
    """Return the address of a person in a channel's terms, empty where they have none.

    In PagerDuty, whose events go to keys, that is the key of the settings that has the person's user id as its name.
    """
    return {"slack": person.slack, "email": person.email, "pagerduty": person.pagerduty}.get(channel, "")


def shared_address(team: Team, channel: str) -> str:
    """Return the address that a team shares in a channel, empty where it has none."""
    return {"slack": team.slack, "email": team.email}.get(channel, "")

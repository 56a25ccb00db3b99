"""From receivers to places: who has which address, who is on call, and who must not be told.

The subject of a case never receives it. A person is replaced by their backup. A place that several share (the channel
of a team, a mailbox) cannot leave one of them out, so it is replaced by the team's backup team or the subject's backup.
Where the subject only shares the place with the team, as a member of another, the team's members are told one by one.
Where nobody is left, the security officers are told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from msgspec import Struct

from alerting.people import Directory, Person, Team
from alerting.places import Place
from alerting.routes import LOG
from alerting.routing.receivers import PREFERRED, Receiver, address_of, shared_address


class Delivery(Struct, frozen=True):
    """A place, and those to try one after the other if that fails."""

    place: Place
    fallbacks: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Addressing:
    """What is needed to address people at one moment.

    `on_call` gives the name of who is on call by a schedule, empty where nobody is. `subjects` are the names of those
    whom the case is about. `usual` is the usual place by channel, where it is known. `avoid` names channels that
    cannot be used.
    """

    directory: Directory
    on_call: Callable[[str], str] = lambda _: ""
    subjects: frozenset[str] = frozenset()
    usual: Mapping[str, str] = field(default_factory=dict)
    avoid: frozenset[str] = frozenset()

    def deliveries(self, receivers: Sequence[Receiver]) -> list[Delivery]:
        """Return where the receivers are told, each place once; the log is the last that is tried."""
        ways = [list(dict.fromkeys(way)) for receiver in receivers for way in self._ways(receiver)]
        usable = [way for way in ways if way[0].channel not in self.avoid] or self._detours(ways)
        return [Delivery(first, _with_log(way[1:], first)) for first, way in _by_first(usable).items()]

    def _detours(self, ways: Sequence[Sequence[Place]]) -> list[list[Place]]:
        """Return what is left where no first place can be used: the first that can, or the log."""
        left = [[place for place in way if place.channel not in self.avoid] for way in ways]
        return [way for way in left if way][:1] or ([[Place(LOG)]] if ways else [])

    def person(self, name: str) -> list[Delivery]:
        """Return where a person is told who is no receiver of the plan, such as the assignee; nowhere if unknown."""
        return [] if self.directory.named(name) is None else self.deliveries([Receiver(person=name)])

    def leaves_to_officers(self, receivers: Sequence[Receiver]) -> bool:
        """Whether for some receiver nobody is left, because of the subjects, but the security officers."""
        usually = replace(self, subjects=frozenset())
        return any(
            self._ways(one) == self._to_officers(one.channels) and self._ways(one) != usually._ways(one)
            for one in receivers
        )

    def is_allowed(self, place: Place) -> bool:
        """Whether no subject looks at a place."""
        return self._owner(place) is None

    def _ways(self, receiver: Receiver) -> list[list[Place]]:
        """Return for each of those whom a receiver means the places in the order in which they are tried."""
        channels = receiver.channels
        if receiver.schedule:
            name = self.on_call(receiver.schedule)
            return self._to_person(name, channels) if name else self._to_officers(channels)
        if receiver.person:
            return self._to_person(receiver.person, channels)
        if receiver.team:
            team = self.directory.team(receiver.team)
            return self._to_team(team, channels, frozenset()) if team else []
        return self._to_places([Place(receiver.channel, receiver.to), *(Place(one) for one in receiver.fallback)])

    def _to_places(self, places: list[Place]) -> list[list[Place]]:
        allowed = [place for place in places if self.is_allowed(place)]
        if places[0] in allowed:
            return [allowed]
        owner = self._owner(places[0])
        channels = tuple(place.channel for place in places)
        if isinstance(owner, Team):
            return self._to_team(owner, channels, frozenset())
        return self._to_person(owner.name, channels) if owner else []

    def _to_person(self, name: str, channels: tuple[str, ...]) -> list[list[Place]]:
        stand_in = self._not_a_subject(name)
        ways = [self._at(stand_in, channels)] if stand_in else []
        return ways if any(ways) else self._to_officers(channels)

    def _to_team(self, team: Team, channels: tuple[str, ...], seen: frozenset[str]) -> list[list[Place]]:
        members = [person for name in team.members if (person := self.directory.named(name))]
        subjects = [person for person in members if person.name in self.subjects]
        shared = [Place(one, address) for one in channels if (address := shared_address(team, one))]
        if allowed := [place for place in shared if self.is_allowed(place)]:
            return [allowed]
        if shared and subjects:
            return self._instead_of(team, subjects, channels, seen | {team.name})
        others = [person for person in members if person not in subjects]
        ways = [way for person in others if (way := self._at(person, channels))]
        return ways or self._instead_of(team, subjects, channels, seen | {team.name})

    def _instead_of(
        self, team: Team, subjects: list[Person], channels: tuple[str, ...], seen: frozenset[str]
    ) -> list[list[Place]]:
        backup = self.directory.team(team.backup) if team.backup not in seen else None
        if backup:
            return self._to_team(backup, channels, seen)
        stand_ins = [person for subject in subjects if (person := self._not_a_subject(subject.name))]
        ways = [way for person in dict.fromkeys(stand_ins) if (way := self._at(person, channels))]
        return ways or self._to_officers(channels)

    def _to_officers(self, channels: tuple[str, ...]) -> list[list[Place]]:
        """Return the security officers, at any address that they have; the log where there is none."""
        wanted = tuple(dict.fromkeys((*channels, *PREFERRED)))
        officers = [one for one in self.directory.with_role("security_officer") if one.name not in self.subjects]
        return [way for officer in officers if (way := self._at(officer, wanted))] or [[Place(LOG)]]

    def _not_a_subject(self, name: str) -> Person | None:
        """Return a person, or the first in the row of backups whom the case is not about."""
        seen: set[str] = set()
        while name and name not in seen:
            seen.add(name)
            person = self.directory.named(name)
            if person is None or name not in self.subjects:
                return person
            name = person.backup
        return None

    def _at(self, person: Person, channels: tuple[str, ...]) -> list[Place]:
        places = [Place(channel, address) for channel in channels if (address := address_of(person, channel))]
        return [place for place in places if self.is_allowed(place)]

    def _owner(self, place: Place) -> Person | Team | None:
        """Return the subject, or the team with a subject in it, whose address a place is."""
        address = (place.to or self.usual.get(place.channel, "")).casefold()
        if not self.subjects or not address:
            return None
        for person in self.directory.people:
            if person.name in self.subjects and address_of(person, place.channel).casefold() == address:
                return person
        for team in self.directory.teams:
            is_shared = shared_address(team, place.channel).casefold() == address
            if is_shared and not self.subjects.isdisjoint(team.members):
                return team
        return None


def _by_first(ways: Sequence[Sequence[Place]]) -> dict[Place, Sequence[Place]]:
    found: dict[Place, Sequence[Place]] = {}
    for way in ways:
        found.setdefault(way[0], way)
    return found


def _with_log(places: Sequence[Place], first: Place) -> tuple[Place, ...]:
    log = Place(LOG)
    return tuple(place for place in dict.fromkeys((*places, log)) if place != first)

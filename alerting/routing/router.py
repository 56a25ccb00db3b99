"""The router: what the plan says of a case at one moment, read from the store at most once for all news of it."""

from collections.abc import Collection
from functools import cached_property

from sqlalchemy import Connection

from alerting.incidents import Incident
from alerting.oncall.override_rows import overrides_during
from alerting.oncall.schedules import Override, who
from alerting.policy import Policy
from alerting.routes import Route
from alerting.routing.addressing import Addressing
from alerting.routing.receivers import Receiver
from alerting.routing.tree import Taken, Traits, need_findings, taken_by, traits_of
from alerting.store.finding_rows import findings_of
from alerting.subjects import subjects_of

MOST_FINDINGS = 200
"""Of a case, the latest, that are looked at for their sources and departments."""


class Router:
    """Says which routes take a case, and who must not be told of it."""

    def __init__(self, connection: Connection, policy: Policy, now: float) -> None:
        self._connection = connection
        self.policy = policy
        self.now = now
        self._subjects: dict[str, frozenset[str]] = {}

    def taken(self, incident: Incident, traits: Traits | None = None) -> list[Taken]:
        """Return the routes that take an incident; those of the settings where the plan has none for it.

        `traits` are those of the incident, where they are known. That nobody was reached goes to the last resort.
        """
        plan = self.policy.plan
        if incident.kind == "nobody_reached" and plan.last_resort:
            return [Taken(path=("last resort",), receivers=(plan.last_resort,))]
        found = taken_by(traits or self._traits(incident), plan.routes)
        return found or [_as_taken(self.policy.route_of(incident))]

    def addressing(self, incident: Incident, avoid: Collection[str] = ()) -> Addressing:
        """Return how people are addressed about an incident."""
        return Addressing(
            self.policy.plan.directory,
            on_call=self.on_call,
            subjects=self.subjects(incident),
            usual=self.policy.places,
            avoid=frozenset(avoid),
        )

    def on_call(self, schedule: str) -> str:
        """Return who is on call now by a schedule, empty where nobody is."""
        found = next((one for one in self.policy.plan.schedules if one.name == schedule), None)
        return who(found, self.now, self.policy.plan.zone, self._overrides).person if found else ""

    def subjects(self, incident: Incident) -> frozenset[str]:
        """Return the names of those people of the plan whom an incident is about."""
        if incident.kind != "case":
            return frozenset()
        if incident.id not in self._subjects:
            self._subjects[incident.id] = subjects_of(self._connection, self.policy, incident)
        return self._subjects[incident.id]

    @cached_property
    def _overrides(self) -> list[Override]:
        return overrides_during(self._connection, self.now, self.now)

    def _traits(self, incident: Incident) -> Traits:
        if not need_findings(self.policy.plan.routes):
            return traits_of(incident)
        found = findings_of(self._connection, incident.id, MOST_FINDINGS)
        sources, departments = {one.source for one in found}, {one.department for one in found}
        return traits_of(incident, sources - {""}, departments - {""})


def _as_taken(route: Route) -> Taken:
    receivers = tuple(Receiver(channel=channel, fallback=route.fallbacks) for channel in route.channels)
    return Taken(path=("settings",), receivers=receivers)

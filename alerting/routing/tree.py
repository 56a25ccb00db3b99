"""The tree of routes: which receivers a case has. Children go before parents, the first that matches takes it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct, field

from alerting.incidents import Incident, IncidentKind
from alerting.people import Directory
from alerting.routing.periods import period_problem
from alerting.routing.receivers import PAGERS, Receiver
from alerting.severity import IncidentSeverity
from detectors.finding import EntityType

QueueName: TypeAlias = Literal["fraud_and_privacy", "billing_quality", "data_quality"]


class Traits(Struct, frozen=True, kw_only=True):
    """What a case is matched by."""

    severity: IncidentSeverity
    queue: QueueName = "fraud_and_privacy"
    rules: tuple[str, ...] = ()
    entity_type: EntityType | Literal[""] = ""
    kind: IncidentKind = "case"
    sources: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()


def traits_of(incident: Incident, sources: Collection[str] = (), departments: Collection[str] = ()) -> Traits:
    """Return what a case is matched by; its findings know the sources and departments."""
    return Traits(
        severity=incident.severity,
        queue=incident.queue or "fraud_and_privacy",
        rules=incident.rules,
        entity_type=incident.entity.type if incident.entity else "",
        kind=incident.kind,
        sources=frozenset(sources),
        departments=frozenset(departments),
    )


class Match(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a route is for. Everything that is given must hold; of a list, one entry must.

    `severity` is the least grave that it takes; `rules` are prefixes of rule ids (`A`, `B2`).
    """

    severity: IncidentSeverity = "SEV4"
    queues: tuple[QueueName, ...] = ()
    rules: tuple[str, ...] = ()
    entity_types: tuple[EntityType, ...] = ()
    kinds: tuple[IncidentKind, ...] = ()
    sources: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()

    def holds(self, traits: Traits) -> bool:
        """Whether a case is such."""
        return (
            traits.severity <= self.severity
            and (not self.queues or traits.queue in self.queues)
            and (not self.rules or any(rule.startswith(self.rules) for rule in traits.rules))
            and (not self.entity_types or traits.entity_type in self.entity_types)
            and (not self.kinds or traits.kind in self.kinds)
            and (not self.sources or not traits.sources.isdisjoint(self.sources))
            and (not self.departments or not traits.departments.isdisjoint(self.departments))
        )

    @property
    def needs_findings(self) -> bool:
        """Whether the findings of a case must be looked at."""
        return bool(self.sources or self.departments)


class RouteNode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One route. What `receivers`, `escalation` and `digest` leave out they have from the route around it.

    `continue_` (in the file: `continue`) lets the routes after it take the case as well. `digest` says when news are
    told together, such as `daily 08:00`; `none` tells them one by one though the route around it collects.
    """

    name: str = ""
    match: Match = Match()
    receivers: tuple[Receiver, ...] = ()
    escalation: str = ""
    digest: str = ""
    continue_: bool = field(name="continue", default=False)
    routes: tuple["RouteNode", ...] = ()


class Taken(Struct, frozen=True, kw_only=True):
    """A route that takes a case: the names on the way to it, and what it says."""

    path: tuple[str, ...]
    receivers: tuple[Receiver, ...]
    escalation: str = ""
    digest: str = ""


def taken_by(traits: Traits, routes: Sequence[RouteNode], around: Taken | None = None) -> list[Taken]:
    """Return the routes that take a case, in their order; none if no route matches."""
    around = around or Taken(path=(), receivers=())
    found: list[Taken] = []
    for number, node in enumerate(routes, 1):
        if not node.match.holds(traits):
            continue
        own = Taken(
            path=(*around.path, node.name or str(number)),
            receivers=node.receivers or around.receivers,
            escalation=node.escalation or around.escalation,
            digest="" if node.digest == "none" else node.digest or around.digest,
        )
        found += taken_by(traits, node.routes, own) or [own]
        if not node.continue_:
            break
    return found


def need_findings(routes: Sequence[RouteNode]) -> bool:
    """Whether some route looks at the findings of a case."""
    return any(node.match.needs_findings or need_findings(node.routes) for node in routes)


def route_problems(
    routes: Sequence[RouteNode],
    directory: Directory,
    schedules: frozenset[str],
    escalations: frozenset[str],
    *,
    place: str = "routes",
    around: tuple[tuple[Receiver, ...], str] = ((), ""),
) -> Iterator[str]:
    """Yield what is wrong with routes, a sentence each that begins with its place in the plan."""
    for number, node in enumerate(routes, 1):
        own_place = f"{place}: {node.name or f'number {number}'}"
        receivers, digest = node.receivers or around[0], node.digest or around[1]
        for receiver in node.receivers:
            yield from receiver.problems(own_place, directory, schedules)
        if not receivers and not node.escalation:
            yield f"{own_place}: it has no receivers"
        if node.escalation and node.escalation not in escalations:
            yield f"{own_place}: escalation {node.escalation!r} is not in `escalations`"
        if node.digest and node.digest != "none" and (problem := period_problem(node.digest)):
            yield f"{own_place}: {problem}"
        if digest not in ("", "none") and any(receiver.channel in PAGERS for receiver in receivers):
            yield f"{own_place}: a pager takes no digest"
        if number < len(routes) and node.match == Match() and not node.continue_:
            yield f"{own_place}: it takes everything, so the routes after it take nothing"
        yield from route_problems(
            node.routes, directory, schedules, escalations, place=own_place, around=(receivers, digest)
        )

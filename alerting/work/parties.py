"""Which cases belong together because they name the same party, and which only repeat what was: pure decisions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct

from alerting.incidents import Incident, Verdict
from detectors.finding import Entity, EntityType, Finding

DAY = 86_400.0

NAMES_SOMEBODY: frozenset[EntityType] = frozenset({"patient", "user", "provider", "instrument"})
"""Types of parties that link cases; a source of events names nobody."""

MOST_CASES = 20
"""The latest cases of a party that are remembered."""
NOBODY_IN_PARTICULAR = 5
"""A party that more other open cases name at the time says nothing about any two of them: a record that a whole ward
works on, a provider whom every claim names."""
MOST_LINKS = 10
"""Links that a case gets by itself: whoever looks into it reads no more."""

REPEATS = 3
REPEAT_SECONDS = 90 * DAY
"""The third case about one party within 90 days says more than each alone."""

UNFOUNDED: frozenset[Verdict] = frozenset(
    {"benign_explained", "false_positive_rule", "false_positive_data", "duplicate", "insufficient_data"}
)
"""Verdicts after which a case is no precedent."""

Party: TypeAlias = tuple[EntityType, str]


class Naming(Struct, frozen=True, array_like=True):
    """A case that names a party, and the event times of the first and the last finding in which it does."""

    incident_id: str
    first_at: float
    last_at: float


def party_of(entity: Entity) -> Party:
    """Return a party as it is looked up; without NUL, which PostgreSQL cannot hold."""
    return entity.type, entity.ref.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def parties_named(findings: Iterable[Finding]) -> dict[Party, list[Naming]]:
    """Return, by party, which incidents name it in these findings, all of which belong to one."""
    spans: dict[tuple[Party, str], tuple[float, float]] = {}
    for finding in findings:
        for entity in (finding.entity, *finding.entities):
            if entity.type in NAMES_SOMEBODY and finding.incident_id is not None:
                about = (party_of(entity), finding.incident_id)
                first, last = spans.get(about, (finding.at, finding.at))
                spans[about] = (min(first, finding.at), max(last, finding.at))
    named: dict[Party, list[Naming]] = {}
    for (party, incident_id), (first, last) in spans.items():
        named.setdefault(party, []).append(Naming(incident_id, first, last))
    return named


def remembered(known: Sequence[Naming], new: Sequence[Naming]) -> list[Naming]:
    """Return what is remembered of a party: of each case one line, of the cases the latest."""
    by_case = {one.incident_id: one for one in known}
    for one in new:
        before = by_case.get(one.incident_id, one)
        by_case[one.incident_id] = Naming(
            one.incident_id, min(before.first_at, one.first_at), max(before.last_at, one.last_at)
        )
    return sorted(by_case.values(), key=lambda one: (one.last_at, one.incident_id))[-MOST_CASES:]


def possible_links(known: Sequence[Naming], new: Sequence[Naming], window: float) -> list[tuple[str, str]]:
    """Return pairs of cases that name one party near in time, of which the first had not named it before."""
    before = {one.incident_id for one in known}
    everybody = [*known, *(one for one in new if one.incident_id not in before)]
    return [
        (one.incident_id, other.incident_id)
        for one in new
        if one.incident_id not in before
        for other in everybody
        if other.incident_id != one.incident_id and _are_near(one, other, window)
    ]


def links_to_make(
    pairs: Collection[tuple[str, str]], is_open: Mapping[str, bool], linked: Mapping[str, Collection[str]]
) -> list[tuple[str, str]]:
    """Return the pairs of open cases to link, each once.

    Args:
        pairs: pairs that one party suggests; a case with too many partners is left alone.
        is_open: whether the cases of the pairs are open.
        linked: what the cases are linked to already.
    """
    partners: dict[str, list[str]] = {}
    for one, other in pairs:
        if is_open.get(one) and is_open.get(other):
            partners.setdefault(one, []).append(other)
    links: dict[frozenset[str], tuple[str, str]] = {}
    for one, others in partners.items():
        if len(others) > NOBODY_IN_PARTICULAR:
            continue
        room = MOST_LINKS - len(linked.get(one, ()))
        fresh = [other for other in others if other not in linked.get(one, ())]
        links |= {frozenset((one, other)): (one, other) for other in fresh[: max(0, room)]}
    return list(links.values())


def precedents(incident: Incident, others: Iterable[Incident]) -> list[Incident]:
    """Return the earlier cases about the same party that count as such, the latest first."""
    earlier = [
        other
        for other in others
        if other.id != incident.id
        and other.kind == "case"
        and other.status not in ("merged", "suppressed")
        and other.verdict not in UNFOUNDED
        and incident.first_at - REPEAT_SECONDS <= other.first_at <= incident.first_at
    ]
    return sorted(earlier, key=lambda other: (-other.first_at, other.id))


def _are_near(one: Naming, other: Naming, window: float) -> bool:
    return one.first_at - window <= other.last_at and other.first_at - window <= one.last_at

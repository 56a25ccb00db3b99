"""Whom a case is about: the people of the response plan who acted in it, or whom it suspects.

People are known by the tokens of their own accounts, and as providers by their NPI (`monitor.accounts`).

An insider must not read, steer or end the case about themselves (domain.md §4.4).
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from alerting.incidents import Incident
from alerting.policy import Policy
from alerting.refusal import Refused
from alerting.store.finding_rows import entities_in
from detectors.finding import Entity, EntityType

WHO_ACTS: frozenset[EntityType] = frozenset({"user", "provider", "instrument"})
"""Entities that may be somebody of the plan. An instrument is where it is the payee, by their NPI."""


def subjects_of(connection: Connection, policy: Policy, incident: Incident) -> frozenset[str]:
    """Return the work names of those whom a case is about."""
    if not policy.subjects:
        return frozenset()
    refs = {entity.ref for entity in _named_in(connection, incident) if entity.type in WHO_ACTS}
    return frozenset(policy.subjects[ref] for ref in refs if ref in policy.subjects)


def refuse_subject(connection: Connection, policy: Policy, incident: Incident, actor: str) -> None:
    """Let nobody work on a case about themselves, by whatever way they ask.

    Raises:
        Refused: if the case is about whoever has this work name.
    """
    name = _plain(actor)
    if name not in map(_plain, policy.subjects.values()):
        return  # most people, most of the time: the findings need not be read
    if name in map(_plain, subjects_of(connection, policy, incident)):
        message = f"{actor} cannot work on {incident.id}: somebody else must"
        raise Refused(message)


def _plain(name: str) -> str:
    return name.strip().casefold()


def users_of(connection: Connection, incident: Incident) -> list[str]:
    """Return the tokens of the users in a case: its own entity first, then those of its findings."""
    return list(dict.fromkeys(entity.ref for entity in _named_in(connection, incident) if entity.type == "user"))


def _named_in(connection: Connection, incident: Incident) -> Iterator[Entity]:
    if incident.entity:
        yield incident.entity
    # All findings, however many: whoever acted in the oldest of thousands is a subject like any other.
    yield from entities_in(connection, incident.id)

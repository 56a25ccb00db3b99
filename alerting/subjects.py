"""Whom a case is about: the people of the response plan whose own accounts acted in it, or whom it suspects.

An insider must not read, steer or end the case about themselves (domain.md §4.4).
"""

from sqlalchemy import Connection

from alerting.incidents import Incident
from alerting.policy import Policy
from alerting.store.finding_rows import findings_of

MAX_FINDINGS = 1_000
"""Looked through at most, the latest; a case of more repeats itself."""


def subjects_of(connection: Connection, policy: Policy, incident: Incident) -> frozenset[str]:
    """Return the work names of those whom a case is about."""
    if not policy.subjects:
        return frozenset()
    return frozenset(policy.subjects[ref] for ref in users_of(connection, incident) if ref in policy.subjects)


def users_of(connection: Connection, incident: Incident) -> list[str]:
    """Return the tokens of the users in a case: its own entity first, then those of its findings."""
    named = [incident.entity] if incident.entity else []
    for finding in findings_of(connection, incident.id, MAX_FINDINGS):
        named += [finding.entity, *finding.entities]
    return list(dict.fromkeys(entity.ref for entity in named if entity.type == "user"))

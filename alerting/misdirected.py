"""Notices on their way to somebody whom their case is about by now: they are taken back, and others are told."""

from collections.abc import Sequence

from sqlalchemy import Connection

from alerting.incidents import Incident
from alerting.policy import Policy
from alerting.routing.router import Router
from alerting.routing.waiting_digests import places_of_digests
from alerting.store.outbox_rows import places_waiting
from alerting.telling import News


def news_for_others(connection: Connection, incidents: Sequence[Incident], policy: Policy, now: float) -> list[News]:
    """Return news of those incidents of which a notice waits for a place where a subject reads.

    To tell them takes the notice back, and reaches those who stand in and do not know yet. Called for incidents that
    have got findings of which nobody is to hear otherwise.
    """
    if not policy.subjects or not incidents:
        return []
    ids = {incident.id for incident in incidents}
    alone, together = places_waiting(connection, ids), places_of_digests(connection, ids)
    router = Router(connection, policy, now)
    news = []
    for incident in incidents:
        if places := [*alone[incident.id], *together[incident.id]]:
            addressing = router.addressing(incident)
            if not all(addressing.is_allowed(place) for place in places):
                news.append(News(incident, "more_evidence"))
    return news

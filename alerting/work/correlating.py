"""Correlation: what new findings say about how cases belong together, noted in the transaction that records them."""

from collections.abc import Sequence

from alerting.act import Act
from alerting.drafts import Changed
from alerting.incidents import Incident
from alerting.store.incident_rows import cases_by_key, incidents_by_id
from alerting.timeline import SYSTEM
from alerting.work.parties import (
    REPEAT_SECONDS,
    REPEATS,
    links_to_make,
    parties_named,
    possible_links,
    precedents,
    remembered,
)
from alerting.work.party_rows import cases_of_parties, forget_parties, linked_to, put_cases_of_parties
from alerting.work.rows import insert_links, put_link
from detectors.finding import Finding

DAY = 86_400.0
FORGET_AFTER = 30 * DAY
"""Far beyond the window within which cases are linked, for data that come late."""


def link_by_party(act: Act, findings: Sequence[Finding], changed: Sequence[Changed]) -> None:
    """Link open cases whose findings name the same party near in time, as related; nobody is told of that.

    Args:
        act: the transaction, in which the findings were stored.
        findings: new findings with their incidents.
        changed: the incidents that they belong to; those that a storm holds belong to no case.
    """
    cases = {item.incident.id for item in changed if item.incident.kind == "case"}
    named = parties_named([finding for finding in findings if finding.incident_id in cases])
    known = cases_of_parties(act.connection, named)
    remembering = {party: remembered(known.get(party, []), new) for party, new in named.items()}
    put_cases_of_parties(act.connection, remembering, act.now)
    window = act.policy.windows.join
    by_party = [possible_links(known.get(party, []), new, window) for party, new in named.items()]
    concerned = {incident_id for pairs in by_party for pair in pairs for incident_id in pair}
    if not concerned:
        return
    is_open = {
        incident.id: incident.is_open and incident.kind == "case"
        for incident in incidents_by_id(act.connection, concerned).values()
    }
    linked = linked_to(act.connection, concerned)
    links = []
    for pairs in by_party:
        for one, other in links_to_make(pairs, is_open, linked):
            links.append((one, other))
            linked.setdefault(one, set()).add(other)
            linked.setdefault(other, set()).add(one)
    _link(act, links)


def forget_old_parties(act: Act) -> None:
    """Forget parties that nothing has named for long: no new case can be near in time to theirs."""
    forget_parties(act.connection, act.now - FORGET_AFTER)


def mark_repeats(act: Act, changed: Sequence[Changed]) -> dict[str, Incident]:
    """Mark new cases that are the third or a later one about their party; return those, as they are then, by id."""
    opened = [
        item.incident
        for item in changed
        if item.change == "opened" and item.incident.kind == "case" and not item.incident.queue
    ]
    if not opened:
        return {}
    since = min(incident.first_at for incident in opened) - REPEAT_SECONDS
    by_key = cases_by_key(act.connection, {incident.key for incident in opened}, since)
    marked: dict[str, Incident] = {}
    for incident in opened:
        earlier = precedents(incident, by_key.get(incident.key, ()))
        if len(earlier) >= REPEATS - 1:
            marked[incident.id] = _mark(act, incident, earlier)
    return marked


def _mark(act: Act, incident: Incident, earlier: Sequence[Incident]) -> Incident:
    for precedent in earlier[: REPEATS - 1]:
        put_link(act.connection, incident.id, precedent.id, "repeat", now=act.now, actor=SYSTEM)
        detail: dict[str, str | int] = {"other": incident.id, "relation": "repeated_by"}
        act.note(act.incident(precedent.id), action="link", detail=detail)
    detail = {
        "cases": len(earlier) + 1,
        "days": int(REPEAT_SECONDS // DAY),
        "latest": ",".join(precedent.id for precedent in earlier[: REPEATS - 1]),
    }
    return act.note(act.incident(incident.id), action="repeat_behaviour", detail=detail)


def _link(act: Act, links: Sequence[tuple[str, str]]) -> None:
    """Link cases, and note it in both."""
    insert_links(act.connection, links, "related", now=act.now, actor=SYSTEM)
    incidents = incidents_by_id(act.connection, {one for link in links for one in link}, lock=True)
    notes: list[tuple[Incident, str, dict[str, str | int]]] = [
        (incidents[one], "link", {"other": other, "relation": "related", "by": "party"})
        for link in links
        for one, other in (link, link[::-1])
    ]
    act.note_all(notes)

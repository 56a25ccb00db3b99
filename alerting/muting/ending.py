"""The end of what held news back: what still matters is told, once, the most severe first."""

from collections.abc import Sequence

from msgspec import structs
from sqlalchemy import Connection

from alerting.act import Act
from alerting.incidents import Incident
from alerting.muting.passing import Scene, what_holds
from alerting.muting.rows import drop_snooze, put_snooze, snoozes_ended, snoozes_of
from alerting.muting.waiting import WaitingCase, end_hold_of, forget, no_longer_held, wait_behind, waiting_among
from alerting.routing.receivers import PAGERS
from alerting.routing.router import Router
from alerting.routing.rows import Collected, collect
from alerting.severity import IncidentSeverity
from alerting.store.incident_rows import find_incident

MOST_AT_ONCE = 500
"""Cases whose hold ends in one transaction; more are told in the next one, seconds later."""

ONE_BY_ONE: frozenset[IncidentSeverity] = frozenset({"SEV1", "SEV2"})
"""What pages, and so what begins an escalation (domain.md §4.4): told alone, wherever it waited."""


def end_holds(act: Act) -> None:
    """Tell of the cases whose hold has ended, as far as they are open and nothing else holds them back.

    What waited behind maintenance is told in one notice, but for cases that are grave or go to a pager; everything
    else is told case by case.
    """
    _end_snoozes(act)
    ended = no_longer_held(act.connection, act.now, MOST_AT_ONCE)
    together: list[Incident] = []
    for case in ended:
        incident = find_incident(act.connection, case.incident_id, lock=True)
        if incident is None or not incident.is_open:
            forget(act.connection, [case.incident_id])
            continue
        if hold := what_holds(Scene(act.connection, [incident], act.policy, act.now), incident):
            wait_behind(act.connection, incident.id, hold)
            continue
        forget(act.connection, [incident.id])
        noted = _noted(act, incident, case)
        if case.reason == "maintenance" and noted.severity not in ONE_BY_ONE:
            together.append(noted)
        else:
            act.tell(noted, "unmuted")
    _tell_together(act, together)


def look_again(connection: Connection, incidents: Sequence[Incident], now: float) -> None:
    """Let what holds cases back be looked at with the next pass: they rest on another rule than they did.

    A snooze ends with that; a silence or inhibition may not fit the case any more.
    """
    snoozes = snoozes_of(connection, {incident.id for incident in incidents})
    for incident in incidents:
        end_hold_of(connection, incident.id, now)
        entry = snoozes.get(incident.id)
        if entry is not None and entry.until > now and not entry.holds(incident.severity, incident.rules):
            put_snooze(connection, structs.replace(entry, until=now))


def _end_snoozes(act: Act) -> None:
    """Remind of cases whose snooze has run out; one whose news waited meanwhile is told with them."""
    ended = snoozes_ended(act.connection, act.now, MOST_AT_ONCE)
    waiting = waiting_among(act.connection, [entry.incident_id for entry in ended])
    for entry in ended:
        drop_snooze(act.connection, entry.incident_id)
        incident = find_incident(act.connection, entry.incident_id, lock=True)
        if incident is not None and incident.is_open and entry.incident_id not in waiting:
            act.tell(act.note(incident, action="snooze_ended"), "reminder")


def _noted(act: Act, incident: Incident, case: WaitingCase) -> Incident:
    detail: dict[str, str | int] = {"after": case.reason, "held": case.news}
    if case.reason in ("silence", "inhibition"):
        detail["behind"] = case.behind or case.holder
    return act.note(incident, action="unmuted", detail=detail)


def _tell_together(act: Act, waited: list[Incident]) -> None:
    """Collect cases for one digest at each place that is told of them, which is due now.

    A pager takes no digest, so a case that goes to one is told alone.
    """
    router = Router(act.connection, act.policy, act.now)
    collected: list[Collected] = []
    for incident in waited:
        addressing = router.addressing(incident)
        deliveries = [one for route in router.taken(incident) for one in addressing.deliveries(route.receivers)]
        if any(one.place.channel in PAGERS for one in deliveries):
            act.tell(incident, "unmuted")
        else:
            collected += [Collected(one.place, one.fallbacks, act.now, incident.id) for one in deliveries]
    collect(act.connection, collected)

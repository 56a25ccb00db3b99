"""What of routing becomes due by the clock: digests, and the entries that say from whom a case was kept."""

import itertools
from dataclasses import dataclass, field

from alerting.act import Act
from alerting.incidents import Incident
from alerting.notices import Notice, notice_id
from alerting.notification import Told
from alerting.oncall.climbs import climbs_of
from alerting.oncall.following import follow
from alerting.places import Place
from alerting.routing.addressing import Delivery
from alerting.routing.collecting import digest, digest_id
from alerting.routing.router import Router
from alerting.routing.rows import Collected, take_collected, take_left_out
from alerting.routing.tree import Taken
from alerting.store.incident_rows import find_incident
from alerting.store.outbox_rows import insert_notices, notices_in_use

AT_ONCE = 500


@dataclass
class _Reading:
    """The incidents of one digest by their ids, and where it goes if its place fails."""

    fallbacks: tuple[Place, ...]
    incidents: dict[str, Incident] = field(default_factory=dict)


def send_digests(act: Act) -> None:
    """Tell together what was collected and is still open, in one digest for each place and time."""
    router = Router(act.connection, act.policy, act.now)
    found: dict[tuple[Place, float], _Reading] = {}
    told: dict[str, Incident] = {}
    for item in take_collected(act.connection, act.now):
        incident = find_incident(act.connection, item.incident_id, lock=True)
        if incident is None or not incident.is_open:
            continue
        told[incident.id] = incident
        for delivery in _readers(router, item, incident):
            reading = found.setdefault((delivery.place, item.due_at), _Reading(delivery.fallbacks))
            reading.incidents[incident.id] = incident
    insert_notices(act.connection, [_notice(act, place, due_at, reading) for (place, due_at), reading in found.items()])
    _let_climb(act, router, told)


def _let_climb(act: Act, router: Router, told: dict[str, Incident]) -> None:
    """Begin the escalations of cases that people hear of for the first time: what held their news back has ended."""
    known = climbs_of(act.connection, told)
    fresh: list[tuple[Incident, Told, list[Taken]]] = [
        (incident, "unmuted", router.taken(incident)) for incident in told.values() if incident.id not in known
    ]
    follow(act.connection, fresh, act.policy.plan.escalations, act.now)


def note_left_out(act: Act) -> None:
    """Write into the timelines of cases that they were kept from their subjects, and how many these are."""
    for incident_id, left_out in take_left_out(act.connection, AT_ONCE).items():
        told: dict[str, str | int] = {"told": "security officers"} if left_out.to_officers else {}
        detail = {"people": left_out.people} | told
        act.note(act.incident(incident_id), action="subject_left_out", detail=detail)


def _readers(router: Router, item: Collected, incident: Incident) -> list[Delivery]:
    """Return where an item is told: at its place, or if a subject of the case reads there by now, instead of it."""
    addressing = router.addressing(incident)
    if addressing.is_allowed(item.place):
        return [Delivery(item.place, item.fallbacks)]
    return [one for route in router.taken(incident) if route.digest for one in addressing.deliveries(route.receivers)]


def _notice(act: Act, place: Place, due_at: float, reading: _Reading) -> Notice:
    body = digest(_free_id(act, place, due_at), list(reading.incidents.values()), act.policy.console_url)
    return Notice(
        id=notice_id(body.about, body.revision, place.channel, place.to),
        channel=place.channel,
        to=place.to,
        body=body,
        fallbacks=reading.fallbacks,
        created_at=act.now,
        due_at=act.now,
    )


def _free_id(act: Act, place: Place, due_at: float) -> str:
    """Return the id of the next digest for a place and a time.

    A worker whose clock is behind still collects for a time at which another has sent already.
    """
    ids = (digest_id(place, due_at, number) for number in itertools.count(1))
    return next(one for one in ids if not notices_in_use(act.connection, [notice_id(one, 1, place.channel, place.to)]))

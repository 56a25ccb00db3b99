"""What of routing becomes due by the clock: digests, and the entries that say from whom a case was kept."""

from alerting.act import Act
from alerting.incidents import Incident
from alerting.notices import Notice, notice_id
from alerting.routing.collecting import digest, digest_id
from alerting.routing.router import Router
from alerting.routing.rows import Collected, take_collected, take_left_out
from alerting.store.incident_rows import find_incident
from alerting.store.outbox_rows import insert_notices, notices_in_use

AT_ONCE = 500


def send_digests(act: Act) -> None:
    """Tell together what was collected and is still open, in one digest for each place and time."""
    router = Router(act.connection, act.policy, act.now)
    notices = []
    for (place, due_at), items in take_collected(act.connection, act.now).items():
        incidents = [incident for item in items if (incident := _still_for(act, router, item))]
        if incidents:
            body = digest(digest_id(place, due_at), incidents, act.policy.console_url)
            notices.append(
                Notice(
                    id=notice_id(body.about, body.revision, place.channel, place.to),
                    channel=place.channel,
                    to=place.to,
                    body=body,
                    fallbacks=items[0].fallbacks,
                    created_at=act.now,
                    due_at=act.now,
                )
            )
    in_use = notices_in_use(act.connection, [notice.id for notice in notices])
    insert_notices(act.connection, [notice for notice in notices if notice.id not in in_use])


def note_left_out(act: Act) -> None:
    """Write into the timelines of cases that they were kept from their subjects, and how many these are."""
    for incident_id, people in take_left_out(act.connection, AT_ONCE).items():
        act.note(act.incident(incident_id), action="subject_left_out", detail={"people": people})


def _still_for(act: Act, router: Router, item: Collected) -> Incident | None:
    """Return the incident of an item while somebody has yet to work on it and its place may know of it."""
    incident = find_incident(act.connection, item.incident_id)
    if incident is None or not incident.is_open:
        return None
    return incident if router.addressing(incident).is_allowed(item.place) else None

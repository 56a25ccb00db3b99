"""Small news: who is responsible for a case now, or that it has a comment. Nobody is paged for that."""

from alerting.act import Act
from alerting.incidents import Incident
from alerting.notices import Notice, notice_id
from alerting.notification import Told, notification
from alerting.places import Place
from alerting.routing.addressing import Delivery
from alerting.routing.router import Router
from alerting.slack.rows import SLACK, recipients_told
from alerting.store.outbox_rows import insert_notices
from alerting.work.rows import watchers_of


def mention(act: Act, incident: Incident, told: Told, *, by: str) -> None:
    """Put notices into the outbox for those who follow an incident or are responsible for it, but for who did it.

    The places in Slack that know of the incident are told too: their messages show how it stands.
    """
    addressing = Router(act.connection, act.policy, act.now).addressing(incident)
    names = dict.fromkeys([*watchers_of(act.connection, [incident.id]).get(incident.id, ()), incident.assignee])
    left_out = {by, *addressing.subjects}
    deliveries = [one for name in names if name not in left_out for one in addressing.person(name)]
    known = [Place(SLACK, recipient) for recipient in recipients_told(act.connection, incident.id)]
    deliveries += [Delivery(place) for place in known if addressing.is_allowed(place)]
    body = notification(incident, told, act.policy.all_titles, act.policy.console_url)
    notices = {
        delivery.place: Notice(
            id=notice_id(incident.id, incident.revision, delivery.place.channel, delivery.place.to),
            channel=delivery.place.channel,
            to=delivery.place.to,
            body=body,
            fallbacks=delivery.fallbacks,
            created_at=act.now,
            due_at=act.now,
        )
        for delivery in reversed(deliveries)  # of a place that is there twice, the delivery with fallbacks
    }
    insert_notices(act.connection, list(reversed(notices.values())))

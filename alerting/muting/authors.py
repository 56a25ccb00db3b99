"""Whoever began a silence or a maintenance window is told when it ends, and what it held back."""

from alerting.act import Act
from alerting.incidents import Incident
from alerting.muting.rows import ends_untold, note_end_told
from alerting.muting.silences import Silence
from alerting.muting.waiting import held_back_by
from alerting.notices import Notice, notice_id
from alerting.places import Place
from alerting.routes import LOG
from alerting.routing.addressing import Addressing, Delivery
from alerting.routing.collecting import digest
from alerting.store.incident_rows import find_incident
from alerting.store.outbox_rows import insert_notices, notices_in_use
from alerting.subjects import subjects_of

AT_ONCE = 100


def tell_authors(act: Act) -> None:
    """Tell of what has ended since it was looked for last, each once; who ended it by hand knows."""
    notices = []
    for silence in ends_untold(act.connection, act.now, AT_ONCE):
        note_end_told(act.connection, silence.id)
        if silence.expired_by != silence.author:
            notices += _notices(act, silence)
    in_use = notices_in_use(act.connection, [notice.id for notice in notices])
    insert_notices(act.connection, [notice for notice in notices if notice.id not in in_use])


def _notices(act: Act, silence: Silence) -> list[Notice]:
    body = digest(silence.id, _held_back(act, silence), act.policy.console_url, ended=silence.kind)
    directory = act.policy.plan.directory
    deliveries = Addressing(directory).person(silence.author) or [Delivery(Place(LOG))]
    return [
        Notice(
            id=notice_id(body.about, body.revision, delivery.place.channel, delivery.place.to),
            channel=delivery.place.channel,
            to=delivery.place.to,
            body=body,
            fallbacks=delivery.fallbacks,
            created_at=act.now,
            due_at=act.now,
        )
        for delivery in deliveries
    ]


def _held_back(act: Act, silence: Silence) -> list[Incident]:
    """Return the cases whose news it held back, but for those that are about whoever began it."""
    found = (find_incident(act.connection, one) for one in held_back_by(act.connection, silence.kind, silence.id))
    return [
        incident
        for incident in found
        if incident is not None and silence.author not in subjects_of(act.connection, act.policy, incident)
    ]

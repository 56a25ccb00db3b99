"""From a changed incident to the notices about it: which channels, in which words."""

from collections.abc import Collection, Sequence

from msgspec import Struct
from sqlalchemy import Connection

from alerting.incidents import Incident
from alerting.notices import Notice, notice_id
from alerting.notification import Told, notification
from alerting.policy import Policy
from alerting.routes import LOG
from alerting.store.outbox_rows import channels_told, insert_notices

FOR_THE_TOLD: frozenset[Told] = frozenset({"status_changed", "withdrawn"})
"""News for those alone who were told of the incident before."""


class News(Struct, frozen=True):
    """An incident, and why people are told of it."""

    incident: Incident
    told: Told


def tell(
    connection: Connection, news: Sequence[News], policy: Policy, now: float, *, avoid: Collection[str] = ()
) -> None:
    """Put notices of the news into the outbox.

    What asks for attention goes to the route of its severity and to every channel that was told before; a mere change
    of status, or that all findings were withdrawn, only to the latter. `avoid` names channels that cannot be used; the
    log takes what is then left over.
    """
    told_before = channels_told(connection, {item.incident.id for item in news if item.told != "opened"})
    insert_notices(
        connection,
        [
            notice
            for item in news
            for notice in _notices(item, told_before.get(item.incident.id, set()), policy, now, avoid)
        ],
    )


def _notices(
    news: News, told_before: Collection[str], policy: Policy, now: float, avoid: Collection[str]
) -> list[Notice]:
    incident = news.incident
    route = policy.route_of(incident)
    wanted = [*(() if news.told in FOR_THE_TOLD else route.channels), *sorted(told_before)]
    channels = [channel for channel in dict.fromkeys(wanted) if channel not in avoid]
    fallbacks = tuple(channel for channel in route.fallbacks if channel not in avoid)
    if wanted and not channels:
        channels, fallbacks = [*fallbacks[:1]] or [LOG], fallbacks[1:]
    body = notification(incident, news.told, policy.all_titles, policy.console_url)
    return [
        Notice(
            id=notice_id(incident.id, incident.revision, channel),
            channel=channel,
            body=body,
            fallbacks=tuple(fallback for fallback in fallbacks if fallback != channel),
            created_at=now,
            due_at=now,
        )
        for channel in channels
    ]

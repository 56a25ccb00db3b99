"""How many times a pager has been called about a case: each that is to wake somebody up is an alert of its own.

To providers an event about an alert that is open says nothing new, and wakes nobody up. Numbers come from the outbox
and are kept with the notice, so whatever is sent again after a crash has the number that it had.
"""

from collections.abc import Sequence

from msgspec import Struct, structs
from sqlalchemy import Connection

from alerting.channels.paging import DEADLINES, action_of
from alerting.notification import Notification, Told
from alerting.places import Place
from alerting.routing.receivers import PAGERS
from alerting.store.outbox_rows import notifications_to

CALLS_AGAIN: frozenset[Told] = DEADLINES.union({"escalation_step", "nobody_reached"})
"""News that nobody has answered, or not in time: whoever did not wake up at the last call is called again."""
ONE_CALL = 120.0
"""Seconds in which news make one call: a case that is opened and begins to climb at once pages once, also where the
process ends in between and is started anew."""


class Page(Struct, frozen=True):
    """What a pager was told, and when, in seconds since the epoch."""

    at: float
    news: Notification


def numbered(connection: Connection, news: Notification, place: Place, now: float) -> Notification:
    """Return the news with the number of the call that they belong to at a place."""
    if place.channel not in PAGERS:
        return news
    before = [Page(at, body) for at, body in notifications_to(connection, news.incident_id, place)]
    return structs.replace(news, call=call_of(before, news.told, now))


def call_of(before: Sequence[Page], told: Told, now: float) -> int:
    """Return the number of the call that news belong to after others, given in their order."""
    call, called_at = 1, None
    for page in before:
        if page.news.call > call:
            call, called_at = page.news.call, None
        action = action_of(page.news)
        if action == "resolve":
            called_at = None
        elif action == "trigger" and called_at is None:
            called_at = page.at
    is_open = called_at is not None and now - called_at >= ONE_CALL
    return call + 1 if told in CALLS_AGAIN and is_open else call

"""From a changed incident to the notices about it: who is told, by which channels, in which words."""

from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct
from sqlalchemy import Connection

from alerting.calling import numbered
from alerting.drafts import Changed
from alerting.incidents import Incident
from alerting.muting.passing import let_through
from alerting.notices import Notice, notice_id
from alerting.notification import Told, notification
from alerting.oncall.following import follow
from alerting.places import Place
from alerting.policy import Policy
from alerting.routes import LOG
from alerting.routing.addressing import Delivery
from alerting.routing.collecting import collected
from alerting.routing.receivers import Receiver
from alerting.routing.router import Router
from alerting.routing.rows import Knowledge, collect, knowledge_of, note_knowledge, note_left_out
from alerting.routing.tree import Taken
from alerting.routing.waiting_digests import strike_from_digests
from alerting.store.outbox_rows import insert_notices, notices_in_use, places_told, take_back
from alerting.work.rows import watchers_of

FOR_THE_TOLD: frozenset[Told] = frozenset({"status_changed", "withdrawn", "linked", "split", "answered"})
"""News for those alone who were told of the incident before, who watch it, or who work on it."""

NEVER_COLLECTED: frozenset[Told] = frozenset(
    {"breach_due", "overpayment_due", "overpayment_overdue", "overdue", "reminder", "nobody_reached"}
)
"""News of a deadline, or that nobody knows yet: they wait for no digest, which leaves out what is not open any more."""

EVIDENCE_FACTOR = 2
"""A recipient is told of evidence that has doubled since (domain.md §4.5)."""


class News(Struct, frozen=True):
    """An incident, and why people are told of it."""

    incident: Incident
    told: Told


def news_of(changed: Iterable[Changed]) -> list[News]:
    """Return what people are told of changed incidents."""
    news = []
    for item in changed:
        match item.change:
            case "new_ground" | "joined":
                continue
            case told:
                news.append(News(item.incident, told))
    return news


def tell(
    connection: Connection,
    news: Sequence[News],
    policy: Policy,
    now: float,
    *,
    avoid: Collection[str] = (),
    only: Sequence[Receiver] | None = None,
) -> list[News]:
    """Put notices of the news into the outbox, and return the news that people are told now.

    What asks for attention goes to the receivers of its routes, to everybody who was told before, and to those who
    watch the incident or work on it; a mere change of status, or that all findings were withdrawn, only to the latter.
    The subject of a case is left out. `avoid` names channels that cannot be used; the log takes what is then left over.
    `only` names the receivers instead of all these. What a silence, a snooze, maintenance or a graver case holds back
    waits instead.
    """
    told, _ = let_through(connection, news, now, policy)
    router = Router(connection, policy, now)
    taken = {_key(item): router.taken(item.incident) for item in told}
    if policy.plan.escalations and only is None:
        followed = [(item.incident, item.told, taken[_key(item)]) for item in told]
        follow(connection, followed, policy.plan.escalations, now)
    audience = _Audience(connection, told, router, avoid)
    notices: dict[str, Notice] = {}
    for item in told:
        for notice in audience.notices(item, taken[_key(item)], only):
            notices.setdefault(notice.id, notice)
    in_use = notices_in_use(connection, notices)
    insert_notices(connection, [notice for notice in notices.values() if notice.id not in in_use])
    audience.keep()
    return told


def _key(item: News) -> tuple[str, int, Told]:
    return item.incident.id, item.incident.revision, item.told


class _Audience:
    """Everybody who may be told of some news, read from the store at once."""

    def __init__(self, connection: Connection, news: Sequence[News], router: Router, avoid: Collection[str]) -> None:
        self._connection = connection
        self._router = router
        self._policy = router.policy
        self._now = router.now
        self._avoid = avoid
        ids = {item.incident.id for item in news if item.told != "opened"}
        self._before = places_told(connection, ids)
        self._known = knowledge_of(connection, ids)
        self._watchers = watchers_of(connection, ids) if self._policy.plan.people else {}
        self._reached: list[tuple[Incident, Place]] = []
        self._collected: list[tuple[Incident, Delivery, str]] = []

    def notices(self, item: News, taken: Sequence[Taken], only: Sequence[Receiver] | None) -> list[Notice]:
        """Return the notices of one piece of news; what is for digests is kept for `keep`."""
        incident = item.incident
        addressing = self._router.addressing(incident, self._avoid)
        ways = [(route, addressing.deliveries(route.receivers)) for route in taken]
        now_told: list[Delivery] = []
        if only is not None:
            now_told = addressing.deliveries(only)
        elif item.told not in FOR_THE_TOLD:
            for route, deliveries in ways:
                if route.digest and item.told not in NEVER_COLLECTED:
                    self._collected += [(incident, delivery, route.digest) for delivery in deliveries]
                else:
                    now_told += deliveries
        if only is None:
            fallbacks = {delivery.place: delivery.fallbacks for _, deliveries in ways for delivery in deliveries}
            now_told += self._personally(item)
            now_told += [
                Delivery(place, fallbacks.get(place, (Place(LOG),)))
                for place in self._before.get(incident.id, [])
                if place.channel not in self._avoid and addressing.is_allowed(place)
            ]
        if addressing.subjects:
            receivers = only if only is not None else [one for route in taken for one in route.receivers]
            to_officers = addressing.leaves_to_officers(receivers)
            note_left_out(self._connection, incident.id, addressing.subjects, to_officers=to_officers)
            for place in self._before.get(incident.id, []):
                if not addressing.is_allowed(place):
                    take_back(self._connection, incident.id, place)
            strike_from_digests(self._connection, incident.id, addressing)
        by_place: dict[Place, Delivery] = {}
        for delivery in now_told:
            by_place.setdefault(delivery.place, delivery)
        return [self._notice(item, delivery) for delivery in by_place.values() if self._is_news(item, delivery.place)]

    def _personally(self, item: News) -> list[Delivery]:
        """Return where those are told who watch an incident or work on it."""
        names = [*self._watchers.get(item.incident.id, ()), item.incident.assignee]
        addressing = self._router.addressing(item.incident, self._avoid)
        return [
            delivery
            for name in dict.fromkeys(names)
            if name not in addressing.subjects
            for delivery in addressing.person(name)
        ]

    def _is_news(self, item: News, place: Place) -> bool:
        """Whether more evidence is much more for this recipient, who may have been told later than others."""
        known = self._known.get((item.incident.id, place))
        return known is None or item.told != "more_evidence" or _has_grown(known, item.incident)

    def _notice(self, item: News, delivery: Delivery) -> Notice:
        incident, place = item.incident, delivery.place
        self._reached.append((incident, place))
        body = notification(incident, item.told, self._policy.all_titles, self._policy.console_url)
        return Notice(
            id=notice_id(incident.id, incident.revision, place.channel, place.to),
            channel=place.channel,
            to=place.to,
            body=numbered(self._connection, body, place, self._now),
            fallbacks=delivery.fallbacks,
            created_at=self._now,
            due_at=self._now,
        )

    def keep(self) -> None:
        """Note what everybody knows now, and what waits for digests."""
        note_knowledge(self._connection, self._reached)
        collect(self._connection, collected(self._collected, self._policy.plan.zone, self._now))


def _has_grown(known: Knowledge, incident: Incident) -> bool:
    return incident.severity < known.severity or incident.findings >= EVIDENCE_FACTOR * known.findings

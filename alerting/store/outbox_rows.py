"""The outbox: notices that are written with the change they tell of, and sent afterwards."""

import contextlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from alerting.notices import Fate, Notice, UnreadableNotice
from alerting.notification import Body, Digest, Notification
from alerting.places import Place
from alerting.routes import LOG
from alerting.store.chunks import chunks
from alerting.store.schema import OUTBOX

_TABLE = OUTBOX.c
_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Body] = msgspec.json.Decoder(Body)
_notification_decoder = msgspec.json.Decoder(Notification)


def insert_notices(connection: Connection, notices: Sequence[Notice]) -> None:
    """Store new notices, to be sent when they are due."""
    if notices:
        connection.execute(insert(OUTBOX), [_row(notice) for notice in notices])


def places_told(connection: Connection, incident_ids: Collection[str]) -> dict[str, list[Place]]:
    """Return, by incident, the places that have been told of it or are about to be, in their order."""
    # Not `in`: SQLite would walk all that is pending instead of looking up the incidents.
    return _places(connection, incident_ids, _TABLE.fate.not_in(("failed", "blocked")))


def places_waiting(connection: Connection, incident_ids: Collection[str]) -> dict[str, list[Place]]:
    """Return, by incident, the places that are about to be told of it, in their order."""
    return _places(connection, incident_ids, _TABLE.fate.not_in(("failed", "blocked", "sent")))


def _places(
    connection: Connection, incident_ids: Collection[str], fates: ColumnElement[bool]
) -> dict[str, list[Place]]:
    places: dict[str, list[Place]] = {incident_id: [] for incident_id in incident_ids}
    for chunk in chunks(sorted(incident_ids)):
        query = (
            select(_TABLE.about, _TABLE.channel, _TABLE.recipient)
            .where(_TABLE.about.in_(chunk), fates)
            .distinct()
            .order_by(_TABLE.channel, _TABLE.recipient)
        )
        for row in connection.execute(query):
            places[row.about].append(Place(row.channel, row.recipient))
    return places


def notifications_to(connection: Connection, about: str, place: Place) -> list[tuple[float, Notification]]:
    """Return what a place is told of an incident, and since when that is to be sent, in the order of the revisions.

    Also what could not be sent: it may have arrived all the same. What cannot be read is left out.
    """
    query = (
        select(_TABLE.created_at, _TABLE.body)
        .where(_TABLE.about == about, _TABLE.channel == place.channel, _TABLE.recipient == place.to)
        .order_by(_TABLE.revision)
    )
    found = []
    for row in connection.execute(query):
        with contextlib.suppress(msgspec.DecodeError):
            found.append((row.created_at, _notification_decoder.decode(row.body)))
    return found


def reaches_somebody(connection: Connection, about: str, revision: int) -> bool:
    """Return whether some notice of one piece of news was sent to people, or may still be."""
    query = select(_TABLE.notice_id).where(
        _TABLE.about == about,
        _TABLE.revision == revision,
        _TABLE.channel != LOG,
        _TABLE.fate.not_in(("failed", "blocked")),
    )
    return connection.execute(query.limit(1)).first() is not None


def claim_notice(
    connection: Connection,
    channel: str,
    sender: str,
    *,
    now: float,
    until: float,
    but_for: Collection[str] = (),
) -> Notice | None:
    """Take the gravest notice that is due on a channel, for one sender until a time; None if there is none.

    Notices about one incident go to a recipient in the order of its revisions, one after the other. `but_for` are
    recipients that must wait.

    Raises:
        UnreadableNotice: if the row of the next one cannot be read.
    """
    earlier = OUTBOX.alias()
    # A scalar, not NOT EXISTS: PostgreSQL would join the whole outbox with itself instead of looking up a few rows.
    first_pending = (
        select(func.min(earlier.c.revision))
        .where(
            earlier.c.about == _TABLE.about,
            earlier.c.channel == _TABLE.channel,
            earlier.c.recipient == _TABLE.recipient,
            earlier.c.fate == "pending",
        )
        .scalar_subquery()
    )
    due = (
        select(OUTBOX)
        .where(
            _TABLE.channel == channel,
            _TABLE.fate == "pending",
            _TABLE.due_at <= now,
            _TABLE.claimed_until <= now,
            _TABLE.revision == first_pending,
            *([_TABLE.recipient.not_in(list(but_for))] if but_for else []),
        )
        .order_by(_TABLE.severity, _TABLE.due_at, _TABLE.revision)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(due).one_or_none()
    if row is None:
        return None
    claim = update(OUTBOX).where(_TABLE.notice_id == row.notice_id).values(claimed_by=sender, claimed_until=until)
    connection.execute(claim)
    return _notice(row, _thread_of(connection, row))


def find_pending(connection: Connection, notice_id: str) -> Notice | None:
    """Return a notice, locked until the transaction ends; None if there is none or it has ended.

    Raises:
        UnreadableNotice: if its row cannot be read.
    """
    pending = select(OUTBOX).where(_TABLE.notice_id == notice_id, _TABLE.fate == "pending")
    row = connection.execute(pending.with_for_update()).one_or_none()
    return _notice(row, "") if row else None


def overdue_notices(
    connection: Connection, channel: str, *, created_before: float, now: float, limit: int
) -> list[str]:
    """Return the ids of notices that a channel has not taken since a time and nobody is sending, oldest first."""
    query = (
        select(_TABLE.notice_id)
        .where(
            _TABLE.channel == channel,
            _TABLE.fate == "pending",
            _TABLE.created_at <= created_before,
            _TABLE.claimed_until <= now,
        )
        .order_by(_TABLE.created_at, _TABLE.revision)
        .limit(limit)
    )
    return list(connection.scalars(query))


def channels_waiting(connection: Connection) -> set[str]:
    """Return the channels for which notices are pending, by one look into the index for each."""
    waiting: set[str] = set()
    after = ""
    while True:
        following = select(func.min(_TABLE.channel)).where(_TABLE.fate == "pending", _TABLE.channel > after)
        channel = connection.scalar(following)
        if channel is None:
            return waiting
        waiting.add(channel)
        after = channel


def mark_sent(connection: Connection, notice_id: str, receipt: str) -> None:
    """Note that a channel took a notice, after it did."""
    _settle(connection, notice_id, fate="sent", receipt=receipt, last_reason="", attempts=_TABLE.attempts + 1)


def mark_retry(connection: Connection, notice_id: str, reason: str, *, due_at: float) -> None:
    """Note that an attempt failed, and when the next one is due."""
    _settle(connection, notice_id, due_at=due_at, last_reason=reason, attempts=_TABLE.attempts + 1)


def mark_ended(connection: Connection, notice_id: str, fate: Fate, reason: str) -> None:
    """Note that a notice will not be sent: `failed` or `blocked`."""
    _settle(connection, notice_id, fate=fate, last_reason=reason)


def take_back(connection: Connection, about: str, place: Place) -> None:
    """End the notices about something that are still pending for a place: it must not know any more."""
    pending = (_TABLE.about == about) & (_TABLE.channel == place.channel) & (_TABLE.recipient == place.to)
    ended = update(OUTBOX).where(pending & (_TABLE.fate == "pending"))
    connection.execute(ended.values(fate="failed", last_reason="subject of the case", claimed_by="", claimed_until=0.0))


def pending_digests(connection: Connection) -> Iterator[tuple[Notice, Digest]]:
    """Yield the digests that are still to be sent, with their bodies; what cannot be read is left out."""
    pending = select(OUTBOX).where(_TABLE.fate == "pending", _TABLE.about.not_like("INC-%"))  # most notices by far
    for row in connection.execute(pending.order_by(_TABLE.notice_id)).all():
        with contextlib.suppress(UnreadableNotice):
            notice = _notice(row, "")
            if isinstance(notice.body, Digest):
                yield notice, notice.body


def change_body(connection: Connection, notice_id: str, body: Body) -> None:
    """Let a pending notice tell something else."""
    values = {"body": _encoder.encode(body), "severity": body.severity, "claimed_by": "", "claimed_until": 0.0}
    still_pending = (_TABLE.notice_id == notice_id) & (_TABLE.fate == "pending")
    connection.execute(update(OUTBOX).where(still_pending).values(**values))


def notices_in_use(connection: Connection, notice_ids: Collection[str]) -> set[str]:
    """Return those of the ids that notices have."""
    return set(connection.scalars(select(_TABLE.notice_id).where(_TABLE.notice_id.in_(list(notice_ids)))))


def outbox_counts(connection: Connection) -> dict[str, dict[Fate, int]]:
    """Return the number of notices by channel and fate."""
    counts: dict[str, dict[Fate, int]] = {}
    query = select(_TABLE.channel, _TABLE.fate, func.count()).group_by(_TABLE.channel, _TABLE.fate)
    for row in connection.execute(query):
        counts.setdefault(row[0], {})[row[1]] = row[2]
    return counts


def _settle(connection: Connection, notice_id: str, **values: object) -> None:
    """Change a notice that is still pending, and give back its claim."""
    still_pending = (_TABLE.notice_id == notice_id) & (_TABLE.fate == "pending")
    connection.execute(update(OUTBOX).where(still_pending).values(claimed_by="", claimed_until=0.0, **values))


def _thread_of(connection: Connection, claimed: Row[Any]) -> str:
    """Return the receipt of the first notice about the same that the recipient's channel took."""
    first = (
        select(_TABLE.receipt)
        .where(
            _TABLE.about == claimed.about,
            _TABLE.channel == claimed.channel,
            _TABLE.recipient == claimed.recipient,
            _TABLE.fate == "sent",
        )
        .order_by(_TABLE.revision)
        .limit(1)
    )
    return connection.scalar(first) or ""


def _row(notice: Notice) -> dict[str, Any]:
    return {
        "notice_id": notice.id,
        "about": notice.body.about,
        "revision": notice.body.revision,
        "channel": notice.channel,
        "recipient": notice.to,
        "severity": notice.body.severity,
        "fate": "pending",
        "created_at": notice.created_at,
        "due_at": notice.due_at,
        "attempts": notice.attempts,
        "claimed_by": "",
        "claimed_until": 0.0,
        "receipt": "",
        "last_reason": "",
        "fallbacks": msgspec.json.encode(notice.fallbacks),
        "body": _encoder.encode(notice.body),
    }


def _notice(row: Row[Any], thread: str) -> Notice:
    try:
        body, fallbacks = _decoder.decode(row.body), _fallbacks(row.fallbacks)
    except msgspec.DecodeError:  # its text may hold anything
        raise UnreadableNotice(row.notice_id, row.channel, row.about) from None
    return Notice(
        id=row.notice_id,
        channel=row.channel,
        body=body,
        to=row.recipient,
        fallbacks=fallbacks,
        created_at=row.created_at,
        due_at=row.due_at,
        attempts=row.attempts,
        thread=thread,
    )


def _fallbacks(stored: bytes) -> tuple[Place, ...]:
    """Return the places to try next; older notices have only the names of channels."""
    return tuple(
        Place(one) if isinstance(one, str) else one for one in msgspec.json.decode(stored, type=tuple[Place | str, ...])
    )

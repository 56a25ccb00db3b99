"""Reading and writing verdicts, what was learned, and feedback events."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec
from msgspec import Struct, structs
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alerting.feedback.ranking import Ranking
from alerting.feedback.tables import FEEDBACK_EVENTS, LEARNED, VERDICTS
from alerting.incidents import Verdict
from alerting.store.schema import FINDINGS
from detectors.finding import Finding
from models.api import Snapshot
from models.snapshots import pack, unpack

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_MODEL = "ranking"
_STALE = "ranking is stale"


class VerdictRow(Struct, frozen=True, kw_only=True):
    """The verdict on one finding.

    `is_confirmed` is None where the verdict says neither; the model learns what `speaks`.
    """

    id: str
    finding_id: str
    incident_id: str
    detector: str
    kind: str
    verdict: Verdict
    is_confirmed: bool | None
    decided_by: str
    decided_at: float
    is_withdrawn: bool = False
    speaks: bool = True


class FeedbackEvent(Struct, frozen=True):
    """A feedback event that is to be published: its id and the CloudEvent as JSON."""

    id: str
    body: bytes

    def __repr__(self) -> str:
        return f"<FeedbackEvent {self.id}>"


class RuleRecord(Struct, frozen=True):
    """How often what a rule or model found was confirmed, and cleared, in a calendar month (UTC, `2026-03`)."""

    detector: str
    kind: str
    month: str
    confirmed: int
    cleared: int

    @property
    def precision(self) -> float | None:
        """The share that was confirmed; None where nothing was decided."""
        decided = self.confirmed + self.cleared
        return self.confirmed / decided if decided else None


def insert_verdicts(connection: Connection, rows: Sequence[VerdictRow]) -> None:
    """Store verdicts."""
    if rows:
        connection.execute(insert(VERDICTS), [structs.asdict(row) for row in rows])


def is_known(connection: Connection, verdict_id: str) -> bool:
    """Return whether verdicts of this id are stored."""
    return connection.scalar(select(VERDICTS.c.id).where(VERDICTS.c.id == verdict_id).limit(1)) is not None


def withdraw_verdicts(connection: Connection, incident_id: str) -> None:
    """Mark the verdicts on a case as withdrawn, so that what they taught is learned anew without them."""
    standing = (VERDICTS.c.incident_id == incident_id) & (VERDICTS.c.is_withdrawn == False)  # noqa: E712 -- SQL
    if connection.execute(update(VERDICTS).where(standing).values(is_withdrawn=True)).rowcount:
        mark_stale(connection)


def standing_lessons(connection: Connection) -> Iterator[tuple[bool, list[Finding]]]:
    """Yield every verdict that stands, in the order of time: whether it confirms, and what speaks for it."""
    query = (
        select(VERDICTS.c.id, VERDICTS.c.is_confirmed, FINDINGS.c.body)
        .join(FINDINGS, FINDINGS.c.id == VERDICTS.c.finding_id)
        .where(
            VERDICTS.c.is_withdrawn == False,  # noqa: E712 -- SQL
            VERDICTS.c.speaks == True,  # noqa: E712 -- SQL
            VERDICTS.c.is_confirmed.is_not(None),
        )
        .order_by(VERDICTS.c.decided_at, VERDICTS.c.id, VERDICTS.c.finding_id)
    )
    for (_, is_confirmed), rows in groupby(connection.execute(query), key=lambda row: (row.id, row.is_confirmed)):
        yield is_confirmed, [msgspec.msgpack.decode(row.body, type=Finding) for row in rows]


def rule_records(connection: Connection, since: float = 0.0) -> list[RuleRecord]:
    """Return how often rules and models were right, by month, from the verdicts that stand."""
    if connection.dialect.name == "postgresql":
        of_month = func.to_char(func.to_timestamp(VERDICTS.c.decided_at).op("AT TIME ZONE")("UTC"), "YYYY-MM")
    else:
        of_month = func.strftime("%Y-%m", VERDICTS.c.decided_at, "unixepoch")
    confirmed = func.count().filter(VERDICTS.c.is_confirmed == True)  # noqa: E712 -- SQL
    cleared = func.count().filter(VERDICTS.c.is_confirmed == False)  # noqa: E712 -- SQL
    month = of_month.label("month")
    query = (
        select(VERDICTS.c.detector, VERDICTS.c.kind, month, confirmed, cleared)
        .where(VERDICTS.c.is_withdrawn == False, VERDICTS.c.decided_at >= since)  # noqa: E712 -- SQL
        .group_by(VERDICTS.c.detector, VERDICTS.c.kind, month)
        .order_by(VERDICTS.c.detector, VERDICTS.c.kind, month)
    )
    return [RuleRecord(*row) for row in connection.execute(query)]


def ranking_version(connection: Connection) -> int:
    """Return how often the ranking was stored; 0 if never."""
    return connection.scalar(select(LEARNED.c.version).where(LEARNED.c.name == _MODEL)) or 0


def load_ranking(connection: Connection) -> Ranking:
    """Return the ranking as it was stored last, a fresh one if never."""
    body = connection.scalar(select(LEARNED.c.body).where(LEARNED.c.name == _MODEL))
    return Ranking.of(_snapshot(body) if body is not None else None)


def save_ranking(connection: Connection, ranking: Ranking) -> None:
    """Store the ranking."""
    values = {"name": _MODEL, "version": ranking_version(connection) + 1, "body": pack(ranking.snapshot())}
    statement = _INSERT[connection.dialect.name](LEARNED).values(**values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def mark_stale(connection: Connection) -> None:
    """Note that verdicts were taken back that the ranking has learned from."""
    statement = _INSERT[connection.dialect.name](LEARNED).values(name=_STALE, version=1, body=b"")
    connection.execute(statement.on_conflict_do_nothing(index_elements=["name"]))


def clear_stale(connection: Connection) -> bool:
    """Return whether `mark_stale` was called since the last time."""
    return connection.execute(delete(LEARNED).where(LEARNED.c.name == _STALE)).rowcount > 0


def insert_feedback(connection: Connection, event: FeedbackEvent, now: float) -> None:
    """Store an event that is to be published."""
    connection.execute(insert(FEEDBACK_EVENTS).values(id=event.id, body=event.body, created_at=now))


def unpublished(connection: Connection, limit: int) -> list[FeedbackEvent]:
    """Return the oldest events that are still to be published."""
    table = FEEDBACK_EVENTS.c
    query = select(table.id, table.body).where(table.published_at.is_(None)).order_by(table.created_at, table.id)
    return [FeedbackEvent(*row) for row in connection.execute(query.limit(limit))]


def mark_published(connection: Connection, ids: Sequence[str], now: float) -> None:
    """Note that events were published."""
    connection.execute(update(FEEDBACK_EVENTS).where(FEEDBACK_EVENTS.c.id.in_(list(ids))).values(published_at=now))


def _snapshot(body: bytes) -> Snapshot:
    return unpack(body)

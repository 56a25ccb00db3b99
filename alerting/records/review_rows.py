"""Rows of reviews, and the counts that they sign for."""

from collections.abc import Collection
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Connection, Row, func, insert, select

from alerting.muting.windows import Span
from alerting.records.reviews import Review, Seen
from alerting.records.tables import REVIEW_ALARMS, REVIEWS
from alerting.store.schema import FINDINGS, HELD, INCIDENTS

_seen = msgspec.json.Decoder(Seen)


def insert_review(connection: Connection, review: Review) -> None:
    """Store a signed review."""
    connection.execute(insert(REVIEWS), structs.asdict(review) | {"seen": msgspec.json.encode(review.seen)})


def all_reviews(connection: Connection) -> list[Review]:
    """Return every review, the latest first."""
    return [_review(row) for row in connection.execute(select(REVIEWS).order_by(REVIEWS.c.start_at.desc()))]


def last_end(connection: Connection) -> float | None:
    """Return the end of the last period that was reviewed."""
    end: float | None = connection.scalar(select(func.max(REVIEWS.c.end_at)))
    return end


def alarm_of(connection: Connection, period: Span) -> str | None:
    """Return the incident that says that the review of a period is overdue."""
    query = select(REVIEW_ALARMS.c.incident_id).where(REVIEW_ALARMS.c.start_at == period.start)
    found: str | None = connection.scalar(query)
    return found


def insert_alarm(connection: Connection, period: Span, incident_id: str) -> None:
    """Note that people were told that the review of a period is overdue."""
    connection.execute(insert(REVIEW_ALARMS), {"start_at": period.start, "incident_id": incident_id})


def seen_in(connection: Connection, period: Span, rules: Collection[str]) -> Seen:
    """Count what there is to review of a period, by the desk's clock; `rules` are all that watch."""
    recorded = (FINDINGS.c.recorded_at >= period.start) & (FINDINGS.c.recorded_at < period.end)
    opened = (INCIDENTS.c.opened_at >= period.start) & (INCIDENTS.c.opened_at < period.end)
    cases = opened & (INCIDENTS.c.kind == "case")
    held = (HELD.c.at >= period.start) & (HELD.c.at < period.end)
    by_rule = _counts(connection, FINDINGS.c.detector, recorded)
    verdicts = _counts(connection, INCIDENTS.c.verdict, cases & INCIDENTS.c.verdict.is_not(None))
    return Seen(
        findings=sum(by_rule.values()),
        held=_counts(connection, HELD.c.reason, held),
        cases=_counts(connection, INCIDENTS.c.severity, cases),
        open_cases=sum(_counts(connection, INCIDENTS.c.kind, cases & (INCIDENTS.c.is_open == True)).values()),  # noqa: E712 -- SQL
        verdicts=verdicts,
        rules=by_rule,
        silent_rules=tuple(sorted(set(rules) - set(by_rule))),
    )


def _counts(connection: Connection, column: Any, condition: Any) -> dict[str, int]:  # noqa: ANN401 -- of any table
    query = select(column, func.count()).where(condition).group_by(column).order_by(column)
    return {row[0]: row[1] for row in connection.execute(query)}


def _review(row: Row[Any]) -> Review:
    return Review(**dict(row._mapping) | {"seen": _seen.decode(row.seen)})

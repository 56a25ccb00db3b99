"""Reviews of activity: somebody looks at what was found in a period, and signs for it. Pure."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, structs

from alerting.muting.windows import Span
from alerting.records.rules import Records

DAY = 86_400.0


class Seen(Struct, frozen=True, kw_only=True):
    """What there was to review: counts of the period as they stood when it was signed.

    `cases` counts by severity those that were opened, `verdicts` by verdict those of them that have one, `open_cases`
    those that somebody has yet to work on. `rules` counts findings by rule; `silent_rules` found nothing.
    """

    findings: int
    held: dict[str, int]
    cases: dict[str, int]
    open_cases: int
    verdicts: dict[str, int]
    rules: dict[str, int]
    silent_rules: tuple[str, ...] = ()


class Review(Struct, frozen=True, kw_only=True):
    """One signed review; times in seconds since the epoch. `hash` is over everything else in it."""

    start_at: float
    end_at: float
    reviewer: str
    signed_at: float
    note: str
    seen: Seen
    hash: str = ""

    def __repr__(self) -> str:
        return f"<Review {self.start_at:.0f}>"


def signed(review: Review) -> Review:
    """Return a review with the hash that shows a later change."""
    return structs.replace(review, hash=_hash_of(review))


def is_sound(review: Review) -> bool:
    """Return whether nobody has changed a review since it was signed."""
    return review.hash == _hash_of(review)


def next_period(rules: Records, zone: str, last_end: float | None) -> Span | None:
    """Return the period that is to be reviewed next, in whole local days; None where no reviews are asked for."""
    if not rules.review_every_days or rules.review_from is None:
        return None
    local = ZoneInfo(zone)
    first = rules.review_from
    if last_end is not None:
        first = max(first, datetime.fromtimestamp(last_end, UTC).astimezone(local).date())
    return Span(_midnight(first, local), _midnight(first + timedelta(days=rules.review_every_days), local))


def overdue_at(period: Span, rules: Records) -> float:
    """Return from when on a review of a period is overdue."""
    return period.end + rules.review_grace_days * DAY


def _midnight(day: date, zone: ZoneInfo) -> float:
    return datetime.combine(day, time(), zone).timestamp()


def _hash_of(review: Review) -> str:
    unsigned = msgspec.json.encode(structs.replace(review, hash=""), order="sorted")
    return hashlib.sha256(unsigned).hexdigest()

"""A27, a source that stops: far fewer events arrive from a feed than its own past at this time calls for.

Silence is judged by the wall clock: by when events arrived, not by when what they tell of happened.
"""

import datetime
import math
from collections.abc import Iterable
from statistics import median

import numpy as np
from msgspec import Struct

from detectors.arrivals import DAY, HOUR, SLOT_SECONDS, WEEK, Arrivals
from detectors.finding import Entity, Finding, Severity, finding_id
from detectors.scene import Pattern
from models.fusion import RULE_WEIGHTS, fuse

STRETCHES = (HOUR // 4, HOUR // 2, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY)
"""Slots that are judged together: 15 minutes (domain.md §3.3 A27), longer where so few events say nothing."""

LEAST_SHARE = 0.2
"""Share of the usual volume under which a source is silent (domain.md §3.3 A27)."""

CHANCE = 1e-5
"""How probable so few events may be at most. A source is judged 288 times a day, 100,000 times a year."""

WEEKS, LEAST_WEEKS = 8, 4
DAYS, LEAST_DAYS = 14, 7
"""The same time of past weeks is the measure; with fewer than four, the same time of past days, seven at least."""

NEAR = (-HOUR, 0, HOUR)
"""The lowest of the usual volumes an hour around counts: summer time and a late start of shift are no outage."""

LOOK_BACK = 2 * DAY
"""How far back the beginning of an outage is looked for when it is first seen."""

STOPPED = Pattern(
    id="a27_source_volume",
    title="A source of events went silent",
    version=1,
    level="high",
    stage="source",
    window="outage",
    needs=("volumes of four weeks, or of seven days",),
    false_positives=("maintenance window", "a holiday"),
    references=("domain.md §3.3 A27", "45 CFR 164.312(b), audit controls"),
)
RETURNED = Pattern(
    id="a27_source_back",
    title="A source of events is back",
    version=1,
    level="info",
    stage="source",
    window="outage",
    needs=STOPPED.needs,
    false_positives=(),
    references=STOPPED.references,
)
PATTERNS = (STOPPED, RETURNED)
"""What the catalogue lists."""


class Usual(Struct, frozen=True):
    """What is usual for a stretch: the level, and the variance between its peers in the past."""

    level: float
    variance: float


class Reading(Struct, frozen=True):
    """One stretch `[start, end)` of a source that could be judged."""

    start: int
    end: int
    received: int
    usual: float
    silent: bool


class Outage(Struct, frozen=True):
    """A source's silence; `first` is the earliest stretch that shows it."""

    source: str
    first: Reading


def usual_volume(arrivals: Arrivals, start: int, end: int) -> Usual | None:
    """Return what is usual in `[start, end)`, None where the past is too short.

    The median of past weeks forgives a past outage. Of past days the lowest but one is taken, for two of seven are a
    weekend.
    """
    found = [one for shift in NEAR if (one := _usual(arrivals, start + shift, end + shift)) is not None]
    return min(found, key=lambda one: one.level) if len(found) == len(NEAR) else None


def _usual(arrivals: Arrivals, start: int, end: int) -> Usual | None:
    weeks = _past(arrivals, start, end, WEEK, WEEKS)
    if len(weeks) >= LEAST_WEEKS:
        level = float(median(weeks))
        deviation = 1.4826 * median(abs(volume - level) for volume in weeks)  # of a normal distribution, from its MAD
        return Usual(level, deviation**2)
    days = _past(arrivals, start, end, DAY, DAYS)
    if len(days) >= LEAST_DAYS:
        return Usual(float(sorted(days)[1]), 0.0)
    return None


def _past(arrivals: Arrivals, start: int, end: int, period: int, times: int) -> list[int]:
    volumes = (arrivals.between(start - back * period, end - back * period) for back in range(1, times + 1))
    return [volume for volume in volumes if volume is not None]


def chance_of_at_most(received: int, usual: Usual) -> float:
    """Return the exact probability of so few events, or fewer.

    Negative binomial with the level as mean and the variance given; Poisson where that is not above the level.
    """
    level = usual.level
    if level <= 0:
        return 1.0
    if usual.variance <= level:
        logarithm = received * math.log(level) - level - math.lgamma(received + 1)
        ratio = [n / level for n in range(received, 0, -1)]
    else:
        size = level * level / (usual.variance - level)
        success = size / (size + level)
        logarithm = (
            math.lgamma(received + size)
            - math.lgamma(size)
            - math.lgamma(received + 1)
            + size * math.log(success)
            + received * math.log1p(-success)
        )
        ratio = [n / ((n - 1 + size) * (1 - success)) for n in range(received, 0, -1)]
    # From the term of `received` down to that of none, each by its ratio to the one before: nothing underflows to 0.
    return min(1.0, math.exp(logarithm) * (1.0 + float(np.sum(np.cumprod(ratio)))))


def reading_at(arrivals: Arrivals, end: int, not_before: int = 0) -> Reading | None:
    """Judge the shortest stretch up to `end` in which silence would say something.

    Args:
        arrivals: what arrived from the source.
        end: the slot that the stretch ends before.
        not_before: the first slot that it may begin with.

    Returns:
        None where no stretch says anything, or where nobody counted.
    """
    for length in STRETCHES:
        start = end - length
        received, usual = arrivals.between(start, end), usual_volume(arrivals, start, end)
        if received is None or start < not_before:
            return None
        if usual is None or chance_of_at_most(0, usual) > CHANCE:
            continue
        is_silent = received < LEAST_SHARE * usual.level and chance_of_at_most(received, usual) <= CHANCE
        return Reading(start, end, received, usual.level, is_silent)
    return None


def reading_during(outage: Outage | None, arrivals: Arrivals, end: int) -> Reading | None:
    """Judge a source that may be silent already: what it sent before the outage does not say that it is back."""
    return reading_at(arrivals, end, outage.first.start if outage else 0)


def outage_at(source: str, arrivals: Arrivals, end: int) -> Outage | None:
    """Return the outage that lasts at `end`, found by looking at the last two days slot by slot."""
    outage: Outage | None = None
    for one in range(end - LOOK_BACK, end + 1):
        reading = reading_during(outage, arrivals, one)
        if reading is not None and reading.silent != (outage is not None):
            outage = Outage(source, reading) if reading.silent else None
    return outage


class SourceWatch:
    """Says once of every outage that it began and once that it ended. Slots are given in their order."""

    def __init__(self) -> None:
        self._outages: dict[str, Outage] = {}

    def look(self, sources: Iterable[tuple[str, Arrivals]], end: int) -> list[Finding]:
        """Judge sources by what arrived before slot `end`.

        Whoever looks at the same arrivals makes the same findings, with the same ids.
        """
        findings = []
        for source, arrivals in sources:
            known = self._outages.get(source)
            reading = reading_during(known, arrivals, end)
            if reading is None:
                continue
            if reading.silent and known is None:
                outage = self._outages[source] = outage_at(source, arrivals, end) or Outage(source, reading)
                findings.append(_stopped(outage))
            elif not reading.silent and known is not None:
                del self._outages[source]
                findings.append(_returned(known, reading))
        return findings


def _stopped(outage: Outage) -> Finding:
    first = outage.first
    usual = round(first.usual)
    reason = (
        f"{outage.source} sent {first.received:,} {_events(first.received)} between {_span(first)}; {usual:,} "
        f"{'is' if usual == 1 else 'are'} usual at this hour. Ask the owner of the feed whether it is down or under "
        "maintenance."
    )
    features = {"received": float(first.received), "usual": first.usual}
    return _finding(STOPPED, outage, first.end, reason, features)


def _returned(outage: Outage, reading: Reading) -> Finding:
    hours = (reading.end - outage.first.start) * SLOT_SECONDS / 3600
    reason = (
        f"{outage.source} is back: it sent {reading.received:,} {_events(reading.received)} between {_span(reading)}; "
        f"it was silent for about {hours:.1f} hours. Ask whether what is missing will be sent again."
    )
    return _finding(RETURNED, outage, reading.end, reason, {"hours": round(hours, 1)})


def _finding(pattern: Pattern, outage: Outage, end: int, reason: str, features: dict[str, float]) -> Finding:
    window = _time(outage.first.start).strftime("%Y-%m-%dT%H:%MZ")
    severity: Severity = pattern.level
    entity = Entity("source", outage.source)
    return Finding(
        id=finding_id(pattern.id, pattern.version, outage.source, window),
        event_id="",
        at=float(end * SLOT_SECONDS),
        kind="rule",
        detector=pattern.id,
        version=pattern.version,
        severity=severity,
        risk=fuse([RULE_WEIGHTS[severity]], []),
        entity=entity,
        entities=[entity],
        reasons=[reason],
        features=features,
        window=window,
    )


def _events(n: int) -> str:
    return "event" if n == 1 else "events"


def _span(reading: Reading) -> str:
    start, end = _time(reading.start), _time(reading.end)
    return (
        f"{start:%Y-%m-%d %H:%M} and {end:%H:%M} UTC"
        if start.date() == end.date()
        else (f"{start:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M} UTC")
    )


def _time(slot: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(slot * SLOT_SECONDS, datetime.UTC)

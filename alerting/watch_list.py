"""Watch lists: entities that somebody wants to hear of for a time, and why.

A finding about a watched entity needs no budget, and its case is one severity graver. Every entry ends.
"""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from msgspec import Struct

from alerting.refusal import Refused
from alerting.severity import SEVERITIES, IncidentSeverity
from detectors.finding import Entity, Finding

WatchAct: TypeAlias = Literal["added", "removed", "ended"]


class WatchEntry(Struct, frozen=True, kw_only=True):
    """One entry: whom, by whom, why, since when and until when (seconds since the epoch)."""

    entity: Entity
    author: str
    reason: str
    added_at: float
    until: float

    def __repr__(self) -> str:
        return f"<WatchEntry {self.entity.type}>"

    def has_ended(self, now: float) -> bool:
        """Return whether it has no effect any more."""
        return self.until <= now


class WatchLogLine(Struct, frozen=True, kw_only=True):
    """What was done to the list, by whom, when; `until` and `reason` are those of the entry."""

    seq: int
    at: float
    actor: str
    act: WatchAct
    entity: Entity
    until: float
    reason: str

    def __repr__(self) -> str:
        return f"<WatchLogLine {self.seq} {self.act}>"


class WatchRefused(Refused):
    """An entry without a reason, one that has ended already, or one that is not there."""


def watched_ids(findings: Iterable[Finding], entries: Iterable[WatchEntry]) -> set[str]:
    """Return the ids of findings about an entity that is watched at their event time.

    A finding is about its own entity and about every other that its event concerns: who watches a patient wants to
    hear of whoever opens the chart.
    """
    until = {entry.entity: entry.until for entry in entries}
    return {
        finding.id
        for finding in findings
        if any(finding.at < until.get(entity, finding.at) for entity in (finding.entity, *finding.entities))
    }


def raised(severity: IncidentSeverity) -> IncidentSeverity:
    """Return the next graver severity; SEV1 stays."""
    return SEVERITIES[max(0, SEVERITIES.index(severity) - 1)]

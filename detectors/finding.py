"""Findings: what a detector saw, about whom, how grave, and why in plain sentences."""

import hashlib
from typing import Literal

from msgspec import Struct

Severity = Literal["info", "low", "medium", "high", "critical"]
Kind = Literal["rule", "online", "batch", "supervised", "fused"]
EntityType = Literal["patient", "user", "provider", "instrument", "source"]

Queue = Literal["", "billing_quality", "data_quality"]
"""Who looks at a finding: empty for fraud and privacy. Coding mistakes and broken feeds are nobody's guilt; they go to
those who keep the billing data or the feeds, in cases of their own (domain.md §2.2 B16, §3.2)."""

SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")
"""From least to most grave."""


class Entity(Struct, frozen=True):
    """One party of an event, by token."""

    type: EntityType
    ref: str

    def __repr__(self) -> str:
        return f"<Entity {self.type}>"


class Finding(Struct, kw_only=True, omit_defaults=True):
    """One finding (design.md §8).

    `at` is event time in seconds since the epoch; `risk` runs from 0 to 100; `features` are the numbers that the
    reasons speak of. `alert` and `incident_id` are set by the desk. `window` names the period that the finding
    speaks of (an hour, a day of service) and is part of its identity; it is empty where the event itself is. `queue`
    says who looks at it. `source` and `department` are those of the event, empty where they are not known: people may
    hold back for a time what comes from there.
    """

    id: str
    event_id: str
    at: float
    kind: Kind
    detector: str
    version: int
    severity: Severity
    risk: float
    entity: Entity
    entities: list[Entity] = []
    reasons: list[str] = []
    features: dict[str, float] = {}
    window: str = ""
    queue: Queue = ""
    source: str = ""
    department: str = ""
    alert: bool = False
    incident_id: str | None = None

    def __repr__(self) -> str:
        return f"<Finding {self.detector} {self.severity}>"


def finding_id(detector: str, version: int, *ground: str) -> str:
    """Return the deterministic id of a finding: the same ground gives the same id on every replay.

    Args:
        detector: catalogue id, such as `A09`.
        version: version of the detector.
        ground: what the finding rests on: the event id, or the entity and its window.
    """
    digest = hashlib.sha256("\x1f".join((detector, str(version), *ground)).encode())
    return digest.hexdigest()[:32]

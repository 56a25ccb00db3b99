"""Digests: what is kept until its time comes, and the one body that tells it. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal
from zoneinfo import ZoneInfo

from alerting.incidents import Incident
from alerting.notification import Digest, DigestLine, bucketed
from alerting.places import Place
from alerting.routing.addressing import Delivery
from alerting.routing.periods import next_time
from alerting.routing.rows import Collected

MOST_LINES = 20
"""Lines of one digest; the others are counted. With `MOST_RULES` rules each it stays under 8 kB."""
MOST_RULES = 5


def collected(items: Iterable[tuple[Incident, Delivery, str]], zone: str, now: float) -> Iterator[Collected]:
    """Yield what is to be kept of incidents for places, until the next time of their periods."""
    local = ZoneInfo(zone)
    for incident, delivery, period in items:
        yield Collected(delivery.place, delivery.fallbacks, next_time(period, now, local), incident.id)


def digest_id(place: Place, due_at: float, number: int = 1) -> str:
    """Return the id of a digest for a place and a time; each further one for the same has its own number."""
    identity = "\x1f".join((place.channel, place.to, repr(due_at), *([str(number)] if number > 1 else [])))
    return f"DIG-{hashlib.sha256(identity.encode()).hexdigest()[:16].upper()}"


def digest(
    named: str, incidents: Sequence[Incident], console_url: str, ended: Literal["", "silence", "maintenance"] = ""
) -> Digest:
    """Return one digest of some incidents, the gravest and oldest first."""
    ordered = sorted(incidents, key=lambda incident: (incident.severity, incident.opened_at, incident.id))
    return Digest(
        digest_id=named,
        severity=ordered[0].severity if ordered else "SEV4",
        lines=tuple(_line(incident, console_url) for incident in ordered[:MOST_LINES]),
        others=max(0, len(ordered) - MOST_LINES),
        link=f"{console_url}/incidents",
        ended=ended,
    )


def _line(incident: Incident, console_url: str) -> DigestLine:
    return DigestLine(
        incident_id=incident.id,
        severity=incident.severity,
        status=incident.status,
        rules=incident.rules[:MOST_RULES],
        findings=bucketed(incident.findings),
        link=f"{console_url}/incidents/{incident.id}",
    )

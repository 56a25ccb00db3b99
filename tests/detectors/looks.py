"""Accesses for the tests of relations, with what the short form of `watch` leaves out, and a feed that lives."""

from typing import Any

import msgspec

from detectors.events import AccessEvent, OrderContext
from detectors.events.access import BreakGlass, Client, Resource
from detectors.finding import Finding
from detectors.references import References
from tests.detectors.watch import Watch, access, at

DAY = 24.0
BEGIN = 10 * DAY


def watching(hours: float = BEGIN, references: References | None = None) -> Watch:
    """Return a hospital whose context feed was heard of shortly before."""
    watch = Watch(references=references)
    keep_fresh(watch, hours)
    return watch


def keep_fresh(watch: Watch, hours: float) -> None:
    """Let the context feed be heard of, without a tie to anyone in the tests."""
    watch.see(OrderContext(patient_ref="P9", user_ref="U9", at=at(0)), known=at(hours))


def look(user: str = "U1", patient: str | None = "P1", hours: float = BEGIN, **more: Any) -> AccessEvent:
    """Return an access; `more` are fields of the actor (`actor_…`), of the patient (`patient_…`) or of the event."""
    event = access(user, patient, hours, dept=more.pop("dept", ""), job=more.pop("job", "nurse"))
    actor = {name.removeprefix("actor_"): more.pop(name) for name in list(more) if name.startswith("actor_")}
    shown = {name.removeprefix("patient_"): more.pop(name) for name in list(more) if name.startswith("patient_")}
    event = msgspec.structs.replace(event, actor=msgspec.structs.replace(event.actor, **actor), **more)
    if event.patient is not None:
        event.patient = msgspec.structs.replace(event.patient, **shown)
    return event


def part(category: str, *codes: str) -> Resource:
    """Return a part of a chart."""
    return Resource(category=category, sensitivity=list(codes))


def glass(code: str = "ETREAT", expires: float | None = None) -> BreakGlass:
    """Return an emergency access with a reason; it expires at an hour."""
    return BreakGlass(flag=True, reason_code=code, expires_at=None if expires is None else at(expires))


def device(name: str = "", ip: str = "") -> Client:
    """Return a client."""
    return Client(device_id=name, ip=ip)


def _of(watch: Watch, detector: str) -> list[Finding]:
    return [found for found in watch.findings if found.detector == detector and found.kind == "rule"]


def said(watch: Watch, detector: str) -> list[tuple[str, str]]:
    """Return the entity and the severity of what one pattern has said so far, withdrawn or not."""
    return [(found.entity.ref, found.severity) for found in _of(watch, detector)]


def standing(watch: Watch, detector: str) -> int:
    """Return how many findings of a pattern have not been withdrawn."""
    gone = {retraction.finding_id for retraction in watch.retractions}
    return sum(found.id not in gone for found in _of(watch, detector))

"""A18: someone grants themselves a right outside identity management, reads sensitive notes, and takes it back."""

from collections.abc import Iterator

from detectors.events.access import Resource
from streams.simulator.accesses import resource_of
from streams.simulator.injections.scene import Scene
from streams.simulator.people import SENSITIVE_CODES
from streams.simulator.record import Simulated
from streams.simulator.sessions import ONSITE_CLASS


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the grant, two sensitive notes within hours, and the end of the right. Actor and target are one."""
    hospital, rng = scene.hospital, scene.rng
    user = scene.staff("him_qa_research", "records")
    at = scene.at(rng.uniform(18.0, 19.5))
    target = hospital.actors[user].id
    yield scene.session(user, at - 200, "login", kind=ONSITE_CLASS)
    granted = Resource(type="Practitioner", id=target, category="grant:sensitive_notes")
    yield scene.deed(user, "privilege_change", at, resource=granted, app="ehr")
    for patient in scene.strangers(2):
        at = round(at + rng.uniform(300, 1800), 3)
        note = resource_of("note", SENSITIVE_CODES.index("PSY"))
        yield scene.opening(user, patient, at, kind=ONSITE_CLASS, category=note.category, sensitivity=1)
    revoked = Resource(type="Practitioner", id=target, category="revoke:sensitive_notes")
    at = round(at + rng.uniform(600, 1800), 3)
    yield scene.deed(user, "privilege_change", at, resource=revoked, app="ehr")

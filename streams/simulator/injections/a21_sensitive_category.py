"""A21: someone opens, for the first time, a chart of a protected category that their department has no part in."""

from collections.abc import Iterator

from detectors.events.access import Resource
from streams.simulator.accesses import PARTS
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated

CATEGORIES = ("GDIS", "SUD", "HIV")


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield two looks at the protected part of one stranger's chart."""
    hospital, rng = scene.hospital, scene.rng
    clerks = hospital.staff.working_in("billing_coding", hospital.layout.of_kind("accounts"))
    if scene.ordinal % 2:
        clerks = hospital.staff.working_in("ma_registrar", hospital.layout.of_kind("clinic"))
    user = scene.at_work(clerks)
    patient = scene.strangers(1)[0]
    code = CATEGORIES[scene.ordinal % len(CATEGORIES)]
    at = scene.at(rng.uniform(10.0, 14.0))
    for category in ("note", "result"):
        protected = Resource(type=PARTS[category], category=category, sensitivity=[code])
        yield scene.look(user, patient, at, resource=protected)
        at = round(at + rng.uniform(20, 90), 3)

"""A07: someone breaks the glass for patients who are not in the hospital, and gives no reason."""

from collections.abc import Iterator

from streams.simulator.accesses import OVERRIDE_HOURS, break_glass, resource_of
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.timing import HOUR

OVERRIDES = 3


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield three overrides within a day; the last access of each incident comes after its override expired."""
    hospital, rng = scene.hospital, scene.rng
    nurses = hospital.staff.working_in("nurse", hospital.layout.of_kind("unit") + hospital.layout.of_kind("clinic"))
    user = scene.at_work(nurses)
    at = expired = scene.at(8.0)
    patients = scene.strangers(OVERRIDES)
    for patient in patients:
        at = round(at + rng.uniform(600, 5400), 3)
        override = break_glass(at, "")
        yield scene.look(user, patient, at, action="break_glass_start", override=override)
        expired = at + OVERRIDE_HOURS * HOUR
        for category in ("summary", "note"):
            later = round(at + rng.uniform(5, 300), 3)
            yield scene.look(user, patient, later, resource=resource_of(category, 0), override=override)
    late = round(expired + rng.uniform(600, 1800), 3)
    yield scene.look(user, patients[-1], late, override=override)

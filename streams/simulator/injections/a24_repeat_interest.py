"""A24: someone comes back to one stranger's chart, day after day."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated

DAYS = 6
"""More than the four separate days of the rule (domain.md A24)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield one look a day."""
    hospital, rng = scene.hospital, scene.rng
    user = scene.at_work(hospital.staff.working_in("ma_registrar", hospital.layout.of_kind("clinic")))
    patient = scene.strangers(1)[0]
    for later in range(min(DAYS, scene.days_left)):
        yield scene.look(user, patient, scene.at(rng.uniform(10.0, 15.0), later))

"""B06: a physician bills services for people who died weeks before."""

from collections.abc import Iterator

import numpy as np

from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated

CLAIMS = 3
"""Three patients of one provider make it critical (domain.md B06)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield one claim for each of three patients whose death is known."""
    hospital, rng = scene.hospital, scene.rng
    physician = scene.staff("physician", "clinic")
    rendering = hospital.rendering(physician)
    dead = np.flatnonzero(hospital.patients.deceased[: hospital.patients.n])
    for number, patient in enumerate(rng.choice(dead, CLAIMS, replace=False).tolist()):
        service = line("99214", 1, int(rng.integers(14_000, 22_000)), scene.date(1 + number), rendering)
        at = scene.at(14.0) + number * 0.02
        yield scene.claim(patient, rendering, [service], at, account=str(number), labelled=True)

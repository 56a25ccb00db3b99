"""B34: a physician asks fifteen times the usual for visits, and the same of everybody."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated

DAYS, VISITS_A_DAY = 5, 26
"""A charge alone is a feature and no alert (domain.md §2.1); so many claims that are all alike are B09 beside."""
CENTS = (150_000, 250_000)
"""Of a visit that is paid 47 dollars and charged 2.6 times that (§6.1)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield visits, and their claims in the files of the evening."""
    physician = scene.staff("physician", "clinic")
    rendering = scene.hospital.rendering(physician)
    charge = int(scene.rng.integers(*CENTS))
    for later, number in scene.over(DAYS, VISITS_A_DAY):
        patient, dos = scene.patients(1)[0], scene.date(-later)
        yield scene.visit(physician, patient, scene.at(8.0 + number % VISITS_A_DAY * 0.3, later))
        service = line("99213", 1, charge, dos, rendering)
        at = scene.at(18.0, later) + number * 0.02
        yield scene.claim(patient, rendering, [service], at, account=str(number), labelled=True)

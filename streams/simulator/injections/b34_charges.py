"""B34: a physician asks fifteen times the usual for visits, and sends some of the claims twice."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated

DAYS, VISITS_A_DAY, SENT_TWICE = 5, 6, 3
"""Every third claim comes again: a charge alone is a feature and no alert (domain.md §2.1)."""
CENTS = (150_000, 250_000)
"""Of a visit that is paid 47 dollars and charged 2.6 times that (§6.1)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield visits, their claims in the files of the evening, and what is sent again in those of the night."""
    physician = scene.staff("physician", "clinic")
    rendering = scene.hospital.rendering(physician)
    for later, number in scene.over(DAYS, VISITS_A_DAY):
        patient, dos = scene.patients(1)[0], scene.date(-later)
        yield scene.visit(physician, patient, scene.at(8.0 + number % VISITS_A_DAY, later))
        service = line("99213", 1, int(scene.rng.integers(*CENTS)), dos, rendering)
        at = scene.at(18.0, later) + number * 0.02
        yield scene.claim(patient, rendering, [service], at, account=str(number), labelled=True)
        if number % SENT_TWICE == 0:
            again = scene.at(22.0, later) + number * 0.02
            yield scene.claim(patient, rendering, [service], again, account=f"{number}R", labelled=True)

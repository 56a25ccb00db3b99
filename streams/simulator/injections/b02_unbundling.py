"""B02: a physician bills the parts of a service beside the whole, in claims of their own, a day later."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated

DAYS, PATIENTS_A_DAY = 8, 6
"""Up to 42 pairs: more than the 20 of the rule, split over claims and days of submission (domain.md B02)."""
PAIRS = (("80053", "80048"), ("93000", "93010"), ("80053", "82947"))
"""Column 1 and column 2 of edits without an allowed modifier, in `reference_tables.PROCEDURE_PAIRS`."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield visits, the claims of the whole the same day, and the claims of its parts on the next."""
    physician = scene.staff("physician", "clinic")
    rendering = scene.hospital.rendering(physician)
    days = max(min(DAYS, scene.days_left) - 1, 1)
    patients = scene.patients(days * PATIENTS_A_DAY)
    for later, number in scene.over(days, PATIENTS_A_DAY):
        patient, dos = patients[number % len(patients)], scene.date(-later)
        whole, part = PAIRS[number % len(PAIRS)]
        yield scene.visit(physician, patient, scene.at(8.0 + number % PATIENTS_A_DAY * 0.3, later))
        next_day = min(later + 1, scene.days_left - 1)
        for code, at, charge in ((whole, scene.at(18.0, later), 4_200), (part, scene.at(22.0, next_day), 2_600)):
            service = line(code, 1, charge + int(scene.rng.integers(0, 900)), dos, rendering)
            moment = at + number * 0.02
            yield scene.claim(patient, rendering, [service], moment, account=f"{number}{code}", labelled=True)

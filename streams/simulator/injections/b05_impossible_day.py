"""B05: a physician bills more minutes of one date of service than a day has."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated

SESSIONS, THERAPIES, THERAPY_UNITS = 30, 4, 4
"""30 times 53 min of 90837, and 4 times 15 n - 7 min of 97110, n = 4: 1802 minutes of timed codes (domain.md B05)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the claims of the impossible day, in two files of the same day."""
    physician = scene.staff("physician", "clinic")
    rendering, dos = scene.hospital.rendering(physician), scene.date(2)
    for number, patient in enumerate(scene.patients(SESSIONS + THERAPIES)):
        timed = ("90837", 1, 29_900) if number < SESSIONS else ("97110", THERAPY_UNITS, 21_800)
        code, units, charge = timed
        charge += int(scene.rng.integers(0, 2_000))
        hour = 10.0 if number % 2 else 14.0
        service = line(code, units, charge, dos, rendering)
        yield scene.claim(
            patient, rendering, [service], scene.at(hour) + number * 0.02, account=str(number), labelled=True
        )

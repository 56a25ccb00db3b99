"""B08: a physician bills visits that left no trace: no appointment, no encounter, no order, nothing in the chart."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated

CLAIMS, DAYS = 80, 5
"""One provider times 80 (domain.md §6.2)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the claims, for patients who do not come in these weeks, in the files of five days."""
    hospital, rng = scene.hospital, scene.rng
    physician = scene.staff("physician", "clinic")
    rendering = hospital.rendering(physician)
    strangers = rng.permutation(hospital.strangers()).tolist()
    days = min(DAYS, scene.days_left)
    for number in range(CLAIMS):
        later = number * days // CLAIMS
        patient = strangers[number % len(strangers)]
        # Nobody is billed twice for one day.
        dos = scene.date(1 + number // len(strangers) - later)
        code = "99213" if number % 2 else "99214"
        service = line(code, 1, int(rng.integers(10_000, 22_000)), dos, rendering)
        at = scene.at(14.0, later) + number * 0.02
        yield scene.claim(patient, rendering, [service], at, account=str(number), labelled=True)

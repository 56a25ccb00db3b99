"""B18: a therapist puts modifier 59 on every pair of procedures, where peers do so on some."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated

DAYS, PAIRS_A_DAY = 9, 7
"""63 pairs: more than the 30 of the rule (domain.md B18)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield visits and claims with both procedures; the claims are labelled."""
    hospital, rng = scene.hospital, scene.rng
    therapists = hospital.outside["therapy"]
    rendering = hospital.rendering(therapists[scene.ordinal % len(therapists)])
    physician = scene.staff("physician", "clinic")
    referring = hospital.rendering(physician)
    for later, number in scene.over(DAYS, PAIRS_A_DAY):
        patient, dos = scene.patients(1)[0], scene.date(-later)
        yield scene.visit(physician, patient, scene.at(8.0 + number % PAIRS_A_DAY, later))
        lines = [
            line("97530", 1, int(rng.integers(5_000, 8_000)), dos, rendering),
            line("97140", 1, int(rng.integers(3_500, 6_000)), dos, rendering, n=2, modifier="59"),
        ]
        at = scene.at(22.0, later) + number * 0.02
        own = scene.hospital.npis[physician]
        by = type(referring)(npi=own, entity="1")
        yield scene.claim(patient, rendering, lines, at, account=str(number), labelled=True, referring=by)

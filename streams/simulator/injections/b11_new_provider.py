"""B11: a provider whom nobody knew bills more each day than any peer, for people seen nowhere else."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated

DAYS, CLAIMS_A_DAY = 8, 30


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield eight days of claims for dear visits of the day before, from the first day on."""
    rendering, rng = scene.provider(), scene.rng
    strangers = scene.hospital.strangers().tolist()
    for later, number in scene.over(DAYS, CLAIMS_A_DAY):
        others = scene.patients(1)
        patient = strangers[number % len(strangers)] if number % 3 else others[0]
        code = ("99214", "99205", "99204")[number % 3]
        service = line(code, 1, int(rng.integers(25_000, 48_000)), scene.date(1 - later), rendering)
        at = scene.at(10.0 if number % 2 else 18.0, later) + number * 0.02
        yield scene.claim(patient, rendering, [service], at, account=str(number), labelled=True)

"""B01: an outside imaging provider sends part of a file of claims again, as if they were new."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated

ORIGINALS, COPIES = 240, 36
"""More than 200 claims in 30 days, and far more than 5 % of them duplicates: severity high (domain.md §2.2)."""
_CODES = ("70450", "71046", "73030")


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the honest file, then the copies. Only the copies are labelled."""
    provider, rng = scene.provider(), scene.rng
    charges = rng.integers(4_000, 60_000, ORIGINALS).tolist()
    patients = scene.patients(ORIGINALS)
    for hour, numbers in ((10.0, range(ORIGINALS)), (14.0, sorted(rng.choice(ORIGINALS, COPIES, replace=False)))):
        for place, number in enumerate(int(chosen) for chosen in numbers):
            patient = patients[number]
            service = line(_CODES[number % 3], 1, charges[number], scene.date(1 + number % 5), provider)
            again = hour > 10
            account = f"{number}{'R' if again else ''}"
            at = scene.at(hour) + place * 0.02
            yield scene.claim(patient, provider, [service], at, account=account, labelled=again)

"""B14: a provider on the exclusion list (LEIE) bills for services after the exclusion."""

import datetime
from collections.abc import Iterator

from detectors.events import ExclusionContext
from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated

CLAIMS = 8
EXCLUDED_DAYS_BEFORE = 200


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the exclusion, known since midnight, and the claims of the last days."""
    provider = scene.provider()
    since = scene.date() - datetime.timedelta(days=EXCLUDED_DAYS_BEFORE)
    yield scene.known(scene.at(0.0), ExclusionContext(npi=provider.npi, from_=since, list="LEIE"))
    for number, patient in enumerate(scene.patients(CLAIMS)):
        charge = int(scene.rng.integers(9_000, 20_000))
        service = line("99213", 1, charge, scene.date(1 + number % 4), provider)
        at = scene.at(10.0 if number < CLAIMS // 2 else 14.0) + number * 0.02
        yield scene.claim(patient, provider, [service], at, account=str(number), labelled=True)

"""B01: an outside imaging provider sends part of a file of claims again, as if they were new."""

from collections.abc import Iterator

from detectors.events.billing import Party
from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated
from streams.simulator.timing import Rows
from streams.simulator.visits import INPATIENT

ORIGINALS, COPIES = 240, 36
"""More than 200 claims in 30 days, and far more than 5 % of them duplicates: severity high (domain.md §2.2)."""
_CODES = ("70450", "71046", "73030")
_DAYS_BACK = 12


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the honest file, for visits of the last days, then the copies. Only the copies are labelled."""
    provider, rng, hospital = scene.provider(), scene.rng, scene.hospital
    services = [(visit, code) for code in _CODES for visit in _visits(scene)][:ORIGINALS]
    charges = rng.integers(4_000, 60_000, len(services)).tolist()
    copies = sorted(rng.choice(len(services), min(COPIES, len(services)), replace=False).tolist())
    for hour, numbers in ((10.0, range(len(services))), (14.0, copies)):
        for place, number in enumerate(numbers):
            visit, code = services[number]
            dos = hospital.calendar.date(hospital.calendar.day_of(float(visit["start"])))
            service = line(code, 1, charges[number], dos, provider)
            again = hour > 10
            yield scene.claim(
                int(visit["patient"]),
                provider,
                [service],
                scene.at(hour) + place * 0.02,
                account=f"{number}{'R' if again else ''}",
                labelled=again,
                referring=Party(npi=hospital.npis[int(visit["physician"])], entity="1"),
            )


def _visits(scene: Scene) -> Rows:
    """Return the last visits before the day, as many as there are services for."""
    visits = scene.agenda.between(scene.day - _DAYS_BACK, scene.day - 1)
    chosen: Rows = visits[visits["kind"] != INPATIENT][-ORIGINALS // len(_CODES) :]
    return chosen

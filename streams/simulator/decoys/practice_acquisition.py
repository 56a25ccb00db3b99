"""The hospital buys a practice: physicians of long practice and their patients appear from one day to the next."""

from collections.abc import Iterator

from detectors.events.billing import Party
from streams.simulator.injections.scene import Scene, line
from streams.simulator.providers import ACQUIRED_FROM, TAXONOMIES, npi
from streams.simulator.record import Simulated
from streams.simulator.tariff import PAID, VISIT_LEVELS
from streams.simulator.tariff import TARIFF as CODES

PHYSICIANS, VISITS_A_DAY = 4, 5
_CHARGE_TO_PAID = 2.6


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield, on each working day from the first on, the visits to four physicians and their claims."""
    hospital, rng = scene.hospital, scene.rng
    codes, chances = VISIT_LEVELS
    for later in range(scene.days_left):
        if hospital.calendar.weekday(scene.day + later) >= 5:
            continue
        patients = scene.patients(PHYSICIANS * VISITS_A_DAY)
        for number, patient in enumerate(patients):
            rendering = Party(
                npi=npi(ACQUIRED_FROM + number % PHYSICIANS), taxonomy=TAXONOMIES["Family Medicine"],
                entity="1", zip="02130",
            )  # fmt: skip
            yield scene.visit(None, patient, scene.at(8.0 + number * 0.4, later), dept="Family Medicine")
            code = int(rng.choice(codes, p=chances))
            charge = round(int(PAID[code]) * _CHARGE_TO_PAID * float(rng.lognormal(0.0, 0.4)))
            service = line(CODES[code].code, 1, charge, scene.date(-later), rendering)
            at = scene.at(22.0, later) + number * 0.02
            yield scene.claim(patient, rendering, [service], at, account=f"{later}-{number}", labelled=False)

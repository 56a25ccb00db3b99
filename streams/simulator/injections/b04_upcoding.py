"""B04: a physician bills visits at levels far above those of peers of the specialty."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene, line
from streams.simulator.record import Simulated
from streams.simulator.tariff import PAID, index_of

DAYS, VISITS_A_DAY = 10, 12
LEVELS = {"99214": 0.45, "99215": 0.55}
"""The two highest levels alone, where family medicine has them in 51 of 100 visits: with what the physician otherwise
bills, about as much again, the whole mix is 25 points up (domain.md §6.2)."""
_CHARGE_TO_PAID = 2.6


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield visits and, in the files of the evening, their claims; all claims are labelled."""
    physician = scene.staff("physician", "clinic")
    rendering = scene.hospital.rendering(physician)
    for later, number in scene.over(DAYS, VISITS_A_DAY):
        patient, dos = scene.patients(1)[0], scene.date(-later)
        yield scene.visit(physician, patient, scene.at(8.0 + number % VISITS_A_DAY * 0.6, later))
        code = str(scene.rng.choice(list(LEVELS), p=list(LEVELS.values())))
        charge = round(int(PAID[index_of(code)]) * _CHARGE_TO_PAID * float(scene.rng.lognormal(0.0, 0.1)))
        at = scene.at(18.0 if number % 2 else 22.0, later) + number * 0.02
        service = line(code, 1, charge, dos, rendering)
        yield scene.claim(patient, rendering, [service], at, account=str(number), labelled=True)

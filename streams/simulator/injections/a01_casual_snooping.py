"""A01: a registrar looks into charts of people whom their clinic does not treat."""

from collections.abc import Iterator

import numpy as np

from streams.simulator.accesses import resource_of
from streams.simulator.injections.scene import Scene
from streams.simulator.people import SENSITIVE_CODES
from streams.simulator.record import Simulated

PEOPLE_A_DAY = 3
"""Three strangers in a day make severity medium; so does one with a sensitive note (domain.md A01)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield one working day's curiosity: three strangers, or (every other incident) one stranger's psychiatric note.

    Strangers do not come to the hospital in these weeks: no template explains the access, and it is the pair's first.
    The snooper is one of those whose accesses context mostly explains.
    """
    hospital, rng = scene.hospital, scene.rng
    registrars = hospital.staff.working_in("ma_registrar", hospital.layout.of_kind("clinic"))
    usual = hospital.staff.unexplained[registrars]
    snooper = scene.at_work(registrars[usual <= np.median(usual)])
    sensitive = scene.ordinal % 2 == 1
    chosen = scene.strangers(1 if sensitive else PEOPLE_A_DAY)
    at = scene.at(10.5)
    for patient in chosen:
        at = round(at + rng.uniform(300, 1500), 3)
        code = SENSITIVE_CODES.index("PSY") if sensitive else 0
        for category in ("note", "summary"):
            yield scene.look(snooper, patient, at, resource=resource_of(category, code))
            at = round(at + rng.uniform(10, 60), 3)

"""A01: a registrar looks into charts of people whom their clinic does not treat."""

from collections.abc import Iterator

import numpy as np

from streams.simulator.injections.scene import Scene
from streams.simulator.people import SENSITIVE_CODES
from streams.simulator.record import Simulated
from streams.simulator.sessions import ONSITE_CLASS

PEOPLE_A_DAY = 3
"""Three strangers in a day make severity medium; so does one with a sensitive note (domain.md A01)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield one working day's curiosity: three strangers, or (every other incident) one stranger's psychiatric note.

    Strangers attend other clinics and are left alone by ordinary unexplained accesses: no template explains the
    access, and it is the pair's first. The snooper is one of those whose accesses context mostly explains.
    """
    hospital, rng = scene.hospital, scene.rng
    registrars = hospital.staff.working_in("ma_registrar", hospital.layout.of_kind("clinic"))
    usual = hospital.staff.unexplained[registrars]
    snooper = int(rng.choice(registrars[usual <= np.median(usual)]))
    strangers = [patient for patient in hospital.watched() if not hospital.treats(snooper, patient)]
    if hospital.staff.patient[snooper] in strangers:
        strangers.remove(int(hospital.staff.patient[snooper]))
    sensitive = scene.ordinal % 2 == 1
    chosen = rng.choice(strangers, 1 if sensitive else PEOPLE_A_DAY, replace=False).tolist()
    at = scene.at(11.5)
    yield scene.session(snooper, at - 120, "login", kind=ONSITE_CLASS)
    for patient in chosen:
        at = round(at + rng.uniform(300, 1500), 3)
        code = SENSITIVE_CODES.index("PSY") if sensitive else 0
        for category in ("note", "summary"):
            yield scene.opening(snooper, patient, at, kind=ONSITE_CLASS, category=category, sensitivity=code)
            at = round(at + rng.uniform(10, 60), 3)

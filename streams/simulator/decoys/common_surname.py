"""A registrar opens charts of people of the same, very common, surname and area, who are no relatives."""

from collections.abc import Iterator

import numpy as np

from streams.simulator.injections.scene import Scene
from streams.simulator.people import is_watched
from streams.simulator.record import Simulated

COMMON = 40
"""Surnames by number: these are the most common of 3,000."""
CHARTS = 2


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the looks: of the pairs of one surname those of one area first."""
    hospital, rng = scene.hospital, scene.rng
    people, staff = hospital.patients, hospital.staff
    registrars = hospital.staff.working_in("ma_registrar", hospital.layout.of_kind("clinic"))
    alive = np.flatnonzero(~(people.deceased | people.employee)[: people.n])
    alive = alive[~is_watched(alive)]
    user = int(min(registrars.tolist(), key=lambda one: (staff.surname[one] >= COMMON, staff.surname[one])))
    same = alive[(people.surname[alive] == staff.surname[user]) & (people.address[alive] != staff.address[user])]
    near = same[people.area[same] == staff.area[user]]
    chosen = [*rng.permutation(near), *rng.permutation(same)][:CHARTS]
    at = scene.at(11.0)
    for patient in dict.fromkeys(int(one) for one in chosen):
        yield scene.look(user, patient, at, labelled=False)
        at = round(at + rng.uniform(600, 3000), 3)

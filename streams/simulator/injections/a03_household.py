"""A03: someone opens the chart of a person who lives at their own address, without a reason at work."""

from collections.abc import Iterator

import numpy as np

from streams.simulator.accesses import resource_of
from streams.simulator.injections.scene import Scene
from streams.simulator.people import is_watched
from streams.simulator.record import Simulated


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield a look at results and one at a note of a relative."""
    hospital, rng = scene.hospital, scene.rng
    people, staff = hospital.patients, hospital.staff
    alive = np.flatnonzero(~(people.deceased | people.employee)[: people.n])
    relatives = alive[is_watched(alive) & np.isin(people.address[alive], staff.address[~staff.former])]
    human = np.array([actor.type == "human" for actor in hospital.actors]) & ~staff.former
    users = np.flatnonzero(human & np.isin(staff.address, people.address[relatives]))
    user = scene.at_work(users)
    patient = int(rng.choice(relatives[people.address[relatives] == staff.address[user]]))
    at = scene.at(rng.uniform(9.5, 14.5))
    for category in ("result", "note"):
        yield scene.look(user, patient, at, resource=resource_of(category, 0))
        at = round(at + rng.uniform(20, 120), 3)

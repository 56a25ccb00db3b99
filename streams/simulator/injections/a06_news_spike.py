"""A06: a person of public interest is in the news, and many who do not treat them open the chart within a day."""

from collections.abc import Iterator

import numpy as np

from streams.simulator.injections.scene import Scene
from streams.simulator.people import KNOWN_TO_ALL
from streams.simulator.record import Simulated

USERS = 25
"""At scale 1 (domain.md §6.2); at a small scale a third of the staff, but more than five make it critical."""
_FEWEST = 8


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the looks of the curious, from the morning to the afternoon."""
    hospital, rng = scene.hospital, scene.rng
    staff = hospital.staff
    patient = KNOWN_TO_ALL[scene.ordinal % len(KNOWN_TO_ALL)]
    human = np.array([actor.type == "human" for actor in hospital.actors]) & ~staff.former
    users = np.flatnonzero(human)
    curious = rng.choice(users, min(USERS, max(_FEWEST, len(users) // 3)), replace=False)
    for user in curious.tolist():
        yield scene.look(user, patient, scene.at(rng.uniform(8.0, 17.0)))

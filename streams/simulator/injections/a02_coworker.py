"""A02: someone opens the chart of a colleague of their own department, whom nobody treats at the time."""

from collections.abc import Iterator

import numpy as np

from streams.simulator.accesses import resource_of
from streams.simulator.injections.scene import Scene
from streams.simulator.people import is_watched
from streams.simulator.record import Simulated


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield two looks at a colleague's chart on one day; every third incident comes back on a later day."""
    hospital, rng = scene.hospital, scene.rng
    staff = hospital.staff
    colleagues = np.flatnonzero((staff.patient >= 0) & is_watched(staff.patient) & ~staff.former)
    pairs = [
        (user, colleague)
        for colleague in colleagues.tolist()
        for user in np.flatnonzero((staff.place == staff.place[colleague]) & ~staff.former).tolist()
        if user != colleague and hospital.actors[user].type == "human"
    ]
    place = int(staff.place[pairs[int(rng.integers(len(pairs)))][1]])
    user = scene.at_work(np.array(sorted({one for one, other in pairs if staff.place[other] == place})))
    colleague = int(rng.choice([other for one, other in pairs if one == user]))
    for later in (0, 1) if scene.ordinal % 3 == 2 and scene.days_left > 1 else (0,):
        at = scene.at(rng.uniform(10.0, 14.0), later)
        for category in ("summary", "result"):
            yield scene.look(user, int(staff.patient[colleague]), at, resource=resource_of(category, 0))
            at = round(at + rng.uniform(10, 90), 3)

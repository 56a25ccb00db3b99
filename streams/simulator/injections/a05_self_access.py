"""A05: a member of staff opens their own chart with their work account."""

from collections.abc import Iterator

import numpy as np

from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.sessions import ONSITE_CLASS


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield three looks into the own chart."""
    staff, rng = scene.hospital.staff, scene.rng
    user = int(rng.choice(np.flatnonzero((staff.patient >= 0) & ~staff.former)))
    at = scene.at(rng.uniform(12.0, 15.0))
    yield scene.session(user, at - 90, "login", kind=ONSITE_CLASS)
    for category in ("summary", "result", "note"):
        yield scene.opening(user, int(staff.patient[user]), at, kind=ONSITE_CLASS, category=category)
        at = round(at + rng.uniform(20, 120), 3)

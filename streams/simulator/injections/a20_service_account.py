"""A20: the account of an interface is used by hand: a login from another machine, and notes that it never read."""

from collections.abc import Iterator

import numpy as np

from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.sessions import VPN_CLASS

CHARTS = 12


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield a login at night and a dozen notes."""
    hospital, rng = scene.hospital, scene.rng
    services = np.flatnonzero([actor.type == "service" for actor in hospital.actors])
    user = int(rng.choice(services))
    at = scene.at(rng.uniform(1.0, 3.0))
    yield scene.session(user, at, "login", kind=VPN_CLASS, labelled=True)
    for patient in scene.patients(CHARTS):
        at = round(at + rng.uniform(15, 60), 3)
        yield scene.opening(user, patient, at, kind=VPN_CLASS, category="note")

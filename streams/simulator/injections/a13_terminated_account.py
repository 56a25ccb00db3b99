"""A13: the account of someone who left the hospital is used."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.sessions import REMOTE_CLASS

CHARTS = 6


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield a login from outside and some charts, days after the account should have been closed."""
    user = scene.former()
    at = scene.at(scene.rng.uniform(18.0, 22.0))
    yield scene.session(user, at, "login", kind=REMOTE_CLASS, labelled=True)
    for patient in scene.patients(CHARTS):
        at = round(at + scene.rng.uniform(30, 240), 3)
        yield scene.opening(user, patient, at, kind=REMOTE_CLASS)

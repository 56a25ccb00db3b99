"""A16: an account logs in on the campus and, within the hour, from another continent."""

from collections.abc import Iterator

from detectors.events.access import Geo
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.sessions import ONSITE_CLASS, REMOTE_CLASS

PLACES = ((50.4501, 30.5234), (6.5244, 3.3792), (-23.5505, -46.6333))
"""Kyiv, Lagos, São Paulo: more than 7,000 km from the campus."""
_MINUTES = (30.0, 50.0)


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield both logins of an evening; the one from far away is labelled."""
    user = scene.staff("ma_registrar", "clinic")
    at = scene.at(scene.rng.uniform(20.0, 21.0))
    yield scene.session(user, at, "login", kind=ONSITE_CLASS, part="near")
    latitude, longitude = PLACES[scene.ordinal % len(PLACES)]
    far = Geo(lat=latitude, lon=longitude, accuracy_km=25.0)
    later = round(at + scene.rng.uniform(*_MINUTES) * 60, 3)
    yield scene.session(user, later, "login", kind=REMOTE_CLASS, elsewhere=far, labelled=True, part="far")

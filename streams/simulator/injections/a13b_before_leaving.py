"""A13b: somebody who has given notice opens, in one evening hour, far more charts than ever before."""

from collections.abc import Iterator

import msgspec

from streams.simulator.context import staff_record
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.sessions import ONSITE_CLASS
from streams.simulator.timing import instant

CHARTS, SECONDS_BETWEEN = 45, 60.0
"""Three quarters of the hard cap of 60 an hour, which is halved for who leaves (domain.md A09, A13b)."""
_NOTICE_DAYS = 2


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the notice, as human resources know it, a login in the evening, and the charts."""
    user = scene.staff("physician", "clinic")
    noticed = scene.at(9.0) - _NOTICE_DAYS * 86_400
    known = msgspec.structs.replace(staff_record(scene.hospital, user), notice_at=instant(noticed))
    yield scene.known(scene.at(9.0), known)
    at = scene.at(20.0)
    yield scene.session(user, at - 120, "login", kind=ONSITE_CLASS)
    for patient in scene.patients(CHARTS):
        yield scene.opening(user, patient, at, kind=ONSITE_CLASS)
        at = round(at + SECONDS_BETWEEN * scene.rng.uniform(0.7, 1.2), 3)

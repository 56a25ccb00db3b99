"""The VPN leaves through another city: whoever logs in through it seems to have travelled."""

from collections.abc import Iterator

import numpy as np

from detectors.events.access import Geo
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.sessions import ONSITE_CLASS, VPN_CLASS

PEOPLE = 4
EGRESS = Geo(lat=41.8781, lon=-87.6298, accuracy_km=20.0)
"""Chicago: 1,370 km from the campus."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield, for some people, a login on the campus and, half an hour later, one through the VPN."""
    hospital, rng = scene.hospital, scene.rng
    physicians = hospital.staff.working_in("physician", hospital.layout.of_kind("clinic"))
    clerks = hospital.staff.working_in("billing_coding", hospital.layout.of_kind("accounts"))
    for user in rng.permutation(np.concatenate([physicians, clerks]))[:PEOPLE].tolist():
        at = scene.at(rng.uniform(19.0, 21.0))
        yield scene.session(user, at, "login", kind=ONSITE_CLASS, part="x1")
        yield scene.session(user, at + 900, "logout", kind=ONSITE_CLASS, part="x1")
        later = round(at + rng.uniform(1500, 2400), 3)
        yield scene.session(user, later, "login", kind=VPN_CLASS, elsewhere=EGRESS, part="x2")
        yield scene.session(user, later + 1200, "logout", kind=VPN_CLASS, part="x2")

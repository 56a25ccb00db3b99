"""A15: one account works on two machines at the same time, far apart."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.sessions import ONSITE_CLASS, REMOTE_CLASS, clients_of

DEEDS, SECONDS_BETWEEN = 24, 55.0
"""Twelve deeds on each machine in turn, less than two minutes apart (domain.md A15)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield both sessions: two departments in every other incident, else the hospital and somebody's home."""
    hospital, rng = scene.hospital, scene.rng
    user = scene.staff("ma_registrar", "clinic")
    clinics = hospital.layout.of_kind("clinic")
    here, _ = clients_of(hospital, user, ONSITE_CLASS, scene.day % 40)
    if scene.ordinal % 2:
        there, _ = clients_of(hospital, user, REMOTE_CLASS, 0)
        kind = REMOTE_CLASS
    else:
        other = next(place for place in reversed(clinics) if place != hospital.staff.place[user])
        there, _ = clients_of(hospital, user, ONSITE_CLASS, 39)
        there.ip, there.workstation = f"10.{other + 1}.0.40", f"WS-{other:02d}-039"
        there.location, kind = hospital.layout.names[other], ONSITE_CLASS
    begin = scene.at(rng.uniform(19.5, 21.0))
    yield scene.session(user, begin - 120, "login", kind=ONSITE_CLASS, labelled=True, part="one")
    yield scene.session(user, begin - 60, "login", kind=kind, labelled=True, part="two")
    for number, patient in enumerate(scene.patients(DEEDS)):
        at = round(begin + number * SECONDS_BETWEEN + rng.uniform(0, 20), 3)
        client, part = ((here, "one"), (there, "two"))[number % 2]
        yield scene.active(user, patient, at, client, part)

"""A09: someone opens hundreds of charts within an hour."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.sessions import ONSITE_CLASS

WHO = (("ma_registrar", "clinic", 330), ("physician", "clinic", 150), ("nurse", "unit", 150))
"""Role, place and charts: more than twice the caps of 150 an hour for clerks and 60 for clinicians (domain.md A09)."""
_SECONDS = 3000.0


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the charts, in no order of their numbers, over fifty minutes of an evening."""
    role, place, charts = WHO[scene.ordinal % len(WHO)]
    user = scene.staff(role, place)
    begin = scene.at(scene.rng.uniform(20.0, 21.5))
    yield scene.session(user, begin - 60, "login", kind=ONSITE_CLASS)
    own = int(scene.hospital.staff.patient[user])
    opened = [patient for patient in scene.patients(charts + 1) if patient != own][:charts]
    moments = sorted(scene.rng.uniform(0, _SECONDS, len(opened)).tolist())
    for patient, moment in zip(opened, moments, strict=True):
        yield scene.opening(user, patient, round(begin + moment, 3), kind=ONSITE_CLASS, category="demographics")
    yield scene.session(user, begin + _SECONDS + 60, "logout", kind=ONSITE_CLASS)

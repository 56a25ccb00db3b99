"""A26: one device opens the portal accounts of seven patients of seven homes."""

from collections.abc import Iterator

from detectors.events import AccessEvent
from detectors.events.access import Actor, Client, Session
from streams.simulator.accesses import resource_of
from streams.simulator.hospital import patient_ref
from streams.simulator.injections.scene import Scene
from streams.simulator.record import ACCESS_SOURCE, Simulated
from streams.simulator.timing import instant

ACCOUNTS, MINUTES_BETWEEN = 7, 12.0
"""Five on one device are a sign (domain.md A26)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield a look into each record, one account after the other."""
    client = Client(
        ip=f"198.51.100.{10 + scene.ordinal}", ip_class="remote", device_id=f"device-x{scene.ordinal}", app="portal"
    )
    at = scene.at(scene.rng.uniform(19.0, 21.0))
    for patient in scene.patients(ACCOUNTS):
        access = AccessEvent(
            action="read",
            occurred_at=instant(at),
            actor=Actor(id=f"portal-{patient_ref(patient)}", type="patient"),
            session=Session(id=f"portal-{scene.ordinal}-{patient}", auth="password"),
            client=client,
            patient=scene.hospital.accessed(patient),
            resource=resource_of("summary", 0),
        )
        yield scene.record(ACCESS_SOURCE, at, access, labelled=True)
        at = round(at + MINUTES_BETWEEN * 60 * scene.rng.uniform(0.6, 1.4), 3)

"""A30: a vendor's support account, whose session was approved for the morning, opens charts at night."""

from collections.abc import Iterator

from detectors.events import AccessEvent, RosterContext
from detectors.events.access import Actor, Client, Session
from streams.simulator.accesses import resource_of
from streams.simulator.injections.scene import Scene
from streams.simulator.record import ACCESS_SOURCE, Simulated
from streams.simulator.timing import instant

CHARTS = 6


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the approved session, as a shift, and the charts of twelve hours later."""
    vendor = f"V{scene.ordinal + 1:04d}"
    approved = RosterContext(
        user_ref=vendor, start=instant(scene.at(9.0)), end=instant(scene.at(11.0)), unit="Vendor support"
    )
    yield scene.known(scene.at(8.0), approved)
    at = scene.at(scene.rng.uniform(21.0, 22.5))
    for patient in scene.patients(CHARTS):
        access = AccessEvent(
            action="read",
            occurred_at=instant(at),
            actor=Actor(id=vendor, type="vendor", dept="Vendor support"),
            session=Session(id=f"vendor-{scene.ordinal}-{scene.day}", auth="password"),
            client=Client(ip=f"203.0.113.{20 + scene.ordinal}", ip_class="remote", app="remote-support"),
            patient=scene.hospital.accessed(patient),
            resource=resource_of("result", 0),
        )
        yield scene.record(ACCESS_SOURCE, at, access, labelled=True)
        at = round(at + scene.rng.uniform(30, 120), 3)

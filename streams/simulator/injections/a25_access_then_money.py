"""A25: a clerk opens a stranger's account and chart, and hours later writes off what that stranger owes."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene
from streams.simulator.payments import write_off
from streams.simulator.record import BILLING_SOURCE, Simulated


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the look in the morning and the write-off in the afternoon."""
    hospital, rng = scene.hospital, scene.rng
    user, (patient,) = scene.staff("billing_coding", "accounts"), scene.strangers(1)
    yield scene.look(user, patient, scene.at(rng.uniform(9.0, 11.0)))
    at = scene.at(rng.uniform(13.0, 16.0))
    written_off = write_off(hospital, patient, at, cents=int(rng.integers(20_000, 90_000)), clerk=user)
    yield scene.record(BILLING_SOURCE, at, written_off, labelled=True)

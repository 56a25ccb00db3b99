"""B30: a clerk writes off the same round amount, account after account."""

from collections.abc import Iterator

from streams.simulator.injections.scene import Scene
from streams.simulator.payments import write_off
from streams.simulator.record import BILLING_SOURCE, Simulated

DAYS, EACH_DAY = 5, 8
"""Far more than ten of the same amount in thirty days, on three working days at least (domain.md B30)."""
AMOUNTS = (10_000, 15_000, 20_000)
"""Cents: multiples of 50 dollars."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the write-offs, spread over the office hours."""
    clerk = scene.staff("billing_coding", "accounts")
    cents = AMOUNTS[scene.ordinal % len(AMOUNTS)]
    for later, number in scene.over(DAYS, EACH_DAY):
        (patient,) = scene.patients(1)
        at = scene.at(9.0 + number % EACH_DAY + scene.rng.uniform(0, 0.5), later)
        written_off = write_off(scene.hospital, patient, at, cents=cents, clerk=clerk)
        yield scene.record(BILLING_SOURCE, at, written_off, labelled=True)

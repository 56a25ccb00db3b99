"""B23: a member of staff writes off what stands on the own account."""

from collections.abc import Iterator

import numpy as np

from streams.simulator.injections.scene import Scene
from streams.simulator.payments import write_off
from streams.simulator.record import BILLING_SOURCE, Simulated


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield two write-offs, a minute apart."""
    hospital, rng, staff = scene.hospital, scene.rng, scene.hospital.staff
    patients = np.flatnonzero((staff.patient >= 0) & ~staff.former)
    accounts = np.isin(staff.place[patients], hospital.layout.of_kind("accounts"))
    clerks = patients[accounts] if accounts.any() else patients
    user = int(rng.choice(clerks))
    at = scene.at(rng.uniform(11.0, 16.0))
    for _ in range(2):
        cents = int(rng.integers(8_000, 60_000))
        yield scene.record(
            BILLING_SOURCE,
            at,
            write_off(hospital, int(staff.patient[user]), at, cents=cents, clerk=user),
            labelled=True,
        )
        at = round(at + 60.0, 3)

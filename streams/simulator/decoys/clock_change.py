"""The night on which clocks change: who worked the night stays an hour longer by the clock than the roster says."""

from collections.abc import Iterator

import numpy as np

from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.roster import duty_of
from streams.simulator.timing import HOUR

NURSES, LOOKS = 3, 6


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield, between 7 and 9 in the morning, charts that night nurses of the eve open on their own ward."""
    hospital, rng = scene.hospital, scene.rng
    duty = duty_of(hospital, scene.day - 1)
    nurses = hospital.staff.working_in("nurse", hospital.layout.of_kind("unit"))
    night = nurses[duty.working[nurses] & (duty.start[nurses] > scene.at(-12.0))]
    stays = scene.lately_on_wards()
    for nurse in rng.permutation(night)[:NURSES].tolist():
        patients = np.unique(stays["patient"][stays["unit"] == hospital.staff.place[nurse]])
        for moment in sorted(rng.uniform(0.1 * HOUR, 1.5 * HOUR, LOOKS if len(patients) else 0).tolist()):
            yield scene.look(
                nurse, int(rng.choice(patients)), round(scene.at(7.0) + moment, 3), labelled=False, shift=scene.day - 1
            )

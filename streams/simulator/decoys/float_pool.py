"""A night of the float pool: nurses work on a ward that is not theirs, as the roster says."""

from collections.abc import Iterator

import numpy as np

from detectors.events import RosterContext
from streams.simulator.hospital import user_ref
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated
from streams.simulator.roster import duty_of
from streams.simulator.timing import HOUR, instant

NURSES, LOOKS = 2, 10


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the shifts, known at noon, and from 20 o'clock to midnight the charts of who stays on the other ward."""
    hospital, rng = scene.hospital, scene.rng
    units = hospital.layout.of_kind("unit")
    begin = scene.at(19.0)
    stays = scene.lately_on_wards()
    other = max(units, key=lambda unit: int((stays["unit"] == unit).sum()))
    patients = np.unique(stays["patient"][stays["unit"] == other]).tolist()
    free = hospital.staff.working_in("nurse", [unit for unit in units if unit != other])
    free = free[~duty_of(hospital, scene.day).working[free]]
    nurses = rng.permutation(free)[:NURSES].tolist() if patients else []
    for nurse in nurses:
        shift = RosterContext(
            user_ref=user_ref(nurse), unit=hospital.layout.names[other],
            start=instant(begin), end=instant(begin + 12 * HOUR),
        )  # fmt: skip
        yield scene.known(scene.at(12.0), shift)
        yield scene.arrival(nurse, scene.at(19.2))
        moments = sorted(rng.uniform(scene.at(20.0), scene.at(23.8), LOOKS).tolist())
        for at in moments:
            yield scene.look(nurse, int(rng.choice(patients)), round(at, 3), labelled=False)
        yield scene.arrival(nurse, scene.at(23.95), "logout")

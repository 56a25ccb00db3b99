"""Who works on a day, in which shift."""

from dataclasses import dataclass

import numpy as np

from streams.simulator.hospital import Hospital
from streams.simulator.parameters import ROLES, SHIFTS, WORKING
from streams.simulator.timing import Flags, Floats, Ints, generator

_ROTATION_DAYS = 7


@dataclass(frozen=True, slots=True)
class Duty:
    """The duty of every member of staff on one day: whether, in which pattern of their role's shift, from when."""

    working: Flags
    pattern: Ints
    start: Floats


def duty_of(hospital: Hospital, day: int) -> Duty:
    """Return the duty of `day`. People keep their pattern; who rotates changes it each week."""
    staff = hospital.staff
    n = len(staff.role)
    rng = generator(hospital.seed, "duty", day)
    weekday = hospital.calendar.weekday(day)
    column = 0 if weekday < 5 else weekday - 4
    shares = np.array([WORKING[role.shift][column] for role in ROLES])
    working = (rng.random(n) < shares[staff.role]) & ~staff.former
    pattern = np.zeros(n, dtype=np.int64)
    start = np.zeros(n)
    numbers = np.arange(n)
    for index, role in enumerate(ROLES):
        mine = staff.role == index
        patterns = SHIFTS[role.shift]
        turn = (day // _ROTATION_DAYS) if role.shift == "rotating" else 0
        pattern[mine] = (numbers[mine] + turn) % len(patterns)
        start[mine] = np.array([one.start for one in patterns])[pattern[mine]]
    return Duty(working=working, pattern=pattern, start=hospital.calendar.begin(day) + start * 3600.0)

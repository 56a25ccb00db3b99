"""The work that visits make: orders for laboratory, pharmacy and radiology, and tasks in work queues."""

import numpy as np

from streams.simulator.hospital import Hospital
from streams.simulator.timing import DAY, HOUR, Rows, generator
from streams.simulator.visits import EMERGENCY, INPATIENT, OUTPATIENT, Agenda

ORDER = np.dtype([("patient", "i4"), ("place", "i2"), ("physician", "i4"), ("at", "f8")])
"""An order by a physician that a department carries out."""

TASK = np.dtype([("patient", "i4"), ("place", "i2"), ("queue", "i1"), ("opened", "f8"), ("closed", "f8")])
"""A task in a queue of `QUEUES` that a department works through."""

QUEUES = ("coding", "billing_edit", "denial", "release_of_information", "quality")
KINDS_OF_ORDER = {"Pharmacy": "medication", "Laboratory": "laboratory", "Radiology": "imaging"}

_ORDERS_PER_VISIT = {OUTPATIENT: 1.0, EMERGENCY: 3.0, INPATIENT: 5.0}
_ORDERS_PER_DAY_OF_STAY = 4.0
_TASKS: tuple[tuple[int, str, float], ...] = (
    (0, "Coding", 1.0),
    (1, "Patient Accounts", 0.45),
    (2, "Patient Accounts", 0.15),
    (3, "Health Information", 0.12),
    (4, "Health Information", 0.15),
)
"""Queue, department, and share of the visits of a day that end up in it."""
_TASK_OPEN_DAYS = 5


def orders_of(hospital: Hospital, agenda: Agenda, day: int) -> Rows:
    """Return the orders placed on `day`, by time."""
    rng = generator(hospital.seed, "orders", day)
    begin = hospital.calendar.begin(day)
    visits = agenda.of(day)
    means = np.array([_ORDERS_PER_VISIT[kind] for kind in sorted(_ORDERS_PER_VISIT)])
    first = np.repeat(visits, rng.poisson(means[visits["kind"]]))
    stays = agenda.stays(day - 1)
    stays = stays[stays["end"] > begin + 9 * HOUR]
    daily = np.repeat(stays, rng.poisson(_ORDERS_PER_DAY_OF_STAY, len(stays)))
    orders = np.zeros(len(first) + len(daily), ORDER)
    for column in ("patient", "physician"):
        orders[column] = np.concatenate([first[column], daily[column]])
    delay = rng.uniform(5 * 60, 40 * 60, len(first))
    rounds = begin + rng.uniform(7 * HOUR, 9 * HOUR, len(daily))
    orders["at"] = np.round(np.concatenate([np.minimum(first["start"] + delay, begin + DAY - 1), rounds]), 3)
    orders["place"] = rng.choice(hospital.layout.of_kind("ancillary"), len(orders))
    return orders[np.argsort(orders["at"], kind="stable")]


def tasks_of(hospital: Hospital, agenda: Agenda, day: int) -> Rows:
    """Return the tasks opened on `day`, overnight, for the visits of the day before."""
    rng = generator(hospital.seed, "tasks", day)
    begin = hospital.calendar.begin(day)
    visits = agenda.of(day - 1)
    parts = []
    for queue, name, share in _TASKS:
        chosen = visits[rng.random(len(visits)) < share]
        tasks = np.zeros(len(chosen), TASK)
        tasks["patient"] = chosen["patient"]
        tasks["place"] = hospital.layout.named(name)
        tasks["queue"] = queue
        tasks["opened"] = np.round(begin + rng.uniform(2 * HOUR, 5 * HOUR, len(chosen)), 3)
        tasks["closed"] = tasks["opened"] + _TASK_OPEN_DAYS * DAY
        parts.append(tasks)
    tasks = np.concatenate(parts)
    return tasks[np.argsort(tasks["opened"], kind="stable")]

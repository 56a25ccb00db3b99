"""The simulated hospital, day by day, in bounded memory: what is known, what people do, what is wrong."""

import datetime
import heapq
from collections import deque
from collections.abc import Iterator

from detectors.events import Event
from streams.simulator import decoys
from streams.simulator.accesses import Accesses
from streams.simulator.administration import administration_of
from streams.simulator.charts import charts_of
from streams.simulator.claim_records import ClaimRecords
from streams.simulator.claims import claims_of
from streams.simulator.context import Registry
from streams.simulator.delivery import deliver
from streams.simulator.hospital import Hospital, build_hospital
from streams.simulator.injections import inject, schedule
from streams.simulator.parameters import HISTORY_DAYS
from streams.simulator.payments import Payments
from streams.simulator.record import Simulated, time_of
from streams.simulator.roster import duty_of
from streams.simulator.sessions import Sessions
from streams.simulator.timing import START, Rows, calendar_from, generator
from streams.simulator.visits import Agenda
from streams.simulator.work import orders_of, tasks_of

_ORDER_DAYS, _TASK_DAYS = 2, 5


def simulate(days: int, seed: int, scale: float, start: datetime.datetime = START) -> Iterator[Simulated]:
    """Simulate a hospital: the same arguments give the same events.

    Context of the six weeks before `start` comes first, under its own, earlier times; accesses and transactions
    begin at `start`. Items come by time, but for the few that arrive late or twice (`delivery.deliver`). Context
    comes at the moment at which it becomes known, before whatever it explains. A remittance, void or replacement
    may speak of a claim that was submitted before `start`.

    Args:
        days: how many days of events.
        seed: not negative.
        scale: 1.0 is the default hospital of domain.md §6.2, 0.01 a hundredth of it.
        start: midnight UTC of the first day; the hospital's local time is UTC.

    Raises:
        ValueError: for days below one, a scale that is not positive, a negative seed, or another start.
    """
    if days < 1:
        raise ValueError("days must be at least one")
    hospital = build_hospital(scale, seed, calendar_from(start))
    return deliver(_in_order(hospital, days), generator(seed, "delivery"))


def stream(days: int, seed: int, scale: float, start: datetime.datetime = START) -> Iterator[Event]:
    """Simulate lazily, and yield the events alone: for whoever paces them against a clock."""
    return (item.event for item in simulate(days, seed, scale, start))


def _in_order(hospital: Hospital, days: int) -> Iterator[Simulated]:
    agenda = Agenda(hospital)
    registry, accesses = Registry(hospital), Accesses(hospital)
    claims, payments = ClaimRecords(hospital), Payments(hospital)
    orders: deque[Rows] = deque(maxlen=_ORDER_DAYS)
    tasks: deque[Rows] = deque(maxlen=_TASK_DAYS)
    sessions = Sessions(hospital)
    scenes = schedule(hospital, days, agenda)
    ahead: list[Simulated] = []
    first = sorted(registry.beginning(), key=time_of)
    for day in range(-HISTORY_DAYS, days):
        orders.append(orders_of(hospital, agenda, day))
        tasks.append(tasks_of(hospital, agenda, day))
        _, due = claims_of(hospital, agenda, day)
        claims.expect(due, 0, days)
        duty = duty_of(hospital, day)
        known = registry.of_day(day, agenda, duty if day >= -1 else None, orders[-1], tasks[-1])
        if day >= -1:
            works = {"orders": list(orders), "tasks": list(tasks)}
            log = accesses.of_day(day, charts_of(hospital, agenda, duty, works, day))
        if day < 0:
            # The night shift that begins on the eve of the start runs into it.
            yield from heapq.merge(first, known, key=time_of)
            first = []
            continue
        for scene in scenes.get(day, []):
            ahead += inject(scene)
        for decoy in decoys.scenes_of(hospital, agenda, sessions, day, days):
            ahead += decoys.play(decoy)
        ahead += administration_of(hospital, agenda, sessions, day)
        billed = decoys.mark_claims(hospital, claims.of_day(day))
        if day == int(decoys.REPLAY_SHARE * days):
            sent = list(billed)
            ahead += decoys.replayed(hospital, sent)
            billed = iter(sent)
        ahead.sort(key=time_of)
        end = hospital.calendar.begin(day + 1)
        special = [item for item in ahead if item.time < end]
        ahead = ahead[len(special) :]
        log = decoys.mark_accesses(hospital, day, log)
        yield from heapq.merge(known, log, billed, payments.of_day(day), special, key=time_of)

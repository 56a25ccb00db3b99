"""What tests ask of a simulated week, worked out from its events alone, without the simulator's own plan."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from detectors.events import (
    AccessEvent,
    AppointmentContext,
    BillingTransaction,
    CareTeamContext,
    EncounterContext,
    ExclusionContext,
    OrderContext,
    RosterContext,
    StaffContext,
    TaskContext,
)
from streams.simulator import START, Simulated
from streams.simulator.decoys import MARKED

DAYS, SEED, SCALE = 7, 11, 0.01
BEGIN = START.timestamp()
DAY = 86_400.0

CONTENT = {"read", "create", "update", "delete", "print", "export", "download", "transmit", "disclose"}
"""Actions that show or change a chart."""


@dataclass(frozen=True)
class Access:
    """One access, with its time and whether it is labelled."""

    id: str
    at: float
    data: AccessEvent
    scenario: str
    decoy: str

    @property
    def user(self) -> str:
        return self.data.actor.id

    @property
    def patient(self) -> str:
        return self.data.patient.ref if self.data.patient else ""


@dataclass(frozen=True)
class Money:
    """One transaction, with its time and whether it is labelled."""

    id: str
    at: float
    data: BillingTransaction
    scenario: str
    decoy: str


@dataclass(frozen=True)
class Tie:
    """A reason to open a chart: known from `known`, standing from `since` to `until`, for a user or for a place."""

    known: float
    since: float
    until: float
    who: str


class Week:
    """Events by kind, in the order of business time, and the ties that context makes."""

    def __init__(self, items: Iterable[Simulated]) -> None:
        seen: dict[str, Simulated] = {}
        for item in items:
            seen.setdefault(item.event.id, item)
        self.items = sorted(seen.values(), key=lambda item: item.event.time)
        self.accesses: list[Access] = []
        self.money: list[Money] = []
        self.staff: dict[str, StaffContext] = {}
        self.exclusions: list[tuple[float, ExclusionContext]] = []
        self.ties: dict[str, list[Tie]] = defaultdict(list)
        self.shifts: dict[str, list[RosterContext]] = defaultdict(list)
        for item in self.items:
            self._sort(item)

    def labelled(self, scenario: str) -> list[Access]:
        """Return the labelled accesses of a scenario."""
        return [access for access in self.accesses if access.scenario == scenario]

    def labelled_money(self, scenario: str) -> list[Money]:
        """Return the labelled transactions of a scenario."""
        return [money for money in self.money if money.scenario == scenario]

    def ordinary(self) -> list[Access]:
        """Return the accesses of people that are part of no incident, nor of a decoy's scene."""
        return [
            access
            for access in self.accesses
            if not access.scenario and access.decoy in ("", *MARKED) and access.data.actor.type == "human"
        ]

    def ordinary_money(self) -> list[Money]:
        """Return the transactions that are part of no incident, nor of a decoy's scene."""
        return [money for money in self.money if not money.scenario and money.decoy in ("", "fee_schedule")]

    def of_decoy(self, name: str) -> list[Access]:
        """Return the accesses of a decoy."""
        return [access for access in self.accesses if access.decoy == name]

    def money_of_decoy(self, name: str) -> list[Money]:
        """Return the transactions of a decoy."""
        return [money for money in self.money if money.decoy == name]

    def explains(self, access: Access) -> bool:
        """Return whether context that is known by then explains an access (templates T1 to T4, T6 and T7)."""
        at, user = access.at, access.user
        own = {user, self.staff[user].dept}
        for shift in self.shifts[user]:
            if shift.start.timestamp() - 3600 <= at <= shift.end.timestamp() + 3 * 3600:
                own.add(shift.unit)
        return any(
            tie.known <= at and tie.since <= at <= tie.until and tie.who in own for tie in self.ties[access.patient]
        )

    def _sort(self, item: Simulated) -> None:
        event, data = item.event, item.event.data
        scenario = item.labels[0].scenario if item.labels else ""
        if isinstance(data, AccessEvent):
            self.accesses.append(Access(event.id, event.time, data, scenario, item.decoy))
        elif isinstance(data, BillingTransaction):
            self.money.append(Money(event.id, event.time, data, scenario, item.decoy))
        elif isinstance(data, StaffContext):
            self.staff[data.user_ref] = data
        elif isinstance(data, ExclusionContext):
            self.exclusions.append((event.time, data))
        elif isinstance(data, RosterContext):
            self.shifts[data.user_ref].append(data)
        else:
            self._tie(event.time, data)

    def _tie(self, known: float, data: object) -> None:
        """Windows of domain.md §3.2."""
        if isinstance(data, AppointmentContext):
            start = data.start.timestamp()
            for who in (data.user_ref, data.dept):
                self.ties[data.patient_ref].append(Tie(known, start - 14 * DAY, start + 14 * DAY, who))
        elif isinstance(data, EncounterContext):
            since = data.admit_at.timestamp()
            until = data.discharge_at.timestamp() if data.discharge_at else since + 60 * DAY
            for who in (*data.user_refs, data.dept):
                self.ties[data.patient_ref].append(Tie(known, since, until + 90 * DAY, who))
            self.ties[data.patient_ref].append(Tie(known, since, until + 7 * DAY, data.unit))
        elif isinstance(data, OrderContext):
            at = data.at.timestamp()
            for who in (data.user_ref, data.dept):
                self.ties[data.patient_ref].append(Tie(known, at, at + 90 * DAY, who))
        elif isinstance(data, CareTeamContext):
            self.ties[data.patient_ref].append(Tie(known, data.from_.timestamp(), math.inf, data.user_ref))
        elif isinstance(data, TaskContext):
            closed = data.closed_at.timestamp() if data.closed_at else math.inf
            self.ties[data.patient_ref].append(
                Tie(known, data.opened_at.timestamp(), closed + DAY, data.user_ref or data.pool)
            )


def haversine_km(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Great-circle distance on a sphere of the mean radius of the earth (domain.md §9)."""
    (north, east), (other_north, other_east) = ((math.radians(part) for part in place) for place in (here, there))
    half = math.sin((other_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(other_north) * math.sin((other_east - east) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(half))


def most_within(moments: list[tuple[float, str]], seconds: float) -> int:
    """Return the most different names within any window of that many seconds."""
    ordered = sorted(moments)
    best, first = 0, 0
    for last, (at, _) in enumerate(ordered):
        while ordered[first][0] < at - seconds:
            first += 1
        best = max(best, len({name for _, name in ordered[first : last + 1]}))
    return best

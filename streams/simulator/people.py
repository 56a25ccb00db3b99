"""Staff and patients, as columns: one row a person, drawn once from the seed."""

from dataclasses import dataclass

import numpy as np

from streams.simulator.layout import Layout
from streams.simulator.parameters import (
    FORMER_STAFF,
    PATIENTS,
    ROLES,
    SHIFTS,
    STAFF_WHO_ARE_PATIENTS,
    UNEXPLAINED,
    UNEXPLAINED_SHAPE,
    WORKING,
    Role,
)
from streams.simulator.timing import Flags, Floats, Ints

CAMPUS = (42.3601, -71.0589)
"""Latitude and longitude of the campus: staff live within about 30 km."""

SENSITIVE_CODES = ("", "PSY", "HIV", "SUD", "SEX")
_SENSITIVE_SHARES = (0.965, 0.015, 0.005, 0.01, 0.005)
_VIP_SHARE = 0.001
_DECEASED_SHARE = 0.004
_SURNAMES, _SURNAME_EXPONENT = 3000, 0.9
_PEOPLE_PER_ADDRESS = 2.2
_SECOND_CLINIC_SHARE = 0.35
_HOME_SPREAD_DEGREES = 0.12
_LEAST_FORMER = 3
_MOST_UNEXPLAINED = 0.6
_ROUNDS = 4
_EVERY_TENTH, _STRANGER = 10, 7
_LEAST_DECEASED, KNOWN_TO_ALL = (23, 43, 63, 83), (7, 27, 47)
"""Patients who are so at any scale: the patterns of both need some."""
_STRANGERS_AMONG_STAFF = 0.3
_HOUSEHOLDS_SHARE = 0.25
NEWBORNS = 2400
"""Numbers kept free above the patients, in order, for children born during the simulation."""


@dataclass(frozen=True, slots=True)
class Patients:
    """The patients, by number; the number is also the order of the MRN. Rows from `n` on are newborns."""

    n: int
    first_clinic: Ints
    second_clinic: Ints
    birth_day: Ints
    sex: Ints
    surname: Ints
    address: Ints
    area: Ints
    sensitive: Ints
    vip: Flags
    employee: Flags
    deceased: Flags


@dataclass(frozen=True, slots=True)
class Staff:
    """The staff, by number. `role` indexes `ROLES`, `place` the layout; `patient` is -1 for who is no patient here.

    `unexplained` is the share of someone's chart opens that no context explains.
    """

    role: Ints
    place: Ints
    manager: Ints
    patient: Ints
    surname: Ints
    address: Ints
    area: Ints
    latitude: Floats
    longitude: Floats
    unexplained: Floats
    former: Flags

    def working_in(self, role: str, places: list[int]) -> Ints:
        """Return the present staff of a role at some of the places."""
        wanted = (self.role == ROLE_INDEX[role]) & np.isin(self.place, places) & ~self.former
        return np.flatnonzero(wanted)


ROLE_INDEX = {role.name: index for index, role in enumerate(ROLES)}


def draw_patients(scale: float, layout: Layout, rng: np.random.Generator) -> Patients:
    """Draw the patients of a hospital."""
    n = max(600, round(PATIENTS * scale))
    rows = n + NEWBORNS
    clinics = np.array(layout.of_kind("clinic"))
    first = rng.choice(clinics, rows)
    vip = rng.random(rows) < _VIP_SHARE
    vip[list(KNOWN_TO_ALL)] = True
    deceased = (rng.random(rows) < _DECEASED_SHARE) & ~is_watched(np.arange(rows))
    deceased[list(_LEAST_DECEASED)] = True
    second = np.where(rng.random(rows) < _SECOND_CLINIC_SHARE, rng.choice(clinics, rows), first)
    newborn = np.arange(rows) >= n
    surnames = np.arange(1, _SURNAMES + 1, dtype=np.float64) ** -_SURNAME_EXPONENT
    return Patients(
        n=n,
        first_clinic=first,
        second_clinic=second,
        birth_day=np.where(newborn, 0, rng.integers(365, 93 * 365, rows)),
        sex=rng.integers(0, 2, rows),
        surname=rng.choice(_SURNAMES, rows, p=surnames / surnames.sum()),
        address=rng.integers(0, round(rows / _PEOPLE_PER_ADDRESS), rows),
        area=rng.integers(0, 60, rows),
        sensitive=np.where(newborn, 0, rng.choice(len(SENSITIVE_CODES), rows, p=_SENSITIVE_SHARES)),
        vip=vip & ~newborn & ~deceased,
        employee=np.zeros(rows, dtype=np.bool_),
        deceased=deceased & ~newborn,
    )


def is_watched(patients: Ints) -> Flags:
    """Return which patients do not come during the simulation: nothing explains that anybody opens their charts.

    At the default volumes chance alone would leave more than one in four out for ten weeks. Injections look up these.
    """
    watched: Flags = patients % _EVERY_TENTH == _STRANGER
    return watched


def draw_staff(scale: float, layout: Layout, patients: Patients, rng: np.random.Generator) -> Staff:
    """Draw the staff, and mark the patients among them as employees with the same name and address."""
    roles: list[int] = []
    places: list[int] = []
    for index, role in enumerate(ROLES):
        for place in _places_of(max(role.least, round(role.n * scale)), role.places, layout):
            roles.append(index)
            places.append(place)
    present = len(roles)
    gone = max(_LEAST_FORMER, round(present * FORMER_STAFF))
    registrar, clinics = ROLE_INDEX["ma_registrar"], layout.of_kind("clinic")
    roles += [registrar] * gone
    places += [clinics[number % len(clinics)] for number in range(gone)]
    n = len(roles)
    role_column, place_column = np.array(roles), np.array(places)
    human = role_column != ROLE_INDEX["service"]
    own_chart = np.where(human & (rng.random(n) < STAFF_WHO_ARE_PATIENTS), _own_charts(n, patients, rng), -1)
    own_chart[present:] = -1
    known = np.flatnonzero(own_chart >= 0)
    patients.employee[own_chart[known]] = True
    columns = {}
    for name, high in (("surname", _SURNAMES), ("address", len(patients.address)), ("area", 60)):
        columns[name] = rng.integers(0, high, n)
        columns[name][known] = getattr(patients, name)[own_chart[known]]
    _settle_households(np.flatnonzero(human[:present]), columns, patients, rng)
    first_at_place = {place: int(np.flatnonzero(place_column == place)[0]) for place in sorted(set(places))}
    return Staff(
        role=role_column,
        place=place_column,
        # The first at a place leads it; leaders report to the first physician, who reports to the second.
        manager=np.array(
            [head if (head := first_at_place[place]) != user else int(user == 0) for user, place in enumerate(places)]
        ),
        patient=own_chart,
        latitude=CAMPUS[0] + rng.uniform(-_HOME_SPREAD_DEGREES, _HOME_SPREAD_DEGREES, n),
        longitude=CAMPUS[1] + rng.uniform(-_HOME_SPREAD_DEGREES, _HOME_SPREAD_DEGREES, n),
        unexplained=_unexplained(role_column, rng),
        former=np.arange(n) >= present,
        **columns,
    )


def _own_charts(n: int, patients: Patients, rng: np.random.Generator) -> Ints:
    """Return a chart for each of `n` people: three in ten of patients who do not come, in a random order."""
    living = np.flatnonzero(~patients.deceased[: patients.n] & ~patients.vip[: patients.n])
    strangers = living[is_watched(living)]
    others = living[~is_watched(living)]
    away = min(round(_STRANGERS_AMONG_STAFF * n), len(strangers) // 3)
    chosen = [rng.choice(strangers, away, replace=False), rng.choice(others, n - away, replace=False)]
    charts: Ints = rng.permutation(np.concatenate(chosen))
    return charts


def _settle_households(people: Ints, staff: dict[str, Ints], patients: Patients, rng: np.random.Generator) -> None:
    """Let some patients who do not come live with members of staff: the same name, address and area."""
    living = np.flatnonzero(~patients.deceased[: patients.n] & ~patients.vip[: patients.n])
    free = living[is_watched(living) & ~patients.employee[living]]
    count = min(round(len(free) * _HOUSEHOLDS_SHARE), len(people))
    relatives, staff_members = rng.choice(free, count, replace=False), rng.choice(people, count, replace=False)
    for name in ("surname", "address", "area"):
        getattr(patients, name)[relatives] = staff[name][staff_members]


def _unexplained(roles: Ints, rng: np.random.Generator) -> Floats:
    """Draw the unexplained share of everyone, such that it is `UNEXPLAINED` over all accesses of people."""
    accesses = np.array([0.0 if role.name == "service" else _accesses_of(role) for role in ROLES])[roles]
    drawn = rng.beta(UNEXPLAINED_SHAPE, UNEXPLAINED_SHAPE * (1 / UNEXPLAINED - 1), len(roles))
    shares: Floats = drawn
    # What the bound takes from some is given to all, a few times over.
    for _ in range(_ROUNDS):
        shares = np.minimum(shares * UNEXPLAINED * accesses.sum() / (shares * accesses).sum(), _MOST_UNEXPLAINED)
    return np.where(accesses > 0, shares, 0.0)


def _accesses_of(role: Role) -> float:
    """Return the accesses of one person of a role on a weekday, shifts and days off averaged."""
    patterns = SHIFTS[role.shift]
    volume = sum(pattern.volume for pattern in patterns) / len(patterns)
    return role.charts * role.events_per_chart * volume * WORKING[role.shift][0]


def _places_of(n: int, shares: tuple[tuple[str, float], ...], layout: Layout) -> list[int]:
    """Return the place of each of `n` people, by share over kinds and in turn within a kind."""
    bounds = np.cumsum([share for _, share in shares])
    groups = [layout.of_kind(kind) for kind, _ in shares]
    found: list[int] = []
    taken = [0] * len(groups)
    for number in range(n):
        group = min(int(np.searchsorted(bounds, (number + 0.5) / n)), len(groups) - 1)
        found.append(groups[group][taken[group] % len(groups[group])])
        taken[group] += 1
    return found

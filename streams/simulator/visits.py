"""What patients come for: outpatient visits, emergencies and stays, planned day by day and kept as long as needed."""

import math

import numpy as np

from streams.simulator.hospital import Hospital
from streams.simulator.parameters import (
    ADMISSIONS,
    BOOKED_AHEAD_DAYS,
    EMERGENCY_VISITS,
    HISTORY_DAYS,
    OUTPATIENT_VISITS,
    STAY_DAYS_MEDIAN,
    STAY_DAYS_SIGMA,
    WEEKEND,
)
from streams.simulator.people import is_watched
from streams.simulator.tariff import DIAGNOSES
from streams.simulator.timing import DAY, HOUR, Floats, Ints, Rows, generator

OUTPATIENT, EMERGENCY, INPATIENT = 0, 1, 2
CLASSES = ("outpatient", "emergency", "inpatient")

VISIT = np.dtype(
    [
        ("kind", "i1"),
        ("patient", "i4"),
        ("place", "i2"),
        ("unit", "i2"),
        ("physician", "i4"),
        ("start", "f8"),
        ("end", "f8"),
        ("booked", "f8"),
        ("dx", "i1"),
    ]
)
"""One visit. `place` is the department that treats, `unit` the ward (the place itself where there is no ward)."""

_HOURS_OUTPATIENT = np.array([1.6, 1.8, 1.8, 1.0, 0.6, 1.6, 1.7, 1.6])
"""Weights of 08:00 to 16:00: peaks from 8 to 11 and from 13 to 16."""
_HOURS_EMERGENCY = np.array([0.5] * 8 + [0.9] * 3 + [1.5] * 11 + [0.9] * 2)
"""Flat with a peak from 11 to 22."""
_SHORTEST_STAY_DAYS = 0.5
_KEPT_DAYS = HISTORY_DAYS + BOOKED_AHEAD_DAYS[1] + 3


class Agenda:
    """The visits of each day; a pure function of hospital and day, remembered for the days in use."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._days: dict[int, Rows] = {}
        layout, staff = hospital.layout, hospital.staff
        self._clinics = layout.of_kind("clinic")
        self._units = layout.of_kind("unit")
        self._emergency, self._wards = layout.named("Emergency"), layout.named("Hospital Medicine")
        self._physicians = {
            place: staff.working_in("physician", [place]) for place in (*self._clinics, self._emergency, self._wards)
        }
        people = hospital.patients
        rows = np.arange(people.n)
        alive = ~people.deceased[: people.n] & ~is_watched(rows)
        self._alive = rows[alive]
        self._attending = {
            clinic: rows[alive & ((people.first_clinic == clinic) | (people.second_clinic == clinic))[: people.n]]
            for clinic in self._clinics
        }

    def of(self, day: int) -> Rows:
        """Return the visits that begin on `day`, by start."""
        if day not in self._days:
            self._days[day] = self._plan(day)
            for old in [known for known in self._days if known < day - _KEPT_DAYS]:
                del self._days[old]
        return self._days[day]

    def between(self, first: int, last: int) -> Rows:
        """Return the visits that begin on the days from `first` to `last`, both included."""
        return np.concatenate([self.of(day) for day in range(first, last + 1)])

    def stays(self, day: int) -> Rows:
        """Return the stays that touch `day`."""
        visits = self.between(day - HISTORY_DAYS, day)
        there: Rows = visits[(visits["kind"] == INPATIENT) & (visits["end"] > self._hospital.calendar.begin(day))]
        return there

    def _plan(self, day: int) -> Rows:
        hospital = self._hospital
        rng = generator(hospital.seed, "visits", day)
        begin = hospital.calendar.begin(day)
        weekend = WEEKEND.get(hospital.calendar.weekday(day), 1.0)
        outpatients = rng.poisson(OUTPATIENT_VISITS * hospital.scale * weekend)
        clinics = rng.choice(self._clinics, outpatients)
        parts = [self._outpatients(clinic, int((clinics == clinic).sum()), begin, rng) for clinic in self._clinics]
        parts.append(self._emergencies(rng.poisson(EMERGENCY_VISITS * hospital.scale), begin, rng))
        parts.append(self._admissions(rng.poisson(ADMISSIONS * hospital.scale), begin, rng))
        visits = np.concatenate(parts)
        visits["dx"] = rng.integers(0, len(DIAGNOSES), len(visits))
        for column in ("start", "end", "booked"):
            visits[column] = np.round(visits[column], 3)
        return visits[np.argsort(visits["start"], kind="stable")]

    def _outpatients(self, clinic: int, n: int, begin: float, rng: np.random.Generator) -> Rows:
        visits = np.zeros(n, VISIT)
        visits["kind"] = OUTPATIENT
        visits["patient"] = rng.choice(self._attending[clinic], n)
        visits["place"] = visits["unit"] = clinic
        visits["physician"] = rng.choice(self._physicians[clinic], n)
        visits["start"] = begin + 8 * HOUR + by_hour(_HOURS_OUTPATIENT, n, rng)
        visits["end"] = visits["start"] + rng.uniform(15 * 60, 50 * 60, n)
        lead = rng.uniform(BOOKED_AHEAD_DAYS[0], BOOKED_AHEAD_DAYS[1], n)
        visits["booked"] = visits["start"] - lead * DAY
        return visits

    def _emergencies(self, n: int, begin: float, rng: np.random.Generator) -> Rows:
        visits = np.zeros(n, VISIT)
        visits["kind"] = EMERGENCY
        visits["patient"] = rng.choice(self._alive, n)
        visits["place"] = visits["unit"] = self._emergency
        visits["physician"] = rng.choice(self._physicians[self._emergency], n)
        visits["start"] = visits["booked"] = begin + by_hour(_HOURS_EMERGENCY, n, rng)
        visits["end"] = visits["start"] + rng.uniform(HOUR, 7 * HOUR, n)
        return visits

    def _admissions(self, n: int, begin: float, rng: np.random.Generator) -> Rows:
        visits = np.zeros(n, VISIT)
        visits["kind"] = INPATIENT
        visits["patient"] = rng.choice(self._alive, n)
        visits["place"] = self._wards
        visits["unit"] = rng.choice(self._units, n)
        visits["physician"] = rng.choice(self._physicians[self._wards], n)
        visits["start"] = visits["booked"] = begin + by_hour(_HOURS_EMERGENCY, n, rng)
        days = rng.lognormal(math.log(STAY_DAYS_MEDIAN), STAY_DAYS_SIGMA, n)
        visits["end"] = visits["start"] + np.clip(days, _SHORTEST_STAY_DAYS, HISTORY_DAYS - 1) * DAY
        return visits


def by_hour(weights: Floats, n: int, rng: np.random.Generator) -> Floats:
    """Draw `n` moments, in seconds after the first hour, from hourly weights."""
    hours: Ints = rng.choice(len(weights), n, p=weights / weights.sum())
    return (hours + rng.random(n)) * HOUR

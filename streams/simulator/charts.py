"""Who opens whose chart on a day: explained by visits, stays, orders and tasks, or, now and then, by nothing."""

from dataclasses import dataclass

import numpy as np

from streams.simulator.hospital import Hospital
from streams.simulator.parameters import DRIFT_DAY, DRIFT_FACTOR, POPULARITY, ROLES, SHIFTS
from streams.simulator.people import is_watched
from streams.simulator.roster import Duty
from streams.simulator.timing import DAY, HOUR, Flags, Floats, Ints, Rows, generator
from streams.simulator.visits import EMERGENCY, INPATIENT, OUTPATIENT, Agenda

CHART = np.dtype([("user", "i4"), ("patient", "i4"), ("at", "f8"), ("events", "i4"), ("explained", "?")])
"""One opening of a chart, how many audit events it makes, and whether it has a reason."""

_MONTH_END_FACTOR = 3.0
"""Decoy: coding works through three times as many charts when the month closes."""
_RECENT_DAYS = 14
_OWN_VISITS_SHARE = 0.5
_AFTER_DISCHARGE_DAYS = 2
_AFTER_KNOWN_SECONDS = (60.0, 1800.0)
_LINGER_SECONDS = 2 * HOUR


@dataclass(frozen=True, slots=True)
class Pool:
    """Patients that a place has a reason to open, from when each is known, and how often each is chosen."""

    patient: Ints
    known: Floats
    cumulative: Floats

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
        """Draw `n` patients and from when each is known."""
        rows = np.searchsorted(self.cumulative, rng.random(n) * self.cumulative[-1], side="right")
        rows = np.minimum(rows, len(self.patient) - 1)
        return self.patient[rows], self.known[rows]


def charts_of(hospital: Hospital, agenda: Agenda, duty: Duty, works: dict[str, list[Rows]], day: int) -> Rows:
    """Return the chart opens of the shifts that begin on `day`, unsorted.

    Args:
        hospital: who works and who is treated.
        agenda: the visits.
        duty: who works on `day`.
        works: `orders` and `tasks` of the last days, today's last.
        day: the day.
    """
    rng = generator(hospital.seed, "charts", day)
    opens = _openings(hospital, duty, day, rng)
    places = hospital.staff.place[opens["user"]]
    known = np.full(len(opens), -np.inf)
    chosen = np.zeros(len(opens), dtype=np.bool_)
    for place in np.unique(places).tolist():
        rows = np.flatnonzero(places == place)
        pool = _pool_of(hospital, agenda, works, day, place)
        if pool is not None:
            opens["patient"][rows], known[rows] = pool.draw(len(rows), rng)
            chosen[rows] = True
    _prefer_own_visits(opens, known, agenda.between(day, day + 1), rng)
    unexplained = rng.random(len(opens)) < hospital.staff.unexplained[opens["user"]]
    _anyone(hospital, opens, unexplained, rng)
    opens["explained"] = ~unexplained
    known[unexplained] = -np.inf
    soonest = known + rng.uniform(*_AFTER_KNOWN_SECONDS, len(opens))
    opens["at"] = np.maximum(opens["at"], soonest)
    in_time = opens["at"] < _ends(hospital, duty)[opens["user"]] + _LINGER_SECONDS
    own = opens["patient"] == hospital.staff.patient[opens["user"]]
    kept: Rows = opens[(chosen | unexplained) & ~own & in_time]
    return kept


def _openings(hospital: Hospital, duty: Duty, day: int, rng: np.random.Generator) -> Rows:
    """Draw how many charts everyone opens, and when; whose is still open."""
    staff = hospital.staff
    parts = []
    for index, role in enumerate(ROLES):
        users = np.flatnonzero(duty.working & (staff.role == index))
        patterns = SHIFTS[role.shift]
        volume = np.array([one.volume for one in patterns])[duty.pattern[users]]
        if role.name == "service":
            # Interfaces do not multiply with minimum staffing: their load follows the scale.
            volume = volume * role.n * hospital.scale / max(len(users), 1)
        median = role.charts * volume
        if hospital.calendar.is_month_end(day):
            coders = staff.place[users] == hospital.layout.named("Coding")
            median = np.where(coders, median * _MONTH_END_FACTOR, median)
        if day >= DRIFT_DAY:
            median = median * DRIFT_FACTOR.get(role.name, 1.0)
        counts = np.maximum(np.round(median * rng.lognormal(0.0, role.sigma, len(users))), 1).astype(np.int64)
        opens = np.zeros(int(counts.sum()), CHART)
        opens["user"] = np.repeat(users, counts)
        opens["events"] = 1 + rng.poisson(role.events_per_chart - 1, len(opens))
        pattern = np.repeat(duty.pattern[users], counts)
        for number, one in enumerate(patterns):
            rows = np.flatnonzero(pattern == number)
            weights = np.array(one.weights)
            hours = rng.choice(len(weights), len(rows), p=weights / weights.sum())
            opens["at"][rows] = (hours + rng.random(len(rows))) * HOUR
        opens["at"] += np.repeat(duty.start[users], counts)
        parts.append(opens)
    return np.concatenate(parts)


def _pool_of(hospital: Hospital, agenda: Agenda, works: dict[str, list[Rows]], day: int, place: int) -> Pool | None:
    kind = hospital.layout.kinds[place]
    if kind == "unit":
        return _ward(hospital, agenda, day, place)
    if kind in ("ancillary", "accounts", "coding", "records"):
        rows = np.concatenate(works["orders" if kind == "ancillary" else "tasks"])
        rows = rows[rows["place"] == place]
        known = rows["at"] if kind == "ancillary" else rows["opened"]
        return _pool(rows["patient"], known, np.ones(len(rows)))
    if kind == "clinic":
        # Today's visits weigh most; tomorrow's and the day after's are prepared, the last two weeks' followed up.
        visits = agenda.between(day - _RECENT_DAYS, day + 2)
        visits = visits[(visits["kind"] == OUTPATIENT) & (visits["place"] == place)]
        ahead = (visits["start"] - hospital.calendar.begin(day)) // DAY
        weight = np.where(ahead == 0, 1.0, np.where(ahead > 0, 0.3, 0.08))
        return _pool(visits["patient"], visits["booked"], weight)
    if kind == "emergency":
        visits = agenda.between(day - 1, day)
        visits = visits[visits["kind"] == EMERGENCY]
        return _pool(visits["patient"], visits["start"], np.ones(len(visits)))
    stays = agenda.stays(day)
    if kind == "hospital":
        return _pool(stays["patient"], stays["start"], np.ones(len(stays)))
    visits = np.concatenate([agenda.of(day), stays[stays["start"] < hospital.calendar.begin(day)]])
    return _pool(visits["patient"], np.minimum(visits["start"], hospital.calendar.begin(day)), np.ones(len(visits)))


def _ward(hospital: Hospital, agenda: Agenda, day: int, unit: int) -> Pool | None:
    """Return the census of a ward and who left it lately, popular by a Zipf law in an order that stays the same."""
    stays = agenda.stays(day - _AFTER_DISCHARGE_DAYS)
    stays = np.concatenate([stays, agenda.between(day - _AFTER_DISCHARGE_DAYS + 1, day)])
    stays = stays[(stays["kind"] == INPATIENT) & (stays["unit"] == unit)]
    order = np.argsort((stays["patient"].astype(np.int64) * 2_654_435_761) % 2**32, kind="stable")
    stays = stays[order]
    weight = np.arange(1, len(stays) + 1, dtype=np.float64) ** -POPULARITY
    gone = stays["end"] < hospital.calendar.begin(day)
    return _pool(stays["patient"], stays["start"], np.where(gone, weight * 0.1, weight))


def _pool(patient: Ints, known: Floats, weight: Floats) -> Pool | None:
    if not len(patient):
        return None
    return Pool(patient=patient.astype(np.int64), known=known, cumulative=np.cumsum(weight))


def _prefer_own_visits(opens: Rows, known: Floats, visits: Rows, rng: np.random.Generator) -> None:
    """Let physicians spend half of their charts on patients that they see today or tomorrow."""
    visits = visits[visits["kind"] == OUTPATIENT]
    visits = visits[np.argsort(visits["physician"], kind="stable")]
    physicians, first, count = np.unique(visits["physician"], return_index=True, return_counts=True)
    if not len(physicians):
        return
    at = np.minimum(np.searchsorted(physicians, opens["user"]), len(physicians) - 1)
    rows = np.flatnonzero((physicians[at] == opens["user"]) & (rng.random(len(opens)) < _OWN_VISITS_SHARE))
    at = at[rows]
    picked = visits[first[at] + (rng.random(len(rows)) * count[at]).astype(np.int64)]
    opens["patient"][rows] = picked["patient"]
    known[rows] = picked["booked"]


def _anyone(hospital: Hospital, opens: Rows, unexplained: Flags, rng: np.random.Generator) -> None:
    """Give unexplained opens a patient: whoever cares for patients leaves those alone whom snoopers look up (A01).

    The charts of the dead are finished elsewhere: nobody opens them without a reason (A08).
    """
    everyone = np.flatnonzero(~hospital.patients.deceased[: hospital.patients.n])
    caring = np.isin(
        hospital.staff.place,
        [place for kind in ("clinic", "unit", "emergency", "hospital") for place in hospital.layout.of_kind(kind)],
    )[opens["user"]]
    for rows, patients in ((unexplained & caring, everyone[~is_watched(everyone)]), (unexplained & ~caring, everyone)):
        opens["patient"][rows] = rng.choice(patients, int(rows.sum()))


def _ends(hospital: Hospital, duty: Duty) -> Floats:
    hours = np.zeros(len(duty.start))
    for index, role in enumerate(ROLES):
        mine = hospital.staff.role == index
        hours[mine] = np.array([len(one.weights) for one in SHIFTS[role.shift]])[duty.pattern[mine]]
    return duty.start + hours * HOUR

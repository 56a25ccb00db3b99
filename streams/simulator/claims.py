"""Claims as columns: what visits are billed as, and when each claim is submitted, paid, denied, replaced or voided."""

import math
from dataclasses import dataclass

import numpy as np

from streams.simulator import parameters
from streams.simulator.drg import groups_of
from streams.simulator.hospital import Hospital
from streams.simulator.tariff import (
    EMERGENCY_LEVELS,
    EXTRAS,
    FACILITY,
    IMAGING,
    LABORATORY,
    PAID,
    SIGMA,
    SPECIALTY_TILT,
    THERAPY,
    TIMED,
    Mix,
    index_of,
    visit_levels,
)
from streams.simulator.timing import DAY, HOUR, Flags, Floats, Ints, Rows, generator
from streams.simulator.visits import EMERGENCY, INPATIENT, OUTPATIENT, Agenda

CLAIM = np.dtype(
    [
        ("institutional", "?"),
        ("patient", "i4"),
        ("provider", "i4"),
        ("referrer", "i4"),
        ("from", "i4"),
        ("through", "i4"),
        ("pos", "i1"),
        ("admitted", "f8"),
        ("discharged", "f8"),
        ("dx", "i1"),
        ("carc", "i1"),
        ("first", "i4"),
        ("last", "i4"),
        ("drg", "i2"),
    ]
)
"""One claim. `from` and `through` are days; its lines are the rows from `first` up to `last` of the table's lines.

`referrer` is -1 where nobody referred.
"""

LINE = np.dtype([("code", "i2"), ("units", "i2"), ("charge", "i8"), ("modifier", "i1"), ("day", "i4")])

MODIFIERS = ("", "25", "59", "RT", "LT")
CARCS = tuple(parameters.DENIAL_REASONS)
SUBMITTED, PAID_OUT, DENIED, REVERSED, REPLACED, VOIDED, RESUBMITTED = range(7)
_FAVOURED = 0.2
_SIDED = 0.5
_FEE_SCHEDULE_LATEST = 25
_CORRECTION_DAYS = (8.0, 20.0)
_REVERSAL_DAYS = (3.0, 15.0)


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of the visits that ended on one day. Keys of their records are `day:row`."""

    day: int
    claims: Rows
    lines: Rows


@dataclass(frozen=True, slots=True)
class Due:
    """What becomes of some claims: `step` of each at `at`."""

    claims: Claims
    row: Ints
    step: Ints
    at: Floats


def claims_of(hospital: Hospital, agenda: Agenda, day: int) -> tuple[Claims, Due]:
    """Return the claims for `day` and all that will become of them."""
    rng = generator(hospital.seed, "claims", day)
    visits = agenda.of(day)
    seen = visits[visits["kind"] != INPATIENT]
    begin = hospital.calendar.begin(day)
    stays = agenda.stays(day)
    stays = stays[stays["end"] < begin + DAY]
    referred = np.repeat(seen, rng.poisson(parameters.REFERRED_PER_VISIT, len(seen)))
    emergencies = seen[seen["kind"] == EMERGENCY]
    groups = [
        _professional(hospital, seen, seen["physician"], day),
        _referred(hospital, referred, day, rng),
        _professional(hospital, stays, stays["physician"], day),
        _institutional(hospital, stays, day),
        _institutional(hospital, emergencies, day),
    ]
    claims = np.concatenate(groups)
    claims["carc"] = rng.choice(len(CARCS), len(claims), p=list(parameters.DENIAL_REASONS.values()))
    stayed = claims["institutional"] & ~np.isnan(claims["admitted"])
    nights = (claims["through"] - claims["from"])[stayed]
    claims["drg"][stayed] = groups_of(nights, generator(hospital.seed, "drg", day))
    lines = _lines(hospital, claims, [len(group) for group in groups], seen["kind"], rng)
    table = Claims(day=day, claims=claims, lines=lines)
    return table, _due(hospital, table, rng)


def _professional(hospital: Hospital, visits: Rows, provider: Ints, day: int) -> Rows:
    claims = _claims(hospital, visits, provider, day)
    claims["pos"] = np.array([11, 23, 21])[visits["kind"]]
    return claims


def _referred(hospital: Hospital, visits: Rows, day: int, rng: np.random.Generator) -> Rows:
    """Return the claims of whom physicians refer to: of each kind each has a favourite, but none but one."""
    kinds = rng.choice(len(parameters.REFERRED_TO), len(visits), p=list(parameters.REFERRED_TO.values()))
    provider = np.zeros(len(visits), dtype=np.int64)
    for index, kind in enumerate(parameters.REFERRED_TO):
        rows = np.flatnonzero(kinds == index)
        numbers = np.array(hospital.outside[kind])
        chosen = rng.integers(0, len(numbers), len(rows))
        favourite = visits["physician"][rows] % len(numbers)
        provider[rows] = numbers[np.where(rng.random(len(rows)) < _FAVOURED, favourite, chosen)]
    claims = _claims(hospital, visits, provider, day)
    claims["referrer"] = visits["physician"]
    claims["pos"] = np.array([11, 11, 81])[(kinds == 0) * 2]
    return claims


def _institutional(hospital: Hospital, visits: Rows, day: int) -> Rows:
    claims = _claims(hospital, visits, visits["physician"], day)
    claims["institutional"] = True
    return claims


def _claims(hospital: Hospital, visits: Rows, provider: Ints, day: int) -> Rows:
    claims = np.zeros(len(visits), CLAIM)
    claims["patient"], claims["provider"] = visits["patient"], provider
    claims["referrer"], claims["dx"] = -1, visits["dx"]
    claims["through"] = day
    claims["from"] = np.where(visits["kind"] == INPATIENT, (visits["start"] - hospital.calendar.origin) // DAY, day)
    inpatient = visits["kind"] == INPATIENT
    claims["admitted"] = np.where(inpatient, visits["start"], np.nan)
    claims["discharged"] = np.where(inpatient, visits["end"], np.nan)
    return claims


def _lines(hospital: Hospital, claims: Rows, sizes: list[int], kinds: Ints, rng: np.random.Generator) -> Rows:
    """Draw the lines of every claim, and point the claims to theirs."""
    seen, extra, stays, inpatient, emergency = (
        np.arange(end - size, end) for size, end in zip(sizes, np.cumsum(sizes).tolist(), strict=True)
    )
    counts = np.ones(len(claims), dtype=np.int64)
    counts[seen] += rng.poisson(parameters.LINES_PROFESSIONAL, len(seen))
    counts[seen] = np.minimum(counts[seen], 1 + len(EXTRAS[0]))
    counts[stays] = claims["through"][stays] - claims["from"][stays] + 1
    for rows in (inpatient, emergency):
        # Negative binomial with two successes: mean 9, a long tail.
        counts[rows] += 3 + rng.negative_binomial(2, 2 / (2 + parameters.LINES_INSTITUTIONAL), len(rows))
    paired = _are(hospital, "therapy", claims["provider"]) & (rng.random(len(claims)) < parameters.PAIRED_THERAPY)
    counts[paired] = 2
    last = np.cumsum(counts)
    claims["first"], claims["last"] = last - counts, last
    lines = np.zeros(int(counts.sum()), LINE)
    owner = np.repeat(np.arange(len(claims)), counts)
    nth = np.arange(len(lines)) - claims["first"][owner]
    lines["units"] = 1
    lines["day"] = claims["through"][owner]

    first, office = nth == 0, np.zeros(len(claims), dtype=np.bool_)
    office[seen] = kinds == OUTPATIENT
    in_seen, in_extra = np.isin(owner, seen), np.isin(owner, extra)
    visited = np.flatnonzero(in_seen & first & office[owner])
    lines["code"][visited] = visit_levels(_tilts(hospital, claims["provider"][owner[visited]]), rng)
    _fill(lines, in_seen & first & ~office[owner], EMERGENCY_LEVELS, rng)
    # The extra lines of one claim are different codes: the codes in turn, from a random one on.
    turn = rng.integers(0, len(EXTRAS[0]), len(claims))[owner] + nth
    more = in_seen & ~first
    lines["code"][more] = EXTRAS[0][turn[more] % len(EXTRAS[0])]
    for kind, mix in (("laboratory", LABORATORY), ("imaging", IMAGING), ("therapy", THERAPY)):
        _fill(lines, in_extra & _are(hospital, kind, claims["provider"])[owner], mix, rng)
    pair = in_extra & paired[owner]
    lines["code"][pair] = np.where(first[pair], index_of("97530"), index_of("97140"))
    daily = np.isin(owner, stays)
    lines["code"][daily] = index_of("99232")
    lines["day"][daily] = claims["from"][owner[daily]] + nth[daily]
    facility = np.isin(owner, np.concatenate([inpatient, emergency]))
    _fill(lines, facility & ~first, FACILITY, rng)
    lines["code"][facility & first & np.isin(owner, inpatient)] = index_of("R0120")
    lines["code"][facility & first & np.isin(owner, emergency)] = index_of("R0450")

    timed = np.isin(lines["code"], [index_of(code) for code in sorted(TIMED)])
    lines["units"][timed] = rng.integers(1, 4, int(timed.sum()))
    nights = facility & first & np.isin(owner, inpatient)
    lines["units"][nights] = np.maximum(claims["through"] - claims["from"], 1)[owner[nights]]
    lines["modifier"][first & in_seen & (rng.random(len(lines)) < parameters.MODIFIER_25) & (counts[owner] > 1)] = 1
    lines["modifier"][more & (rng.random(len(lines)) < parameters.MODIFIER_59)] = 2
    lines["modifier"][pair & ~first & (rng.random(len(lines)) < parameters.PAIR_BYPASSED)] = 2
    sided = (lines["code"] == index_of("73030")) & (rng.random(len(lines)) < _SIDED)
    lines["modifier"][sided] = rng.integers(3, 5, int(sided.sum()))
    lines["charge"] = _charges(hospital, lines, claims["provider"][owner], rng)
    return lines


def _are(hospital: Hospital, kind: str, providers: Ints) -> Flags:
    numbers = hospital.outside[kind]
    own: Flags = (providers >= numbers.start) & (providers < numbers.stop)
    return own


def _charges(hospital: Hospital, lines: Rows, providers: Ints, rng: np.random.Generator) -> Floats:
    """Draw charges in cents: spread within each code, higher or lower by provider, by the fee schedule of the day."""
    each = PAID[lines["code"]] * parameters.CHARGE_TO_PAID * hospital.charges[providers]
    each *= rng.lognormal(0.0, 1.0, len(lines)) ** SIGMA[lines["code"]]
    each *= np.where(lines["day"] >= fee_schedule_day(hospital), parameters.FEE_SCHEDULE_FACTOR, 1.0)
    charges: Floats = np.maximum(np.round(each * lines["units"]), 100)
    return charges


def _tilts(hospital: Hospital, providers: Ints) -> Floats:
    """Return how much each physician prefers higher levels: by specialty, and a little by habit."""
    tilt = np.array([SPECIALTY_TILT.get(name, 1.0) for name in hospital.layout.names])
    tilts: Floats = tilt[hospital.staff.place[providers]] * hospital.habits[providers]
    return tilts


def fee_schedule_day(hospital: Hospital) -> int:
    """Return the day from which on charges follow the new fee schedule."""
    coming = (day for day in range(1, parameters.FEE_SCHEDULE_DAY * 2) if hospital.calendar.date(day).day == 1)
    first = next(coming, parameters.FEE_SCHEDULE_DAY)
    return first if first < _FEE_SCHEDULE_LATEST else parameters.FEE_SCHEDULE_DAY


def _fill(lines: Rows, rows: Flags, mix: Mix, rng: np.random.Generator) -> None:
    codes, chances = mix
    lines["code"][rows] = rng.choice(codes, int(rows.sum()), p=chances)


def _due(hospital: Hospital, table: Claims, rng: np.random.Generator) -> Due:
    """Draw what becomes of each claim and when: files leave at `BATCH_HOURS`, payments come at `REMIT_HOURS`."""
    n = len(table.claims)
    rows = np.arange(n)
    billed = hospital.calendar.begin(table.day + 1)
    lag = rng.lognormal(math.log(parameters.SUBMIT_LAG_MEDIAN), parameters.SUBMIT_LAG_SIGMA, n)
    submitted = _next_file(hospital, billed + lag * DAY, parameters.BATCH_HOURS, rows)
    wait = rng.lognormal(math.log(parameters.REMIT_LAG_MEDIAN), parameters.REMIT_LAG_SIGMA, n)
    answered = _next_file(hospital, submitted + wait * DAY, parameters.REMIT_HOURS, rows)
    fate = rng.random(n)
    denied = fate < parameters.DENIED
    pending = ~denied & (fate < parameters.DENIED + parameters.PENDING)
    paid = ~denied & ~pending
    reversed_ = paid & (fate > 1 - parameters.REVERSED)
    correction = rng.random(n)
    replaced = correction < parameters.REPLACED
    voided = ~replaced & (correction < parameters.REPLACED + parameters.VOIDED)
    corrected = _next_file(hospital, submitted + rng.uniform(*_CORRECTION_DAYS, n) * DAY, parameters.BATCH_HOURS, rows)
    taken_back = _next_file(hospital, answered + rng.uniform(*_REVERSAL_DAYS, n) * DAY, parameters.REMIT_HOURS, rows)
    again = rng.random(n) < parameters.RESUBMITTED
    next_day = _next_file(hospital, submitted + 1.5 * DAY, parameters.BATCH_HOURS, rows)
    plan: list[tuple[int, Floats, Flags]] = [
        (SUBMITTED, submitted, np.ones(n, dtype=np.bool_)),
        (PAID_OUT, answered, paid),
        (DENIED, answered, denied),
        (REVERSED, taken_back, reversed_),
        (REPLACED, corrected, replaced),
        (VOIDED, corrected, voided),
        (RESUBMITTED, next_day, again),
    ]
    return Due(
        claims=table,
        row=np.concatenate([rows[mask] for _, _, mask in plan]),
        step=np.concatenate([np.full(int(mask.sum()), step) for step, _, mask in plan]),
        at=np.concatenate([at[mask] for _, at, mask in plan]),
    )


def _next_file(hospital: Hospital, at: Floats, hours: tuple[float, ...], rows: Ints) -> Floats:
    """Return when the first file after each moment leaves; records of a file follow 20 ms after one another."""
    origin = hospital.calendar.origin
    day, inside = np.divmod(at - origin, DAY)
    slots = np.array([hour * HOUR for hour in hours] + [DAY + hours[0] * HOUR])
    slot = np.searchsorted(slots, inside)
    moment: Floats = np.round(origin + day * DAY + slots[slot] + rows * 0.02, 3)
    return moment

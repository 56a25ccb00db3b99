"""The default hospital: 400 beds, one campus (domain.md §6.2), and the anchors that its money follows (§6.1).

Every number is a design default of domain.md §6.2 unless its comment says otherwise.
"""

from dataclasses import dataclass
from typing import NamedTuple

PATIENTS = 120_000
"""Active patients at scale 1."""


class Pattern(NamedTuple):
    """One way to work a shift: the hour it begins, the weight of each of its hours, its volume against a day shift."""

    start: float
    weights: tuple[float, ...]
    volume: float = 1.0


_MORNING_AND_AFTERNOON = (0.4, 1.6, 1.8, 1.8, 1.0, 0.6, 1.6, 1.7, 1.6, 0.9, 0.3)
"""07:00 to 18:00 with peaks from 8 to 11 and from 13 to 16 (§6.2, `hour_profile`)."""

SHIFTS: dict[str, tuple[Pattern, ...]] = {
    "day": (Pattern(7, _MORNING_AND_AFTERNOON),),
    # Day teams linger after the end of a shift (§6.1, Wang19).
    "day_linger": (Pattern(7, (*_MORNING_AND_AFTERNOON, 0.4, 0.2)),),
    "office": (Pattern(8, (1.0, 1.2, 1.2, 1.1, 0.6, 1.1, 1.2, 1.2, 0.9)),),
    "12h_7_19": (Pattern(7, (1.0,) * 12), Pattern(19, (1.2,) * 4 + (0.9,) * 8, 0.35)),
    "rotating": (Pattern(7, (1.0,) * 8), Pattern(15, (1.0,) * 8), Pattern(23, (1.0,) * 8, 0.35)),
    "flat": (Pattern(0, (1.0,) * 24),),
}

WORKING: dict[str, tuple[float, float, float]] = {
    "day": (0.95, 0.35, 0.30),
    "day_linger": (0.95, 0.35, 0.30),
    "office": (0.95, 0.05, 0.02),
    "12h_7_19": (0.43, 0.43, 0.43),
    "rotating": (0.71, 0.55, 0.55),
    "flat": (1.0, 1.0, 1.0),
}
"""Share of the staff of a shift that works on a weekday, a Saturday, a Sunday (three 12-hour shifts a week = 0.43)."""


@dataclass(frozen=True, slots=True)
class Role:
    """One role: how many at scale 1 (`least`: at any scale), charts a day (median, lognormal sigma), events a chart.

    `places` says where they work, as shares over kinds of place; `categories` which parts of a chart they open.
    """

    name: str
    n: int
    least: int
    charts: float
    sigma: float
    events_per_chart: float
    shift: str
    places: tuple[tuple[str, float], ...]
    categories: tuple[tuple[str, float], ...]
    remote: float = 0.0


_CLINICAL = (
    ("summary", 0.2), ("note", 0.25), ("result", 0.2), ("medication", 0.15), ("order", 0.12), ("imaging", 0.08),
)  # fmt: skip
_FRONT_DESK = (("demographics", 0.5), ("insurance", 0.25), ("summary", 0.2), ("note", 0.05))
_LABORATORY = (("order", 0.4), ("result", 0.35), ("medication", 0.2), ("imaging", 0.05))
_BILLING = (("account", 0.45), ("insurance", 0.25), ("note", 0.15), ("order", 0.15))
_RECORDS = (("note", 0.4), ("summary", 0.3), ("result", 0.2), ("demographics", 0.1))

ROLES: tuple[Role, ...] = (
    Role("physician", 450, 16, 18, 0.45, 25, "day_linger",
         (("clinic", 0.7), ("emergency", 0.1), ("hospital", 0.2)), _CLINICAL, remote=0.12),
    Role("resident", 200, 2, 16, 0.40, 40, "rotating", (("hospital", 0.5), ("emergency", 0.5)), _CLINICAL),
    Role("nurse", 1400, 10, 6, 0.35, 45, "12h_7_19",
         (("unit", 0.7), ("emergency", 0.15), ("clinic", 0.15)), _CLINICAL),
    Role("ma_registrar", 350, 5, 35, 0.35, 6, "day", (("clinic", 0.85), ("emergency", 0.15)), _FRONT_DESK),
    Role("pharmacy_lab_rad", 300, 3, 55, 0.50, 4, "rotating", (("ancillary", 1.0),), _LABORATORY),
    Role("billing_coding", 160, 2, 45, 0.40, 8, "office",
         (("accounts", 0.5), ("coding", 0.5)), _BILLING, remote=0.4),
    Role("him_qa_research", 60, 2, 40, 0.80, 6, "office", (("records", 1.0),), _RECORDS, remote=0.2),
    Role("service", 25, 1, 4000, 0.20, 1, "flat", (("integration", 1.0),), _LABORATORY),
)  # fmt: skip

FORMER_STAFF = 0.02
"""Accounts of people who left before the simulation begins, as a share of the staff (at least three)."""

STAFF_WHO_ARE_PATIENTS = 0.6

UNEXPLAINED = 0.055
"""Share of people's ordinary accesses that no context explains. §6.2 `relations` has 0.06; a little less, so that the
share that is explained is above 0.94 (§6.1, Fabbri13) by more than chance."""

UNEXPLAINED_SHAPE = 0.2
"""First shape of the beta distribution of that share over people: few (float pool, on-call) have most of it (A01)."""

DRIFT_DAY = 15
DRIFT_FACTOR = {"nurse": 1.2, "ma_registrar": 1.2, "pharmacy_lab_rad": 1.15}
"""Drift: from this day on (counted from 0) these roles open so many times as many charts; a new module went live."""

EMERGENCY_OVERRIDES = 0.02
"""Share of chart opens in the emergency department that break the glass."""
EXPORTS = 0.03
"""Share of the audit events of health information (release of information) that are exports of one chart."""

POPULARITY = 1.1
"""Exponent of the Zipf law by which the charts of a ward are opened."""

OUTPATIENT_VISITS = 2200
EMERGENCY_VISITS = 160
ADMISSIONS = 55
STAY_DAYS_MEDIAN, STAY_DAYS_SIGMA = 3.2, 0.8
WEEKEND = {5: 0.35, 6: 0.30}
"""Outpatient volume on Saturday (weekday 5) and Sunday, against a weekday."""

BOOKED_AHEAD_DAYS = (3, 14)
"""An outpatient appointment is booked this many days ahead, uniformly."""

HISTORY_DAYS = 42
"""Days before the start whose context and open claims exist: six weeks, which covers most lags of claims."""

LATE_SHARE = 0.02
LATE_MEDIAN_SECONDS, LATE_SIGMA = 20.0, 1.934
"""Out-of-order arrival: p50 20 s, p99 30 min, so sigma = ln(1800 / 20) / 2.326."""
VERY_LATE_SHARE = 0.005
VERY_LATE_DAYS = (1.0, 3.0)
DUPLICATE_SHARE = 0.003

FAILED_LOGIN_SHARE = 0.03
"""Share of logins that one to three failures precede."""

REFERRED_PER_VISIT = 0.9
"""Services of laboratories, imaging and therapy that an outpatient or emergency visit gives rise to. §6.2's 1.15 claims
a visit and its 6,000 to 9,000 claims a day do not agree; this gives about 6,000."""
REFERRED_TO = {"laboratory": 0.45, "imaging": 0.25, "therapy": 0.30}
OUTSIDE = {"laboratory": (8, 4), "imaging": (16, 4), "therapy": (36, 12)}
"""Outside providers of each kind: at scale 1, and at any scale. Ten peers of a kind need twelve."""
LINES_PROFESSIONAL, LINES_INSTITUTIONAL = 0.9, 9.0
"""Means of the lines beyond one (Poisson) and beyond four (negative binomial)."""
CHARGE_TO_PAID = 2.6
PROVIDER_EFFECT_SIGMA = 0.25
SUBMIT_LAG_MEDIAN, SUBMIT_LAG_SIGMA = 6.0, 0.9
REMIT_LAG_MEDIAN, REMIT_LAG_SIGMA = 16.0, 0.35
DENIED, REVERSED, PENDING = 0.11, 0.015, 0.015
REPLACED, VOIDED = 0.03, 0.01
RESUBMITTED = 0.003
"""Honest exact duplicates; under 1 % is expected (§6.1, WPS)."""
BATCH_HOURS = (2.0, 6.0, 10.0, 14.0, 18.0, 22.0)
REMIT_HOURS = (4.0, 16.0)
MODIFIER_25, MODIFIER_59, SIDES = 0.18, 0.03, 0.04
PAIRED_THERAPY, PAIR_BYPASSED = 0.35, 0.6
"""Share of therapy claims with a pair of procedures, and of these the share with a modifier 59."""
HABIT_SIGMA = 0.06
"""Spread between physicians of one specialty in the level of visits that they bill."""
FEE_SCHEDULE_DAY, FEE_SCHEDULE_FACTOR = 16, 1.12
"""Decoy: the chargemaster changes; on the first of the month where one lies within the days, else on this day."""
DENIAL_REASONS: dict[str, float] = {
    "16": 0.22, "18": 0.10, "197": 0.12, "50": 0.10, "97": 0.12, "29": 0.03, "96": 0.10, "4": 0.05, "11": 0.05,
    "151": 0.02, "27": 0.09,
}  # fmt: skip
"""CARC of a denial; `27` stands for the remaining 9 %."""

PAYMENTS = 900
PAYMENT_MEDIAN_CENTS, PAYMENT_SIGMA = 4500.0, 1.1
CARD_SHARE, DECLINED, REFUNDED = 0.78, 0.05, 0.012
WRITE_OFFS = 60
"""Write-offs a weekday at scale 1."""

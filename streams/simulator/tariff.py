"""Bare procedure codes with typical payments, and the mixes by which settings bill them; no descriptions (AMA)."""

from typing import NamedTuple

import numpy as np

from streams.simulator.timing import Floats, Ints


class Tariff(NamedTuple):
    """One code: what Medicare typically pays (cents), the spread of charges within it, and its revenue code."""

    code: str
    paid: int
    sigma: float
    revenue: str = ""


TARIFF: tuple[Tariff, ...] = (
    # Paid per service of 99213, 99214, 99232, 97110 and 97140: §6.1 (S:DHC); sigmas of 99214 and imaging: S:fonteum.
    # All other amounts are design defaults of the order of public fee schedules.
    Tariff("99211", 1600, 0.40), Tariff("99212", 3200, 0.40), Tariff("99213", 4711, 0.37),
    Tariff("99214", 7000, 0.37), Tariff("99215", 11800, 0.37), Tariff("99202", 5200, 0.40),
    Tariff("99203", 7900, 0.40), Tariff("99204", 11900, 0.40), Tariff("99205", 15700, 0.40),
    Tariff("99232", 5622, 0.40), Tariff("99281", 900, 0.50), Tariff("99282", 3000, 0.50),
    Tariff("99283", 5100, 0.50), Tariff("99284", 8700, 0.50), Tariff("99285", 12700, 0.50),
    Tariff("97110", 2098, 0.50), Tariff("97140", 1823, 0.50), Tariff("97530", 2500, 0.50), Tariff("36415", 300, 0.50),
    Tariff("80061", 1300, 0.50), Tariff("83036", 1000, 0.50), Tariff("84443", 1700, 0.50),
    Tariff("85025", 800, 0.50), Tariff("80053", 1100, 0.50), Tariff("93000", 1500, 0.50),
    Tariff("81003", 300, 0.50), Tariff("70450", 9500, 0.54), Tariff("71046", 2200, 0.54),
    Tariff("73030", 2600, 0.54), Tariff("90837", 11500, 0.40), Tariff("R0120", 110000, 0.50, "0120"),
    Tariff("R0250", 9000, 0.60, "0250"), Tariff("R0270", 6000, 0.60, "0270"), Tariff("R0300", 7000, 0.60, "0300"),
    Tariff("R0320", 14000, 0.60, "0320"), Tariff("R0450", 45000, 0.60, "0450"), Tariff("R0636", 12000, 0.60, "0636"),
    Tariff("R0710", 16000, 0.60, "0710"),
)  # fmt: skip
"""Lines of institutional claims bill by revenue code; their entry here starts with `R`."""

_INDEX = {tariff.code: index for index, tariff in enumerate(TARIFF)}
PAID: Ints = np.array([tariff.paid for tariff in TARIFF])
SIGMA: Floats = np.array([tariff.sigma for tariff in TARIFF])
TIMED = frozenset({"97110", "97140", "97530"})
"""Therapy by the quarter of an hour: units above one are ordinary."""

Mix = tuple[Ints, Floats]


def index_of(code: str) -> int:
    """Return the number of a code in `TARIFF`."""
    return _INDEX[code]


def _mix(weights: dict[str, float]) -> Mix:
    chances = np.array(list(weights.values()))
    return np.array([_INDEX[code] for code in weights]), chances / chances.sum()


VISIT_LEVELS = _mix(
    {"99211": 2.45, "99212": 2.64, "99213": 40.16, "99214": 45.0, "99215": 2.73, "99202": 1.0, "99203": 3.5,
     "99204": 2.2, "99205": 0.33}
)  # fmt: skip
"""Established patients by S:AAFP (§2.2, B04 prior), for family medicine; one visit in fourteen is a new
patient's."""
_LEVEL_OF_CODE = np.array([1, 2, 3, 4, 5, 2, 3, 4, 5])
SPECIALTY_TILT: dict[str, float] = {
    "Internal Medicine": 1.1, "Cardiology": 1.5, "Oncology": 1.5, "Neurology": 1.4, "Gastroenterology": 1.2,
    "Psychiatry": 1.1, "Obstetrics": 0.85, "Pediatrics": 0.85, "Orthopedics": 0.8, "Dermatology": 0.7, "Urology": 0.95,
}  # fmt: skip
"""By how much a specialty prefers each next level, against family medicine: specialty matters most (S:codingintel)."""


def visit_levels(tilts: Floats, rng: np.random.Generator) -> Ints:
    """Draw the code of a visit for each tilt: weights of `VISIT_LEVELS`, times the tilt for each level above three."""
    codes, chances = VISIT_LEVELS
    weights = chances * tilts[:, None] ** (_LEVEL_OF_CODE - 3)
    bounds = np.cumsum(weights, axis=1)
    drawn = rng.random(len(tilts)) * bounds[:, -1]
    chosen: Ints = codes[np.minimum((bounds < drawn[:, None]).sum(axis=1), len(codes) - 1)]
    return chosen


EMERGENCY_LEVELS = _mix({"99281": 3, "99282": 10, "99283": 36, "99284": 33, "99285": 18})
EXTRAS = _mix({"36415": 30, "85025": 20, "80053": 20, "93000": 10, "81003": 20})
LABORATORY = _mix({"80053": 30, "85025": 25, "80061": 20, "83036": 15, "84443": 10})
IMAGING = _mix({"70450": 25, "71046": 50, "73030": 25})
THERAPY = _mix({"97110": 65, "97140": 35})
FACILITY = _mix({"R0250": 30, "R0270": 20, "R0300": 25, "R0320": 10, "R0636": 10, "R0710": 5})
DIAGNOSES = ("I10", "E119", "J069", "M545", "F329", "Z0000", "N390", "K219", "R079", "S060X0A", "J449", "E785")
"""ICD-10-CM codes, without the point, as on claims."""

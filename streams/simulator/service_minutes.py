"""Minimum minutes of the timed services that the simulated hospital bills (facts of domain.md §2.2, B05).

A handful of codes for the simulation and its tests; a site brings its own table (`WARDWATCH_SERVICE_MINUTES`).
"""

from detectors.reference.service_minutes import ServiceMinutes

MEDICAL_DECISION = 0.5
"""Visits may be chosen by medical decision making, which has no time floor: half their time counts."""

SERVICE_MINUTES: dict[str, ServiceMinutes] = {
    "99202": ServiceMinutes(15, 15, MEDICAL_DECISION),
    "99203": ServiceMinutes(30, 30, MEDICAL_DECISION),
    "99204": ServiceMinutes(45, 45, MEDICAL_DECISION),
    "99205": ServiceMinutes(60, 60, MEDICAL_DECISION),
    "99212": ServiceMinutes(10, 10, MEDICAL_DECISION),
    "99213": ServiceMinutes(20, 20, MEDICAL_DECISION),
    "99214": ServiceMinutes(30, 30, MEDICAL_DECISION),
    "99215": ServiceMinutes(40, 40, MEDICAL_DECISION),
    "90837": ServiceMinutes(53, 53),
    "97110": ServiceMinutes(8, 15),
    "97140": ServiceMinutes(8, 15),
    "97530": ServiceMinutes(8, 15),
}
"""Code to minutes; timed therapy of n units needs 15 n - 7 (8-minute rule)."""


def as_csv() -> str:
    """Return the table as the file that `WARDWATCH_SERVICE_MINUTES` names."""
    rows = [f"{code},{known.minutes:g},{known.each:g},{known.share:g}" for code, known in SERVICE_MINUTES.items()]
    return "\n".join(["code,minutes,each,share", *rows, ""])

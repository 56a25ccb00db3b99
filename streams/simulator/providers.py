"""Providers on claims: physicians of the staff, and outside consultants, each with a valid NPI."""

import numpy as np

from streams.simulator.timing import Floats

_NPI_PREFIX = "80840"
"""ISO 7812 issuer prefix over which an NPI's check digit is computed (domain.md §1.2)."""

OUTSIDE_FROM = 70_000_000
"""NPI numbers from here on belong to parties outside the hospital's own staff."""

ACQUIRED_FROM = 78_000_000
"""NPI numbers from here on belong to the physicians of a practice that the hospital acquires (a decoy)."""

RING_FROM = 79_000_000
"""NPI numbers from here on belong to practices that share their patients (B21)."""


def npi(number: int) -> str:
    """Return the valid NPI that belongs to a number below 100 million."""
    body = f"1{number:08d}"
    total = 0
    for place, digit in enumerate(reversed(_NPI_PREFIX + body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return f"{body}{-total % 10}"


TAXONOMIES: dict[str, str] = {
    "Family Medicine": "207Q00000X", "Obstetrics": "207V00000X", "Psychiatry": "2084P0800X",
    "Cardiology": "207RC0000X", "Orthopedics": "207X00000X", "Internal Medicine": "207R00000X",
    "Pediatrics": "208000000X", "Neurology": "2084N0400X", "Oncology": "207RX0202X",
    "Gastroenterology": "207RG0100X", "Dermatology": "207N00000X", "Urology": "208800000X",
    "Emergency": "207P00000X", "Hospital Medicine": "208M00000X",
    "laboratory": "291U00000X", "imaging": "2085R0202X", "therapy": "225100000X",
}  # fmt: skip
"""Place of work, or kind of outside provider, to its code of the NUCC provider taxonomy."""

ORGANISATION_TAXONOMY = "282N00000X"

ORGANISATION_NPI = npi(50_000_000)
"""The hospital itself, as billing provider."""


def effects(rng: np.random.Generator, n: int, sigma: float) -> Floats:
    """Draw the factor by which each provider charges above or below the others."""
    return rng.lognormal(0.0, sigma, n)

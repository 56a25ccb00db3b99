"""Providers on claims: physicians of the staff, and outside consultants, each with a valid NPI."""

import numpy as np

from streams.simulator.timing import Floats

_NPI_PREFIX = "80840"
"""ISO 7812 issuer prefix over which an NPI's check digit is computed (domain.md §1.2)."""

OUTSIDE_FROM = 70_000_000
"""NPI numbers from here on belong to parties outside the hospital's own staff."""


def npi(number: int) -> str:
    """Return the valid NPI that belongs to a number below 100 million."""
    body = f"1{number:08d}"
    total = 0
    for place, digit in enumerate(reversed(_NPI_PREFIX + body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return f"{body}{-total % 10}"


ORGANISATION_NPI = npi(50_000_000)
"""The hospital itself, as billing provider."""


def effects(rng: np.random.Generator, n: int, sigma: float) -> Floats:
    """Draw the factor by which each provider charges above or below the others."""
    return rng.lognormal(0.0, sigma, n)

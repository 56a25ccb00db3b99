"""Which departments open the charts of which departments' patients: a small matrix over all partitions (A12).

Departments are stable where pairs of user and patient churn (domain.md §3.4, Chen 2012). Only accesses with a known
reason count, so that curiosity does not teach the matrix that it is normal.
"""

from collections.abc import Collection

from detectors.peers.book import PeerBook
from detectors.peers.view import PeerView
from detectors.profiles.applied import fingerprint

AFFINITY, ALL = "affinity", "*"
WIDTH = 512
"""Bins for departments: a hospital has dozens."""

TOTAL = -1

HALVED_AT = 20_000
"""Accesses of a row at which all its counts are halved, so that the matrix follows the hospital."""


def count_access(book: PeerBook, dept: str, places: Collection[str]) -> None:
    """Count one explained access by a department to a patient of some departments."""
    for segment in (dept, ALL):
        bins = book.bins(AFFINITY, segment)
        for place in {_bin(place) for place in places}:
            bins[place] = bins.get(place, 0) + 1
        bins[TOTAL] = bins.get(TOTAL, 0) + 1
        if bins[TOTAL] > HALVED_AT:
            for place in list(bins):
                bins[place] //= 2


def lift_of(view: PeerView, dept: str, places: Collection[str], least: float) -> float | None:
    """Return how much more often than by chance a department opens charts of patients of these departments.

    The lift is n(a,p) N / (n(a) n(p)), half an access added on both sides; of several departments the closest counts.

    Args:
        view: the matrix.
        dept: of the user.
        places: departments of the patient.
        least: accesses that were to be expected by chance; with fewer nothing is known.

    Returns:
        None where nothing is known.
    """
    bins = [_bin(place) for place in places]
    own_total, *own = view.counted(AFFINITY, dept, (TOTAL, *bins))
    total, *every = view.counted(AFFINITY, ALL, (TOTAL, *bins))
    if not bins or not total:
        return None
    lifts = []
    for together, others in zip(own, every, strict=True):
        expected = own_total * others / total
        if expected < least:
            return None
        lifts.append((together + 0.5) / (expected + 0.5))
    return max(lifts)


def _bin(place: str) -> int:
    return fingerprint(place) % WIDTH

"""What services are charged for, over all providers: a histogram for each procedure and setting (B34).

A provider adds one charge a day to each, so that whoever bills a service most does not decide alone what is usual.
"""

import math

from detectors.peers.book import PeerBook
from detectors.peers.measures import BINS, Measure
from detectors.peers.view import PeerView

CHARGES = Measure("unit_charge", "dollars charged for one unit of a service", 1_000_000)
"""A bin is 11 % wide: far finer than the factors between providers that are ordinary (domain.md §6.1)."""

HALVED_AT = 20_000
"""Charges of a histogram at which all its counts are halved, so that it follows the fee schedules."""


def count_charge(book: PeerBook, service: str, dollars: float) -> None:
    """Count the charge for one unit of a service, which is a procedure code and a setting."""
    bins = book.bins(CHARGES.name, service)
    place = CHARGES.bin_of(dollars)
    bins[place] = bins.get(place, 0) + 1
    if sum(bins.values()) > HALVED_AT:
        for kept in list(bins):
            bins[kept] //= 2
            if not bins[kept]:
                del bins[kept]


def usual_charge(view: PeerView, service: str, share: float, least: int) -> tuple[float, int] | None:
    """Return the charge, in dollars, that a share of all charges for a service does not exceed, and how many they are.

    Args:
        view: the histograms of all partitions.
        service: procedure code and setting.
        share: such as 0.995.
        least: charges from which on this is known.

    Returns:
        None where fewer are known.
    """
    counts = view.counted(CHARGES.name, service, tuple(range(BINS)))
    total = sum(counts)
    if total < least:
        return None
    wanted, passed = math.ceil(share * total), 0
    for place, count in enumerate(counts):
        passed += count
        if passed >= wanted:
            # The upper edge of the bin: nobody is charged with what the histogram cannot tell apart.
            return CHARGES.value_at((place + 1) / BINS), total
    raise AssertionError("the counts add up to their sum")

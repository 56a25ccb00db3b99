"""How far one recipient's share of an orderer's patients and money has risen, at whatever week that began (B20)."""

import math
from typing import NamedTuple

from detectors.profiles.conduct import Conduct

MOST_IN_A_WEEK = 0.8
"""Where more of a recipient's orders came in one week, it is no habit yet; ours."""


class Rise(NamedTuple):
    """The surest rise of one recipient: of its share of the money and of the orders, both from 0 to 1.

    `recipient` is the NPI of who receives them, empty where nobody's share rose.

    `z` is the statistic of two proportions for the orders before and after: how far chance is from explaining it.
    """

    money: float = 0.0
    orders: float = 0.0
    z: float = 0.0
    recipient: str = ""


def surest(conduct: Conduct, since: int, least: int) -> Rise:
    """Return the surest rise of any recipient, from before some week to after it.

    Money alone may rise by one dear order, and a share of few orders by chance: so the orders decide.

    Args:
        conduct: of the orderer.
        since: first week at which it may have begun.
        least: orders that there must be on either side.
    """
    whole: dict[int, list[int]] = {}
    for by_week in conduct.orders.values():
        for week, (orders, cents) in by_week.items():
            total = whole.setdefault(week, [0, 0])
            total[0] += orders
            total[1] += cents
    found = Rise()
    for split in (week for week in whole if week >= since):
        before, after = _sums(whole, split)
        if min(before[0], after[0]) < least or not before[1] or not after[1]:
            continue
        for recipient, by_week in conduct.orders.items():
            if _lasts(by_week, split):
                rise = _rise(_sums(by_week, split), (before, after))._replace(recipient=recipient)
                found = max(found, rise, key=lambda rise: rise.z)
    return found


def _lasts(by_week: dict[int, list[int]], split: int) -> bool:
    """Return whether the orders since a week are more than one file of claims that was sent late."""
    orders = [counts[0] for week, counts in by_week.items() if week >= split]
    return max(orders, default=0) <= MOST_IN_A_WEEK * sum(orders)


def _rise(own: "Sides", whole: "Sides") -> Rise:
    (own_before, own_after), (before, after) = own, whole
    pooled = (own_before[0] + own_after[0]) / (before[0] + after[0])
    error = math.sqrt(pooled * (1 - pooled) * (1 / before[0] + 1 / after[0]))
    orders = own_after[0] / after[0] - own_before[0] / before[0]
    return Rise(own_after[1] / after[1] - own_before[1] / before[1], orders, orders / error if error else 0.0)


Sides = tuple[tuple[int, int], tuple[int, int]]
"""Orders and cents before a week, and from it on."""


def _sums(by_week: dict[int, list[int]], split: int) -> Sides:
    sides = ([0, 0], [0, 0])
    for week, (orders, cents) in by_week.items():
        side = sides[week >= split]
        side[0] += orders
        side[1] += cents
    return (sides[0][0], sides[0][1]), (sides[1][0], sides[1][1])

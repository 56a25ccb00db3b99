"""First digits and last digits of the amounts that a clerk decides, by week (B29)."""

import math
from collections.abc import Mapping, Sequence

from detectors.explain import DAY
from detectors.peers.measures import MEASURES
from detectors.profiles.money import UserMoney
from detectors.scene import Scene
from detectors.thresholds_money import MoneyThresholds

BENFORD = tuple(math.log10(1 + 1 / digit) for digit in range(1, 10))
"""Expected share of each first digit (Benford, Proc. Am. Phil. Soc. 78, 1938)."""

ENDINGS, SMALLEST, LARGEST = 9, 10, 11
"""Places behind the nine digits: amounts that end in 00 or 50 cents, smallest and largest power of ten."""

DECADES = 2
"""Amounts must span this many orders of magnitude for the law to hold at all."""


def count_amount(weeks: dict[int, list[int]], at: float, cents: int, limits: MoneyThresholds) -> None:
    """Count one amount in its week, since the epoch."""
    if cents < limits.benford_from:
        return
    text = str(cents)
    counts = weeks.setdefault(int(at // (7 * DAY)), [0] * 10 + [len(text), len(text)])
    counts[int(text[0]) - 1] += 1
    counts[ENDINGS] += cents % 50 == 0
    counts[SMALLEST] = min(counts[SMALLEST], len(text))
    counts[LARGEST] = max(counts[LARGEST], len(text))
    if len(weeks) > limits.benford_weeks:
        del weeks[min(weeks)]


def note_week(scene: Scene, money: UserMoney, segments: Sequence[str], limits: MoneyThresholds) -> None:
    """Note, once a week, how far the first digits are from Benford's law, and how many amounts end evenly."""
    week = int(scene.time // (7 * DAY))
    if week <= money.looked_week:
        return
    money.looked_week = week
    counts = [sum(column) for column in zip(*(counts[:10] for counts in money.digits.values()), strict=True)]
    n = sum(counts[:9])
    if n < limits.benford_least or _decades(money.digits) < DECADES:
        return
    deviation = mean_deviation(counts[:9])
    scene.notes["amounts.n"] = n
    scene.notes["amounts.deviation"] = round(deviation, 4)
    scene.notes["amounts.chance"] = round(chance_deviation(n), 4)
    scene.notes["amounts.even_share"] = round(counts[ENDINGS] / n, 3)
    measure = MEASURES["digit_deviation"]
    group = scene.around.peers.group(measure, segments)
    if group is not None:
        scene.notes["amounts.deviation_p95"] = round(group.p95, 4)
    scene.around.book.place(scene.profile.history.peers, measure, segments, deviation)


def mean_deviation(counts: Sequence[int]) -> float:
    """Return the mean absolute deviation of nine counts of first digits from Benford's law."""
    n = sum(counts)
    return sum(abs(count / n - share) for count, share in zip(counts, BENFORD, strict=True)) / len(BENFORD)


def chance_deviation(n: int) -> float:
    """Return the mean absolute deviation that chance alone leaves in `n` amounts that follow the law."""
    return sum(math.sqrt(2 * share * (1 - share) / (math.pi * n)) for share in BENFORD) / len(BENFORD)


def _decades(weeks: Mapping[int, Sequence[int]]) -> int:
    smallest = min((counts[SMALLEST] for counts in weeks.values()), default=0)
    largest = max((counts[LARGEST] for counts in weeks.values()), default=0)
    return largest - smallest

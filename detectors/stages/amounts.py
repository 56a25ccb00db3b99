"""What the money patterns all need of a transaction: its amount, and whether it lies near a limit (B24)."""

from collections.abc import Iterable, Sequence

from detectors.events import BillingTransaction
from detectors.explain import DAY
from detectors.profiles.money import NEAR_KEPT, Near
from detectors.scene import Scene
from detectors.thresholds_money import MoneyThresholds

GIVEN_BACK = ("refund", "credit")
WRITTEN_OFF = ("write_off", "adjustment")
POSTED = (*GIVEN_BACK, *WRITTEN_OFF)
"""Kinds whose amount a clerk decides."""


def amount_of(transaction: BillingTransaction) -> int:
    """Return what moved, in cents: what was paid, else what was adjusted."""
    amounts = transaction.amounts
    return abs(amounts.paid or amounts.adjustment) if amounts else 0


def approval_limit(transaction: BillingTransaction) -> int:
    """Return the amount in cents from which somebody else must approve, 0 where it is not known."""
    return (transaction.approval.limit if transaction.approval else 0) or 0


def keep_near(near: list[Near], scene: Scene, amount: int, limit: int, thresholds: MoneyThresholds) -> None:
    """Remember an amount just below a limit, and note how many have come together around it."""
    for name in ("split.items", "split.sum", "split.limit"):
        scene.notes.pop(name, None)
    if not limit or not thresholds.split_from * limit <= amount < limit:
        return
    near.append(Near(scene.time, amount, limit))
    near.sort(key=lambda item: item.at)
    del near[:-NEAR_KEPT]
    window = thresholds.split_days * DAY
    together = [item for item in near if item.limit == limit and abs(item.at - scene.time) < window]
    best = _fullest(together, scene.time, window)
    if len(best) >= thresholds.split_items and sum(item.amount for item in best) >= thresholds.split_sum * limit:
        scene.notes["split.items"] = len(best)
        scene.notes["split.sum"] = sum(item.amount for item in best)
        scene.notes["split.limit"] = limit


def _fullest(items: Sequence[Near], at: float, window: float) -> list[Near]:
    """Return the items of the fullest window that contains `at`."""
    ends = [item.at for item in items if item.at >= at]
    windows = ([item for item in items if end - window < item.at <= end] for end in ends)
    return max(windows, key=len, default=[])


def middle(values: Iterable[float]) -> float:
    """Return the median of at least one value."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def extended(figures: tuple[int, float, float], value: float) -> tuple[int, float, float]:
    """Return number, mean and sum of squared deviations with one value more (Welford, Technometrics 4, 1962)."""
    n, mean, squares = figures
    step = value - mean
    mean += step / (n + 1)
    return n + 1, mean, squares + step * (value - mean)


def z_of_count(figures: tuple[int, float, float], value: float) -> float:
    """Return how many standard deviations a count is off the mean; they are at least those of a Poisson count."""
    n, mean, squares = figures
    variance = squares / (n - 1) if n > 1 else 0.0
    return float((value - mean) / max(variance, mean, 1.0) ** 0.5)

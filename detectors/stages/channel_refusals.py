"""The instrument stage, whole channels: refusals in ten minutes, against all such windows before (B25).

Payments of an hour may come hours after those of the next one, as when a worker catches up after an outage. So the
counts of the last days are kept by window, and a window is held against those before it, in whatever order they came.
"""

from detectors.profiles.money import InstrumentMoney
from detectors.scene import Scene
from detectors.stages.amounts import extended, z_of_count
from detectors.stages.billing import is_declined
from detectors.thresholds_money import MoneyThresholds

WINDOW = 600
"""Seconds over which refusals are counted (domain.md §2.2 B25)."""

WINDOWS_KEPT = 288
"""Two days: what comes later than that is no longer counted."""

LEARNED_AT_ONCE = 1_008
"""A week: of a longer silence the last week is learned."""

SETTLED = 12
"""Windows after which there is an idea of what is ordinary, so that what is far above it can be cut down to that."""


def observe_channel(scene: Scene, money: InstrumentMoney, limits: MoneyThresholds) -> None:
    """Count a refusal, and note how many the channel has in this window and how far that is from ordinary."""
    window = int(scene.time // WINDOW)
    money.windows_since = min(money.windows_since, window) if money.windows_since else window
    _learn(money, window - WINDOWS_KEPT)
    if not is_declined(scene.data) or window <= money.closed_to:
        return
    count = money.windows[window] = money.windows.get(window, 0) + 1
    if count < limits.portal_least:
        return
    ordinary = _before(money, window)
    if ordinary[0] >= limits.portal_windows:
        scene.notes["channel.declines"] = count
        scene.notes["channel.z"] = round(z_of_count(ordinary, count), 1)
        scene.notes["channel.windows"], scene.notes["channel.mean"] = ordinary[0], round(ordinary[1], 1)


def _learn(money: InstrumentMoney, last: int) -> None:
    """Take the windows up to one into the figures of what is ordinary, quiet ones too."""
    first = max(money.closed_to + 1, money.windows_since, last + 1 - LEARNED_AT_ONCE)
    for past in range(first, last + 1):
        money.closed = _with_window(money.closed, money.windows.pop(past, 0))
    money.closed_to = max(money.closed_to, last)


def _before(money: InstrumentMoney, window: int) -> tuple[int, float, float]:
    """Return the figures of all windows before one, but for the last: an attack may have begun in it."""
    figures = money.closed
    for past in range(max(money.closed_to + 1, money.windows_since), window - 1):
        figures = _with_window(figures, money.windows.get(past, 0))
    return figures


def _with_window(figures: tuple[int, float, float], count: int) -> tuple[int, float, float]:
    """Return the figures with one window more; what an attack filled counts as the most that was ordinary."""
    number, mean, squares = figures
    if number >= SETTLED:
        deviation = max(squares / (number - 1), mean, 1.0) ** 0.5
        count = min(count, round(mean + 6 * deviation))
    return extended(figures, count)

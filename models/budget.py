"""The alert budget: a risk threshold steered so that as many alerts come as people can look at, on average.

`models.daily_budget` makes a budget of it that every day meets.

The budget keeps a fading histogram of the risks that it saw and puts the threshold where, at that rate, the expected
number of alerts a day is the budget. Critical findings always alert and are counted against it.
"""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np

from models import snapshots
from models.api import Snapshot

_DAY = 86_400.0
_BINS_PER_POINT = 10
_BINS = 100 * _BINS_PER_POINT + 1
"""Bins of 0.1 points of risk; 100.0 has the last one to itself."""


class Decision(StrEnum):
    """What becomes of a finding."""

    ALERT = "alert"
    HOLD = "hold"


class AlertBudget:
    """Decides, finding by finding in event time, which ones alert.

    The threshold lies at a bin of the histogram. Of the findings in the bin just below it, the share that the budget
    still has room for alerts, evenly spread: risks come in lumps (one rule of weight 0.4 is always 40), and a lump at
    the threshold would otherwise mean twice the budget or nothing. Memory is constant, 8 kB.

    Expect the budget to be met within 10 % on input whose rate and risks do not drift, after about two half-lives, as
    long as enough findings reach `floor` and criticals alone stay within the budget. Time without findings counts as
    quiet time.

    Args:
        alerts_per_day: the budget, above 0.
        half_life_days: event time after which a finding counts half. A multiple of a week sees every weekday.
        floor: risk below which nothing alerts, however quiet it is.
        initial_threshold: risk below which nothing alerts during `burn_in_days`.
        burn_in_days: until so much event time has passed, what was seen counts as all that this time brings. With n
            findings over the threshold the burn-in then alerts about budget * (1 + ln(n / budget)) times.

    Raises:
        ValueError: if a parameter is out of its range.
    """

    def __init__(
        self,
        alerts_per_day: float,
        *,
        half_life_days: float = 7.0,
        floor: float = 15.0,
        initial_threshold: float = 40.0,
        burn_in_days: float = 1.0,
    ) -> None:
        if not (alerts_per_day > 0 and half_life_days > 0 and burn_in_days > 0):
            raise ValueError("alerts_per_day, half_life_days and burn_in_days must be above 0")
        if not 0 <= floor <= initial_threshold <= 100:
            raise ValueError("0 <= floor <= initial_threshold <= 100 is required")
        self._alerts_per_day = alerts_per_day
        self._half_life = half_life_days * _DAY
        self._floor = floor
        self._initial_threshold = initial_threshold
        self._burn_in = burn_in_days * _DAY
        self._counts = np.zeros(_BINS)
        self._criticals = 0.0
        self._exposure = 0.0
        self._started: float | None = None
        self._clock = 0.0
        self._credit = 0.0

    @property
    def threshold(self) -> float:
        """Risk from which a finding is certain to alert at the moment; just above 100 if none is."""
        return self._cut()[0] / _BINS_PER_POINT

    def decide(self, at: float, risk: float, critical: bool = False) -> Decision:
        """Decide on one finding and learn its risk.

        Args:
            at: event time in seconds since the epoch. What comes late is taken as of the latest time seen.
            risk: from 0 to 100.
            critical: whether a critical rule is among its reasons; it then alerts, budget or not.

        Returns:
            Whether it alerts. Among findings decided in one state, a higher risk never holds where a lower one alerts.

        Raises:
            ValueError: if the time is not finite or the risk out of its range.
        """
        if not (math.isfinite(at) and 0 <= risk <= 100):
            raise ValueError("a finding needs a finite time and a risk between 0 and 100")
        self._advance(at)
        if critical:
            self._criticals += 1
            return Decision.ALERT
        place = int(risk * _BINS_PER_POINT)
        decision = self._choose(place)
        self._counts[place] += 1
        return decision

    def charge(self, at: float) -> None:
        """Count an alert that was not asked for against the budget, as a critical one."""
        self._advance(at)
        self._criticals += 1

    def snapshot(self) -> Snapshot:
        """Copy out what was learned, not the parameters: a restored budget may be another number of alerts a day."""
        return {
            "counts": self._counts.copy(),
            "criticals": self._criticals,
            "exposure": self._exposure,
            "started": self._started,
            "clock": self._clock,
            "credit": self._credit,
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Replace what was learned by what a snapshot holds.

        Raises:
            ValueError: if the snapshot is damaged; nothing is then changed.
        """
        counts = snapshots.array(snapshot, "counts", np.float64, (_BINS,))
        numbers = [snapshots.real(snapshot, name) for name in ("criticals", "exposure", "clock", "credit")]
        started = None if snapshot.get("started") is None else snapshots.real(snapshot, "started")
        if not (np.isfinite([*counts, *numbers]).all() and counts.min() >= 0 and min(numbers[:2]) >= 0):
            raise ValueError("the snapshot is damaged: a count is negative or not finite")
        self._counts, self._started = counts, started
        self._criticals, self._exposure, self._clock, self._credit = numbers

    def _advance(self, at: float) -> None:
        """Fade what was seen by the time that passed, and add that time, faded alike, to the exposure."""
        if self._started is None:
            self._started = self._clock = at
        passed = max(0.0, at - self._clock)
        decay = passed / self._half_life * math.log(2)
        kept = math.exp(-decay)
        self._counts *= kept
        self._criticals *= kept
        self._exposure = self._exposure * kept - math.expm1(-decay) * self._half_life / math.log(2)
        self._clock += passed

    def _in_burn_in(self) -> bool:
        return self._started is None or self._clock - self._started < self._burn_in

    def _cut(self) -> tuple[int, float]:
        """The lowest bin that is sure to alert, and the share of the bin below it that still does."""
        exposure = max(self._exposure, self._burn_in) if self._in_burn_in() else self._exposure
        room = max(0.0, self._alerts_per_day * exposure / _DAY - self._criticals)
        lowest = self._initial_threshold if self._in_burn_in() else self._floor
        first = math.ceil(lowest * _BINS_PER_POINT)
        if room == 0:
            return _BINS, 0.0
        from_top = np.cumsum(self._counts[::-1])[::-1]
        sure = first + int(np.count_nonzero(from_top[first:] > room))
        if sure == first:
            return first, 0.0
        above = from_top[sure] if sure < _BINS else 0.0
        return sure, float((room - above) / self._counts[sure - 1])

    def _choose(self, place: int) -> Decision:
        sure, share = self._cut()
        if place >= sure:
            return Decision.ALERT
        if place < sure - 1 or share <= 0:
            return Decision.HOLD
        self._credit += share
        if self._credit < 1:
            return Decision.HOLD
        self._credit -= 1
        return Decision.ALERT

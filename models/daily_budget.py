"""A budget that is met every day: a share at once, by a threshold, and the rest from the best of what was held back.

A steered threshold alone gives the budget on average, while single days swing by a third and more: alerts come at
random, fewer at weekends, and every drift needs a half-life to be followed. So the threshold is aimed below the budget,
and what a day leaves over goes, hour by hour and at its end, to the highest risks that were held back that day.

Some alerts ask no leave: what is critical, and what joins a case and makes it graver. Whoever gives the budget away by
noon overspends it with these by night, so a place is kept for as many of them as the hours to come usually bring.
"""

from __future__ import annotations

import math

import numpy as np

from models import snapshots
from models.api import Snapshot
from models.budget import AlertBudget, Decision

_DAY = 86_400.0
_HOURS = 24
_HOUR = _DAY / _HOURS
_ROUNDING = 1e-9

SAVED = 0.07
"""Share of the budget that one day saves at most for another: a day may miss the budget by a tenth, and what is found
late of it may miss it by one more."""

Waiting = tuple[float, float, str]
"""Risk, event time and name of a finding that was held back."""


class DailyBudget:
    """Decides on findings in event time, and says which of those held back may alert after all.

    A day (UTC) has a quota, the budget. A finding alerts at once if its risk lies above the threshold of `AlertBudget`,
    aimed at `immediate` of the budget, unless the day has spent more than its quota. Of the others the best wait until
    their day ends, one of a subject. Whenever an hour begins and fewer alerts were spent than `paced` of what usually
    falls on the hours so far, the best of those waiting are released; at the end of the day as many as the quota still
    holds. What a day overspent, up to 7 %, the next saves.

    Every alert has to be told by `spent`: criticals, and what joins a case and makes it graver, alert whatever is left,
    and leave less for the others. Until the day ends the others leave so many places free as these usually take in the
    hours to come, and `sure` standard deviations (of a Poisson number) more. Memory is constant: at most
    `2 * alerts_per_day + 1` findings wait, by name.

    Expect the budget within 10 % on every day on which enough findings reach `floor` and those that alert whatever is
    left stay within it, the first day included, whatever the rate and the risks do.

    Args:
        alerts_per_day: the budget, above 0.
        immediate: share of the budget that the threshold is aimed at, above 0, at most 1.
        paced: share of the usual pace at which findings are released before the day ends, from 0 to 1.
        reserved: share of the budget that alerts which ask no leave take on a usual day, before any day was seen; 0 or
            more. It counts as much as one day.
        sure: standard deviations by which more such alerts may come than usual without overspending the day.
        half_life_days: event time after which a finding counts half, for the threshold and for the usual hours.
        floor: risk below which nothing alerts: a third of a rule of severity low, which may count in part.
        initial_threshold: risk below which nothing alerts at once on the first day.

    Raises:
        ValueError: if a parameter is out of its range.
    """

    def __init__(
        self,
        alerts_per_day: float,
        *,
        immediate: float = 0.65,
        paced: float = 0.75,
        reserved: float = 0.6,
        sure: float = 1.0,
        half_life_days: float = 7.0,
        floor: float = 5.0,
        initial_threshold: float = 40.0,
    ) -> None:
        if not (0 < immediate <= 1 and 0 <= paced <= 1):
            raise ValueError("0 < immediate <= 1 and 0 <= paced <= 1 are required")
        if not (0 <= reserved < math.inf and 0 <= sure < math.inf):
            raise ValueError("reserved and sure of 0 or more are required")
        self._steady = AlertBudget(
            alerts_per_day * immediate,
            half_life_days=half_life_days,
            floor=floor,
            initial_threshold=initial_threshold,
        )
        self._alerts_per_day = alerts_per_day
        self._paced = paced
        self._most_carried = max(1.0, SAVED * alerts_per_day)
        self._most_waiting = 2 * math.ceil(alerts_per_day) + 1
        self._half_life = half_life_days * _DAY
        self._floor = floor
        self._usual = np.full(_HOURS, 1.0)
        self._sure = sure
        self._unasked_at_first = np.full(_HOURS, reserved * alerts_per_day / _HOURS)
        self._unasked = self._unasked_at_first.copy()
        self._days = 1.0
        self._clock: float | None = None
        self._spent = 0
        self._carried = 0.0
        self._hour = 0
        self._waiting: dict[str, Waiting] = {}

    @property
    def threshold(self) -> float:
        """Risk from which a finding is certain to alert at the moment; just above 100 if none is."""
        return self._steady.threshold if self._spent < self._most_for_others else 100.1

    @property
    def waiting(self) -> frozenset[str]:
        """Names of the findings that may still be released."""
        return frozenset(name for _, _, name in self._waiting.values())

    def decide(self, at: float, risk: float, critical: bool = False, *, subject: str = "", name: str = "") -> Decision:
        """Decide on one finding and learn its risk.

        Args:
            at: event time in seconds since the epoch. What comes late is taken as of the latest time seen.
            risk: from 0 to 100.
            critical: whether it alerts whatever is left.
            subject: what it is about; of one subject only one finding waits.
            name: what `due` calls it by; without one it does not wait.

        Returns:
            Whether it alerts; the caller then says `spent`, unless it did not alert for another reason.

        Raises:
            ValueError: if the time is not finite or the risk out of its range.
        """
        decision = self._steady.decide(at, risk, critical)
        self._pass(at)
        if critical:
            self._unasked[self._hour_of_day] += 1.0
            return Decision.ALERT
        if risk >= self._floor:
            self._usual[self._hour_of_day] += 1.0
        if decision is Decision.ALERT and self._spent < self._most_for_others:
            return Decision.ALERT
        if name and risk >= self._floor:
            self._wait(subject or name, (risk, at, name))
        return Decision.HOLD

    def spent(self) -> None:
        """Note that a finding on which `decide` was asked alerts, or one that was `due`."""
        self._spent += 1

    def charge(self, at: float) -> None:
        """Note an alert on which `decide` was not asked."""
        self._steady.charge(at)
        self._pass(at)
        self._unasked[self._hour_of_day] += 1.0
        self._spent += 1

    def is_due(self, at: float) -> bool:
        """Return whether `due` may have something to say at this event time."""
        return bool(self._waiting) and self._clock is not None and at // _HOUR > self._clock // _HOUR

    def due(self, at: float) -> str | None:
        """Return the name of a finding that may alert after all, now that event time has come to `at`; None for none.

        Ask until there is none, before the finding of that time is decided on. Where the one named alerts, say `spent`.
        """
        if self._clock is None:
            return None
        if at // _DAY > self._clock // _DAY:
            best = self._taken(self._quota)
            if best is not None:
                return best
        self._pass(at)
        if self._hour_of_day == self._hour:
            return None
        paced = math.floor(self._paced * self._quota * self._usual_share)
        best = self._taken(min(paced, self._quota - self._kept))
        if best is None:
            self._hour = self._hour_of_day
        return best

    def snapshot(self) -> Snapshot:
        """Copy out what was learned, not the parameters: a restored budget may be another number of alerts a day."""
        return {
            **self._steady.snapshot(),
            "usual": self._usual.copy(),
            "unasked": self._unasked.copy(),
            "days": self._days,
            "latest": self._clock,
            "spent": self._spent,
            "carried": self._carried,
            "hour": self._hour,
            "subjects": list(self._waiting),
            "names": [name for _, _, name in self._waiting.values()],
            "risks": np.array([risk for risk, _, _ in self._waiting.values()], dtype=np.float64),
            "times": np.array([at for _, at, _ in self._waiting.values()], dtype=np.float64),
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Replace what was learned by what a snapshot holds, which may be one of `AlertBudget`.

        Raises:
            ValueError: if the snapshot is damaged; nothing is then changed.
        """
        if "usual" not in snapshot:
            self._steady.restore(snapshot)
            return
        usual = snapshots.array(snapshot, "usual", np.float64, (_HOURS,))
        subjects, names = snapshots.texts(snapshot, "subjects"), snapshots.texts(snapshot, "names")
        unasked, days = self._unasked_at_first.copy(), 1.0
        if "unasked" in snapshot:  # A snapshot of an earlier version has none.
            unasked, days = (
                snapshots.array(snapshot, "unasked", np.float64, (_HOURS,)),
                snapshots.real(snapshot, "days"),
            )
        risks = snapshots.array(snapshot, "risks", np.float64, (len(names),))
        times = snapshots.array(snapshot, "times", np.float64, (len(names),))
        latest = None if snapshot.get("latest") is None else snapshots.real(snapshot, "latest")
        carried = snapshots.real(snapshot, "carried")
        spent, hour = snapshots.integer(snapshot, "spent"), snapshots.integer(snapshot, "hour")
        if len(subjects) != len(names) or usual.min() < 1.0 or unasked.min() < 0 or days < 1:
            raise ValueError("the snapshot is damaged: names are missing or an hour has less than nothing")
        if not np.isfinite([*usual, *unasked, days, *risks, *times, carried, latest or 0.0]).all():
            raise ValueError("the snapshot is damaged: a number is not finite")
        self._steady.restore(snapshot)
        self._usual, self._clock, self._carried = usual, latest, carried
        self._unasked, self._days = unasked, days
        self._spent, self._hour = spent, hour
        self._waiting = {
            subject: (float(risk), float(at), name)
            for subject, risk, at, name in zip(subjects, risks, times, names, strict=True)
        }

    @property
    def _allowance(self) -> float:
        return self._alerts_per_day + self._carried

    @property
    def _quota(self) -> int:
        """Alerts that the day should come to. Fractions are carried on until they make a whole."""
        return max(0, math.floor(self._allowance + _ROUNDING))

    @property
    def _most_for_others(self) -> int:
        """Alerts after which risks above the threshold are held, too."""
        return self._quota + (self._carried >= 0) - self._kept

    @property
    def _kept(self) -> int:
        """Places that are kept for alerts which ask no leave: as many as usual from this hour on, and some more."""
        to_come = float(self._unasked[self._hour_of_day :].sum()) / self._days
        return math.floor(to_come + self._sure * math.sqrt(to_come))

    @property
    def _hour_of_day(self) -> int:
        return 0 if self._clock is None else min(_HOURS - 1, int(self._clock % _DAY // _HOUR))

    @property
    def _usual_share(self) -> float:
        """The share of a day's findings that usually comes before the hour that it is."""
        return float(self._usual[: self._hour_of_day].sum() / self._usual.sum())

    def _pass(self, at: float) -> None:
        """Let event time come to `at`; a new day begins with nothing spent and nothing waiting."""
        if self._clock is None:
            self._clock = at
            self._hour = self._hour_of_day
            return
        days = int(at // _DAY - self._clock // _DAY)
        if days > 0:
            kept = math.exp(-days * _DAY / self._half_life * math.log(2))
            self._usual = 1.0 + (self._usual - 1.0) * kept
            self._unasked = self._unasked_at_first + (self._unasked - self._unasked_at_first) * kept
            self._days = 1.0 + self._days * kept
            left = self._allowance - self._spent
            self._carried = max(left, -self._most_carried) if left < 0 else left - math.floor(left)
            self._spent, self._hour = 0, 0
            self._waiting.clear()
        self._clock = max(self._clock, at)

    def _wait(self, subject: str, finding: Waiting) -> None:
        """Let a finding wait, if it is the best of its subject and among the best of the day."""
        known = self._waiting.get(subject)
        if known is not None and known[0] >= finding[0]:
            return
        self._waiting[subject] = finding
        if len(self._waiting) > self._most_waiting:
            del self._waiting[min(self._waiting, key=lambda one: _rank(self._waiting[one]))]

    def _taken(self, quota: int) -> str | None:
        """Take the best of those waiting, if fewer than `quota` alerts were spent."""
        if self._spent >= quota or not self._waiting:
            return None
        best = max(self._waiting, key=lambda one: _rank(self._waiting[one]))
        return self._waiting.pop(best)[2]


def _rank(finding: Waiting) -> tuple[float, float, str]:
    """Rank by risk; of equal risks the earlier first."""
    risk, at, name = finding
    return risk, -at, name

"""How soon somebody must have seen a case and done something (domain.md §4.4), as a site may set it."""

import datetime
from typing import TypeAlias

from msgspec import Struct, field

from alerting.severity import IncidentSeverity
from alerting.work.hours import BusinessHours, business_deadline, business_seconds

MINUTE = 60.0


class Allowance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time: `minutes` by the clock, or `business_days` of the site's business hours; both add up."""

    minutes: float = 0.0
    business_days: float = 0.0


class Target(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until when a case of a severity must be acknowledged, acted upon, and, where a site wants that, resolved."""

    acknowledge: Allowance
    act: Allowance
    resolve: Allowance | None = None


_ONE_DAY, _FIVE_DAYS = Allowance(business_days=1), Allowance(business_days=5)


class Targets(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The targets by severity; those that are not set are those of domain.md §4.4."""

    SEV1: Target = Target(acknowledge=Allowance(minutes=15), act=Allowance(minutes=60))
    SEV2: Target = Target(acknowledge=Allowance(minutes=60), act=Allowance(minutes=240))
    SEV3: Target = Target(acknowledge=_ONE_DAY, act=_ONE_DAY)
    SEV4: Target = Target(acknowledge=_FIVE_DAYS, act=_FIVE_DAYS)

    def of(self, severity: IncidentSeverity) -> Target:
        """Return the target for a severity."""
        target: Target = getattr(self, severity)
        return target

    def problems(self) -> list[str]:
        """Return what is wrong with them, a sentence each that names the place."""
        problems = []
        for severity in self.__struct_fields__:
            target: Target = getattr(self, severity)
            for name in target.__struct_fields__:
                allowance: Allowance | None = getattr(target, name)
                if allowance and (min(allowance.minutes, allowance.business_days) < 0 or allowance == Allowance()):
                    problems.append(f"sla: {severity}: {name}: give minutes or business_days above zero")
        return problems


Moment: TypeAlias = float
"""Seconds since the epoch."""


class Promise(Struct, frozen=True, kw_only=True):
    """Everything that a deadline depends on: targets, business hours, holidays and the zone that they are local to."""

    targets: Targets = field(default_factory=Targets)
    hours: BusinessHours = field(default_factory=BusinessHours)
    holidays: tuple[datetime.date, ...] = ()
    zone: str = "UTC"

    def deadline(self, start: Moment, allowance: Allowance) -> Moment:
        """Return until when something must be done that may take so long from `start`."""
        by_clock = start + allowance.minutes * MINUTE
        if not allowance.business_days:
            return by_clock
        return self._deadline(by_clock, allowance.business_days * self.hours.day_seconds)

    def postponed(self, due: Moment, allowance: Allowance, *, paused_at: Moment, resumed_at: Moment) -> Moment:
        """Return the deadline after a pause: what was left when it began is left when it ends."""
        if due <= paused_at:
            return due
        if not allowance.business_days:
            return due + (resumed_at - paused_at)
        left = business_seconds(paused_at, due, self.hours, self.zone, self.holidays)
        return self._deadline(resumed_at, left)

    def _deadline(self, start: Moment, seconds: float) -> Moment:
        return business_deadline(start, seconds, self.hours, self.zone, self.holidays)

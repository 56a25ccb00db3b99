"""Schedules: who is on call at an instant, by overrides first and then by the first layer that has somebody. Pure."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from alerting.oncall.layers import Layer
from alerting.work.hours import zone_problem


class Schedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is on call when. Of its layers the first that has somebody counts.

    `zone` is an IANA time zone, that of the site where it is empty.
    """

    name: str
    layers: tuple[Layer, ...]
    zone: str = ""


class Override(Struct, frozen=True, kw_only=True):
    """Somebody stands in from `first` (included) to `last`, in seconds since the epoch. The newest one counts."""

    id: int
    schedule: str
    person: str
    first: float
    last: float
    author: str
    reason: str
    created_at: float

    def __repr__(self) -> str:
        return f"<Override {self.id} of {self.schedule}>"


class Duty(Struct, frozen=True):
    """Who is on call, empty where nobody is, and why: the name of a layer, or `override`."""

    person: str
    because: str = ""


class Shift(Struct, frozen=True):
    """A time from `first` to `last` in which one person is on call, or nobody."""

    first: float
    last: float
    duty: Duty


NOBODY = Duty("")


def who(schedule: Schedule, at: float, zone: str, overrides: Sequence[Override] = ()) -> Duty:
    """Return who is on call by a schedule at an instant; `zone` is that of the site."""
    standing_in = [one for one in overrides if one.schedule == schedule.name and one.first <= at < one.last]
    if standing_in:
        return Duty(max(standing_in, key=lambda one: (one.created_at, one.id)).person, "override")
    local = ZoneInfo(schedule.zone or zone)
    for number, layer in enumerate(schedule.layers, 1):
        if person := layer.person_at(at, local):
            return Duty(person, layer.name or f"layer {number}")
    return NOBODY


def shifts(
    schedule: Schedule, first: float, last: float, zone: str, overrides: Sequence[Override] = ()
) -> Iterator[Shift]:
    """Yield who is on call from `first` to `last`, without a break: also the times in which nobody is."""
    local = ZoneInfo(schedule.zone or zone)
    edges = {at for layer in schedule.layers for at in layer.changes(first, last, local)}
    edges |= {at for one in overrides if one.schedule == schedule.name for at in (one.first, one.last)}
    begins, duty = first, who(schedule, first, zone, overrides)
    for at in sorted(edge for edge in edges if first < edge < last):
        after = who(schedule, at, zone, overrides)
        if after != duty:
            yield Shift(begins, at, duty)
            begins, duty = at, after
    yield Shift(begins, last, duty)


def gaps(
    schedule: Schedule, first: float, last: float, zone: str, overrides: Sequence[Override] = ()
) -> list[tuple[float, float]]:
    """Return the times from `first` to `last` in which nobody is on call."""
    return [
        (shift.first, shift.last) for shift in shifts(schedule, first, last, zone, overrides) if not shift.duty.person
    ]


def schedule_problems(schedules: Sequence[Schedule], people: frozenset[str]) -> Iterator[str]:
    """Yield what is wrong with schedules, a sentence each that begins with its place in the plan."""
    names = [schedule.name for schedule in schedules]
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    yield from (f"schedules: {name!r} is there more than once" for name in repeated)
    for schedule in schedules:
        place = f"schedules: {schedule.name}"
        if schedule.zone and (problem := zone_problem(schedule.zone)):
            yield f"{place}: {problem}"
        if not schedule.layers:
            yield f"{place}: it has no layers"
        for number, layer in enumerate(schedule.layers, 1):
            yield from layer.problems(f"{place}: {layer.name or f'layer {number}'}", people)

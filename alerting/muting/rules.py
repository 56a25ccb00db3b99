"""What the response plan says about holding news back: lengths, inhibitions, maintenance windows that come again."""

from collections.abc import Callable, Sequence
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from alerting.muting.matchers import Label, Matcher, MatcherError, parse_all, too_wide
from alerting.muting.windows import Recurrence, Span, Weekday


class Inhibition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """While an open, graver case fits `source`, news of cases that fit `target` wait, if both are `equal` in these.

    The source must be graver than the target, so that no two cases can hold back each other.
    """

    name: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    equal: tuple[Label, ...] = ("entity",)

    @cached_property
    def sources(self) -> tuple[Matcher, ...]:
        """The matchers of the source."""
        return parse_all(self.source)

    @cached_property
    def targets(self) -> tuple[Matcher, ...]:
        """The matchers of the target."""
        return parse_all(self.target)


class MaintenanceWindow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A window that comes again: while it is open, news of cases that fit `matchers` wait, but for those of SEV1.

    `zone` is an IANA time zone, that of the site where it is empty; the rest is as in `Recurrence`.
    """

    name: str
    matchers: tuple[str, ...]
    starts: str
    ends: str
    days: tuple[Weekday, ...] = ()
    weeks: tuple[int, ...] = ()
    zone: str = ""

    @cached_property
    def parsed(self) -> tuple[Matcher, ...]:
        """The matchers."""
        return parse_all(self.matchers)

    @cached_property
    def recurrence(self) -> Recurrence:
        """When it comes."""
        return Recurrence(starts=self.starts, ends=self.ends, days=self.days, weeks=self.weeks)  # type: ignore[arg-type]  # `problems` looked

    def at(self, now: float, site_zone: str) -> Span | None:
        """Return the window of it that is open at an instant."""
        return self.recurrence.at(now, ZoneInfo(self.zone or site_zone))

    def after(self, now: float, site_zone: str) -> Span | None:
        """Return the next window of it that begins later."""
        return self.recurrence.after(now, ZoneInfo(self.zone or site_zone))


class Muting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The part of the response plan about holding news back. No silence and no snooze is longer than is said here."""

    longest_silence_days: float = 30.0
    longest_snooze_days: float = 14.0
    inhibitions: tuple[Inhibition, ...] = ()
    maintenance: tuple[MaintenanceWindow, ...] = ()

    def problems(self, site_zone: str) -> list[str]:
        """Return what is wrong with it, a sentence each that names the place."""
        found = [
            f"muting: {name} must be above 0 and at most 366"
            for name in ("longest_silence_days", "longest_snooze_days")
            if not 0 < getattr(self, name) <= 366
        ]
        found += _repeated("inhibitions", [one.name for one in self.inhibitions])
        found += _repeated("maintenance", [one.name for one in self.maintenance])
        for inhibition in self.inhibitions:
            place = f"muting: inhibition {inhibition.name!r}: "
            found += [place + problem for problem in _problems_of_inhibition(inhibition)]
        for window in self.maintenance:
            place = f"muting: maintenance {window.name!r}: "
            found += [place + problem for problem in _problems_of_window(window, site_zone)]
        return found


def _problems_of_inhibition(inhibition: Inhibition) -> list[str]:
    found = _problems_of(lambda: inhibition.sources, "source") + _problems_of(lambda: inhibition.targets, "target")
    return found if inhibition.equal else [*found, "equal: at least one label is needed"]


def _problems_of_window(window: MaintenanceWindow, site_zone: str) -> list[str]:
    found = _problems_of(lambda: window.parsed, "matchers")
    if any(week not in (1, 2, 3, 4, 5, -1) for week in window.weeks):
        found.append("weeks: 1 to 5, or -1 for the last of the month")
    if problem := window.recurrence.problem():
        found.append(problem)
    try:
        ZoneInfo(window.zone or site_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found.append(f"there is no time zone {window.zone or site_zone!r}")
    return found


def _problems_of(parsed: Callable[[], Sequence[Matcher]], place: str) -> list[str]:
    try:
        wide = too_wide(parsed())
    except MatcherError as error:
        return [f"{place}: {error}"]
    return [f"{place}: {wide}"] if wide else []


def _repeated(place: str, names: Sequence[str]) -> list[str]:
    return [f"muting: two {place} are named {name!r}" for name in dict.fromkeys(names) if names.count(name) > 1]

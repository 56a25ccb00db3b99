"""Silences and snoozes as values: who holds back the news of which cases, from when until when, and why."""

from functools import lru_cache
from typing import Literal, TypeAlias

from msgspec import Struct

from alerting.muting.matchers import Matcher, parse_all
from alerting.people import Role
from alerting.plan import Plan
from alerting.severity import IncidentSeverity

Kind: TypeAlias = Literal["silence", "maintenance"]
"""What waits behind a silence is told case by case when it ends; behind maintenance, in one notice."""

State: TypeAlias = Literal["pending", "active", "expired"]

OFFICERS: tuple[Role, ...] = ("privacy_officer", "security_officer")
"""Who may hold back what is most grave."""


class Silence(Struct, frozen=True, kw_only=True):
    """One silence, or one maintenance window opened by hand; times are seconds since the epoch.

    It never holds a case of SEV1 unless it is `including_critical`. `replaces` names the one that it is an edit of,
    `expired_by` who ended it early.
    """

    id: str
    kind: Kind
    matchers: tuple[str, ...]
    author: str
    reason: str
    starts_at: float
    ends_at: float
    created_at: float
    including_critical: bool = False
    replaces: str = ""
    expired_by: str = ""

    @property
    def parsed(self) -> tuple[Matcher, ...]:
        """The matchers."""
        return _parsed(self.matchers)

    def state(self, now: float) -> State:
        """Return what has become of it."""
        if now >= self.ends_at:
            return "expired"
        return "active" if now >= self.starts_at else "pending"

    def __repr__(self) -> str:
        return f"<Silence {self.id}>"


class SnoozeEntry(Struct, frozen=True, kw_only=True):
    """Nobody is told of one case until a time, as long as it becomes no graver and finds no new ground.

    `severity` and `rules` are those of the case when it was snoozed.
    """

    incident_id: str
    until: float
    author: str
    reason: str
    severity: IncidentSeverity
    rules: tuple[str, ...]
    created_at: float

    def __repr__(self) -> str:
        return f"<SnoozeEntry {self.incident_id}>"

    def holds(self, severity: IncidentSeverity, rules: tuple[str, ...]) -> bool:
        """Return whether it still holds of the case as it is now."""
        return severity >= self.severity and set(rules) <= set(self.rules)


def is_officer(plan: Plan, name: str) -> bool:
    """Return whether somebody may hold back what is most grave."""
    person = plan.directory.named(name)
    return person is not None and any(role in person.roles for role in OFFICERS)


@lru_cache(maxsize=1_000)
def _parsed(matchers: tuple[str, ...]) -> tuple[Matcher, ...]:
    return parse_all(matchers)

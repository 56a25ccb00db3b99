"""Thresholds of the patterns that compare a user with the own past and with the role (domain.md §3.3; configurable)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BehaviourThresholds:
    """Defaults: domain.md §3.3 where it has one; the others say where they come from."""

    role_hours: int = 1_000
    role_share: float = 0.995
    """A09: worked hours of a role before its 99.5th percentile counts; fewer hold too few of the rarest (ours)."""
    report_apps: frozenset[str] = frozenset()
    """A09: applications of batch reports (`client.app`); what they open is nobody's mass access. By application,
    since ids of reports arrive as tokens."""
    day_floor: int = 100
    day_own_factor: float = 4.0
    day_own_days: int = 10
    day_hours: int = 8
    """A09 over a day: limit as for the hour; the cap is that of so many hours of work. Floor and days are ours."""

    shift_known_days: float = 7.0
    """A11: a roster with no shift within so many days says nothing (ours)."""
    hour_share: float = 0.005
    hour_days: int = 20
    """A11: share of the own worked hours that lies at most an hour from this one; after so many days (ours)."""

    seat_gap_minutes: float = 2.0
    seat_switches: int = 6
    """A15: changes between two machines, each within so many minutes; a rule asks for fewer where one is outside the
    house. The numbers of changes are ours: going to and fro between two rooms makes one or two."""

    egress_users: int = 10
    egress_places: tuple[tuple[float, float], ...] = ()
    egress_km: float = 50.0
    """A16: a position says nothing where so many users logged in from the address in a day, or next to a known egress
    (latitude and longitude). The numbers are ours."""

    spray_minutes: float = 15.0
    spray_users: int = 20
    """A17: users who failed at one address and did not get in there."""
    push_minutes: float = 60.0
    push_words: tuple[str, ...] = ("push", "mfa")
    """A17b: how a failed login says that the second factor was refused, by a part of `session.auth`."""
    reset_minutes: float = 60.0
    reset_categories: frozenset[str] = frozenset({"password", "mfa", "authenticator", "credential", "phone"})

    slow_days: float = 3.0
    slow_patients: int = 20
    slow_step: int = 6
    """A19, slow: the number of patients is the fast pattern's; its steps of 3 may have one number missing between."""
    recent_days: int = 7
    """A19: records whose numbers are above all that were known so long ago are new, and opened in their order."""
    regular_patients: int = 20
    regular_minutes: float = 30.0
    """A19: new records, and the time they were opened in, over which the evenness of the pace is noted."""
    lookups: int = 30
    lookups_share: float = 0.9
    """A19: so many patients in half an hour, so many of them without a known reason."""

    searches: int = 50
    searches_opened: float = 0.1
    wide_searches: int = 10
    wide_results: int = 100
    """A19b. A search with so many results is taken for one with a wildcard; both numbers are ours."""
    search_roles: tuple[str, ...] = ("call cent", "contact cent", "switchboard", "operator")
    """A19b: who searches all day, by a part of role or department."""

    session_gap_minutes: float = 30.0
    session_steps: int = 20
    session_known_steps: int = 5_000
    session_bits: float = 1.0
    """A29: a session ends after such a pause; steps of a session and of a role before they say anything; and
    how many bits a step it must be above the role's median, beside its 99th percentile (ours)."""

"""What the patterns of behaviour remember: where a user sits, at which hours, in which order records were opened."""

from msgspec import Struct, field

TICK = 30
"""Seconds: activity at a machine is kept to this."""

TICKS_KEPT = 64
"""Ticks kept per machine: half an hour of activity without a pause."""

SEATS_KEPT = 4
"""Machines with a session of their own that a user is remembered at."""

SEAT_SECONDS = 3_600
"""How long after the last activity a machine is remembered."""

TRAIL_KEPT = 400
"""Records whose numbers are remembered per user, the latest: beyond any threshold."""

OPENINGS_KEPT = 24
SEARCHES_KEPT = 200
PUSHES_KEPT = 32
DEVICES_KEPT = 32
DAYS_KEPT = 30
STEPS_KEPT = 128
"""Different steps of one session."""

USERS_KEPT = 1_024
FAILING_KEPT = 256
"""Users and failures remembered per network address."""


class Seat(Struct, array_like=True):
    """One machine with one session: hashes of the session, machine and place, and when it was used, in ticks."""

    session: int
    machine: int
    place: int
    is_away: bool
    ticks: list[int] = []


class UserBehaviour(Struct, array_like=True):
    """Of a user.

    `seats` maps a hash of machine and session to what was done there. `hours` counts, by hour of the day (UTC), the
    days on which the user worked in it; `hour_slot` is the last such hour (in hours since the epoch), `unusual_slot`
    the last unusual one. `role_hour` is the role's 99.5th percentile of charts an hour as of `role_day`, 0 where it is
    not known. `charts` counts the charts of the closed hours of `day`, `daily` those of the days before. `trail` maps
    ranks of record numbers to the first time they were opened, `openings` are the latest such times. `steps` counts
    the steps of the session that goes on, from one deed to the next, `is_over` that it ended with a logout.
    `run_told` is the longest run of record numbers that was told of lately, at `run_told_at`.
    `reset_at` is the last reset of the account, `taken_at` the login from a new device that followed one.
    """

    seats: dict[int, Seat] = field(default_factory=dict)
    hours: list[int] = []
    hour_slot: int = 0
    unusual_slot: int = 0
    days_worked: int = 0
    role_hour: int = 0
    role_day: int = 0
    day: int = 0
    charts: int = 0
    daily: list[int] = []
    pushes: list[float] = []
    reset_at: float = 0.0
    taken_at: float = 0.0
    devices: dict[int, int] = {}
    trail: dict[int, int] = {}
    openings: list[float] = []
    searches: list[float] = []
    wide_searches: list[float] = []
    steps: dict[int, int] = {}
    last_deed: int = 0
    last_at: float = 0.0
    is_over: bool = False
    run_told: int = 0
    run_told_at: float = 0.0


class FailedLogin(Struct, array_like=True):
    """A login of a user that failed at this address."""

    at: float
    user: int


class AddressBehaviour(Struct, array_like=True):
    """Of a network address: failed logins of the last hour, and the last success of each user, by hash."""

    failures: list[FailedLogin] = []
    entered: dict[int, float] = {}

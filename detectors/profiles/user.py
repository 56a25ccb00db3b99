"""What is remembered of one user: employment, shifts, and the last day's work."""

from msgspec import Struct, field

from detectors.profiles.accounts import UserAccount
from detectors.profiles.applied import Applied
from detectors.profiles.behaviour import UserBehaviour
from detectors.profiles.history import History
from detectors.profiles.money import UserMoney
from detectors.profiles.relations import UserRelations
from detectors.profiles.said import Said
from detectors.sigma.sliding import Recent

BUCKET = 300
"""Seconds of one bucket of accesses; an hour is twelve."""

SHIFTS_KEPT = 64
UNEXPLAINED_KEPT = 256
"""Patients opened without a known reason that are kept: four times what the models tell apart, and interfaces open
thousands."""


class Staff(Struct, array_like=True):
    """The staff record. Instants in seconds since the epoch, 0 where unknown.

    `said` is when each field was known, `known_at` when the newest of them was.
    """

    known_at: float
    dept: str = ""
    role: str = ""
    job_code: str = ""
    status: str = ""
    terminated_at: float = 0.0
    notice_at: float = 0.0
    self_patient_ref: str = ""
    hired_at: float = 0.0
    said: Said = {}


class Shift(Struct, array_like=True):
    """A shift on a unit."""

    start: float
    end: float
    unit: str
    on_call: bool


class Position(Struct, array_like=True):
    """A login and where it came from."""

    at: float
    lat: float
    lon: float
    accuracy_km: float


class Refund(Struct, array_like=True):
    """A refund or credit that this user posted. `token` is a 64-bit hash of the card or account."""

    at: float
    token: int
    amount: int


class UserProfile(Struct, array_like=True):
    """The profile of one user.

    `opened` maps a five-minute bucket to 32-bit hashes of the patients opened in it, 24 hours back, and `charts_24h` is
    how many those are. `hourly` counts, by number of different patients (last bin: 255 and more), the clock hours that
    this user worked; hours enter it once they are an hour past, so that late events are still counted in.
    `unexplained` maps hashes of patients, those last opened at the end, to the times of accesses that nothing explains,
    two days back. `fired` holds
    the last window in which each windowed detector fired, `recent` the state of correlations.
    """

    applied: Applied
    staff: Staff | None = None
    shifts: list[Shift] = []
    opened: dict[int, list[int]] = {}
    newest: float = 0.0
    closed_to: int = 0
    hourly: dict[int, int] = {}
    highest: int = 0
    hours_of_day: list[float] = []
    unexplained: dict[int, list[float]] = {}
    ranks: list[tuple[float, int]] = []
    logins: list[Position] = []
    failures: list[float] = []
    refunds: list[Refund] = []
    fired: dict[str, str] = {}
    recent: dict[str, Recent] = {}
    charts_24h: int = 0
    history: History = field(default_factory=History)
    relations: UserRelations = field(default_factory=UserRelations)
    behaviour: UserBehaviour = field(default_factory=UserBehaviour)
    money: UserMoney = field(default_factory=UserMoney)
    account: UserAccount = field(default_factory=UserAccount)

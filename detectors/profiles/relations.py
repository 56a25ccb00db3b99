"""What the patterns of relations remember: who a patient is, who looked without a reason, emergency accesses."""

from msgspec import Struct, field

OPENERS_KEPT = 128
"""Users without a known reason remembered per patient: far beyond any threshold."""

DIAGNOSES_KEPT = 24
"""Diagnosis categories remembered per patient, the latest (T5)."""

GLASS_KEPT = 32
"""Emergency accesses that wait for a visit, per patient."""

PROXIES_KEPT = 8

INTERESTS_KEPT = 256
"""Patients whom a user opened without a known reason in the last weeks."""

GLASS_OF_USER_KEPT = 200
NOTES_KEPT = 400
PROTECTED_KEPT = 64
PORTAL_ACCOUNTS_KEPT = 64


class Employee(Struct, array_like=True):
    """The member of staff that a patient is. `event_at` is notice or end of employment, 0 where there is none."""

    ref: str
    dept: str = ""
    manager: str = ""
    known_at: float = 0.0
    event_at: float = 0.0


class Glass(Struct, array_like=True):
    """An emergency access to this patient that no visit goes with yet."""

    event: str
    user: str
    dept: str
    at: float


class PatientRelations(Struct, array_like=True):
    """Of a patient: tokens of name and home, the place on the staff, and who looked without a known reason.

    `certain` and `possible` map hashes of users to the times of their unexplained accesses: possible are those whom a
    shift or a pool may explain, which only the user's side knows. `diagnoses` maps three-character categories to the
    last date of service, in seconds since the epoch.
    """

    name: str = ""
    address: str = ""
    area: str = ""
    block: str = ""
    employee: Employee | None = None
    certain: dict[int, list[float]] = {}
    possible: dict[int, list[float]] = {}
    diagnoses: dict[str, float] = {}
    glass: list[Glass] = []
    proxies: list[float] = []


class EmergencyUse(Struct, array_like=True):
    """One emergency access by this user: when, to whom and why (hashes; 0 without a reason), and until when."""

    at: float
    patient: int
    reason: int
    expires_at: float = 0.0


class NoteRead(Struct, array_like=True):
    """A clinical note of a patient that a clerical user read."""

    day: int
    patient: int


class UserRelations(Struct, array_like=True):
    """Of a user: name, home, manager, and what was opened without a known reason.

    `interests` maps hashes of patients to the days (since the epoch) of unexplained accesses, `categories` protected
    categories to the last access, `protected` hashes of patients to the day on which what is protected most was opened.
    `charts` and `unexplained` are how many charts were opened on a day for the first time, and how many of them without
    a known reason, before `today`; both are halved now and then, so that they follow. `charts_today` and
    `unexplained_today` are those of that day.
    """

    name: str = ""
    address: str = ""
    area: str = ""
    block: str = ""
    manager: str = ""
    interests: dict[int, list[int]] = {}
    categories: dict[str, float] = {}
    glass: list[EmergencyUse] = []
    notes_read: list[NoteRead] = []
    protected: dict[int, int] = {}
    today: int = -1
    charts: int = 0
    unexplained: int = 0
    charts_today: int = 0
    unexplained_today: int = 0

    def forget_unexplained(self, at: float) -> None:
        """Take one chart, opened at `at`, out of those without a known reason: one was found later."""
        if int(at // 86_400) >= self.today:
            self.unexplained_today = max(self.unexplained_today - 1, 0)
        else:
            self.unexplained = max(self.unexplained - 1, 0)


class PortalAccount(Struct, array_like=True):
    """A portal account that used this device or address: last time, hash of the home address, 0 where unknown."""

    at: float
    address: int


class InstrumentRelations(Struct, array_like=True):
    """Of a device or network address: the portal accounts that used it, by hash."""

    accounts: dict[int, PortalAccount] = field(default_factory=dict)

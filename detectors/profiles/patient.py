"""What is remembered of one patient: ties to staff, who looked, what was billed and paid."""

from msgspec import Struct, field

from detectors.profiles.applied import Applied
from detectors.profiles.claims import BilledClaim, PatientBilling
from detectors.profiles.history import History
from detectors.profiles.money import PatientMoney
from detectors.profiles.relations import PatientRelations
from detectors.profiles.said import Said
from detectors.sigma.sliding import Recent

TIES_KEPT = 64
"""Appointments, encounters, orders, memberships and tasks kept per kind; the oldest goes first."""

PAIRS_KEPT = 500
"""Users remembered per patient; about 60 see an inpatient in a day (domain.md §6.2)."""

PAYMENTS_KEPT = 40
"""Payments remembered per patient, for refunds to be held against."""


class Appointment(Struct, array_like=True):
    """When, with whom (`user` or any of `dept`). Seconds since the epoch.

    One that was cancelled is kept, so that an older record does not bring it back.
    """

    start: float
    user: str
    dept: str
    known_at: float = 0.0
    is_cancelled: bool = False


class Stay(Struct, array_like=True):
    """An encounter; `until` is 0 while the patient is in."""

    id: str
    since: float
    until: float
    dept: str
    unit: str
    users: list[str]
    known_at: float = 0.0


class Order(Struct, array_like=True):
    """An order, result or note; of `kind` consult or referral, `dept` is who was asked."""

    at: float
    user: str
    dept: str
    kind: str = ""


class Membership(Struct, array_like=True):
    """A place on the care team; `until` is 0 while it lasts."""

    user: str
    since: float
    until: float
    known_at: float = 0.0


class Task(Struct, array_like=True):
    """A work-queue task for a user or a pool; `until` is 0 while it is open."""

    user: str
    pool: str
    since: float
    until: float
    known_at: float = 0.0
    queue: str = ""


class Pair(Struct, array_like=True):
    """One user's accesses to this patient: the last, and the last that was explained. Seconds since the epoch.

    `day` is the newest day, since the epoch, on which the user saw the chart.
    """

    last: float
    explained: float = 0.0
    day: int = -1


class Payment(Struct, array_like=True):
    """A payment that a refund may belong to. `token` names the card or account, amounts are in cents."""

    event: int
    at: float
    token: str
    amount: int
    refunded: int = 0


class OpenAccess(Struct, array_like=True):
    """An access that nothing explained yet; `ties` is a hash of the ties that were last held against it."""

    event: str
    user: str
    dept: str
    at: float
    ties: int = 0


class PatientProfile(Struct, array_like=True):
    """The profile of one patient. `deceased_at` is 0 of the living; `said` is when each flag was known.

    `merged_into` is the record that goes on in the place of this one, `numbers` are those that were merged into it.
    """

    applied: Applied
    vip: bool = False
    is_employee: bool = False
    appointments: list[Appointment] = []
    stays: list[Stay] = []
    orders: list[Order] = []
    care_team: list[Membership] = []
    tasks: list[Task] = []
    pairs: dict[str, Pair] = {}
    payments: list[Payment] = []
    days: list[int] = []
    fired: dict[str, str] = {}
    recent: dict[str, Recent] = {}
    restricted: bool = False
    deceased_at: float = 0.0
    said: Said = {}
    history: History = field(default_factory=History)
    open_accesses: list[OpenAccess] = []
    merged_into: str = ""
    numbers: list[str] = []
    relations: PatientRelations = field(default_factory=PatientRelations)
    billing: PatientBilling = field(default_factory=PatientBilling)
    money: PatientMoney = field(default_factory=PatientMoney)


class PatientDay(Struct, array_like=True):
    """The service lines billed for one patient on one date of service.

    `lines` maps the hash of what makes a line the same (B01) to `[claim event, claim number]`, both 64-bit hashes, so
    that a void or a replacement can take its lines back. `claims` holds what each claim bills, by the same numbers.
    """

    lines: dict[int, tuple[int, int]] = {}
    claims: dict[int, BilledClaim] = {}

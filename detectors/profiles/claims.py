"""What the claim patterns remember of a patient and of a provider, always so that a void takes exactly its own back."""

from msgspec import Struct, field

PRESENCE_DAYS_KEPT = 200
"""Days on which someone who cares for the patient worked in the record."""

STAYS_KEPT = 32
SURGERIES_KEPT = 32
PAID_KEPT = 64
CHAINS_KEPT = 64
SERIES_KEPT = 16
"""Inpatient claims, surgeries, paid claims, denied services and series of alike visits per patient; the oldest goes."""

LINES_KEPT = 64
"""Lines remembered of a paid claim."""

CLAIMS_A_DAY = 64
SERVICES_A_CLAIM = 64
"""Claims of one patient on one date of service, and services of one claim on it, that are held against each other."""

DEATHS_KEPT = 64
"""Claims after a death per provider."""

FIGURE_DAYS_KEPT = 180
"""Days of service for which a provider's figures are kept: the longest window, of denials (B31)."""


class BilledService(Struct, array_like=True):
    """One service line with a procedure code; `group` is the tax number, else the NPI, of who bills."""

    code: str
    modifiers: list[str]
    units: float
    charge: int
    npi: str
    group: str
    specialty: str
    is_time: bool = False


class BilledClaim(Struct, array_like=True):
    """What one claim bills for one date of service; `event` is the hash of its event, `at` when it was submitted.

    `billed` is a hash of what may be changed to get it paid, `service` of what stays the same (B31). What was denied is
    not held against other claims.
    """

    event: int
    at: float
    is_institutional: bool
    services: list[BilledService]
    billed: int
    service: int
    is_denied: bool = False


class BilledStay(Struct, array_like=True):
    """The days of an inpatient claim, since the epoch, who billed it, and when that was known."""

    since: int
    until: int
    facility: str
    known_at: float


class Surgery(Struct, array_like=True):
    """A procedure whose price includes `follow_up` days from `day` on, by the group that billed it."""

    day: int
    follow_up: int
    group: str


class Paid(Struct, array_like=True):
    """What was paid for one claim: `lines` are hashes of the lines of payments that stand.

    `first_paid` is the first payment in cents, at `first_at`; `replaced_at` is 0 until the claim was replaced.
    """

    first_at: float
    first_paid: int
    payer: str
    lines: list[int]
    replaced_at: float = 0.0


class Chain(Struct, array_like=True):
    """A service that was denied: what was last billed (a hash), whether it stands denied, and how often it changed."""

    at: float
    billed: int
    is_denied: bool = False
    changes: int = 0


class PatientBilling(Struct, array_like=True):
    """The part of a patient's profile that the claim patterns need. Claims go by the hash of their number.

    `present` are days since the epoch on which people who care for the patient worked in the record. `died_on` is the
    day of death by claims and remittances, `died_known_at` when any source first told of one. `series` holds, by
    provider and content of a claim, the dates of service on which it was billed alike.
    """

    present: list[int] = []
    died_on: int = 0
    died_known_at: float = 0.0
    stays: dict[int, BilledStay] = {}
    surgeries: dict[int, Surgery] = {}
    paid: dict[int, Paid] = {}
    chains: dict[int, Chain] = {}
    series: dict[int, list[int]] = {}


FIGURES = (
    "claims", "looked_for", "not_found", "pairs", "pairs_split", "bypassable", "bypassed", "after_death", "elsewhere",
    "mismatches", "delayed", "chains",
)  # fmt: skip
"""What is counted of a provider's claims by date of service, in the order of the lists: only to be appended to."""


class ClaimMark(Struct, array_like=True):
    """What one claim adds to its provider's day: hash of its content and of its patient, minutes, and its figures.

    `is_outside` says that it is for a meeting outside a hospital, of a kind that not everybody has (B21).
    """

    content: int
    patient: int
    one_to_one: float
    figures: list[int]
    is_outside: bool = False


class ProviderBilling(Struct, array_like=True):
    """The part of a provider's profile that the claim patterns need.

    `figures` maps a date of service to the sums of the claims' figures, `deaths` a claim to its patient and date of
    service, `placed_on` is the day on which the provider was last made to stand among its peers.
    """

    figures: dict[int, list[int]] = field(default_factory=dict)
    deaths: dict[int, tuple[int, int]] = {}
    placed_on: int = 0

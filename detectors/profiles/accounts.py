"""What the patterns of accounts and rights remember of one user."""

from msgspec import Struct, field

GRANTS_KEPT = 32
RESETS_KEPT = 16
DEVICES_KEPT = 24
SOURCES_KEPT = 64
UNRELATED_KEPT = 512
IDENTITIES_KEPT = 256


class Grant(Struct, array_like=True):
    """A right that was granted to this account: when (seconds since the epoch) and a hash of its name."""

    at: float
    right: int
    is_emergency: bool = False
    told: bool = False


class Reset(Struct, array_like=True):
    """A password, second factor, address or rule of this account was changed; `kind` says which."""

    at: float
    kind: str


class Unrelated(Struct, array_like=True):
    """An access to a patient's record that nothing explains: its time, and hashes of the event ids, the latest."""

    at: float
    events: list[int]


class ServiceHabits(Struct, array_like=True):
    """What a service account does: addresses and kinds of data (hash to last time), charts an hour, and what was odd.

    `hours` are number, mean and sum of squared deviations of past hours; `odd` maps a name to the last time.
    """

    since: float = 0.0
    sources: dict[int, float] = {}
    kinds: dict[int, float] = {}
    hour: int = 0
    in_hour: int = 0
    hours: tuple[int, float, float] = (0, 0.0, 0.0)
    of_day: list[int] = []
    odd: dict[str, float] = {}


class UserAccount(Struct, array_like=True):
    """The account of one user.

    `moved` maps an hour since the epoch to records and bytes that left the system. `unrelated` maps hashes of patients
    to accesses that nothing explains, `identities` to when demographics and insurance
    were opened, `altered` to when what identifies the patient was changed, all for no known reason.
    """

    last_success: float = 0.0
    returned_at: float = 0.0
    idle_days: float = 0.0
    grants: list[Grant] = []
    resets: list[Reset] = []
    devices: dict[int, float] = {}
    first_login: float = 0.0
    moved: dict[int, tuple[int, int]] = {}
    placed_day: int = 0
    unrelated: dict[int, Unrelated] = {}
    identities: dict[int, tuple[float, float]] = {}
    altered: dict[int, float] = {}
    habits: ServiceHabits = field(default_factory=ServiceHabits)

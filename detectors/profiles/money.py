"""What the patterns of payments, refunds and write-offs remember, of patients, instruments, payees and clerks."""

from msgspec import Struct, field

TRIES_KEPT = 256
DAYS_PAID_KEPT = 60
CARDS_KEPT = 32
WRITE_OFFS_KEPT = 16
OWED_KEPT = 64
NEAR_KEPT = 32
PAYERS_KEPT = 64
DECLINES_KEPT = 64
ACCOUNTS_KEPT = 32
CHANGES_KEPT = 8
ANNOUNCED_KEPT = 256
POSTED_KEPT = 600


class Near(Struct, array_like=True):
    """An amount just below a limit, in cents."""

    at: float
    amount: int
    limit: int


class WriteOff(Struct, array_like=True):
    """What was written off on an account, in cents, and by whom."""

    at: float
    amount: int
    user: str


class PatientMoney(Struct, array_like=True):
    """Of a patient's account.

    `tried` are the times of payments of the last day, `days_paid` counts them by day since the epoch. `cards` maps the
    hash of a card to its first use, `owed` the hash of a claim to when and what the patient owes of it, in cents.
    `largest` is the largest payment so far, of `payments`.
    """

    tried: list[float] = []
    days_paid: dict[int, int] = {}
    cards: dict[int, float] = {}
    written_off: list[WriteOff] = []
    owed: dict[int, tuple[float, int]] = {}
    near: list[Near] = []
    largest: int = 0
    payments: int = 0


class Payer(Struct, array_like=True):
    """A patient for whom a card paid: last time, and hashes of surname and home, 0 where unknown."""

    at: float
    name: int
    address: int


class AccountChange(Struct, array_like=True):
    """A change of a payee's account: when, the new account (a hash), and what was notable."""

    at: float
    account: int
    indicators: list[str]


class Announced(Struct, array_like=True):
    """A payment that remittances announced: when the money was to come, and how much of it, in cents.

    It was `told` that no deposit came.
    """

    at: float
    cents: int
    told: bool = False


class PayeeMoney(Struct, array_like=True):
    """Of a payee.

    `accounts` maps hashes of accounts that it was paid to, to the first time; `contacts` are times of changes of its
    contact details; `withheld` is what payers kept back by month since the epoch (30 days), in cents. `announced` and
    `deposited` map the hash of a trace number to what remittances say of the payment and to when the bank had it;
    the bank's record reaches from `deposits_since` to `deposits_until`, both 0 where there is none.
    """

    accounts: dict[int, float] = {}
    changes: list[AccountChange] = []
    contacts: list[float] = []
    withheld: dict[int, int] = {}
    announced: dict[int, Announced] = {}
    deposited: dict[int, float] = {}
    deposits_since: float = 0.0
    deposits_until: float = 0.0


class InstrumentMoney(Struct, array_like=True):
    """Of a card, an account or a channel.

    `owner` is the member of staff who pays the own bills with it, `payers` maps hashes of patients to when it paid for
    them, `payees` hashes of payees to when they were to be paid there. `declines` are times of refusals of one card.
    `windows` counts refusals of a whole channel by ten minutes since the epoch; `closed` are number, mean and sum of
    squared deviations of those up to `closed_to`; `windows_since` is the first that had a payment.
    """

    owner: str = ""
    payers: dict[int, Payer] = {}
    payees: dict[int, float] = {}
    declines: list[float] = []
    windows: dict[int, int] = {}
    closed: tuple[int, float, float] = (0, 0.0, 0.0)
    closed_to: int = 0
    near: list[Near] = []
    payee: PayeeMoney = field(default_factory=PayeeMoney)
    windows_since: int = 0


class Posted(Struct, array_like=True):
    """A refund, credit, write-off or adjustment that a clerk posted; `reason` is a hash, amounts are in cents."""

    at: float
    kind: str
    amount: int
    reason: int


class UserMoney(Struct, array_like=True):
    """Of a clerk: what was posted, near a limit or not; counts of amounts by week since the epoch.

    `digits` holds nine counts of first digits, the count of amounts that end in 00 or 50 cents, and the smallest
    and the largest power of ten.
    """

    posted: list[Posted] = []
    near: list[Near] = []
    digits: dict[int, list[int]] = {}
    looked_week: int = 0
    placed_day: int = 0

"""What is remembered of one means of payment: a card, bank account, device, address, BIN or terminal."""

from msgspec import Struct, field

from detectors.profiles.applied import Applied
from detectors.profiles.behaviour import AddressBehaviour
from detectors.profiles.history import History
from detectors.profiles.money import InstrumentMoney
from detectors.profiles.relations import InstrumentRelations
from detectors.sigma.sliding import Recent

ATTEMPTS_KEPT = 1024


class Attempt(Struct, array_like=True):
    """One payment attempt. `card` is a 64-bit hash; amounts are in cents.

    `through` is the address it came from, else the device, empty where neither is known.
    """

    at: float
    card: int
    bin: str
    declined: bool
    amount: int
    through: str = ""


class InstrumentProfile(Struct, array_like=True):
    """The profile of one instrument: the attempts of the last hour, and totals since it was first seen.

    `sustained_since` is read by nobody any more; it holds its place in profiles that were written before.
    """

    applied: Applied
    attempts: list[Attempt] = []
    first_seen: float = 0.0
    total: int = 0
    declined: int = 0
    sustained_since: float = 0.0
    fired: dict[str, str] = {}
    recent: dict[str, Recent] = {}
    history: History = field(default_factory=History)
    relations: InstrumentRelations = field(default_factory=InstrumentRelations)
    behaviour: AddressBehaviour = field(default_factory=AddressBehaviour)
    money: InstrumentMoney = field(default_factory=InstrumentMoney)

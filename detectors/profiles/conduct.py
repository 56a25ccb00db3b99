"""How a provider bills: by date of service and by day of sending, and to whom it sends its orders."""

from msgspec import Struct, field

DAYS_OF_CONDUCT = 180
RECIPIENTS_KEPT = 60
"""Recipients of orders kept per orderer; the smallest goes first."""

SERVICES_CHARGED_KEPT = 512


class DayConduct(Struct, array_like=True):
    """What claims for one date of service hold; amounts are in cents.

    `levels` counts visits with a level, `level_sum` adds up their levels (1 to 5), `top_levels` counts the two highest.
    `procedures` counts visits with a procedure, `modified` those of them under modifier 25, `closed` office claims for
    a day on which offices are closed.
    """

    claims: int = 0
    charge: int = 0
    levels: int = 0
    level_sum: float = 0.0
    top_levels: int = 0
    procedures: int = 0
    modified: int = 0
    closed: int = 0

    def add(self, other: "DayConduct", times: int = 1) -> None:
        """Add another, or with -1 take it away."""
        self.claims += times * other.claims
        self.charge += times * other.charge
        self.levels += times * other.levels
        self.level_sum += times * other.level_sum
        self.top_levels += times * other.top_levels
        self.procedures += times * other.procedures
        self.modified += times * other.modified
        self.closed += times * other.closed


class Conduct(Struct, array_like=True):
    """The conduct of one provider; days are since the epoch.

    `by_service` and `by_sending` hold 180 days; the latter claims and cents by day of the transaction. `orders` maps a
    recipient to `{week: [orders, cents]}`. `looked_on` is the day on which the claims were last held against the peers,
    `orders_on` that of the orders, and `window` what was then added up of the dates of service. `charged` maps the hash
    of a service to the last day on which a charge for it was added to what is usual (B34). `visits` maps a recipient to
    `{week: [orders whose visit was looked for, orders without one]}`.
    """

    first_day: int = 0
    looked_on: int = 0
    by_service: dict[int, DayConduct] = field(default_factory=dict)
    by_sending: dict[int, list[int]] = field(default_factory=dict)
    orders: dict[str, dict[int, list[int]]] = field(default_factory=dict)
    specialty: str = ""
    window: DayConduct = field(default_factory=DayConduct)
    orders_on: int = 0
    charged: dict[int, int] = {}
    visits: dict[str, dict[int, list[int]]] = field(default_factory=dict)

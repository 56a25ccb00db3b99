"""What becomes due by the clock alone: one line each. Each is done in a transaction of its own, and may come twice."""

from collections.abc import Callable

from alerting.act import Act
from alerting.breach.clockwork import pass_breach_clocks

DUE: dict[str, Callable[[Act], None]] = {
    "breach clocks": pass_breach_clocks,
}
"""What looks for work that is due at `act.now`, and does it."""

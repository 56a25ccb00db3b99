"""What becomes due by the clock alone: one line each. Each is done in a transaction of its own, and may come twice."""

from collections.abc import Callable

from alerting.act import Act

DUE: dict[str, Callable[[Act], None]] = {}
"""What looks for work that is due at `act.now`, and does it."""

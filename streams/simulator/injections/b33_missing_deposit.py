"""B33: a payer remits to an outside imaging centre day by day, and the money of one day never reaches the bank."""

from collections.abc import Iterator

from streams.simulator.injections.remittances import ACCOUNT, deposited, payee_of, remitted, working_days
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated

DAYS = 18
"""Whatever weekday it begins on, there is a deposit after the ten days."""
MISSING = 2
"""Of the days with a payment, the one (counted from 0) whose money does not come."""
OVERDUE_AFTER = 10
"""Days (domain.md B33)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield remittances in the night and deposits in the morning.

    What is labelled are the remittances whose money is missing, and the first deposit at which that can be known.
    """
    payee, days = payee_of(scene), list(working_days(scene, DAYS))
    missing = days[min(MISSING, len(days) - 1)]
    overdue = next((later for later in days if later > missing + OVERDUE_AFTER), None)
    for later in days:
        payment = remitted(scene, payee, later, account=ACCOUNT, labelled=later == missing)
        yield from payment.remittances
        if later != missing:
            yield deposited(scene, payee, payment, later, labelled=later == overdue)

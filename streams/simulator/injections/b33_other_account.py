"""B33: a payer's remittances to an outside imaging centre go, from one day on, to an account nobody announced."""

from collections.abc import Iterator

from streams.simulator.injections.remittances import ACCOUNT, payee_of, remitted, working_days
from streams.simulator.injections.scene import Scene
from streams.simulator.record import Simulated

DAYS = 5
OTHER_ACCOUNT = "026009593|9900017"


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the remittances of some days; those of the last, to the other account, are labelled."""
    payee, days = payee_of(scene), list(working_days(scene, DAYS))
    for later in days:
        last = later == days[-1]
        yield from remitted(scene, payee, later, account=OTHER_ACCOUNT if last else ACCOUNT, labelled=last).remittances

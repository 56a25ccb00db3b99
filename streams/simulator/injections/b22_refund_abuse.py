"""B22: a clerk refunds other people's payments to one card that paid none of them."""

from collections.abc import Iterator

from detectors.events.billing import Card, Payment
from streams.simulator.injections.scene import Scene
from streams.simulator.payments import APPROVED, patient_card, patient_payment, portal_client, refund
from streams.simulator.record import BILLING_SOURCE, Simulated

REFUNDS = 9
_REFUNDS_A_DAY = 3


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the honest payments of one morning, then the refunds over three days. Only the refunds are labelled."""
    hospital, rng = scene.hospital, scene.rng
    clerk = scene.staff("billing_coding", "accounts")
    own = Card(token=f"card-x{scene.ordinal:05d}", bin="520033", last4="0042", brand="mastercard", response=APPROVED)
    for number, patient in enumerate(scene.patients(REFUNDS)):
        paid_at = scene.at(8.0 + number * 0.25)
        amount = int(rng.integers(8_000, 40_000))
        card = patient_card(patient, APPROVED, entry="ecommerce")
        payment = Payment(method="card", direction="D", card=card, client=portal_client(patient))
        paid = patient_payment(hospital, patient, paid_at, amount=amount, payment=payment)
        original = scene.record(BILLING_SOURCE, paid_at, paid, labelled=False)
        yield original
        later = min(number // _REFUNDS_A_DAY, scene.days_left - 1)
        at = scene.at(13.0 + number * 0.3 + rng.uniform(0, 0.2), later)
        to = Payment(method="card", card=own)
        given = refund(hospital, patient, at, amount=amount, payment=to, clerk=clerk, refunded=original.event.id)
        yield scene.record(BILLING_SOURCE, at, given, labelled=True)

"""B27: payment upon payment on one account, each small and approved."""

from collections.abc import Iterator

from detectors.events.billing import Payment
from streams.simulator.injections.scene import Scene
from streams.simulator.payments import APPROVED, patient_card, patient_payment, portal_client
from streams.simulator.record import BILLING_SOURCE, Simulated

PAYMENTS, MINUTES = 9, 40.0
"""More than five in an hour (domain.md B27)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the payments, evenly spread."""
    (patient,) = scene.patients(1)
    begin = scene.at(scene.rng.uniform(18.0, 22.0))
    for number in range(PAYMENTS):
        at = round(begin + number * MINUTES * 60 / PAYMENTS, 3)
        card = patient_card(patient, APPROVED, entry="ecommerce")
        payment = Payment(method="card", direction="D", card=card, client=portal_client(patient))
        amount = int(scene.rng.integers(1_000, 5_000))
        paid = patient_payment(scene.hospital, patient, at, amount=amount, payment=payment)
        yield scene.record(BILLING_SOURCE, at, paid, labelled=True)

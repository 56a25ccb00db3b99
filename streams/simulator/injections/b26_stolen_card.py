"""B26: a card from abroad, whose address and security code do not match, pays on an account it never paid on."""

from collections.abc import Iterator

from detectors.events.billing import Card, Payment
from streams.simulator.injections.scene import Scene
from streams.simulator.payments import APPROVED, patient_payment, portal_client
from streams.simulator.record import BILLING_SOURCE, Simulated


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield one large payment on the portal."""
    rng = scene.rng
    (patient,) = scene.patients(1)
    card = Card(
        token=f"card-s{scene.ordinal:05d}", bin="476173", last4="0119", brand="visa", entry="ecommerce", avs="N",
        cvv_result="N", response=APPROVED, country="RO",
    )  # fmt: skip
    payment = Payment(method="card", direction="D", card=card, client=portal_client(patient))
    at = scene.at(rng.uniform(1.0, 5.0))
    paid = patient_payment(scene.hospital, patient, at, amount=int(rng.integers(90_000, 250_000)), payment=payment)
    yield scene.record(BILLING_SOURCE, at, paid, labelled=True)

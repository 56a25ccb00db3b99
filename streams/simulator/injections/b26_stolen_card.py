"""B26: a stolen card, issued abroad, pays the bills of strangers to each other on the portal."""

from collections.abc import Iterator

from detectors.events.billing import Card, Payment, PaymentClient
from streams.simulator.injections.scene import Scene
from streams.simulator.payments import APPROVED, patient_payment
from streams.simulator.record import BILLING_SOURCE, Simulated

PATIENTS, MINUTES_BETWEEN = 4, 9.0
"""Three unrelated patients on one card are the sign (domain.md B26)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield one approved payment for each; neither address nor security code fit."""
    rng = scene.rng
    card = Card(
        token=f"card-s{scene.ordinal:05d}", bin="453200", last4=f"{4100 + scene.ordinal:04d}", brand="visa",
        entry="ecommerce", avs="N", cvv_result="N", response=APPROVED, country="RO",
    )  # fmt: skip
    machine = PaymentClient(
        ip=f"203.0.113.{100 + scene.ordinal % 50}", device_id=f"device-s{scene.ordinal:05d}", channel="portal"
    )
    payment = Payment(method="card", direction="D", card=card, client=machine)
    at = scene.at(rng.uniform(20.0, 22.0))
    for patient in scene.patients(PATIENTS):
        amount = int(rng.integers(20_000, 90_000))
        paid = patient_payment(scene.hospital, patient, at, amount=amount, payment=payment)
        yield scene.record(BILLING_SOURCE, at, paid, labelled=True)
        at = round(at + 60 * MINUTES_BETWEEN * rng.uniform(0.5, 1.5), 3)

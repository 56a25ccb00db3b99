"""B25: stolen cards are tested on the payment portal: many small payments from one machine, most declined."""

from collections.abc import Iterator

from detectors.events.billing import Card, Payment, PaymentClient
from streams.simulator.injections.scene import Scene
from streams.simulator.payments import APPROVED, patient_payment
from streams.simulator.record import BILLING_SOURCE, Simulated

MINUTES, PER_MINUTE, DECLINED = 15, 40, 0.92
"""15 minutes at 40 a minute (domain.md §6.2); attacks see more than 90 % declined (§6.1)."""
_CODES = ("05", "14", "51", "54")
_LARGEST_CENTS = 500


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the attempts, all labelled, on one patient's account."""
    rng = scene.rng
    begin = scene.at(rng.uniform(9.0, 20.0))
    machine = PaymentClient(
        ip=f"203.0.113.{200 + scene.ordinal % 50}", device_id=f"device-x{scene.ordinal:05d}", channel="portal"
    )
    account = scene.patients(1)[0]
    for number in range(MINUTES * PER_MINUTE):
        at = round(begin + number * 60.0 / PER_MINUTE + rng.uniform(0, 1), 3)
        response = _CODES[int(rng.integers(len(_CODES)))] if rng.random() < DECLINED else APPROVED
        card = Card(
            token=f"card-t{scene.ordinal:03d}{number:04d}",
            bin=("400012", "510002")[number % 2],
            last4=f"{number:04d}",
            brand="visa",
            entry="ecommerce",
            response=response,
            country="US",
        )
        payment = Payment(method="card", direction="D", card=card, client=machine)
        amount = int(rng.integers(100, _LARGEST_CENTS + 1))
        attempt = patient_payment(scene.hospital, account, at, amount=amount, payment=payment)
        yield scene.record(BILLING_SOURCE, at, attempt, labelled=True)

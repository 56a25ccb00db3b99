"""B24: an amount is split so that each part stays just under a limit: an approval limit, or 10,000 dollars in cash."""

from collections.abc import Iterator

from detectors.events.billing import Payment, PaymentClient
from streams.simulator.injections.scene import Scene
from streams.simulator.payments import APPROVAL_LIMIT, APPROVED, patient_card, patient_payment, portal_client, refund
from streams.simulator.record import BILLING_SOURCE, Simulated

PARTS, DAYS = 4, 3
CASH_LIMIT = 1_000_000
"""10,000 dollars in cents: cash above it is reported (Form 8300; domain.md B24)."""
_SHARES = (0.84, 0.93)


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield four parts within three days: refunds by one clerk, or (every other incident) cash by one patient."""
    yield from _cash(scene) if scene.ordinal % 2 else _refunds(scene)


def _refunds(scene: Scene) -> Iterator[Simulated]:
    hospital = scene.hospital
    clerk = scene.staff("billing_coding", "accounts")
    patient = scene.patients(1)[0]
    card = patient_card(patient, APPROVED, entry="ecommerce")
    whole = Payment(method="card", direction="D", card=card, client=portal_client(patient))
    paid_at = scene.at(8.0)
    amount = PARTS * APPROVAL_LIMIT
    paid = patient_payment(hospital, patient, paid_at, amount=amount, payment=whole)
    original = scene.record(BILLING_SOURCE, paid_at, paid, labelled=False)
    yield original
    for number, later in enumerate(_days(scene)):
        at = scene.at(10.0 + number + scene.rng.uniform(0, 0.5), later)
        part = round(APPROVAL_LIMIT * scene.rng.uniform(*_SHARES))
        given = refund(hospital, patient, at, amount=part, payment=whole, clerk=clerk, refunded=original.event.id)
        yield scene.record(BILLING_SOURCE, at, given, labelled=True)


def _cash(scene: Scene) -> Iterator[Simulated]:
    hospital = scene.hospital
    cashier, patient = scene.staff("ma_registrar", "clinic"), scene.patients(1)[0]
    till = PaymentClient(channel="pos", terminal=f"T-{cashier:04d}")
    for number, later in enumerate(_days(scene)):
        at = scene.at(9.0 + number + scene.rng.uniform(0, 0.5), later)
        part = round(CASH_LIMIT * scene.rng.uniform(*_SHARES))
        cash = Payment(method="cash", direction="D", client=till)
        paid = patient_payment(hospital, patient, at, amount=part, payment=cash, clerk=hospital.clerk(cashier))
        yield scene.record(BILLING_SOURCE, at, paid, labelled=True)


def _days(scene: Scene) -> list[int]:
    return [min(number * DAYS // PARTS, scene.days_left - 1) for number in range(PARTS)]

"""The payment gateway is down for half an hour: patients and clerks try again and again until it is back."""

from collections.abc import Iterator

from detectors.events.billing import Payment, PaymentClient
from streams.simulator.injections.scene import Scene
from streams.simulator.payments import APPROVED, patient_card, patient_payment, portal_client
from streams.simulator.record import BILLING_SOURCE, Simulated

PATIENTS, TRIES, MINUTES = 24, 4, 30.0
RESPONSES = ("91", "96")
"""ISO 8583: issuer or switch not available, system malfunction (domain.md B25, false positives)."""


def inject(scene: Scene) -> Iterator[Simulated]:
    """Yield the tries, half from the portal and half from one till, and the payments when the gateway is back."""
    hospital, rng = scene.hospital, scene.rng
    begin = scene.at(10.0)
    cashier = scene.staff("ma_registrar", "clinic")
    till = PaymentClient(channel="pos", terminal=f"T-{cashier:04d}")
    for number, patient in enumerate(scene.patients(PATIENTS)):
        portal = number % 2 == 0
        client = portal_client(patient) if portal else till
        clerk = None if portal else hospital.clerk(cashier)
        amount = int(rng.integers(2_000, 20_000))
        moments = sorted(rng.uniform(0, MINUTES * 60, TRIES).tolist())
        moments.append(MINUTES * 60 + rng.uniform(60, 3600))
        for place, moment in enumerate(moments):
            response = APPROVED if place == TRIES else RESPONSES[place % 2]
            card = patient_card(patient, response, entry="ecommerce" if portal else "chip")
            payment = Payment(method="card", direction="D", card=card, client=client)
            at = round(begin + moment, 3)
            paid = patient_payment(hospital, patient, at, amount=amount, payment=payment, clerk=clerk)
            yield scene.record(BILLING_SOURCE, at, paid, labelled=False)

"""Patients' money: payments by card, bank or cash, refunds to where they came from, and write-offs."""

import math
from collections.abc import Iterator

import numpy as np

from detectors.events import BillingTransaction
from detectors.events.access import Source
from detectors.events.billing import (
    AdjustmentReason,
    Amounts,
    Approval,
    Card,
    Clerk,
    Link,
    Payment,
    PaymentClient,
)
from streams.simulator import parameters
from streams.simulator.hospital import Hospital
from streams.simulator.record import BILLING_SOURCE, Recorder, Simulated, time_of
from streams.simulator.timing import DAY, HOUR, Floats, generator, instant
from streams.simulator.visits import by_hour

_HOURS = np.array([0.3] * 7 + [1.0, 2.0, 2.0, 2.0, 1.8, 1.5, 1.8, 2.0, 2.0, 1.6, 1.2, 1.2, 1.4, 1.4, 1.0, 0.6, 0.4])
_WEEKEND_FACTOR = 0.5
_PORTAL_SHARE = 0.55
_REFUND_DAYS = (0.5, 4.0)
APPROVAL_LIMIT = 50_000
"""Cents up to which a refund is approved by the clerk's manager."""
_WRITE_OFF_REASONS = ("small_balance", "charity", "bad_debt", "courtesy")
_BINS = ("400012", "400045", "510002", "520033", "370001", "601100")
_DECLINE_CODES = ("05", "51", "54")
"""ISO 8583: do not honour, insufficient funds, expired card."""
APPROVED = "00"


class Payments:
    """The payments of each day, and the refunds that follow some of them."""

    def __init__(self, hospital: Hospital) -> None:
        self._hospital = hospital
        self._record = Recorder(BILLING_SOURCE, hospital.seed)
        self._refunds: dict[int, list[tuple[float, str, int, Payment, int]]] = {}
        layout, staff = hospital.layout, hospital.staff
        offices = [layout.named("Patient Accounts")]
        self._clerks = staff.working_in("billing_coding", offices)
        self._cashiers = staff.working_in("ma_registrar", layout.of_kind("clinic"))
        self._living = np.flatnonzero(~hospital.patients.deceased[: hospital.patients.n])

    def of_day(self, day: int) -> Iterator[Simulated]:
        """Yield payments, refunds and write-offs of `day` by time."""
        rng = generator(self._hospital.seed, "payments", day)
        found = [*self._payments(day, rng), *self._refunds_of(day, rng), *self._write_offs(day, rng)]
        return iter(sorted(found, key=time_of))

    def _payments(self, day: int, rng: np.random.Generator) -> Iterator[Simulated]:
        hospital = self._hospital
        calendar = hospital.calendar
        mean = parameters.PAYMENTS * hospital.scale * (_WEEKEND_FACTOR if calendar.weekday(day) >= 5 else 1.0)
        n = int(rng.poisson(mean))
        at: Floats = np.round(calendar.begin(day) + by_hour(_HOURS, n, rng), 3)
        cents = np.round(rng.lognormal(math.log(parameters.PAYMENT_MEDIAN_CENTS), parameters.PAYMENT_SIGMA, n))
        for number in range(n):
            patient = int(rng.choice(self._living))
            amount = max(int(cents[number]), 100)
            portal = bool(rng.random() < _PORTAL_SHARE)
            cashier = int(rng.choice(self._cashiers))
            payment = self._payment(patient, cashier, rng, portal=portal)
            key = f"payment:{day}:{number}"
            clerk = None if portal else hospital.clerk(cashier)
            moment = float(at[number])
            paid = patient_payment(hospital, patient, moment, amount=amount, payment=payment, clerk=clerk)
            yield self._record(key, moment, paid)
            approved = payment.card is None or payment.card.response == APPROVED
            if approved and rng.random() < parameters.REFUNDED:
                later = moment + rng.uniform(*_REFUND_DAYS) * DAY
                due = calendar.day_of(later)
                self._refunds.setdefault(due, []).append((moment, key, patient, payment, amount))

    def _payment(self, patient: int, cashier: int, rng: np.random.Generator, *, portal: bool) -> Payment:
        client = portal_client(patient) if portal else PaymentClient(channel="pos", terminal=f"T-{cashier:04d}")
        if rng.random() < parameters.CARD_SHARE:
            declined = rng.random() < parameters.DECLINED
            response = str(rng.choice(_DECLINE_CODES)) if declined else APPROVED
            card = patient_card(patient, response, entry="ecommerce" if portal else "chip")
            return Payment(method="card", direction="D", card=card, client=client)
        if portal:
            return Payment(method="ach", direction="D", bank_fp=f"bank-{patient:06d}", client=client)
        return Payment(method="cash", direction="D", client=client)

    def _refunds_of(self, day: int, rng: np.random.Generator) -> Iterator[Simulated]:
        hospital = self._hospital
        for paid_at, key, patient, payment, amount in self._refunds.pop(day, []):
            clerk = int(rng.choice(self._clerks))
            office = hospital.calendar.begin(day) + rng.uniform(9 * HOUR, 16.5 * HOUR)
            at = round(max(office, paid_at + HOUR), 3)
            refunded = refund(
                hospital, patient, at, amount=amount, payment=payment, clerk=clerk, refunded=self._record.id(key)
            )
            yield self._record(f"refund:{key}", at, refunded)

    def _write_offs(self, day: int, rng: np.random.Generator) -> Iterator[Simulated]:
        hospital = self._hospital
        if hospital.calendar.weekday(day) >= 5:
            return
        for number in range(int(rng.poisson(parameters.WRITE_OFFS * hospital.scale))):
            at = round(hospital.calendar.begin(day) + rng.uniform(8.5 * HOUR, 16.5 * HOUR), 3)
            clerk = int(rng.choice(self._clerks))
            patient = int(rng.choice(self._living))
            cents = max(int(rng.lognormal(math.log(1500), 1.0)), 1)
            reason = _WRITE_OFF_REASONS[int(rng.integers(4))]
            written_off = write_off(hospital, patient, at, cents=cents, clerk=clerk, reason=reason)
            yield self._record(f"write_off:{day}:{number}", at, written_off)


def patient_payment(
    hospital: Hospital, patient: int, at: float, *, amount: int, payment: Payment, clerk: Clerk | None = None
) -> BillingTransaction:
    """Return a patient's payment of `amount` cents."""
    return BillingTransaction(
        kind="patient_payment",
        occurred_at=instant(at),
        src=Source(system="billing", format="csv"),
        patient=hospital.billed(patient),
        amounts=Amounts(paid=amount),
        payment=payment,
        user=clerk,
    )


def write_off(
    hospital: Hospital, patient: int, at: float, *, cents: int, clerk: int, reason: str = "courtesy"
) -> BillingTransaction:
    """Return a write-off of an amount that a patient owes."""
    return BillingTransaction(
        kind="write_off",
        occurred_at=instant(at),
        src=Source(system="billing", format="csv"),
        patient=hospital.billed(patient),
        amounts=Amounts(adjustment=cents),
        adjustment=AdjustmentReason(reason=reason),
        user=hospital.clerk(clerk),
    )


def refund(
    hospital: Hospital, patient: int, at: float, *, amount: int, payment: Payment, clerk: int, refunded: str
) -> BillingTransaction:
    """Return a refund of `amount` cents of the payment with event id `refunded`, to the card or account given."""
    card = payment.card
    to = Card(token=card.token, bin=card.bin, last4=card.last4, brand=card.brand, response=APPROVED) if card else None
    manager = hospital.actors[int(hospital.staff.manager[clerk])].id
    approval = Approval(user_ref=manager, at=instant(at - 600), limit=APPROVAL_LIMIT)
    return BillingTransaction(
        kind="refund",
        occurred_at=instant(at),
        src=Source(system="billing", format="csv"),
        patient=hospital.billed(patient),
        amounts=Amounts(paid=amount),
        payment=Payment(method=payment.method, direction="C", bank_fp=payment.bank_fp, card=to),
        user=hospital.clerk(clerk),
        approval=approval,
        links=[Link(rel="refunds", id=refunded)],
    )


def patient_card(patient: int, response: str, entry: str) -> Card:
    """Return the card that a patient pays with, as the opaque reference of a payment gateway."""
    return Card(
        token=f"card-{patient:06d}",
        bin=_BINS[patient % len(_BINS)],
        last4=f"{patient * 7919 % 10_000:04d}",
        brand="visa",
        entry=entry,
        response=response,
        country="US",
    )


def portal_client(patient: int) -> PaymentClient:
    """Return the machine that a patient uses for the portal; 198.18.0.0/15 is set aside for tests (RFC 2544)."""
    block, rest = divmod(patient, 65_025)
    third, fourth = divmod(rest, 255)
    return PaymentClient(
        ip=f"198.{18 + block % 2}.{third}.{fourth}", device_id=f"device-{patient:06d}", channel="portal"
    )

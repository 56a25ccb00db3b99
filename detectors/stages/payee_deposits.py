"""The instrument stage, payees: money that remittances announce, and what the bank says came (B33).

Both are kept by trace number (TRN02), so it does not matter which of them is known first. What is missing is told at a
later deposit: that the bank's record goes on is what makes a gap of it.
"""

import datetime

from detectors.events import BillingTransaction
from detectors.explain import DAY
from detectors.profiles.applied import fingerprint
from detectors.profiles.money import ANNOUNCED_KEPT, Announced, PayeeMoney
from detectors.scene import Scene
from detectors.stages.amounts import amount_of
from detectors.thresholds_money import MoneyThresholds

ELECTRONIC = frozenset({"ach", "fwt"})
"""BPR04 of payments that arrive at a bank under their trace number; a cheque may lie in a drawer."""

REMITTANCES = frozenset({"remit_paid", "remit_reversed"})


def observe_announced(scene: Scene, transaction: BillingTransaction, payee: PayeeMoney) -> None:
    """Add what a remittance says of its payment; what a reversal takes back comes off it."""
    payment = transaction.payment
    if transaction.kind not in REMITTANCES or payment is None or not payment.trace:
        return
    if payment.method.lower() not in ELECTRONIC:
        return
    trace, amounts = fingerprint(payment.trace), transaction.amounts
    due = _midnight(payment.effective) if payment.effective else scene.time
    announced = payee.announced.setdefault(trace, Announced(due, 0))
    announced.cents += amounts.paid if amounts else 0
    announced.at = max(announced.at, due)
    _trim(payee)


def observe_deposit(scene: Scene, transaction: BillingTransaction, payee: PayeeMoney, limits: MoneyThresholds) -> None:
    """Keep what came, and note the first payment that should have come long before."""
    trace = transaction.payment.trace if transaction.payment else ""
    payee.deposits_since = min(payee.deposits_since or scene.time, scene.time)
    payee.deposits_until = max(payee.deposits_until, scene.time)
    if trace and amount_of(transaction):
        key = fingerprint(trace)
        payee.deposited[key] = min(payee.deposited.get(key, scene.time), scene.time)
        announced = payee.announced.get(key)
        if announced is not None and announced.told:
            announced.told = False
            scene.notes["remit.came_late"] = f"{key:x}"
            return
    _note_missing(scene, payee, limits)
    _trim(payee)


def _note_missing(scene: Scene, payee: PayeeMoney, limits: MoneyThresholds) -> None:
    overdue = [
        (announced.at, trace)
        for trace, announced in payee.announced.items()
        if trace not in payee.deposited
        and not announced.told
        and announced.cents > 0
        and payee.deposits_since <= announced.at < payee.deposits_until - limits.deposit_days * DAY
    ]
    if not overdue:
        return
    at, trace = min(overdue)
    announced = payee.announced[trace]
    announced.told = True
    scene.notes["remit.missing_trace"] = f"{trace:x}"
    scene.notes["remit.missing_days"] = int((payee.deposits_until - at) // DAY)
    scene.notes["remit.missing_cents"] = announced.cents


def _trim(payee: PayeeMoney) -> None:
    """Forget the oldest where there are too many."""
    if len(payee.announced) > ANNOUNCED_KEPT:
        del payee.announced[min(payee.announced, key=lambda kept: payee.announced[kept].at)]
    if len(payee.deposited) > ANNOUNCED_KEPT:
        del payee.deposited[min(payee.deposited, key=lambda kept: payee.deposited[kept])]


def _midnight(day: datetime.date) -> float:
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp()

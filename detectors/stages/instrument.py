"""The instrument stage: the payment attempts of the last hour through one card, account, device, address or BIN."""

from detectors.events import BillingTransaction
from detectors.partition import PartitionState
from detectors.profiles.applied import fingerprint
from detectors.profiles.instrument import ATTEMPTS_KEPT, Attempt, InstrumentProfile
from detectors.scene import Scene
from detectors.stages.billing import TECHNICAL, is_declined
from detectors.thresholds import Thresholds

HOUR = 3_600.0

MACHINES = ("ip:", "device:")
"""What a payment came through that belongs to one person or machine, the address first."""

SHARED_BY_ALL = ("channel:", "payee:")
"""What is no means of payment of anybody's; it has patterns of its own."""


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Keep a card payment as an attempt, in the order of business time."""
    transaction: BillingTransaction = scene.data
    profile: InstrumentProfile = scene.profile
    card = transaction.payment.card if transaction.payment else None
    if transaction.kind != "patient_payment" or card is None or scene.ref.startswith(SHARED_BY_ALL):
        return
    if card.response in TECHNICAL:
        return  # During an outage people try again and again; nobody refused them.
    declined = is_declined(transaction)
    amount = abs(transaction.amounts.paid) if transaction.amounts else 0
    attempts = profile.attempts
    through = next((ref for prefix in MACHINES for ref in _stops(scene, prefix)), "")
    attempts.append(Attempt(scene.time, fingerprint(card.token), card.bin, declined, amount, through))
    if len(attempts) > 1 and attempts[-2].at > scene.time:
        attempts.sort(key=lambda attempt: attempt.at)
    newest = attempts[-1].at
    if attempts[0].at < newest - HOUR or len(attempts) > ATTEMPTS_KEPT:
        profile.attempts = [kept for kept in attempts if kept.at >= newest - HOUR][-ATTEMPTS_KEPT:]
    profile.first_seen = min(profile.first_seen or scene.time, scene.time)
    profile.total += 1
    profile.declined += declined


def _stops(scene: Scene, prefix: str) -> list[str]:
    return [stop.ref for stop in scene.visit.stops if stop.ref.startswith(prefix)]

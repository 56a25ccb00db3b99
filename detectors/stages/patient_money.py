"""The patient stage, money: how often, with which card and after what an account is paid (B23, B24, B26, B27)."""

from detectors.events import BillingTransaction
from detectors.explain import DAY
from detectors.partition import PartitionState
from detectors.profiles.applied import fingerprint
from detectors.profiles.money import CARDS_KEPT, DAYS_PAID_KEPT, OWED_KEPT, TRIES_KEPT, WRITE_OFFS_KEPT, WriteOff
from detectors.profiles.patient import PatientProfile
from detectors.scene import Scene
from detectors.stages.amounts import GIVEN_BACK, WRITTEN_OFF, amount_of, keep_near, middle
from detectors.stages.billing import TECHNICAL, claim_key, is_declined
from detectors.thresholds import Thresholds
from detectors.thresholds_money import MoneyThresholds
from detectors.work import most_in_window

HOUR = 3_600.0
OWED_DAYS = 120.0
"""How far back claims and payments are held against each other for an overpayment."""


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Keep what was owed, paid and written off, and note who the patient is."""
    transaction: BillingTransaction = scene.data
    limits = thresholds.money
    if transaction.kind.startswith("remit_"):
        _keep_owed(scene, transaction)
        return
    if transaction.kind == "patient_payment":
        _note_person(scene)
        _observe_payment(scene, transaction, limits)
    elif transaction.kind in GIVEN_BACK:
        _note_person(scene)
        _note_overpayment(scene, limits)
    elif transaction.kind in WRITTEN_OFF:
        _note_person(scene)
        written_off = scene.profile.money.written_off
        user = transaction.user.ref if transaction.user else ""
        written_off.append(WriteOff(scene.time, amount_of(transaction), user))
        del written_off[:-WRITE_OFFS_KEPT]


def _note_person(scene: Scene) -> None:
    """Note who the patient is, for the stops of card and clerk."""
    notes, relations = scene.notes, scene.profile.relations
    for name in ("name", "address", "area"):
        value = getattr(relations, name)
        if value:
            notes[f"patient.{name}"] = value
    if relations.employee is not None:
        employee = relations.employee
        notes["patient.employee"] = [employee.ref, employee.dept, employee.manager]


def _keep_owed(scene: Scene, transaction: BillingTransaction) -> None:
    """Keep what the patient owes of each claim; a reversal takes it back."""
    owed, key = scene.profile.money.owed, claim_key(scene.visit.id, transaction)
    if transaction.kind == "remit_reversed":
        owed.pop(key, None)
        return
    amounts = transaction.amounts
    owed[key] = (scene.time, max(amounts.patient_resp, 0) if amounts else 0)
    if len(owed) > OWED_KEPT:
        del owed[min(owed, key=lambda kept: owed[kept][0])]


# --- payments ---------------------------------------------------------------------------------------------------------


def _observe_payment(scene: Scene, transaction: BillingTransaction, limits: MoneyThresholds) -> None:
    payment = transaction.payment
    card = payment.card if payment else None
    if card is not None and card.response in TECHNICAL:
        return
    _note_velocity(scene, limits)
    amount = amount_of(transaction)
    if payment is not None and payment.method == "cash":
        keep_near(scene.profile.money.near, scene, amount, limits.cash_limit, limits)
    if card is not None and card.token:
        _note_card(scene, transaction, amount, limits)
    if is_declined(transaction):
        return
    money = scene.profile.money
    money.largest = max(money.largest, amount)
    money.payments += 1
    _note_written_off(scene, amount, limits)


def _note_velocity(scene: Scene, limits: MoneyThresholds) -> None:
    """B27: payments in an hour and a day, and the median day of those on which this account was paid."""
    money, at = scene.profile.money, scene.time
    money.tried.append(at)
    newest = max(money.tried)
    if len(money.tried) > TRIES_KEPT or money.tried[0] <= newest - 2 * DAY:
        money.tried = sorted(kept for kept in money.tried if kept > newest - 2 * DAY)[-TRIES_KEPT:]
    today = int(at // DAY)
    money.days_paid[today] = money.days_paid.get(today, 0) + 1
    if len(money.days_paid) > DAYS_PAID_KEPT:
        del money.days_paid[min(money.days_paid)]
    if len(money.tried) <= min(limits.payments_hour, limits.payments_day_least - 1):
        return
    scene.notes["payment.in_hour"] = most_in_window(money.tried, at, HOUR)
    scene.notes["payment.in_day"] = most_in_window(money.tried, at, DAY)
    earlier = [count for day, count in money.days_paid.items() if day < today]
    if len(earlier) >= limits.payments_days:
        scene.notes["payment.day_median"] = middle(earlier)


def _note_card(scene: Scene, transaction: BillingTransaction, amount: int, limits: MoneyThresholds) -> None:
    """B26: what speaks against a card that this account was never paid with before."""
    profile: PatientProfile = scene.profile
    money, card = profile.money, transaction.payment.card if transaction.payment else None
    assert card is not None  # noqa: S101 - asked for by the caller
    token = fingerprint(card.token)
    first = money.cards.get(token)
    money.cards[token] = min(first, scene.time) if first else scene.time
    if len(money.cards) > CARDS_KEPT:
        del money.cards[min(money.cards, key=lambda kept: money.cards[kept])]
    if first is not None:
        return
    signs = []
    if card.avs in limits.mismatches_avs:
        signs.append("the address does not match")
    if card.cvv_result in limits.mismatches_cvv:
        signs.append("the security code does not match")
    if not signs:
        return
    if card.country not in limits.home_countries:
        scene.notes["card.unusual"] = "it was issued abroad"
    elif money.payments >= limits.payments_least and amount > money.largest:
        scene.notes["card.unusual"] = "the amount is larger than every payment before"
    scene.notes["card.mismatch"] = " and ".join(signs)


def _note_written_off(scene: Scene, amount: int, limits: MoneyThresholds) -> None:
    """B23: the same amount that was written off is paid after all."""
    for written in scene.profile.money.written_off:
        days = (scene.time - written.at) / DAY
        same = amount and abs(written.amount - amount) <= limits.related_share * amount
        if same and written.user and 0 < days <= limits.related_days:
            scene.notes["payment.after_write_off_days"] = round(days, 1)
            scene.notes["payment.written_off_by"] = written.user
            return


# --- refunds ----------------------------------------------------------------------------------------------------------


def _note_overpayment(scene: Scene, limits: MoneyThresholds) -> None:
    """B27: the payment that is refunded was more than all that was owed. Silent where nothing is known to be owed."""
    days, original = scene.notes.get("refund.payment_days"), scene.notes.get("refund.original_amount")
    if not isinstance(days, float) or not isinstance(original, int) or days > limits.overpaid_days:
        return
    since = scene.time - OWED_DAYS * DAY
    owed = [cents for at, cents in scene.profile.money.owed.values() if at >= since]
    if owed and original > sum(owed):
        scene.notes["refund.overpaid"] = True
        scene.notes["refund.owed"] = sum(owed)

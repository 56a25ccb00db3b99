"""The instrument stage, money: whose card it is, for whom it paid, how often it was refused."""

from detectors.events import BillingTransaction
from detectors.explain import DAY
from detectors.partition import PartitionState
from detectors.profiles.applied import fingerprint
from detectors.profiles.money import ACCOUNTS_KEPT, DECLINES_KEPT, PAYERS_KEPT, InstrumentMoney, Payer
from detectors.scene import Scene
from detectors.stages.amounts import GIVEN_BACK, amount_of, approval_limit, keep_near
from detectors.stages.billing import TECHNICAL, is_declined
from detectors.stages.channel_refusals import observe_channel
from detectors.thresholds import Thresholds
from detectors.thresholds_money import MoneyThresholds
from detectors.work import most_in_window

PRIVATE = ("card:", "bank:")
"""Instruments that belong to somebody."""


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Keep what an event says of the instrument at which it is, and note what was known of it before."""
    transaction: BillingTransaction = scene.data
    money: InstrumentMoney = scene.profile.money
    limits = thresholds.money
    for name in _OF_ONE_STOP:
        scene.notes.pop(name, None)
    if scene.ref.startswith("channel:"):
        observe_channel(scene, money, limits)
    elif not scene.ref.startswith(PRIVATE):
        return
    elif transaction.kind == "patient_payment":
        _observe_payment(scene, transaction, money, limits)
    elif transaction.kind in GIVEN_BACK:
        _observe_refund(scene, money)
        keep_near(money.near, scene, amount_of(transaction), approval_limit(transaction), limits)
    elif transaction.kind == "bank_account_change":
        _observe_new_account(scene, transaction, money)


_OF_ONE_STOP = (
    "card.patients_90d",
    "card.declines_24h",
    "card.declines_30d",
    "channel.declines",
    "channel.z",
    "channel.windows",
    "channel.mean",
)
"""Notes about the instrument at which the event is: what an earlier stop noted was about another one."""


def _observe_payment(
    scene: Scene, transaction: BillingTransaction, money: InstrumentMoney, limits: MoneyThresholds
) -> None:
    card = transaction.payment.card if transaction.payment else None
    if card is not None and card.response in TECHNICAL:
        return
    employee = scene.notes.get("patient.employee")
    if is_declined(transaction):
        _count_decline(scene, money)
    elif isinstance(employee, list):
        money.owner = str(employee[0])
    if transaction.patient is None or not scene.ref.startswith("card:"):
        return
    known = money.payers.get(fingerprint(transaction.patient.ref))
    at = max(scene.time, known.at) if known else scene.time
    money.payers[fingerprint(transaction.patient.ref)] = Payer(at, _hashed(scene, "name"), _hashed(scene, "address"))
    if len(money.payers) > PAYERS_KEPT:
        del money.payers[min(money.payers, key=lambda kept: money.payers[kept].at)]
    if len(money.payers) >= limits.card_patients:
        window = limits.card_patients_days * DAY
        recent = [payer for payer in money.payers.values() if abs(payer.at - scene.time) < window]
        scene.notes["card.patients_90d"] = _households(recent)


def _count_decline(scene: Scene, money: InstrumentMoney) -> None:
    """B25b: refusals of this card in a day and in thirty."""
    declines = money.declines
    declines.append(scene.time)
    declines.sort()
    del declines[:-DECLINES_KEPT]
    scene.notes["card.declines_24h"] = most_in_window(declines, scene.time, DAY)
    scene.notes["card.declines_30d"] = most_in_window(declines, scene.time, 30 * DAY)


def _hashed(scene: Scene, name: str) -> int:
    value = scene.notes.get(f"patient.{name}")
    return fingerprint(value) if isinstance(value, str) else 0


def _households(payers: list[Payer]) -> int:
    """Return how many unrelated homes the payers have: a shared surname or home makes one. Unknown homes are none."""
    groups: list[set[int]] = []
    for payer in payers:
        if not payer.address:
            continue
        ties = {payer.address, payer.name} - {0}
        joined = [group for group in groups if group & ties]
        groups = [group for group in groups if not group & ties]
        groups.append(ties.union(*joined))
    return len(groups)


def _observe_refund(scene: Scene, money: InstrumentMoney) -> None:
    """B22: the money goes to a member of staff who has not paid it and whose account it is not."""
    notes = scene.notes
    employee = notes.get("patient.employee")
    own = isinstance(employee, list) and employee[0] == money.owner
    foreign = notes.get("refund.other_instrument") or "refund.original_amount" not in notes
    if money.owner and not own and foreign:
        notes["refund.to_employee"] = True
        user = scene.data.user
        if user is not None and user.ref == money.owner:
            notes["refund.to_clerk"] = True


def _observe_new_account(scene: Scene, transaction: BillingTransaction, money: InstrumentMoney) -> None:
    """B28: the account that a payee is to be paid to, where it is known from elsewhere."""
    change = transaction.bank_change
    if change is None:
        return
    payee, said = fingerprint(change.payee_ref), scene.notes.get("bank.signs")
    signs = list(said) if isinstance(said, list) else []
    if any(known != payee for known in money.payees):
        signs.append("another payee has this account")
    if money.owner:
        signs.append("an employee pays the own bills from this account")
    money.payees[payee] = scene.time
    if len(money.payees) > ACCOUNTS_KEPT:
        del money.payees[min(money.payees, key=lambda kept: money.payees[kept])]
    if signs:
        scene.notes["bank.signs"] = signs

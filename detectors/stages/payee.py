"""The instrument stage, payees: the account of record, changes of it, and what payers withhold (B28, B33).

A change of account visits the new account, the user who made it and last the payee, where what all of them noted comes
together; a remittance visits the payee before the providers.
"""

from detectors.events import AccessEvent, BillingTransaction
from detectors.explain import DAY
from detectors.partition import PartitionState
from detectors.profiles.applied import fingerprint
from detectors.profiles.money import ACCOUNTS_KEPT, CHANGES_KEPT, AccountChange, PayeeMoney
from detectors.scene import Scene
from detectors.stages.amounts import middle
from detectors.stages.payee_deposits import observe_announced, observe_deposit
from detectors.thresholds import Thresholds
from detectors.thresholds_money import MoneyThresholds

PAYEE = "payee:"

UNBALANCED = {
    "payment_out_of_balance": "Its claims and provider adjustments do not add up to what was paid.",
    "claim_out_of_balance": "What was charged, less all adjustments, is not what was paid for a claim.",
}
"""Checks of the reader of remittances that a person must look at, and the sentence for it."""

WITHHELD = frozenset({"WO", "FB"})
"""PLB codes: overpayment recovery, forwarding balance."""

MONTH = 30 * DAY
MONTHS_KEPT = 13
MONTHS_LEAST = 3


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Keep the payee's account, and note what does not fit it."""
    if not scene.ref.startswith(PAYEE):
        return
    transaction: BillingTransaction = scene.data
    payee: PayeeMoney = scene.profile.money.payee
    if transaction.kind == "bank_account_change":
        _observe_change(scene, transaction, payee, thresholds.money)
        return
    if transaction.kind == "deposit":
        observe_deposit(scene, transaction, payee, thresholds.money)
        return
    observe_announced(scene, transaction, payee)
    wrong = [sentence for check, sentence in UNBALANCED.items() if check in transaction.checks]
    if wrong:
        scene.notes["remit.unbalanced"] = wrong[0]
    if transaction.payment is not None and transaction.payment.bank_fp:
        _observe_account(scene, fingerprint(transaction.payment.bank_fp), payee, thresholds.money)
    if transaction.adjustment is not None and transaction.adjustment.plb_code in WITHHELD:
        _observe_withheld(scene, transaction, payee)


def observe_access(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Remember that a payee's contact details were changed."""
    access: AccessEvent = scene.data
    if scene.ref.startswith(PAYEE) and access.outcome == "success":
        contacts = scene.profile.money.payee.contacts
        contacts.append(scene.time)
        del contacts[:-CHANGES_KEPT]


def _observe_change(scene: Scene, transaction: BillingTransaction, payee: PayeeMoney, limits: MoneyThresholds) -> None:
    """B28: gather what is notable about the change."""
    change = transaction.bank_change
    if change is None:
        return
    said, at = scene.notes.get("bank.signs"), scene.time
    signs = list(said) if isinstance(said, list) else []
    if any(0 <= at - contact <= limits.reset_days * DAY for contact in payee.contacts):
        signs.append(f"contact details of the payee were changed within {limits.reset_days:.0f} days before")
    if change.channel in limits.assisted_channels:
        signs.append("it was asked for by helpdesk, e-mail or telephone")
    poster = transaction.user.ref if transaction.user else ""
    if not change.verified_by or change.verified_by == poster:
        signs.append("nobody else verified it")
    if any(0 < at - earlier.at <= limits.change_days * DAY for earlier in payee.changes):
        signs.append(f"the account had been changed before within {limits.change_days:.0f} days")
    payee.changes.append(AccountChange(at, fingerprint(change.new_fp), signs))
    payee.changes.sort(key=lambda kept: kept.at)
    del payee.changes[:-CHANGES_KEPT]
    if scene.ref.removeprefix(PAYEE) not in limits.planned_payees:
        scene.notes["bank.signs"] = signs


def _observe_account(scene: Scene, account: int, payee: PayeeMoney, limits: MoneyThresholds) -> None:
    """B33: money goes elsewhere than so far; B28 where it goes to an account that was named lately."""
    since = payee.accounts.get(account)
    payee.accounts[account] = min(since, scene.time) if since else scene.time
    if len(payee.accounts) > ACCOUNTS_KEPT:
        del payee.accounts[min(payee.accounts, key=lambda kept: payee.accounts[kept])]
    if since is not None or len(payee.accounts) == 1:
        return
    change = next((kept for kept in reversed(payee.changes) if kept.account == account), None)
    if change is None or not 0 <= scene.time - change.at <= limits.change_days * DAY:
        scene.notes["remit.other_account"] = True
        return
    days = (scene.time - change.at) / DAY
    planned = scene.ref.removeprefix(PAYEE) in limits.planned_payees
    if days <= limits.first_payment_days and change.indicators and not planned:
        scene.notes["bank.signs"] = [*change.indicators, f"the first payment came {days:.0f} days later"]


def _observe_withheld(scene: Scene, transaction: BillingTransaction, payee: PayeeMoney) -> None:
    """B33: what payers withhold grows."""
    month = int(scene.time // MONTH)
    amount = transaction.amounts.adjustment if transaction.amounts else 0
    withheld = payee.withheld
    withheld[month] = withheld.get(month, 0) + max(amount, 0)
    if len(withheld) > MONTHS_KEPT:
        del withheld[min(withheld)]
    earlier = [cents for kept, cents in withheld.items() if kept < month]
    if len(earlier) >= MONTHS_LEAST:
        scene.notes["remit.withheld"] = withheld[month]
        scene.notes["remit.withheld_median"] = middle(earlier)

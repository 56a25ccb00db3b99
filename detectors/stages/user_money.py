"""The user stage, money: what a clerk refunds and writes off, for whom, how often and in which amounts."""

import math
from collections import Counter

from detectors.events import BillingTransaction
from detectors.explain import DAY
from detectors.partition import PartitionState
from detectors.peers.measures import MEASURES
from detectors.profiles.applied import fingerprint
from detectors.profiles.money import POSTED_KEPT, Posted, UserMoney
from detectors.profiles.user import UserProfile
from detectors.scene import Scene
from detectors.stages.amounts import POSTED, WRITTEN_OFF, amount_of, approval_limit, keep_near
from detectors.stages.billing import day_number
from detectors.stages.digits import count_amount, note_week
from detectors.stages.fiscal_periods import end_of_period
from detectors.thresholds import Thresholds
from detectors.thresholds_money import MoneyThresholds


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Keep what the clerk decided, and note how it stands to the own past and to others of the role."""
    transaction: BillingTransaction = scene.data
    if transaction.user is None:
        return
    limits, money = thresholds.money, scene.profile.money
    amount = amount_of(transaction)
    keep_near(money.near, scene, amount, approval_limit(transaction), limits)
    if transaction.kind not in POSTED:
        return
    if transaction.kind in WRITTEN_OFF:
        _note_relation(scene, transaction)
        _note_closed_period(scene, transaction)
    _keep_posted(scene, transaction, money, amount)
    _note_rates(scene, transaction, money, limits)
    count_amount(money.digits, scene.time, amount, limits)
    note_week(scene, money, _segments(scene, transaction), limits)


def _note_relation(scene: Scene, transaction: BillingTransaction) -> None:
    """B23: whose account it is that the clerk adjusts."""
    notes, profile = scene.notes, scene.profile
    relations, staff, user = profile.relations, profile.staff, transaction.user
    assert user is not None  # noqa: S101 - asked for by the caller
    employee = notes.get("patient.employee")
    own_record = staff.self_patient_ref if staff else ""
    patient = transaction.patient.ref if transaction.patient else ""
    if (own_record and own_record == patient) or (isinstance(employee, list) and employee[0] == user.ref):
        notes["adjustment.relation"] = "own"
    elif relations.address and relations.address == notes.get("patient.address"):
        notes["adjustment.relation"] = "household"
    elif relations.name and (relations.name, relations.area) == (notes.get("patient.name"), notes.get("patient.area")):
        notes["adjustment.relation"] = "family"
    elif isinstance(employee, list):
        _, dept, manager = employee
        same_dept = bool(dept) and dept == ((staff.dept if staff else "") or user.dept)
        if same_dept or (manager and manager in (user.ref, relations.manager)):
            notes["adjustment.relation"] = "coworker"


def _note_closed_period(scene: Scene, transaction: BillingTransaction) -> None:
    """B23: an adjustment is reversed after its fiscal period was closed."""
    period = transaction.adjustment.fiscal_period if transaction.adjustment else ""
    if not period or not any(link.rel == "reverses" for link in transaction.links):
        return
    end = end_of_period(period)
    days = int(scene.time // DAY) - day_number(end) if end else 0
    if days > 0:
        scene.notes["adjustment.after_close_days"] = days


def _keep_posted(scene: Scene, transaction: BillingTransaction, money: UserMoney, amount: int) -> None:
    reason = transaction.adjustment.reason if transaction.adjustment else ""
    posted = money.posted
    posted.append(Posted(scene.time, transaction.kind, amount, fingerprint(reason) if reason else 0))
    if len(posted) > 1 and posted[-2].at > scene.time:
        posted.sort(key=lambda item: item.at)
    del posted[:-POSTED_KEPT]


def _note_rates(scene: Scene, transaction: BillingTransaction, money: UserMoney, limits: MoneyThresholds) -> None:
    """B23 and B30: write-offs, their reasons, round and repeated amounts of 30 days, against others of the role."""
    notes, at = scene.notes, scene.time
    recent = [item for item in money.posted if at - limits.posted_days * DAY < item.at <= at]
    written = [item for item in recent if item.kind in WRITTEN_OFF]
    counted = sum(item.amount > limits.small_balance for item in written)
    amounts = Counter(item.amount for item in recent)
    notes["user.same_amount_30d"] = amounts[amount_of(transaction)]
    notes["user.posted_30d"] = len(recent)
    is_new_day = money.placed_day != int(at // DAY)
    money.placed_day = max(money.placed_day, int(at // DAY))
    if transaction.kind in WRITTEN_OFF:
        notes["user.write_offs_30d"] = counted
        _against_peers(scene, transaction, "write_offs", counted, place=is_new_day)
        _note_reasons(scene, money, written, limits)
    if len(recent) >= limits.round_least:
        share = sum(n for amount, n in amounts.items() if amount and amount % limits.round_step == 0) / len(recent)
        notes["user.round_share"] = round(share, 3)
        _against_peers(scene, transaction, "round_share", share, place=is_new_day)


def _against_peers(scene: Scene, transaction: BillingTransaction, name: str, value: float, *, place: bool) -> None:
    """Note the 99th percentile of the role, and let the clerk stand among its peers once a day."""
    profile: UserProfile = scene.profile
    measure, segments = MEASURES[name], _segments(scene, transaction)
    group = scene.around.peers.group(measure, segments)
    if group is not None:
        scene.notes[f"user.{name}_p99"] = round(group.p99, 3)
    if place:
        scene.around.book.place(profile.history.peers, measure, segments, value)


def _segments(scene: Scene, transaction: BillingTransaction) -> tuple[str, ...]:
    staff, user = scene.profile.staff, transaction.user
    role = (staff.role or staff.job_code if staff else "") or (user.role if user else "")
    return (f"role:{role}", "*")


def _note_reasons(scene: Scene, money: UserMoney, written: list[Posted], limits: MoneyThresholds) -> None:
    """B23: the reasons given become few where they were many."""
    if len(written) < limits.reasons_least:
        return
    begin = scene.time - limits.posted_days * DAY
    before = [
        item
        for item in money.posted
        if item.kind in WRITTEN_OFF and begin - limits.reasons_earlier_days * DAY < item.at <= begin
    ]
    if len(before) < limits.reasons_least:
        return
    scene.notes["user.reason_bits"] = round(_entropy(written), 2)
    scene.notes["user.reason_bits_before"] = round(_entropy(before), 2)


def _entropy(items: list[Posted]) -> float:
    """Return the Shannon entropy of the reasons in bits."""
    counts = Counter(item.reason for item in items)
    return -sum(n / len(items) * math.log2(n / len(items)) for n in counts.values())

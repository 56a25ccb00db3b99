"""The patient stage: keeps a patient's ties, says who has one, and recognises what was billed or paid before."""

from collections.abc import Callable
from typing import TypeVar

from detectors.events import (
    AccessEvent,
    AppointmentContext,
    BillingTransaction,
    CareTeamContext,
    EncounterContext,
    OrderContext,
    PatientContext,
    TaskContext,
)
from detectors.explain import CONTENT_ACTIONS, DAY, ties
from detectors.late import is_of_department, keep_open
from detectors.partition import PartitionState
from detectors.profiles.applied import fingerprint
from detectors.profiles.entries import day_key, keep_day
from detectors.profiles.patient import (
    PAIRS_KEPT,
    PAYMENTS_KEPT,
    TIES_KEPT,
    Appointment,
    Membership,
    Order,
    Pair,
    PatientDay,
    PatientProfile,
    Payment,
    Stay,
    Task,
)
from detectors.profiles.said import is_news, seconds
from detectors.scene import Scene
from detectors.stages.billing import (
    TECHNICAL,
    claim_key,
    dates_of,
    is_declined,
    line_dates,
    payment_token,
    replaced_keys,
)
from detectors.thresholds import Thresholds

Tie = TypeVar("Tie", bound=Appointment | Stay | Membership | Task)

FLAGS = ("vip", "is_employee", "restricted")
"""Flags that a patient's record holds as the context states them."""

PLACES_NOTED = 24
"""Department and unit ties that travel with an event; a long stay crosses a handful."""


def apply_flags(profile: PatientProfile, context: PatientContext, known_at: float) -> None:
    """Keep the flags that the record states, unless a newer one did."""
    for name in FLAGS:
        value = getattr(context, name)
        if is_news(profile.said, name, value, known_at):
            setattr(profile, name, value)
    if is_news(profile.said, "deceased_at", context.deceased_at, known_at):
        profile.deceased_at = seconds(context.deceased_at)


def apply_appointment(profile: PatientProfile, context: AppointmentContext, known_at: float) -> None:
    """Keep an appointment, or that it was cancelled."""
    is_cancelled = context.status in ("cancelled", "entered-in-error")
    new = Appointment(context.start.timestamp(), context.user_ref, context.dept, known_at, is_cancelled)
    profile.appointments = _with(profile.appointments, new, lambda kept: (kept.start, kept.user, kept.dept))


def apply_encounter(profile: PatientProfile, context: EncounterContext, known_at: float) -> None:
    """Keep an encounter; the record known last replaces earlier ones, and whoever took part in one took part."""
    earlier = next((stay for stay in profile.stays if stay.id == context.encounter_id), None)
    users = list(dict.fromkeys([*(earlier.users if earlier else []), *context.user_refs]))[-TIES_KEPT:]
    if earlier is not None:
        earlier.users = users
    admitted, until = context.admit_at.timestamp(), seconds(context.discharge_at)
    new = Stay(context.encounter_id, admitted, until, context.dept, context.unit, users, known_at)
    profile.stays = _with(profile.stays, new, lambda kept: kept.id)


def apply_order(profile: PatientProfile, context: OrderContext) -> None:
    """Keep an order, result or note."""
    profile.orders.append(Order(context.at.timestamp(), context.user_ref, context.dept, context.kind))
    del profile.orders[:-TIES_KEPT]


def apply_care_team(profile: PatientProfile, context: CareTeamContext, known_at: float) -> None:
    """Keep a place on the care team; a later record with an end closes it."""
    new = Membership(context.user_ref, context.from_.timestamp(), seconds(context.to), known_at)
    profile.care_team = _with(profile.care_team, new, lambda kept: (kept.user, kept.since))


def apply_task(profile: PatientProfile, context: TaskContext, known_at: float) -> None:
    """Keep a work-queue task; a later record with an end closes it."""
    pool = context.pool or context.queue
    opened, closed = context.opened_at.timestamp(), seconds(context.closed_at)
    new = Task(context.user_ref, pool, opened, closed, known_at, context.queue)
    profile.tasks = _with(profile.tasks, new, lambda kept: (kept.user, kept.pool, kept.since))


def _with(ties_kept: list[Tie], new: Tie, identity: Callable[[Tie], object]) -> list[Tie]:
    """Return the ties with `new` in the place of an older record of the same; the last `TIES_KEPT` of them."""
    others = [kept for kept in ties_kept if identity(kept) != identity(new)]
    newer = [kept for kept in ties_kept if identity(kept) == identity(new) and kept.known_at > new.known_at]
    return [*others, *(newer or [new])][-TIES_KEPT:]


def observe_access(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Note who has a tie to the patient, and remember that this user looked."""
    access: AccessEvent = scene.data
    profile: PatientProfile = scene.profile
    notes, at, actor = scene.notes, scene.time, access.actor
    windows = thresholds.windows
    _note_flags(scene, profile, access)
    if access.action not in CONTENT_ACTIONS:
        return
    found = ties(profile, actor.id, at, windows, scene.around.references.responsible)
    pair = profile.pairs.get(actor.id)
    notes["rel.first_pair"] = pair is None or at - pair.last > windows.pair_memory * DAY
    if found.direct:
        notes["rel.direct"] = found.direct
    if found.places:
        notes["rel.depts"] = found.places[:PLACES_NOTED]
    if pair is not None and pair.explained and at - pair.explained <= windows.repeat * DAY:
        notes["rel.repeat"] = True
    notes["rel.context_ok"] = at - state.context_at <= windows.context_stale * DAY
    if pair is None:
        pair = profile.pairs[actor.id] = Pair(at)
        bound_pairs(profile.pairs)
    pair.last = max(pair.last, at)
    if found.direct or is_of_department(actor.dept, found.places):
        pair.explained = max(pair.explained, at)
    else:
        keep_open(scene, profile, found)


def _note_flags(scene: Scene, profile: PatientProfile, access: AccessEvent) -> None:
    if profile.vip or (access.patient and access.patient.vip):
        scene.notes["patient.vip"] = True
    if profile.is_employee or (access.patient and access.patient.is_employee):
        scene.notes["patient.is_employee"] = True
    if profile.numbers:
        scene.notes["patient.records"] = [scene.ref, *profile.numbers]
    if profile.restricted:
        scene.notes["patient.restricted"] = True
    if profile.deceased_at and scene.time > profile.deceased_at:
        scene.notes["patient.deceased_days"] = round((scene.time - profile.deceased_at) / DAY, 1)


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Recognise a claim that was billed before, and hold a refund against its payment."""
    transaction: BillingTransaction = scene.data
    if transaction.kind in ("claim_submitted", "claim_replaced", "claim_voided"):
        _observe_claim(scene, transaction)
    elif transaction.kind == "patient_payment":
        _remember_payment(scene, transaction)
    elif transaction.kind in ("refund", "credit"):
        _observe_refund(scene, transaction, state, thresholds)


def _observe_claim(scene: Scene, transaction: BillingTransaction) -> None:
    """B01: a claim is a duplicate where each of its lines stands, unchanged, in an earlier one."""
    assert scene.days is not None  # noqa: S101 - the patient stage always has entries by date of service
    own, number = fingerprint(scene.visit.id), claim_key(scene.visit.id, transaction)
    profile: PatientProfile = scene.profile
    if transaction.kind != "claim_submitted":
        _take_back(scene, replaced_keys(scene.visit.id, transaction), dates_of(transaction))
        if transaction.kind == "claim_voided":
            return
    known = 0
    for line, day in line_dates(transaction):
        entry = scene.days.fetch(day_key(scene.ref, day))
        if entry is None:
            entry = scene.days.add(day_key(scene.ref, day), PatientDay())
            keep_day(scene.days, scene.ref, profile.days, day)
        same = fingerprint(_what_makes_it_the_same(transaction, line, day, scene.ref))
        earlier = entry.lines.setdefault(same, (own, number))
        known += earlier[0] != own
    if transaction.lines and known == len(transaction.lines) and not _is_announced(transaction):
        scene.notes["claim.duplicate"] = True


def _is_announced(transaction: BillingTransaction) -> bool:
    """Whether the file says that it may repeat an earlier one (BHT02 is 18), or the claim that it corrects one."""
    frequency = transaction.claim.frequency if transaction.claim else ""
    return "reissued" in transaction.checks or frequency in ("7", "8")


def _what_makes_it_the_same(transaction: BillingTransaction, line: object, day: int, patient: str) -> str:
    """The fields that CMS compares for professional claims, per line (B01, domain.md §2.2)."""
    claim, member = transaction.claim, transaction.member
    rendering = transaction.rendering or transaction.billing
    parts = (
        member.ref if member else patient,
        getattr(line, "rendering_npi", "") or (rendering.npi if rendering else ""),
        day,
        getattr(line, "dos_to", None),
        getattr(line, "code", "") or getattr(line, "revenue", ""),
        ",".join(getattr(line, "modifiers", ())),
        getattr(line, "pos", "") or (claim.pos if claim else ""),
        getattr(line, "charge", 0),
        getattr(line, "units", 0),
    )
    return "\x1f".join(map(str, parts))


def _take_back(scene: Scene, numbers: set[int], days: set[int]) -> None:
    """Withdraw the lines of voided or replaced claims from the dates of service around theirs."""
    assert scene.days is not None  # noqa: S101
    for day in scene.profile.days:
        if not days or any(abs(day - own) <= 60 for own in days):
            entry = scene.days.fetch(day_key(scene.ref, day))
            if entry is not None:
                entry.lines = {
                    same: (event, number)
                    for same, (event, number) in entry.lines.items()
                    if event not in numbers and number not in numbers
                }


def _remember_payment(scene: Scene, transaction: BillingTransaction) -> None:
    card = transaction.payment.card if transaction.payment else None
    if is_declined(transaction) or (card and card.response in TECHNICAL) or not transaction.amounts:
        return
    payments = scene.profile.payments
    payments.append(
        Payment(fingerprint(scene.visit.id), scene.time, payment_token(transaction), abs(transaction.amounts.paid))
    )
    del payments[:-PAYMENTS_KEPT]


def _observe_refund(
    scene: Scene, transaction: BillingTransaction, state: PartitionState, thresholds: Thresholds
) -> None:
    """B22: find the payment that the refund belongs to, and say where the two do not fit."""
    amount = abs(transaction.amounts.paid) if transaction.amounts else 0
    notes, token = scene.notes, payment_token(transaction)
    notes["refund.amount"] = amount
    original = _payment_of(scene.profile.payments, transaction, token, amount)
    if original is None:
        watched = scene.time - state.watching_since
        names_one = any(link.rel == "refunds" for link in transaction.links)
        if not names_one and watched >= thresholds.refund_history_days * DAY:
            notes["refund.no_payment"] = True
        return
    notes["refund.original_amount"] = original.amount
    notes["refund.payment_days"] = round((scene.time - original.at) / DAY, 1)
    if token and original.token and token != original.token:
        notes["refund.other_instrument"] = True
    if original.refunded + amount > original.amount:
        notes["refund.over_payment"] = True
    original.refunded += amount


def _payment_of(payments: list[Payment], transaction: BillingTransaction, token: str, amount: int) -> Payment | None:
    """Return the payment a refund names; else the latest that fits it best: same instrument, then enough left."""
    named = {fingerprint(link.id) for link in transaction.links if link.rel == "refunds"}
    if named:
        return next((payment for payment in payments if payment.event in named), None)
    return max(
        payments,
        key=lambda payment: (payment.token == token, payment.amount - payment.refunded >= amount, payment.at),
        default=None,
    )


def bound_pairs(pairs: dict[str, Pair]) -> None:
    """Forget the users who looked longest ago, where there are too many."""
    if len(pairs) > PAIRS_KEPT:
        for user in sorted(pairs, key=lambda user: pairs[user].last)[: len(pairs) - PAIRS_KEPT * 9 // 10]:
            del pairs[user]

"""What became of the claims of one patient: paid twice, changed until paid, raised after payment (B01c, B31, B32)."""

from detectors.events import BillingTransaction
from detectors.events.billing import Line
from detectors.explain import DAY
from detectors.profiles.applied import fingerprint
from detectors.profiles.claims import CHAINS_KEPT, LINES_KEPT, PAID_KEPT, BilledClaim, Chain, Paid
from detectors.profiles.patient import PatientProfile
from detectors.scene import Scene
from detectors.stages.billing import claim_key, dates_of, replaced_keys
from detectors.thresholds_claims import ClaimThresholds

SECOND_PAYER = frozenset({"2", "3", "20", "21"})
"""Claim status (CLP02) of payments by a second or third payer, which come beside the first one's."""

DUPLICATE = "18"
"""CARC 18: exact duplicate."""

MISMATCHES = frozenset({"6", "7", "9", "10"})
"""CARCs of a sex or an age that does not fit the procedure or the diagnosis (B16)."""


def observe_claim(scene: Scene, transaction: BillingTransaction, thresholds: ClaimThresholds) -> None:
    """Note a void after an audit began, that a paid claim was replaced, and that a denied service comes changed."""
    profile: PatientProfile = scene.profile
    billing, number = profile.billing, claim_key(scene.visit.id, transaction)
    if transaction.kind != "claim_submitted":
        for key in replaced_keys(scene.visit.id, transaction):
            paid = billing.paid.get(key)
            if paid is not None and not paid.replaced_at:
                paid.replaced_at = scene.time
    if transaction.kind == "claim_voided":
        if number in billing.paid:
            _note_audit(scene, profile, thresholds)
        return
    key, billed = service_of(transaction), billed_of(transaction)
    chain = billing.chains.get(key)
    if chain is not None and scene.time - chain.at <= thresholds.denial_days * DAY:
        chain.changes += chain.is_denied and chain.billed != billed
        chain.is_denied, chain.billed = False, billed


def _note_audit(scene: Scene, profile: PatientProfile, thresholds: ClaimThresholds) -> None:
    """B32: a paid claim is taken back soon after an audit of the patient's account was opened."""
    opened = [
        task.since
        for task in profile.tasks
        if "audit" in task.pool.lower() and 0 <= scene.time - task.since <= thresholds.audit_days * DAY
    ]
    if opened:
        scene.notes["claim.void_after_audit_days"] = round((scene.time - max(opened)) / DAY, 1)


def observe_remittance(
    scene: Scene, transaction: BillingTransaction, claims: list[BilledClaim], thresholds: ClaimThresholds
) -> None:
    """Take in a payment, a denial or a reversal.

    Args:
        scene: of the remittance.
        transaction: the remittance.
        claims: what its claim bills, by date of service; changed in place.
        thresholds: of the claim patterns.
    """
    paid_for = scene.profile.billing.paid
    for claim in claims:
        claim.is_denied = transaction.kind == "remit_denied"
    if transaction.kind == "remit_reversed":
        for key in replaced_keys(scene.visit.id, transaction):
            if key in paid_for:
                paid_for[key].lines = []
        return
    service = claims[0].service if claims else service_of(transaction)
    if transaction.kind == "remit_denied":
        carcs = {part.carc for line in transaction.lines for part in line.adjustments}
        if DUPLICATE in carcs:
            scene.notes["claim.suspect_duplicate"] = "as the payer says"
        if carcs & MISMATCHES:
            scene.notes["claim.denied_mismatch"] = True
        _deny(scene, service, claims[0].billed if claims else billed_of(transaction))
        return
    _pay(scene, transaction, paid_for, claim_key(scene.visit.id, transaction), thresholds)
    chain = scene.profile.billing.chains.pop(service, None)
    if chain is not None and chain.changes >= thresholds.denial_changes:
        scene.notes["claim.denial_changes"] = chain.changes


def _pay(
    scene: Scene,
    transaction: BillingTransaction,
    paid_for: dict[int, Paid],
    number: int,
    thresholds: ClaimThresholds,
) -> None:
    claim, payment = transaction.claim, transaction.payment
    amount = transaction.amounts.paid if transaction.amounts else sum(line.paid for line in transaction.lines)
    if amount <= 0 or (claim is not None and claim.status in SECOND_PAYER):
        return
    payer = payment.payer_id if payment else ""
    some = transaction.lines[:LINES_KEPT]
    lines = {_line_key(line): line.paid for line in some if line.paid > 0} or {0: amount}
    earlier = paid_for.get(number)
    if earlier is None:
        paid_for[number] = Paid(scene.time, amount, payer, list(lines))
        if len(paid_for) > PAID_KEPT:
            del paid_for[min(paid_for, key=lambda kept: paid_for[kept].first_at)]
        return
    if payer and earlier.payer and payer != earlier.payer:
        return
    if earlier.replaced_at:
        late = scene.time - earlier.first_at > thresholds.raise_days * DAY
        if late and amount >= earlier.first_paid * (1 + thresholds.raise_share):
            scene.notes["claim.payment_raised"] = round(amount / earlier.first_paid - 1, 3)
        # What is paid after a replacement stands in the place of what was paid before it.
        paid_for[number] = Paid(scene.time, amount, payer, list(lines))
        return
    twice = sum(paid for line, paid in lines.items() if line in earlier.lines)
    if twice:
        scene.notes["claim.paid_twice"] = twice
    earlier.lines = list(dict.fromkeys([*earlier.lines, *lines]))[:LINES_KEPT]


def _line_key(line: Line) -> int:
    """Return what tells one line of a claim from another: its control number, else number, code and date."""
    said = line.control or f"{line.n}\x1f{line.code or line.revenue}\x1f{line.modifiers}\x1f{line.dos_from}"
    return fingerprint(said)


def _deny(scene: Scene, service: int, billed: int) -> None:
    """B31: remember that a service was denied, and what was billed for it."""
    chains = scene.profile.billing.chains
    chain = chains.get(service)
    if chain is None:
        chains[service] = Chain(scene.time, billed, is_denied=True)
        if len(chains) > CHAINS_KEPT:
            del chains[min(chains, key=lambda kept: chains[kept].at)]
    else:
        chain.is_denied = True


def service_of(transaction: BillingTransaction) -> int:
    """Return what stays the same while a denied claim is sent again: the patient's provider and date."""
    person = transaction.rendering or transaction.attending or transaction.billing
    return fingerprint(f"{person.npi if person else ''}\x1f{min(dates_of(transaction), default=0)}")


def billed_of(transaction: BillingTransaction) -> int:
    """Return the hash of what is changed to get a denied claim paid: codes, modifiers, diagnoses."""
    services = sorted((line.code or line.revenue, *sorted(line.modifiers)) for line in transaction.lines)
    diagnoses = sorted(diagnosis.code for diagnosis in transaction.claim.dx) if transaction.claim else []
    return fingerprint(f"{services}\x1f{diagnoses}")

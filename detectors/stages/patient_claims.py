"""The patient stage of the claim patterns: what was billed for one patient, by date of service and claim.

Everything that one claim adds goes by its number, so that a void or a replacement takes exactly that back. What is
found out is noted on the claim; the provider stage, which answers for it, counts and judges.
"""

from detectors.events import AccessEvent, BillingTransaction
from detectors.explain import CONTENT_ACTIONS, DAY
from detectors.partition import PartitionState
from detectors.profiles.applied import fingerprint
from detectors.profiles.claims import CLAIMS_A_DAY, PRESENCE_DAYS_KEPT, SERVICES_A_CLAIM, BilledClaim, BilledService
from detectors.profiles.entries import day_key
from detectors.profiles.patient import PatientDay, PatientProfile
from detectors.scene import Scene
from detectors.stages import claim_lines, claim_payments, claim_presence
from detectors.stages.billing import claim_key, dates_of, day_number, day_text, line_dates, replaced_keys
from detectors.thresholds import Thresholds

NEAR_DAYS = 400
"""Days around a replacement's own in which the dates of what it replaces are looked for: B19 looks for moved dates."""

CLAIMS = ("claim_submitted", "claim_replaced", "claim_voided")


def observe_presence(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Remember the days on which people who care for the patient worked in the record (B08)."""
    access: AccessEvent = scene.data
    present = scene.profile.billing.present
    day = int(scene.time // DAY)
    if access.action not in CONTENT_ACTIONS or day in present:
        return
    actor = access.actor
    said = " ".join((actor.job_code, actor.dept, *actor.roles)).lower()
    if access.outcome != "success" or any(part in said for part in thresholds.claims.presence_not_by):
        return
    present.append(day)
    if len(present) > PRESENCE_DAYS_KEPT:
        present.sort()
        del present[: len(present) - PRESENCE_DAYS_KEPT]


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Note what a claim or a remittance means beside all others of the patient."""
    transaction: BillingTransaction = scene.data
    if transaction.kind in CLAIMS:
        _observe_claim(scene, transaction, state, thresholds)
    elif transaction.kind in ("remit_paid", "remit_denied", "remit_reversed"):
        claims = _claims_of(scene, transaction)
        claim_payments.observe_remittance(scene, transaction, claims, thresholds.claims)
        claim_presence.learn_of_death(scene, transaction)
        if claims:
            claim_presence.look_again(scene, transaction, min(claim.at for claim in claims), thresholds.claims)


def _observe_claim(
    scene: Scene, transaction: BillingTransaction, state: PartitionState, thresholds: Thresholds
) -> None:
    if transaction.kind != "claim_submitted":
        _take_back(scene, transaction)
    claim_payments.observe_claim(scene, transaction, thresholds.claims)
    if transaction.kind == "claim_voided":
        return
    claim_presence.learn_of_death(scene, transaction)
    claim_presence.observe_claim(scene, transaction, state, thresholds)
    # An exact duplicate is told as such (B01): its lines are no further services of the day.
    if not scene.notes.get("claim.duplicate"):
        _keep_services(scene, transaction)


def _keep_services(scene: Scene, transaction: BillingTransaction) -> None:
    """Hold the services of a claim against those of others on their dates, and keep them."""
    number = claim_key(scene.visit.id, transaction)
    for day, services in _services(transaction).items():
        entry = _day(scene, day)
        if entry is None:
            continue
        claim_lines.compare(scene, day, number, services, entry)
        earlier = entry.claims.get(number)
        if earlier is None and len(entry.claims) >= CLAIMS_A_DAY:
            continue
        institutional = transaction.claim is not None and transaction.claim.type == "institutional"
        # A claim that is sent again under its number keeps the time of the first.
        at = min(scene.time, earlier.at) if earlier else scene.time
        entry.claims[number] = BilledClaim(
            fingerprint(scene.visit.id),
            at,
            institutional,
            services,
            claim_payments.billed_of(transaction),
            claim_payments.service_of(transaction),
        )


def _take_back(scene: Scene, transaction: BillingTransaction) -> None:
    """Withdraw what a voided or replaced claim billed; note how far its dates of service moved (B19)."""
    profile: PatientProfile = scene.profile
    numbers = replaced_keys(scene.visit.id, transaction)
    own, before = dates_of(transaction), set[int]()
    for day in profile.days:
        if any(abs(day - date) <= NEAR_DAYS for date in own):
            entry = _day(scene, day)
            if entry is None:
                continue
            gone = [known for known, claim in entry.claims.items() if known in numbers or claim.event in numbers]
            for known in gone:
                del entry.claims[known]
                before.add(day)
    for number in numbers:
        profile.billing.stays.pop(number, None)
        profile.billing.surgeries.pop(number, None)
    if transaction.kind == "claim_replaced" and before and own:
        scene.notes["claim.dates_moved_days"] = min(own) - min(before)
        scene.notes["claim.dates_before"] = day_text(min(before))


def _services(transaction: BillingTransaction) -> dict[int, list[BilledService]]:
    """Return the lines with a procedure code by date of service. Lines billed by revenue code alone are left out."""
    person = transaction.rendering or transaction.attending or transaction.billing
    biller = transaction.billing or person
    group = (biller.tin_ref or biller.npi) if biller else ""
    by_day: dict[int, list[BilledService]] = {}
    for line, day in line_dates(transaction):
        services = by_day.setdefault(day, [])
        if line.code and len(services) < SERVICES_A_CLAIM:
            npi = line.rendering_npi or (person.npi if person else "")
            specialty = person.taxonomy if person else ""
            services.append(
                BilledService(
                    line.code,
                    [modifier.upper() for modifier in line.modifiers],
                    line.units,
                    line.charge,
                    npi,
                    group,
                    specialty,
                    line.unit_basis == "MJ",
                )
            )
    return by_day


def _claims_of(scene: Scene, transaction: BillingTransaction) -> list[BilledClaim]:
    """Return what the claim of a remittance bills on each of its dates of service; nothing where it is not known."""
    number, claim = claim_key(scene.visit.id, transaction), transaction.claim
    days = dates_of(transaction) or ({day_number(claim.from_)} if claim and claim.from_ else set())
    entries = (_day(scene, day) for day in days)
    return [entry.claims[number] for entry in entries if entry is not None and number in entry.claims]


def _day(scene: Scene, day: int) -> PatientDay | None:
    assert scene.days is not None  # noqa: S101 - the patient stage always has entries by date of service
    return scene.days.fetch(day_key(scene.ref, day))

"""Whether the patient can have been where a claim says: after death, in another hospital, never seen (B06, B07, B08).

Also what else depends on the patient's course: follow-up that a surgery's price includes (B36), alike visits (B09).
"""

import datetime
import itertools

from detectors.events import BillingTransaction
from detectors.explain import DAY
from detectors.partition import PartitionState
from detectors.profiles.applied import fingerprint
from detectors.profiles.claims import SERIES_KEPT, STAYS_KEPT, SURGERIES_KEPT, BilledStay, Surgery
from detectors.profiles.entries import DAYS_KEPT
from detectors.profiles.patient import PatientProfile
from detectors.reference.global_days import find_period
from detectors.scene import Scene
from detectors.stages.billing import EPOCH, claim_key, dates_of, day_number, line_dates
from detectors.stages.claim_content import content_of
from detectors.thresholds import Thresholds
from detectors.thresholds_claims import ClaimThresholds

EXPIRED = frozenset({"20", "40", "41", "42"})
"""Discharge status of patients who died (CL103, NUBC)."""

INPATIENT_BILL = ("11", "12", "18", "21")
"""Facility types (CLM05-1) of inpatient bills: hospital, swing bed, skilled nursing."""

READ_LATER = frozenset({"26", "RR"})
"""Modifiers of what may be dated after a death: interpretations, and rentals by the month."""

OUTSIDE_LABORATORY = "81"

FOLLOW_UP = (("99202", "99215"), ("99221", "99239"), ("99281", "99285"), ("99304", "99316"), ("99341", "99350"))
"""Ranges of evaluation and management codes that a global period includes."""

OUTSIDE_GLOBAL = frozenset({"24", "25", "57", "58", "78", "79"})
"""Modifiers of what a global period does not include (domain.md §2.2, B36)."""

VISITS_APART_DAYS = 60
"""A series of visits that are billed alike goes on while they are less than this apart."""


def learn_of_death(scene: Scene, transaction: BillingTransaction) -> None:
    """Keep a day of death that a claim (PAT06, CL103) tells of; of several the last one holds."""
    billing, claim, patient = scene.profile.billing, transaction.claim, transaction.patient
    died = day_number(patient.death_date) if patient and patient.death_date else 0
    if not died and claim is not None and claim.discharge_status in EXPIRED and claim.through:
        died = day_number(claim.through)
    if died and not billing.died_known_at:
        billing.died_known_at = scene.time
    billing.died_on = max(billing.died_on, died)


def _day_of_death(profile: PatientProfile) -> int:
    """Return the latest day of death that any source names, 0 of the living."""
    by_context = int(profile.deceased_at // DAY) if profile.deceased_at else 0
    return max(profile.billing.died_on, by_context)


def observe_claim(scene: Scene, transaction: BillingTransaction, state: PartitionState, thresholds: Thresholds) -> None:
    """Note what speaks against a claim's dates of service, and keep what it tells of the patient's course."""
    days = dates_of(transaction)
    _note_death(scene, transaction, thresholds.claims)
    _note_elsewhere(scene, transaction, thresholds.claims)
    _note_presence(scene, transaction, days, state, thresholds)
    _note_global_period(scene, transaction)
    _note_series(scene, transaction, days, thresholds.claims)
    _keep_stay(scene, transaction)


def look_again(scene: Scene, transaction: BillingTransaction, submitted: float, thresholds: ClaimThresholds) -> None:
    """Hold a claim against what became known since it was submitted: a visit, a death, a stay that was billed later."""
    if transaction.kind not in ("remit_paid", "remit_denied"):
        return
    days, near = dates_of(transaction), thresholds.presence_days
    if days and submitted < (max(days) + near + 1) * DAY and any(_is_seen(scene.profile, day, near) for day in days):
        scene.notes["claim.patient_seen"] = True
    if transaction.kind != "remit_paid":
        return
    profile: PatientProfile = scene.profile
    known_at = profile.billing.died_known_at or profile.said.get("deceased_at", 0.0)
    if known_at > submitted:
        _note_death(scene, transaction, thresholds)
    if any(stay.known_at > submitted for stay in profile.billing.stays.values()):
        _note_elsewhere(scene, transaction, thresholds)


def _note_death(scene: Scene, transaction: BillingTransaction, thresholds: ClaimThresholds) -> None:
    """B06: a service after the day of death, and after the time in which it may still be read or rented."""
    died = _day_of_death(scene.profile)
    if not died:
        return
    place = transaction.claim.pos if transaction.claim else ""
    latest = 0
    for line, day in line_dates(transaction):
        reads_later = READ_LATER.intersection(line.modifiers) or OUTSIDE_LABORATORY in (line.pos, place)
        grace = thresholds.death_interpretation_days if reads_later else thresholds.death_grace_days
        if day > died + grace:
            latest = max(latest, day - died)
    if latest:
        scene.notes["claim.days_after_death"] = latest


def _note_elsewhere(scene: Scene, transaction: BillingTransaction, thresholds: ClaimThresholds) -> None:
    """B07: a service in person on a day strictly inside a stay at another facility."""
    claim = transaction.claim
    if claim is None or (claim.type == "institutional" and claim.facility_code in INPATIENT_BILL):
        return
    billing = scene.profile.billing
    own = _facility(transaction)
    inside = 0
    for line, day in line_dates(transaction):
        place = line.pos or claim.pos
        if claim.type != "institutional" and place not in thresholds.elsewhere_in_person:
            continue
        inside += any(
            stay.since < day < stay.until and stay.facility and own and stay.facility != own
            for stay in billing.stays.values()
        )
    if inside:
        scene.notes["claim.lines_while_inpatient"] = inside


def _keep_stay(scene: Scene, transaction: BillingTransaction) -> None:
    """Keep the days of an inpatient claim; they hold for claims that come later."""
    claim, billing = transaction.claim, scene.profile.billing
    if claim is None or claim.type != "institutional" or claim.facility_code not in INPATIENT_BILL:
        return
    since = day_number(claim.admit_at.date()) if claim.admit_at else day_number(claim.from_) if claim.from_ else 0
    end = claim.discharge_at.date() if claim.discharge_at else claim.through
    if since and end and day_number(end) > since:
        number = claim_key(scene.visit.id, transaction)
        billing.stays.setdefault(number, BilledStay(since, day_number(end), _facility(transaction), scene.time))
        if len(billing.stays) > STAYS_KEPT:
            del billing.stays[min(billing.stays, key=lambda kept: billing.stays[kept].until)]


def _facility(transaction: BillingTransaction) -> str:
    party = transaction.service_facility or transaction.billing
    return party.npi if party else ""


def _note_presence(
    scene: Scene, transaction: BillingTransaction, days: set[int], state: PartitionState, thresholds: Thresholds
) -> None:
    """B08: say whether anything in the feeds shows the patient here around any date of service.

    Nothing is said where the feeds are not fresh, were not watched on those days, or where none is to be expected.
    """
    claim, limits, profile = transaction.claim, thresholds.claims, scene.profile
    near = limits.presence_days
    if not days or (claim and claim.pos in limits.presence_not_expected_at):
        return
    if any("26" in line.modifiers for line in transaction.lines):
        return
    if scene.time - state.context_at > thresholds.windows.context_stale * DAY:
        return
    if state.watching_since > (min(days) - near) * DAY or scene.time < (max(days) + 1) * DAY:
        return
    scene.notes["claim.patient_seen"] = any(_is_seen(profile, day, near) for day in days)


def _is_seen(profile: PatientProfile, day: int, near: int) -> bool:
    begin, end = (day - near) * DAY, (day + near + 1) * DAY
    if any(abs(day - present) <= near for present in profile.billing.present):
        return True
    if any(begin <= made.start < end and not made.is_cancelled for made in profile.appointments):
        return True
    if any(stay.since < end and (not stay.until or stay.until >= begin) for stay in profile.stays):
        return True
    return any(begin <= order.at < end for order in profile.orders)


def _note_global_period(scene: Scene, transaction: BillingTransaction) -> None:
    """B36: a visit within the follow-up that a surgery of the same group already includes; keep surgeries."""
    table = scene.around.references.global_days
    claim = transaction.claim
    if not table or (claim is not None and claim.type == "institutional"):
        return
    billing, biller = scene.profile.billing, transaction.billing or transaction.rendering
    group = (biller.tin_ref or biller.npi) if biller else ""
    number = claim_key(scene.visit.id, transaction)
    for line, day in line_dates(transaction):
        follow_up = find_period(table, line.code, datetime.date.fromordinal(day + EPOCH))
        if follow_up:
            billing.surgeries[number] = Surgery(day, follow_up, group)
        elif any(first <= line.code <= last for first, last in FOLLOW_UP) and not OUTSIDE_GLOBAL & set(line.modifiers):
            since = [
                day - surgery.day
                for kept, surgery in billing.surgeries.items()
                if kept != number and surgery.group == group and 0 < day - surgery.day <= surgery.follow_up
            ]
            if since and group:
                scene.notes["claim.days_after_surgery"] = min(since)
    if len(billing.surgeries) > SURGERIES_KEPT:
        del billing.surgeries[min(billing.surgeries, key=lambda kept: billing.surgeries[kept].day)]


def _note_series(scene: Scene, transaction: BillingTransaction, days: set[int], thresholds: ClaimThresholds) -> None:
    """B09: how many visits in a row one provider has billed with the very same lines, diagnoses and charges."""
    if not transaction.lines or len(days) != 1:
        return
    person = transaction.rendering or transaction.attending or transaction.billing
    content = content_of(transaction, thresholds)
    if not content or person is None:
        return
    day, series = next(iter(days)), scene.profile.billing.series
    key = fingerprint(f"{person.npi}\x1f{content}")
    dates = sorted({day, *series.pop(key, [])})
    series[key] = [kept for kept in dates if dates[-1] - kept <= DAYS_KEPT][-SERIES_KEPT:]
    while len(series) > SERIES_KEPT:
        del series[next(iter(series))]
    gaps = [later - earlier for earlier, later in itertools.pairwise(dates)]
    if len(dates) >= thresholds.cloned_visits and max(gaps[-(thresholds.cloned_visits - 1) :]) <= VISITS_APART_DAYS:
        scene.notes["claim.alike_visits"] = len(dates)

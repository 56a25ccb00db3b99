"""The provider stage: exclusions, claims and duplicates by day, minutes by date of service."""

from collections.abc import Mapping

from detectors.events import BillingTransaction, ExclusionContext
from detectors.itinerary import responsible_npi
from detectors.partition import PartitionState
from detectors.profiles.entries import day_key, keep_day
from detectors.profiles.provider import Exclusion, ProviderDay, ProviderProfile
from detectors.reference.service_minutes import ServiceMinutes, minutes_of
from detectors.scene import Scene
from detectors.stages.billing import claim_key, dates_of, day_number, day_text, line_dates, replaced_keys
from detectors.thresholds import Thresholds

NEAR_DAYS = 60
"""A replacement moves a date of service by less than this; further away nothing is searched."""


def apply_exclusion(profile: ProviderProfile, context: ExclusionContext) -> None:
    """Keep an exclusion; the same list and first day again replaces it."""
    since = day_number(context.from_)
    until = day_number(context.to) if context.to else 0
    profile.exclusions = [kept for kept in profile.exclusions if (kept.list, kept.since) != (context.list, since)]
    profile.exclusions.append(Exclusion(since, until, context.list))


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Note an exclusion for whoever the provider is on the claim; count only where the provider answers for it."""
    transaction: BillingTransaction = scene.data
    profile: ProviderProfile = scene.profile
    _note_exclusion(scene, profile, transaction)
    if transaction.kind not in ("claim_submitted", "claim_replaced", "claim_voided"):
        return
    if scene.ref != responsible_npi(transaction):
        return
    if transaction.kind == "claim_submitted":
        _count_claim(scene, profile, thresholds)
    _keep_minutes(scene, profile, transaction, scene.around.references.minutes)


def _note_exclusion(scene: Scene, profile: ProviderProfile, transaction: BillingTransaction) -> None:
    """B14: the validity is [first day, reinstatement) and is held against the date of service.

    A claim visits several providers: what an earlier stop noted was about another one.
    """
    scene.notes.pop("provider.excluded", None)
    scene.notes.pop("provider.excluded_since", None)
    if not profile.exclusions:
        return
    days = dates_of(transaction) or {day_number(transaction.occurred_at.date())}
    for exclusion in profile.exclusions:
        if any(exclusion.since <= day and (not exclusion.until or day < exclusion.until) for day in days):
            scene.notes["provider.excluded"] = True
            scene.notes["provider.excluded_since"] = day_text(exclusion.since)
            return


def _count_claim(scene: Scene, profile: ProviderProfile, thresholds: Thresholds) -> None:
    day = int(scene.time // 86_400)
    counts = profile.claims.setdefault(day, [0, 0])
    counts[0] += 1
    counts[1] += bool(scene.notes.get("claim.duplicate"))
    oldest = max(profile.claims) - thresholds.duplicate_days
    if min(profile.claims) <= oldest:
        profile.claims = {kept: counts for kept, counts in profile.claims.items() if kept > oldest}


def _keep_minutes(
    scene: Scene, profile: ProviderProfile, transaction: BillingTransaction, minutes: Mapping[str, ServiceMinutes]
) -> None:
    """B05: keep the minutes of each claim by date of service, so that a void takes back exactly its own."""
    assert scene.days is not None  # noqa: S101 - the provider stage always has entries by date of service
    if transaction.kind != "claim_submitted":
        _take_back(scene, profile, transaction)
    if transaction.kind == "claim_voided" or (transaction.rendering and transaction.rendering.entity == "2"):
        return
    by_day: dict[int, float] = {}
    for line, day in line_dates(transaction):
        if line.rendering_npi in ("", scene.ref):
            by_day[day] = by_day.get(day, 0.0) + minutes_of(line, minutes)
    key = claim_key(scene.visit.id, transaction)
    for day, worked in by_day.items():
        if worked:
            entry = scene.days.fetch(day_key(scene.ref, day))
            if entry is None:
                entry = scene.days.add(day_key(scene.ref, day), ProviderDay())
                keep_day(scene.days, scene.ref, profile.days, day)
            entry.minutes[key] = worked


def _take_back(scene: Scene, profile: ProviderProfile, transaction: BillingTransaction) -> None:
    assert scene.days is not None  # noqa: S101
    keys, dates = replaced_keys(scene.visit.id, transaction), dates_of(transaction)
    for day in profile.days:
        if any(abs(day - own) <= NEAR_DAYS for own in dates):
            entry = scene.days.fetch(day_key(scene.ref, day))
            if entry is not None:
                entry.minutes = {key: worked for key, worked in entry.minutes.items() if key not in keys}

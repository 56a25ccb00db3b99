"""The provider stage, stays: how inpatient claims are grouped, for the facility that bills and for who attends (B35).

Each claim's part stands under its number on its day of discharge, so that a void or a replacement takes exactly its own
back.
"""

import datetime

from detectors.events import BillingTransaction
from detectors.partition import PartitionState
from detectors.peers.measures import MEASURES
from detectors.profiles.entries import day_key, keep_day
from detectors.profiles.provider import ProviderDay, ProviderProfile
from detectors.profiles.stays import STAY_DAYS_KEPT, STAY_FIGURES, Stays
from detectors.reference.drg_weights import DrgWeight, find_weight
from detectors.scene import Scene
from detectors.stages.billing import claim_key, day_number, replaced_keys
from detectors.thresholds import Thresholds
from detectors.thresholds_claims import ClaimThresholds

CLAIMS = frozenset({"claim_submitted", "claim_replaced", "claim_voided"})
NEAR_DAYS = 60
"""A replacement moves a day of discharge by less than this."""

CUT_SHORT = frozenset({"02", "05", "07", "20", "40", "41", "42", "43", "65", "66", "82", "85", "93", "94"})
"""Patient status (NUBC) of stays that ended early for another reason: transferred, left against advice, died."""


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Count a stay, and once a day let the provider stand among its peers."""
    transaction: BillingTransaction = scene.data
    scene.notes.pop("stays.looked", None)
    table, segments = scene.around.references.drg_weights, segments_of(scene)
    if not table or not segments or transaction.kind not in CLAIMS:
        return
    profile: ProviderProfile = scene.profile
    claim, day = transaction.claim, _discharged(transaction)
    assert claim is not None  # noqa: S101 - there are segments of inpatient claims only
    if transaction.kind != "claim_submitted":
        _take_back(scene, profile, transaction, day_number(day))
    group = find_weight(table, claim.drg, day)
    if transaction.kind == "claim_voided" or group is None:
        return
    _put(scene, profile, day_number(day), _figures(transaction, group, thresholds.claims))
    _stand_among_peers(scene, profile, segments, thresholds.claims)


def segments_of(scene: Scene) -> tuple[str, ...]:
    """Return the groups of peers, the most specific first; none where the event is no stay that it answers for."""
    transaction = scene.data
    if not isinstance(transaction, BillingTransaction) or transaction.claim is None:
        return ()
    if transaction.claim.type != "institutional" or not transaction.claim.drg:
        return ()
    if transaction.billing and scene.ref == transaction.billing.npi:
        return ("facility",)
    attending = transaction.attending
    if attending and scene.ref == attending.npi:
        return (f"attending:{attending.taxonomy}", "attending") if attending.taxonomy else ("attending",)
    return ()


def figures_of(stays: Stays, today: int) -> dict[str, int]:
    """Return the sums over the days of discharge that are kept, up to and with a day."""
    kept = [own for day, own in stays.by_day.items() if today - STAY_DAYS_KEPT < day <= today]
    return {name: sum(own[place] for own in kept) for place, name in enumerate(STAY_FIGURES)}


def _discharged(transaction: BillingTransaction) -> datetime.date:
    claim = transaction.claim
    assert claim is not None  # noqa: S101 - asked for by the caller
    discharged = claim.discharge_at.date() if claim.discharge_at else claim.through
    return discharged or claim.from_ or transaction.occurred_at.date()


def _figures(transaction: BillingTransaction, group: DrgWeight, limits: ClaimThresholds) -> list[int]:
    claim = transaction.claim
    assert claim is not None  # noqa: S101 - asked for by the caller
    secondary = sum(diagnosis.role == "other" for diagnosis in claim.dx)
    is_major = group.severity == "mcc" and secondary > 0
    is_weighty = group.weight >= limits.drg_weight and claim.discharge_status not in CUT_SHORT
    admitted = claim.admit_at.date() if claim.admit_at else claim.from_
    days = max((_discharged(transaction) - admitted).days, 1) if admitted else 0
    counted = {
        "told_apart": group.severity != "",
        "severe": group.severity in ("cc", "mcc"),
        "major": is_major,
        "single": is_major and secondary == 1,
        "weighty": is_weighty and days > 0,
        "short": is_weighty and 0 < days < group.shortest,
    }
    return [int(counted[name]) for name in STAY_FIGURES]


def _put(scene: Scene, profile: ProviderProfile, day: int, figures: list[int]) -> None:
    assert scene.days is not None  # noqa: S101 - the provider stage always has entries by date of service
    entry: ProviderDay | None = scene.days.fetch(day_key(scene.ref, day))
    if entry is None:
        entry = scene.days.add(day_key(scene.ref, day), ProviderDay())
        keep_day(scene.days, scene.ref, profile.days, day)
    key = claim_key(scene.visit.id, scene.data)
    earlier = entry.stays.get(key)
    if earlier is not None:
        _add(profile.stays, day, earlier, -1)
    entry.stays[key] = figures
    _add(profile.stays, day, figures, 1)


def _take_back(scene: Scene, profile: ProviderProfile, transaction: BillingTransaction, near: int) -> None:
    assert scene.days is not None  # noqa: S101
    keys = replaced_keys(scene.visit.id, transaction)
    for day in [kept for kept in profile.days if abs(kept - near) <= NEAR_DAYS]:
        entry: ProviderDay | None = scene.days.fetch(day_key(scene.ref, day))
        for key in keys & set(entry.stays if entry else ()):
            assert entry is not None  # noqa: S101 - it has keys
            _add(profile.stays, day, entry.stays.pop(key), -1)


def _add(stays: Stays, day: int, figures: list[int], sign: int) -> None:
    oldest = max(stays.by_day, default=day) - STAY_DAYS_KEPT
    if day <= oldest:
        return
    before = stays.by_day.get(day, [0] * len(STAY_FIGURES))
    stays.by_day[day] = [max(0, kept + sign * own) for kept, own in zip(before, figures, strict=True)]
    for old in [kept for kept in stays.by_day if kept <= max(stays.by_day) - STAY_DAYS_KEPT]:
        del stays.by_day[old]


def _stand_among_peers(
    scene: Scene, profile: ProviderProfile, segments: tuple[str, ...], limits: ClaimThresholds
) -> None:
    today = int(scene.time // 86_400)
    if today <= profile.stays.looked_on:
        return
    profile.stays.looked_on = today
    scene.notes["stays.looked"] = True
    figures = figures_of(profile.stays, today)
    if figures["told_apart"] >= limits.drg_stays:
        share = figures["severe"] / figures["told_apart"]
        scene.around.book.place(profile.history.peers, MEASURES["severe_stays"], segments, share)

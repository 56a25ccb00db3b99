"""The provider stage of the claim patterns: figures of the claims that a provider answers for, by date of service.

Each claim's part stands under its number in the entry of its first date of service, so that a void or a replacement
takes exactly that back from the sums; the sums do not depend on the order of arrival.
"""

import statistics

from detectors.events import BillingTransaction
from detectors.itinerary import responsible_npi
from detectors.partition import PartitionState
from detectors.peers.measures import MEASURES
from detectors.profiles.applied import fingerprint
from detectors.profiles.claims import DEATHS_KEPT, FIGURE_DAYS_KEPT, FIGURES, ClaimMark
from detectors.profiles.entries import day_key, keep_day
from detectors.profiles.provider import ProviderDay, ProviderProfile
from detectors.reference.service_minutes import minutes_of
from detectors.scene import Scene
from detectors.stages.billing import claim_key, dates_of, replaced_keys
from detectors.stages.claim_attributes import note_mismatches
from detectors.stages.claim_content import content_of
from detectors.stages.patient_claims import CLAIMS
from detectors.stages.provider_sharing import count_meeting, is_met_outside
from detectors.thresholds import Thresholds
from detectors.thresholds_claims import ClaimThresholds

NEAR_DAYS = 400
"""Days around a replacement's own in which what it replaces is looked for."""

DIRECTED = frozenset({"QK", "QY", "QX", "AD"})
"""Modifiers of anaesthesia that is directed or supervised, several patients at a time (B05b)."""

REMITTANCES = ("remit_paid", "remit_denied")

_LOOKED_FOR, _NOT_FOUND = FIGURES.index("looked_for"), FIGURES.index("not_found")

PEER_SHARES = {"bypass_share": ("bypassed", "bypassable"), "unbundled_rate": ("pairs", "claims")}
"""Measure to the figures that are its numerator and its denominator."""


def answers_for(scene: Scene) -> bool:
    """Whether the event is a claim or a remittance, and this provider the one who is judged by it."""
    transaction = scene.data
    return (
        isinstance(transaction, BillingTransaction)
        and transaction.kind in (*CLAIMS, *REMITTANCES)
        and scene.ref == responsible_npi(transaction)
    )


def segments_of(transaction: BillingTransaction) -> tuple[str, ...]:
    """Return the groups of peers of a claim's responsible provider, the most specific first."""
    person = transaction.rendering or transaction.attending or transaction.billing
    return (f"taxonomy:{person.taxonomy}", "*") if person and person.taxonomy else ("*",)


def sums(profile: ProviderProfile, end: int, days: int) -> dict[str, int]:
    """Return a provider's figures over the days of service up to and with `end`."""
    total = [0] * len(FIGURES)
    for day, figures in profile.billing.figures.items():
        if end - days < day <= end:
            for place, figure in enumerate(figures):
                total[place] += figure
    return dict(zip(FIGURES, total, strict=True))


def coverage(profile: ProviderProfile, end: int, days: int) -> float:
    """Return the median, over days of service, of the share of claims whose patient was found in the feeds; 0 without.

    Some bad days do not move a median: it tells whether the provider's visits are in the feeds at all.
    """
    shares = [
        1 - figures[_NOT_FOUND] / figures[_LOOKED_FOR]
        for day, figures in profile.billing.figures.items()
        if end - days < day <= end and figures[_LOOKED_FOR]
    ]
    return statistics.median(shares) if shares else 0.0


def last_not_found(profile: ProviderProfile) -> int:
    """Return the last day of service with a claim whose patient was not found in the feeds; 0 without."""
    return max((day for day, figures in profile.billing.figures.items() if figures[_NOT_FOUND]), default=0)


def window_end(scene: Scene, days: int) -> int:
    """Return the last day of the window in which a claim is judged: today, or for older services their own date."""
    today, latest = int(scene.time // 86_400), max(dates_of(scene.data), default=0)
    return today if latest > today - days else latest


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Count a claim, with what the patient stage noted on it, where the provider answers for it."""
    transaction: BillingTransaction = scene.data
    if not answers_for(scene):
        return
    profile: ProviderProfile = scene.profile
    days = dates_of(transaction)
    if not days:
        return
    if transaction.kind in REMITTANCES:
        _add_to_claim(scene, profile, transaction, min(days))
        return
    if transaction.kind != "claim_submitted":
        _take_back(scene, profile, replaced_keys(scene.visit.id, transaction), days)
    if transaction.kind == "claim_voided":
        return
    note_mismatches(scene, transaction, thresholds.claims)
    _put(scene, profile, min(days), _mark(scene, transaction, thresholds.claims))
    _stand_among_peers(scene, profile, transaction, thresholds.claims)


def _mark(scene: Scene, transaction: BillingTransaction, thresholds: ClaimThresholds) -> ClaimMark:
    institutional = transaction.claim is not None and transaction.claim.type == "institutional"
    is_group = transaction.rendering is not None and transaction.rendering.entity == "2"
    minutes = 0.0
    for line in transaction.lines:
        known = scene.around.references.minutes.get(line.code)
        timed = line.unit_basis == "MJ" or (known is not None and known.share == 1.0)
        if timed and not is_group and line.rendering_npi in ("", scene.ref) and not DIRECTED & set(line.modifiers):
            minutes += minutes_of(line, scene.around.references.minutes)
    content = 0 if institutional else content_of(transaction, thresholds)
    patient = fingerprint(transaction.patient.ref) if transaction.patient else 0
    is_outside = content != 0 and is_met_outside(transaction)
    return ClaimMark(content, patient, minutes, figures_of(scene, is_claim=True), is_outside)


def figures_of(scene: Scene, *, is_claim: bool) -> list[int]:
    """Return what an event adds to the figures, by the notes on it."""
    notes, claim = scene.notes, scene.data.claim
    seen = notes.get("claim.patient_seen")
    counted = {
        "claims": is_claim,
        "looked_for": seen is not None,
        "not_found": seen is False,
        "pairs": number_of(scene, "claim.unbundled_pairs"),
        "pairs_split": number_of(scene, "claim.unbundled_split"),
        "bypassable": number_of(scene, "claim.pairs_bypassable"),
        "bypassed": number_of(scene, "claim.pairs_bypassed"),
        "after_death": "claim.days_after_death" in notes,
        "elsewhere": "claim.lines_while_inpatient" in notes,
        "mismatches": "claim.mismatches" in notes or "claim.denied_mismatch" in notes,
        "delayed": is_claim and claim is not None and bool(claim.delay_reason),
        "chains": "claim.denial_changes" in notes,
    }
    return [int(counted[name]) for name in FIGURES]


def number_of(scene: Scene, name: str) -> int:
    """Return a whole number that was noted on the event, 0 where none was."""
    noted = scene.notes.get(name)
    return noted if isinstance(noted, int) else 0


def _day(scene: Scene, day: int) -> ProviderDay:
    assert scene.days is not None  # noqa: S101 - the provider stage always has entries by date of service
    entry: ProviderDay | None = scene.days.fetch(day_key(scene.ref, day))
    if entry is None:
        entry = scene.days.add(day_key(scene.ref, day), ProviderDay())
        keep_day(scene.days, scene.ref, scene.profile.days, day)
    return entry


def _put(scene: Scene, profile: ProviderProfile, day: int, mark: ClaimMark) -> None:
    """Let a claim stand on a day, in the place of what it said of that day before."""
    entry, key = _day(scene, day), claim_key(scene.visit.id, scene.data)
    earlier = entry.claims.get(key)
    if earlier is not None:
        _add(profile, day, earlier.figures, -1)
        count_meeting(profile.meetings, day, earlier, -1)
    entry.claims[key] = mark
    _add(profile, day, mark.figures, 1)
    count_meeting(profile.meetings, day, mark, 1)
    billing = profile.billing
    if "claim.days_after_death" in scene.notes:
        billing.deaths[key] = (mark.patient, day)
        if len(billing.deaths) > DEATHS_KEPT:
            del billing.deaths[min(billing.deaths, key=lambda kept: billing.deaths[kept][1])]


def _add_to_claim(scene: Scene, profile: ProviderProfile, transaction: BillingTransaction, day: int) -> None:
    """Add what a remittance told of its claim; most tell nothing and touch nothing."""
    figures = figures_of(scene, is_claim=False)
    if not any(figures):
        return
    known = _day(scene, day).claims.get(claim_key(scene.visit.id, transaction))
    patient = fingerprint(transaction.patient.ref) if transaction.patient else 0
    before = known.figures if known else [0] * len(FIGURES)
    both = [max(pair) for pair in zip(before, figures, strict=True)]
    if scene.notes.get("claim.patient_seen") is True:
        both[_LOOKED_FOR], both[_NOT_FOUND] = before[_LOOKED_FOR], 0
    mark = (
        ClaimMark(known.content, known.patient, known.one_to_one, both, known.is_outside)
        if known
        else ClaimMark(0, patient, 0.0, both)
    )
    _put(scene, profile, day, mark)


def _take_back(scene: Scene, profile: ProviderProfile, keys: set[int], own: set[int]) -> None:
    assert scene.days is not None  # noqa: S101
    for day in profile.days:
        if not any(abs(day - date) <= NEAR_DAYS for date in own):
            continue
        entry: ProviderDay | None = scene.days.fetch(day_key(scene.ref, day))
        if entry is None:
            continue
        for key in keys & entry.claims.keys():
            gone = entry.claims.pop(key)
            _add(profile, day, gone.figures, -1)
            count_meeting(profile.meetings, day, gone, -1)
            profile.billing.deaths.pop(key, None)


def _add(profile: ProviderProfile, day: int, figures: list[int], sign: int) -> None:
    kept = profile.billing.figures
    if day not in kept:
        kept[day] = [0] * len(FIGURES)
        oldest = max(kept) - FIGURE_DAYS_KEPT
        for old in [known for known in kept if known < oldest]:
            del kept[old]
        if day not in kept:
            return
    kept[day] = [max(0, before + sign * figure) for before, figure in zip(kept[day], figures, strict=True)]


def _stand_among_peers(
    scene: Scene, profile: ProviderProfile, transaction: BillingTransaction, thresholds: ClaimThresholds
) -> None:
    """Once a day, let the provider stand among its peers by its shares (B02, B18)."""
    today = int(scene.time // 86_400)
    if today <= profile.billing.placed_on:
        return
    profile.billing.placed_on = today
    figures = sums(profile, today, thresholds.window_days)
    for measure, (part, whole) in PEER_SHARES.items():
        if figures[whole] >= thresholds.peers_least:
            share = figures[part] / figures[whole]
            scene.around.book.place(profile.history.peers, MEASURES[measure], segments_of(transaction), share)

"""The provider stage, shared patients: once a week, with whom a provider has its patients in common (B21)."""

from array import array

from detectors.events import BillingTransaction
from detectors.partition import PartitionState
from detectors.peers.sharing import BEYOND, KEPT, Sample, pair_hash, publish
from detectors.profiles.applied import fingerprint
from detectors.profiles.claims import ClaimMark
from detectors.profiles.sharing import Meetings
from detectors.scene import Scene
from detectors.stages.provider_charges import FACILITY
from detectors.thresholds import Thresholds

WEEK = 7 * 86_400
ADDRESS_DIGITS = 9
"""ZIP+4 names a building or a block; five digits are a quarter of a town and no address."""


def is_met_outside(transaction: BillingTransaction) -> bool:
    """Return whether a claim is for a meeting outside a hospital.

    Within one, teams of many practices see the same patients: surgeon, anaesthetist, radiologist.
    """
    claim = transaction.claim
    places = {line.pos for line in transaction.lines} | {claim.pos if claim else ""}
    return claim is not None and claim.type != "institutional" and not places & FACILITY


def count_meeting(meetings: Meetings, day: int, mark: ClaimMark, sign: int) -> None:
    """Add a claim for a day of service to the sample, or with -1 take it out."""
    if not mark.is_outside or not mark.patient:
        return
    week = day // 7
    key = pair_hash(mark.patient, week)
    if meetings.limit and key >= meetings.limit:
        return
    claims = meetings.met.get(key, (week, 0))[1] + sign
    if claims <= 0:
        meetings.met.pop(key, None)
        return
    meetings.met[key] = (week, claims)
    if len(meetings.met) > KEPT:
        meetings.limit = max(meetings.met)
        del meetings.met[meetings.limit]


def observe_transaction(scene: Scene, state: PartitionState, thresholds: Thresholds) -> None:
    """Publish the sample with the first claim of a week, and note with whom it is shared."""
    transaction: BillingTransaction = scene.data
    for name in ("sharing.others", "sharing.least", "sharing.circle", "sharing.pairs"):
        scene.notes.pop(name, None)
    meetings: Meetings = scene.profile.meetings
    if transaction.kind not in ("claim_submitted", "claim_replaced") or not meetings.met:
        return
    _keep_practice(scene, transaction, meetings)
    week, limits = int(scene.time // WEEK), thresholds.providers
    if week <= meetings.looked_in:
        return
    meetings.looked_in = week
    oldest = week - limits.sharing_weeks
    meetings.met = {key: kept for key, kept in meetings.met.items() if kept[0] > oldest}
    if len(meetings.met) < limits.sharing_least:
        return
    sample = _sample(meetings, oldest + 1, week)
    publish(scene.around.book, scene.ref, sample)
    ring = scene.around.peers.shared.ring(scene.ref, sample, limits.sharing_jaccard, limits.sharing_least)
    if len(ring) + 1 >= limits.sharing_providers:
        scene.notes["sharing.others"] = len(ring)
        scene.notes["sharing.least"] = round(min(ring.values()), 3)
        scene.notes["sharing.pairs"] = len(sample.hashes)
        scene.notes["sharing.circle"] = f"{fingerprint('|'.join(sorted([*ring, scene.ref]))) >> 48:04x}"


def _keep_practice(scene: Scene, transaction: BillingTransaction, meetings: Meetings) -> None:
    """Keep for whom and where the provider works, by its latest claim: a bill without a tax number names its NPI."""
    billing, place = transaction.billing, transaction.service_facility or transaction.billing
    practice = (billing.tin_ref or billing.npi if billing else "") or scene.ref
    meetings.practice = fingerprint(practice)
    address = "".join(filter(str.isdigit, place.zip)) if place else ""
    meetings.place = fingerprint(address) if len(address) >= ADDRESS_DIGITS else 0


def _sample(meetings: Meetings, since: int, until: int) -> Sample:
    hashes = array("Q", sorted(meetings.met))
    weeks = array("Q", (meetings.met[key][0] for key in hashes))
    return Sample(hashes, weeks, meetings.limit or BEYOND, since, until, meetings.practice, meetings.place)

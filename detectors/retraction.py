"""Findings whose ground has fallen away are withdrawn, visibly: a claim is voided, an access explained after all."""

from collections.abc import Iterator

from msgspec import Struct

from detectors.events import AccessEvent, BillingTransaction
from detectors.finding import Entity
from detectors.profiles.applied import fingerprint
from detectors.scene import Scene
from detectors.stages.billing import claim_key, replaced_keys

TAKES_BACK = {
    "claim_voided": "The claim was voided.",
    "claim_replaced": "The claim was replaced by another.",
    "remit_reversed": "The payment of the claim was reversed.",
}
"""Kinds of transaction that take an earlier one back, and the reason that people read."""

EXPLAINED = "rel.explained"
"""The note on which findings rest that an explanation withdraws."""


class Retraction(Struct, kw_only=True):
    """A finding is withdrawn. `at` is event time in seconds since the epoch, `entity` that of the finding."""

    finding_id: str
    at: float
    entity: Entity
    reason: str

    def __repr__(self) -> str:
        return f"<Retraction {self.finding_id}>"


class Cleared(Struct):
    """A detector's word that what it said of some grounds before does not hold any more, and why in one sentence."""

    grounds: list[str]
    reason: str


def ground_of(scene: Scene) -> int | None:
    """Return the hash of what findings about an event rest on, a claim or an access; None where nothing may fall."""
    data = scene.data
    if isinstance(data, BillingTransaction):
        return claim_key(scene.visit.id, data)
    if isinstance(data, AccessEvent) and data.patient is not None:
        return access_ground(scene.visit.id, data.patient.ref)
    return None


def access_ground(event_id: str, patient: str) -> int:
    """Return the hash of one access to one patient's record."""
    return fingerprint(f"{event_id}\x1f{patient}")


def ground_of_detector(name: str, ground: str) -> int:
    """Return the hash of a ground that a detector gave itself."""
    return fingerprint(f"{name}\x1f{ground}")


def taken_back(scene: Scene) -> Iterator[tuple[str, str]]:
    """Yield the findings that a void, replacement or reversal withdraws from this entity, each with the reason."""
    data = scene.data
    if not isinstance(data, BillingTransaction) or data.kind not in TAKES_BACK:
        return
    for ground in replaced_keys(scene.visit.id, data):
        for finding in scene.profile.history.take_back(ground):
            yield finding, TAKES_BACK[data.kind]

"""A checkpoint: how far the audit log and the timelines have come, signed, so that no change before it is unseen.

The chains of hashes show a changed, removed or inserted entry, but not an end that was cut off and not a log that was
written anew from the beginning. A signature by a key that the database does not hold, kept elsewhere too, does.
"""

import hashlib
from collections.abc import Iterable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct, structs

from models.signing import is_signed, sign

PURPOSE = "audit checkpoint"

SETTLE_SECONDS = 600.0
"""Timelines are covered up to so long before the checkpoint: the clocks of two workers may differ."""


class Checkpoint(Struct, frozen=True, kw_only=True):
    """A signed point. `seq` and `hash` are of the last audit entry, 0 and empty where there is none.

    `timelines` is the digest of the last entry of every incident's timeline up to `covered_until`; `incidents` is how
    many those were. Times are seconds since the epoch.
    """

    seq: int
    hash: str
    at: float
    covered_until: float
    incidents: int
    timelines: str
    signature: str = ""


class TimelineEnd(Struct, frozen=True):
    """The last entry of an incident's timeline up to some time."""

    incident_id: str
    seq: int
    hash: str


def digest_of(ends: Iterable[TimelineEnd]) -> tuple[int, str]:
    """Return how many timelines there are, and one hash of all their ends, which come in the order of their ids."""
    count, digest = 0, hashlib.sha256()
    for end in ends:
        digest.update(msgspec.json.encode([end.incident_id, end.seq, end.hash]))
        count += 1
    return count, digest.hexdigest()


def signed(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> Checkpoint:
    """Return the checkpoint with its signature."""
    return structs.replace(checkpoint, signature=sign(key, PURPOSE, _content(checkpoint)))


def is_genuine(checkpoint: Checkpoint, key: Ed25519PublicKey) -> bool:
    """Return whether the key signed this checkpoint as it is."""
    return is_signed(key, PURPOSE, _content(checkpoint), checkpoint.signature)


def _content(checkpoint: Checkpoint) -> bytes:
    return msgspec.json.encode(structs.replace(checkpoint, signature=""))

"""What has already been applied to a profile, so that a redelivery or a duplicate changes nothing (design.md §3.2)."""

import functools
import hashlib
from typing import Literal

from msgspec import Struct

from detectors.visit import INTAKE, Arrival, Visit

RECENT_EVENTS = 512
"""Events remembered per entity at their first stop."""

Standing = Literal["new", "duplicate", "redelivered"]


class Applied(Struct, array_like=True):
    """Marks, and what lately began here, of one profile.

    `marks` holds, per origin, the last offset applied: an upstream partition sends each of its records once to each
    entity, in order, so a lower or equal offset is a redelivery. At the first stop of an itinerary two more things can
    happen: intake sends a record again after a crash, under a new offset, and a source sends an event again, at any
    distance. `places` (hashes of source records) tell the first, `recent` (hashes of event ids) the second.
    """

    marks: dict[int, int] = {}
    recent: list[int] = []
    places: list[int] = []

    def standing(self, arrival: Arrival, visit: Visit) -> Standing:
        """Say what `visit` is to this profile, and remember it where it is new."""
        if _offset(arrival) <= self.marks.get(arrival.batch.origin, -1):
            return "redelivered"
        if visit.at:
            return "new"
        if visit.place in self.places:
            return "redelivered"
        _remember(self.places, visit.place)
        token = fingerprint(visit.id)
        if token in self.recent:
            return "duplicate"
        _remember(self.recent, token)
        return "new"

    def mark(self, arrival: Arrival) -> None:
        """Remember that all visits of `arrival` to this entity are applied. A redelivery moves nothing back."""
        origin = arrival.batch.origin
        self.marks[origin] = max(_offset(arrival), self.marks.get(origin, -1))


def _offset(arrival: Arrival) -> int:
    """Return the offset by which a redelivery is told: the origin's, or the record's own where intake sent it."""
    return arrival.offset if arrival.batch.origin == INTAKE else arrival.batch.offset


def _remember(kept: list[int], token: int) -> None:
    kept.append(token)
    if len(kept) > RECENT_EVENTS:
        del kept[: -RECENT_EVENTS // 2]


def fingerprint(text: str) -> int:
    """Return a 64-bit hash: wide enough that a false match among a profile's ids is not to be expected."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


recurring = functools.lru_cache(maxsize=16_384)(fingerprint)
"""The fingerprint of what comes again and again: patients, machines, sessions."""

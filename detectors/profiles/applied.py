"""What has already been applied to a profile, so that a redelivery or a duplicate changes nothing (design.md §3.2)."""

import hashlib
from typing import Literal

from msgspec import Struct

from detectors.visit import INTAKE, Arrival, Visit

RECENT_EVENTS = 512
"""Event ids remembered per entity at an event's first stop. One intake batch holds fewer (500)."""

Standing = Literal["new", "duplicate", "redelivered"]


class Applied(Struct, array_like=True):
    """Marks and recent event ids of one profile.

    `marks` holds, per origin, the last offset applied: an upstream partition sends each of its records once to each
    entity, in order, so a lower or equal offset is a redelivery. `recent` holds 64-bit hashes of the events whose
    itinerary began here: a source may send the same event twice, at any distance.
    """

    marks: dict[int, int] = {}
    recent: list[int] = []

    def standing(self, arrival: Arrival, visit: Visit) -> Standing:
        """Say what `visit` is to this profile, and remember it where it is new."""
        if place(arrival) <= self.marks.get(arrival.batch.origin, -1):
            return "redelivered"
        if visit.at:
            return "new"
        token = fingerprint(visit.id)
        if token in self.recent:
            return "duplicate"
        self.recent.append(token)
        if len(self.recent) > RECENT_EVENTS:
            del self.recent[: -RECENT_EVENTS // 2]
        return "new"

    def mark(self, arrival: Arrival) -> None:
        """Remember that all visits of `arrival` to this entity are applied."""
        self.marks[arrival.batch.origin] = place(arrival)


def place(arrival: Arrival) -> int:
    """Return the offset by which a redelivery is told: the origin's, or the record's own where intake sent it."""
    return arrival.offset if arrival.batch.origin == INTAKE else arrival.batch.offset


def fingerprint(text: str) -> int:
    """Return a 64-bit hash: wide enough that a false match among a profile's ids is not to be expected."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())

"""The histograms to which the entities of one partition contribute, kept in the partition's own table."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from detectors.partition import PartitionState
from detectors.peers.measures import Measure
from detectors.profiles.entries import Entries

PEERS = "#peers/"
"""Begin of the keys of histograms among the profiles; no entity's token begins so."""


class PeerCounts(Struct, array_like=True):
    """One histogram of one partition: how many entities stand in each bin."""

    bins: dict[int, int] = {}


class Standing(Struct, array_like=True):
    """Where an entity stands by one measure: its bin, and the segments in whose histograms it is counted."""

    bin: int
    segments: list[str]


class PeerBook:
    """Moves the entities of one partition through its histograms; what was touched waits in the clock for publication.

    Args:
        partition: whose entities these are.
        entries: the histograms among the partition's table entries.
        clock: of the partition.
    """

    def __init__(self, partition: int, entries: Entries[PeerCounts], clock: PartitionState) -> None:
        self._partition = partition
        self._entries = entries
        self._clock = clock
        self._pending = set(clock.peers_pending)

    def place(self, standings: dict[str, Standing], measure: Measure, segments: Sequence[str], value: float) -> None:
        """Let an entity stand at a figure.

        Args:
            standings: of the entity, by measure; changed in place.
            measure: what the figure is.
            segments: groups of peers that it belongs to, the most specific first.
            value: the figure.
        """
        before, now = standings.get(measure.name), Standing(measure.bin_of(value), list(segments))
        if before == now:
            return
        if before is not None:
            for segment in before.segments:
                self._count(measure, segment, before.bin, -1)
        for segment in now.segments:
            self._count(measure, segment, now.bin, 1)
        standings[measure.name] = now

    def _count(self, measure: Measure, segment: str, place: int, by: int) -> None:
        bins = self.bins(measure.name, segment)
        left = bins.get(place, 0) + by
        if left > 0:
            bins[place] = left
        else:
            bins.pop(place, None)

    def bins(self, name: str, segment: str) -> dict[int, int]:
        """Return the counts of this partition under a name and segment, to be changed in place."""
        key = peer_key(self._partition, name, segment)
        counts = self._entries.fetch(key) or self._entries.add(key, PeerCounts({}))
        if key not in self._pending:
            self._pending.add(key)
            self._clock.peers_pending.append(key)
        return counts.bins


def peer_key(partition: int, measure: str, segment: str) -> str:
    """Return the key of a histogram, in its table and on the topic `peers`."""
    return f"{PEERS}{partition}/{measure}/{segment}"


PUBLISHED_SECONDS = 60.0
"""Histograms are published every minute of event time (design.md §2)."""


def published(clock: PartitionState, entry: Callable[[str], bytes | None]) -> dict[str, bytes | None]:
    """Return the histograms to publish now, by key; nothing before a minute of event time has passed.

    Args:
        clock: of the partition; what is returned is no longer pending there.
        entry: returns a table entry as it stands after the step.
    """
    if not clock.peers_pending or clock.newest < clock.peers_at + PUBLISHED_SECONDS:
        return {}
    pending, clock.peers_pending, clock.peers_at = clock.peers_pending, [], clock.newest
    return {key: entry(key) for key in pending}

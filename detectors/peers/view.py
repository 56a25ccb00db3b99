"""What a worker knows of all partitions' histograms, and what can be asked of them."""

from collections.abc import Sequence
from itertools import accumulate

import msgspec
from msgspec import Struct

from detectors.peers.book import PEERS, PeerCounts
from detectors.peers.measures import BINS, Measure
from detectors.peers.sharing import SHARING, Shared

LEAST_PEERS = 10
"""Fewer entities are no peer group (domain.md §2.1)."""

SHRINK = 10.0
"""Weight of the wider group, in entities, against a segment's own figures (empirical-Bayes shrinkage, §2.1)."""

CONSISTENT = 0.6745
"""0.75 quantile of the normal distribution: makes the MAD comparable with a standard deviation (Iglewicz & Hoaglin)."""

_decoder = msgspec.msgpack.Decoder(PeerCounts)


class PeerGroup(Struct, frozen=True):
    """The figures of a group of peers, on their own scale.

    `n` are the entities of the most specific group that has `LEAST_PEERS`; smaller ones only shift its figures.
    """

    measure: Measure
    n: int
    median_place: float
    spread_place: float
    p95_place: float
    p99_place: float

    @property
    def median(self) -> float:
        """The median figure."""
        return self.measure.value_at(self.median_place)

    @property
    def p95(self) -> float:
        """The figure that 95 % of the peers do not exceed."""
        return self.measure.value_at(self.p95_place)

    @property
    def p99(self) -> float:
        """The figure that 99 % of the peers do not exceed."""
        return self.measure.value_at(self.p99_place)

    def is_beyond(self, value: float, share: float, z: float) -> bool:
        """Return whether a figure lies beyond nearly all peers.

        Of few peers the extreme percentiles are the largest of them, which may be the one that is looked at: there a
        robust z decides.

        Args:
            value: the figure.
            share: of the peers that it must exceed: 0.95 or 0.99.
            z: robust z that it must exceed where there are too few peers for that percentile.
        """
        if self.n * (1 - share) < 1:
            return self.z(value) > z
        return value > (self.p99 if share > 0.95 else self.p95)

    def z(self, value: float) -> float:
        """Return the robust z of a figure, on the log scale for counts (domain.md §2.1)."""
        return CONSISTENT * (self.measure.scaled(value) - self.median_place) / self.spread_place


class PeerView:
    """The latest histogram of every partition, merged on demand. One per stage and worker.

    `shared` is what providers published of their patients.
    """

    def __init__(self) -> None:
        self.shared = Shared()
        self._of: dict[str, dict[str, dict[int, int]]] = {}
        self._merged: dict[str, tuple[int, list[float]]] = {}
        self._counted: dict[str, dict[tuple[int, ...], tuple[int, ...]]] = {}

    def receive(self, key: str, value: bytes | None) -> None:
        """Take in one record of the topic `peers`; None where the histogram is gone.

        Raises:
            ValueError: where the record is none of ours.
        """
        if not key.startswith(PEERS):
            raise ValueError("no histogram of peers")
        partition, _, name = key.removeprefix(PEERS).partition("/")
        try:
            bins = _decoder.decode(value).bins if value is not None else {}
        except msgspec.MsgspecError as error:
            raise ValueError("no histogram of peers") from error
        measure, _, segment = name.partition("/")
        if measure == SHARING:
            self.shared.receive(segment, bins)
            return
        self._of.setdefault(name, {})[partition] = bins
        self._merged.pop(name, None)
        self._counted.pop(name, None)

    def counted(self, name: str, segment: str, places: tuple[int, ...]) -> tuple[int, ...]:
        """Return the counts of all partitions in some bins, for what is counted without being a measure.

        Answers are remembered until the next histogram of that name arrives, a minute at most (`PUBLISHED_SECONDS`).
        """
        full = f"{name}/{segment}"
        counts = self._of.get(full)
        if not counts:
            return (0,) * len(places)
        known = self._counted.setdefault(full, {})
        found = known.get(places)
        if found is None:
            found = known[places] = tuple(sum(bins.get(place, 0) for bins in counts.values()) for place in places)
        return found

    def group(self, measure: Measure, segments: Sequence[str]) -> PeerGroup | None:
        """Return the peers of an entity, each segment's figures shrunk towards those of the next wider one.

        Args:
            measure: what is compared.
            segments: the groups, the most specific first.

        Returns:
            None where not even the widest group has `LEAST_PEERS` entities.
        """
        found: PeerGroup | None = None
        for segment in reversed(segments):
            n, places = self._figures(measure.name, segment)
            if n < LEAST_PEERS and found is None:
                continue
            if n == 0:
                continue
            if found is not None:
                wider = (found.median_place, found.spread_place, found.p95_place, found.p99_place)
                places = [(n * own + SHRINK * wide) / (n + SHRINK) for own, wide in zip(places, wider, strict=True)]
            found = PeerGroup(measure, n if n >= LEAST_PEERS or found is None else found.n, *places)
        return found

    def _figures(self, measure: str, segment: str) -> tuple[int, list[float]]:
        """Return the number of entities, and on the scale 0 to 1: median, MAD, 95th and 99th percentile."""
        name = f"{measure}/{segment}"
        if name not in self._merged:
            counts = [0] * BINS
            for bins in self._of.get(name, {}).values():
                for place, n in bins.items():
                    counts[place] += n
            self._merged[name] = (sum(counts), _summary(counts))
        return self._merged[name]


def _summary(counts: Sequence[int]) -> list[float]:
    median = _quantile(counts, 0.5)
    apart = [0] * (BINS + 1)
    for place, n in enumerate(counts):
        apart[min(int(abs((place + 0.5) / BINS - median) * BINS), BINS)] += n
    # Half a bin at least: figures are known no better than that.
    spread = max(_quantile(apart, 0.5), 0.5 / BINS)
    return [median, spread, _quantile(counts, 0.95), _quantile(counts, 0.99)]


def _quantile(counts: Sequence[int], share: float) -> float:
    """Return the middle of the bin in which the quantile lies, on the scale 0 to 1; 0 where nothing is counted."""
    wanted = share * sum(counts)
    place = next((place for place, passed in enumerate(accumulate(counts)) if passed and passed >= wanted), None)
    return 0.0 if place is None else (place + 0.5) / BINS

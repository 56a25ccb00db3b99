"""Which providers see the same patients in the same weeks, over all partitions (B21; docs/adr/0012-shared-patients.md).

Each provider publishes a sample of whom it met: of all pairs of patient and week those with the smallest hashes
(bottom-k sketch; Broder, On the resemblance and containment of documents, 1997). All use the same hash, so what two of
them have in common is as large among the samples as among all. A record holds hashes of tokens and nothing else of a
patient.
"""

from array import array
from collections.abc import Iterator, Mapping

from msgspec import Struct

from detectors.peers.book import PeerBook
from detectors.profiles.applied import fingerprint

SHARING = "sharing"
"""Name of the records among those of peers; the segment is the provider."""

KEPT = 128
"""Pairs in a sample: of two that have half in common the share is then known to 0.04 (one standard error)."""

INDEXED = 16
"""Smallest hashes by which others are found: two who have half in common miss each other once in 2^16."""

BEYOND = 1 << 64
"""Above every hash: of a sample that holds all pairs there are."""

_PRACTICE, _PLACE, _LIMIT, _SINCE, _UNTIL = -1, -2, -3, -4, -5
"""Bins beside the hashes."""


class Sample(Struct, frozen=True):
    """Whom a provider met in the weeks from `since` to `until`: all pairs whose hash is below `limit`.

    `practice` and `place` are hashes of the tax number and of the address, 0 where unknown.
    """

    hashes: "array[int]"
    weeks: "array[int]"
    limit: int
    since: int
    until: int
    practice: int
    place: int

    def is_of(self, other: "Sample") -> bool:
        """Return whether two belong together: one tax number, or one address."""
        return self.practice == other.practice or (self.place != 0 and self.place == other.place)

    def common(self, other: "Sample") -> tuple[int, int]:
        """Return how many of the pairs that both may hold are in both samples, and how many in one of them at least."""
        limit, since, until = (
            min(self.limit, other.limit), max(self.since, other.since), min(self.until, other.until),
        )  # fmt: skip
        own, others = (set(one.between(limit, since, until)) for one in (self, other))
        return len(own & others), len(own | others)

    def between(self, limit: int, since: int, until: int) -> Iterator[int]:
        """Yield the hashes below a limit of the weeks from one to another."""
        for met, week in zip(self.hashes, self.weeks, strict=True):
            if met < limit and since <= week <= until:
                yield met


def pair_hash(patient: int, week: int) -> int:
    """Return the hash of a patient (itself a hash of the token) in a week since the epoch."""
    return fingerprint(f"{patient:x}:{week}")


def publish(book: PeerBook, npi: str, sample: Sample) -> None:
    """Publish a provider's sample in the place of its last."""
    bins = book.bins(SHARING, npi)
    bins.clear()
    bins.update(zip(sample.hashes, sample.weeks, strict=True))
    bins.update(
        {_PRACTICE: sample.practice, _PLACE: sample.place, _SINCE: sample.since, _UNTIL: sample.until}
        | ({_LIMIT: sample.limit} if sample.limit < BEYOND else {})
    )


class Shared:
    """The samples of all providers, found by the smallest of their hashes."""

    def __init__(self) -> None:
        self._samples: dict[str, Sample] = {}
        self._holders: dict[int, tuple[str, ...]] = {}

    def receive(self, npi: str, bins: Mapping[int, int]) -> None:
        """Take in a published sample; an empty one takes the provider out."""
        before = self._samples.pop(npi, None)
        for met in before.hashes[:INDEXED] if before else ():
            left = tuple(holder for holder in self._holders[met] if holder != npi)
            if left:
                self._holders[met] = left
            else:
                del self._holders[met]
        hashes = array("Q", sorted(key for key in bins if key >= 0))
        if not hashes:
            return
        self._samples[npi] = Sample(
            hashes,
            array("Q", (bins[met] for met in hashes)),
            bins.get(_LIMIT, BEYOND),
            bins.get(_SINCE, 0),
            bins.get(_UNTIL, 0),
            bins.get(_PRACTICE, 0),
            bins.get(_PLACE, 0),
        )
        for met in hashes[:INDEXED]:
            self._holders[met] = (*self._holders.get(met, ()), npi)

    def ring(self, npi: str, own: Sample, share: float, least: int) -> dict[str, float]:
        """Return the largest circle of others that can be built up around a provider, and the share in common of each.

        All of them, the provider included, belong to different practices and have more than a share of their patients
        in common, two by two.

        Args:
            npi: the provider.
            own: its sample, which need not be published yet.
            share: Jaccard similarity of the pairs of patient and week.
            least: pairs in common below which nothing is said.
        """
        near = {
            other: found for other in self._candidates(npi, own) if (found := self._share(own, other, least)) > share
        }
        ring: dict[str, float] = {}
        for other in sorted(near, key=lambda one: (-near[one], one)):
            sample = self._samples[other]
            if not sample.is_of(own) and all(
                not sample.is_of(self._samples[member]) and self._share(sample, member, least) > share
                for member in ring
            ):
                ring[other] = near[other]
        return ring

    def _candidates(self, npi: str, own: Sample) -> set[str]:
        found = {holder for met in own.hashes[:INDEXED] for holder in self._holders.get(met, ())}
        return found - {npi}

    def _share(self, one: Sample, other: str, least: int) -> float:
        common, either = one.common(self._samples[other])
        return common / either if common >= least else 0.0

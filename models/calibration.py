"""Raw scores become upper-tail probabilities, so that one threshold means the same for every model and segment.

p = 0.001 says: of this model's recent scores in this segment, one in a thousand is as high. Each segment (a role, a
department, a stage: few and not personal) learns its own scores in a `models.tail_sketch.TailSketch`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models import snapshots
from models.tail_sketch import TailSketch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.api import Snapshot, Vector

OVERFLOW = "*"
"""The segment that all segments past `max_segments` share."""

_FIRST_REFRESH, _LARGEST_REFRESH = 32, 512
"""A segment's reference is renewed after 32 of its events, then each time their number has doubled, then every 512."""


@dataclass(slots=True)
class _Segment:
    """What scores are compared with, and those that wait to join it."""

    reference: TailSketch = field(default_factory=TailSketch)
    learned: int = 0
    waiting: list[float] = field(default_factory=list)

    @property
    def refresh(self) -> int:
        return min(max(self.learned, _FIRST_REFRESH), _LARGEST_REFRESH)

    def absorb(self, half_life: float) -> None:
        self.reference.add(np.array(self.waiting), half_life)
        self.learned += len(self.waiting)
        self.waiting = []


class Calibrator:
    """Tail probabilities per segment, streaming: each score is judged before it is learned.

    A score is compared with the reference of its segment, which is renewed at fixed counts of that segment's events;
    so results do not depend on how a stream is cut into batches. Until the first renewal p is 1: nothing is concluded
    from fewer than 32 events. Memory: at most about 400 groups and 512 waiting scores a segment, 15 kB.

    Args:
        half_life: events of a segment after which one counts half. Counting tells p down to about 0.7 / half_life; what
            is above all that is remembered gets an extrapolated p down to a thousandth of that.
        max_segments: how many segments have their own reference; later ones share `OVERFLOW`.
    """

    FIRST = _FIRST_REFRESH

    def __init__(self, half_life: float = 50_000.0, max_segments: int = 1_000) -> None:
        if not half_life > 0 or max_segments < 1:
            raise ValueError("half_life must be above 0 and max_segments at least 1")
        self._half_life = half_life
        self._max_segments = max_segments
        self._segments: dict[str, _Segment] = {}

    def score_learn(self, segments: Sequence[str], scores: Vector) -> Vector:
        """Tail probability of every score in its segment, then learn them.

        Args:
            segments: key of each score.
            scores: shape (n,). One that is not finite gets p = 1 and is not learned.

        Returns:
            Probabilities in (0, 1], shape (n,); within a segment, a higher score never has a higher p against the same
            reference.

        Raises:
            ValueError: if the two differ in length.
        """
        if len(segments) != len(scores):
            message = f"{len(segments)} segments for {len(scores)} scores"
            raise ValueError(message)
        finite = np.isfinite(scores)
        if len(set(segments)) == 1 and finite.all():  # a step asks of one model's scores: no need to tell them apart
            return self._of_segment(self._segment(segments[0]), scores)
        p = np.ones(len(scores))
        members: dict[str, list[int]] = {}
        for index in np.flatnonzero(finite).tolist():
            members.setdefault(segments[index], []).append(index)
        for key, indices in members.items():
            p[indices] = self._of_segment(self._segment(key), scores[indices])
        return p

    def score(self, segment: str, scores: Vector) -> Vector:
        """Tail probability of finite scores in a segment as it stands, without learning them; 1 where it is unknown."""
        known = self._segments.get(segment)
        return np.ones(len(scores)) if known is None else known.reference.tail(scores)

    def merge(self, other: Calibrator) -> None:
        """Add what another calibrator of the same parameters has learned; it is not changed."""
        for key, theirs in sorted(other._segments.items()):
            ours = self._segment(key)
            ours.reference.merge(theirs.reference)
            ours.learned += theirs.learned
            ours.waiting = sorted(ours.waiting + theirs.waiting)
            if len(ours.waiting) >= ours.refresh:
                ours.absorb(self._half_life)

    def snapshot(self) -> Snapshot:
        """Copy the state out; `restore` continues exactly."""
        each = list(self._segments.values())
        return {
            "keys": list(self._segments),
            "learned": np.array([segment.learned for segment in each], dtype=np.int64),
            "groups": np.array([len(segment.reference.values) for segment in each], dtype=np.int64),
            "values": np.concatenate([np.zeros(0), *(segment.reference.values for segment in each)]),
            "weights": np.concatenate([np.zeros(0), *(segment.reference.weights for segment in each)]),
            "waiting": np.array([score for segment in each for score in segment.waiting], dtype=np.float64),
            "waits": np.array([len(segment.waiting) for segment in each], dtype=np.int64),
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Replace what was learned by what a snapshot holds.

        Raises:
            ValueError: if the snapshot is damaged; nothing is then changed.
        """
        keys = snapshots.texts(snapshot, "keys")
        learned = snapshots.array(snapshot, "learned", np.int64, (len(keys),))
        groups = snapshots.array(snapshot, "groups", np.int64, (len(keys),))
        waits = snapshots.array(snapshot, "waits", np.int64, (len(keys),))
        values = snapshots.array(snapshot, "values", np.float64, (int(groups.sum()),))
        weights = snapshots.array(snapshot, "weights", np.float64, (int(groups.sum()),))
        waiting = snapshots.array(snapshot, "waiting", np.float64, (int(waits.sum()),))
        if any(counts.min(initial=0) < 0 for counts in (learned, groups, waits)) or not (weights > 0).all():
            raise ValueError("the snapshot is damaged: a count or a weight is not positive")
        at, at_waiting = np.cumsum(groups)[:-1], np.cumsum(waits)[:-1]
        parts = zip(np.split(values, at), np.split(weights, at), np.split(waiting, at_waiting), strict=True)
        segments = {
            key: _Segment(TailSketch(value, weight), count, wait.tolist())
            for key, count, (value, weight, wait) in zip(keys, learned.tolist(), parts, strict=False)
        }
        if any(len(segment.waiting) >= segment.refresh for segment in segments.values()):
            raise ValueError("the snapshot is damaged: more scores wait than can")
        self._segments = segments

    def _segment(self, key: str) -> _Segment:
        if key not in self._segments and len(self._segments) >= self._max_segments:
            key = OVERFLOW
        if key not in self._segments:
            self._segments[key] = _Segment()
        return self._segments[key]

    def _of_segment(self, segment: _Segment, scores: Vector) -> Vector:
        p = np.ones(len(scores))
        start = 0
        while start < len(scores):
            stop = min(len(scores), start + segment.refresh - len(segment.waiting))
            p[start:stop] = segment.reference.tail(scores[start:stop])
            segment.waiting.extend(scores[start:stop].tolist())
            if len(segment.waiting) == segment.refresh:
                segment.absorb(self._half_life)
            start = stop
        return p

"""What one partition of one stage knows beside its profiles: its clocks.

They are kept with the profiles and not with the models: were they lost in a crash, fresh context would look stale, and
what depends on it would keep silent.
"""

import msgspec
from msgspec import Struct

CLOCK = "#clock/"
"""Key, with the partition behind it, of the clocks among the profiles; no entity's token begins so."""

DAY = 86_400.0

RANK_DAYS_KEPT = 16
"""Days for which the highest record number is remembered; twice what asks for it."""


class PartitionState(Struct, array_like=True):
    """Clocks of one partition, in seconds of event time since the epoch.

    `watching_since` is the earliest transaction or access seen, `newest` the latest (the watermark), `context_at` the
    latest context. `peers_pending` are the keys of peer histograms that changed since `peers_at`, when they were last
    published. `ranks` maps the last days (since the epoch) to the highest order of a record number seen on them.
    """

    watching_since: float = 0.0
    newest: float = 0.0
    context_at: float = 0.0
    peers_at: float = 0.0
    peers_pending: list[str] = []
    ranks: dict[int, int] = {}

    def see(self, at: float, *, is_context: bool) -> None:
        """Move the clocks for one event."""
        if is_context:
            self.context_at = max(self.context_at, at)
            return
        if not self.watching_since or at < self.watching_since:
            self.watching_since = at
        self.newest = max(self.newest, at)

    def see_rank(self, rank: int, at: float) -> None:
        """Remember how high the numbers of records had come on a day."""
        day = int(at // DAY)
        if rank > self.ranks.get(day, -1):
            self.ranks[day] = rank
            if len(self.ranks) > RANK_DAYS_KEPT:
                del self.ranks[min(self.ranks)]

    def is_new_rank(self, rank: int, at: float, days: int) -> bool:
        """Return whether a record's number is above all that were seen `days` before, or on the first day known.

        False on the first day: nothing is known yet.
        """
        if not self.ranks:
            return False
        today, first = int(at // DAY), min(self.ranks)
        until = max(today - days, first)
        if until >= today:
            return False
        return not any(day <= until and highest >= rank for day, highest in self.ranks.items())


_decoder = msgspec.msgpack.Decoder(PartitionState)
_encoder = msgspec.msgpack.Encoder()


def read_clock(value: bytes | None) -> PartitionState:
    """Return the clocks as they were kept, or new ones."""
    return PartitionState() if value is None else _decoder.decode(value)


def write_clock(clock: PartitionState) -> bytes:
    """Return what is kept of the clocks."""
    return _encoder.encode(clock)

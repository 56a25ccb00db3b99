"""What one partition of one stage knows beside its profiles: its clocks.

They are kept with the profiles and not with the models: were they lost in a crash, fresh context would look stale, and
what depends on it would keep silent.
"""

import msgspec
from msgspec import Struct

CLOCK = "#clock/"
"""Key, with the partition behind it, of the clocks among the profiles; no entity's token begins so."""


class PartitionState(Struct, array_like=True):
    """Clocks of one partition, in seconds of event time since the epoch.

    `watching_since` is the earliest transaction or access seen, `newest` the latest (the watermark), `context_at` the
    latest context. `peers_pending` are the keys of peer histograms that changed since `peers_at`, when they were last
    published.
    """

    watching_since: float = 0.0
    newest: float = 0.0
    context_at: float = 0.0
    peers_at: float = 0.0
    peers_pending: list[str] = []

    def see(self, at: float, *, is_context: bool) -> None:
        """Move the clocks for one event."""
        if is_context:
            self.context_at = max(self.context_at, at)
            return
        if not self.watching_since or at < self.watching_since:
            self.watching_since = at
        self.newest = max(self.newest, at)


_decoder = msgspec.msgpack.Decoder(PartitionState)
_encoder = msgspec.msgpack.Encoder()


def read_clock(value: bytes | None) -> PartitionState:
    """Return the clocks as they were kept, or new ones."""
    return PartitionState() if value is None else _decoder.decode(value)


def write_clock(clock: PartitionState) -> bytes:
    """Return what is kept of the clocks."""
    return _encoder.encode(clock)

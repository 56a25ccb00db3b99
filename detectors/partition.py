"""What one partition of one stage knows beside its profiles: its clocks."""

from msgspec import Struct


class PartitionState(Struct, array_like=True):
    """Clocks of one partition, in seconds of event time since the epoch.

    `watching_since` is the earliest transaction or access seen, `newest` the latest (the watermark), `context_at` the
    latest context.
    """

    watching_since: float = 0.0
    newest: float = 0.0
    context_at: float = 0.0

    def see(self, at: float, *, is_context: bool) -> None:
        """Move the clocks for one event."""
        if is_context:
            self.context_at = max(self.context_at, at)
            return
        if not self.watching_since or at < self.watching_since:
            self.watching_since = at
        self.newest = max(self.newest, at)

"""Making checkpoints when it is time."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alerting.auditing.checkpoints import SETTLE_SECONDS, Checkpoint, digest_of, signed
from alerting.auditing.rows import insert_checkpoint, last_checkpoint, last_entry, timeline_ends
from alerting.store import Store
from alerting.store.store import lock_opening

EVERY_SECONDS = 3600.0


class CheckpointKeeper:
    """Signs a checkpoint every hour; several may try at once, one of them does.

    Args:
        store: what is signed for, and where checkpoints are kept.
        key: the private key, which only this process has.
        clock: gives the time in seconds since the epoch.
    """

    def __init__(self, store: Store, key: Ed25519PrivateKey, clock: Callable[[], float]) -> None:
        self._store = store
        self._key = key
        self._clock = clock

    def sign_if_due(self) -> Checkpoint | None:
        """Sign a checkpoint if the last one is an hour old; return it where one was made."""
        now = self._clock()
        with self._store.reading() as connection:
            last = last_checkpoint(connection)
        return self.sign() if last is None or now - last.at >= EVERY_SECONDS else None

    def sign(self) -> Checkpoint:
        """Sign a checkpoint now."""
        covered_until = self._clock() - SETTLE_SECONDS
        with self._store.reading() as connection:  # what is so old does not change, and reading it takes a while
            incidents, timelines = digest_of(timeline_ends(connection, covered_until))
        with self._store.writing() as connection:
            lock_opening(connection)
            now = self._clock()
            seq, last_hash = last_entry(connection)
            checkpoint = Checkpoint(
                seq=seq,
                hash=last_hash,
                at=now,
                covered_until=covered_until,
                incidents=incidents,
                timelines=timelines,
            )
            checkpoint = signed(checkpoint, self._key)
            insert_checkpoint(connection, checkpoint)
        return checkpoint

"""The models of each partition that this worker owns, and their snapshots in the table."""

import logging
from collections.abc import Callable, Iterator, Mapping

from detectors.stage import Stage, StageModels
from streams.guard import describe

logger = logging.getLogger(__name__)


class ModelShelf:
    """Keeps the models of a stage per partition, restores them on first use, and says when to take a snapshot.

    A crash loses what was learned since the last snapshot, never a profile (design.md §3.3).
    """

    def __init__(self, stage: Stage, every_seconds: float, clock: Callable[[], float]) -> None:
        """Begin empty.

        Args:
            stage: whose models these are.
            every_seconds: how long a partition may learn without a snapshot.
            clock: seconds, monotonic.
        """
        self._stage = stage
        self._every_seconds = every_seconds
        self._clock = clock
        self._models: dict[int, StageModels] = {}
        self._saved_at: dict[int, float] = {}
        self._learned: set[int] = set()

    def key(self, partition: int) -> str:
        """Return the key of a partition's snapshot; no entity's token begins with `#`."""
        return f"#models/{self._stage.name}/{partition}"

    def take(self, partition: int, profiles: Mapping[str, bytes]) -> StageModels:
        """Return the models of a partition, to learn from a step; the first time, restored from its table."""
        models = self._models.get(partition)
        if models is None:
            models = self._models[partition] = self._restored(partition, profiles)
            self._saved_at[partition] = self._clock()
        self._learned.add(partition)
        return models

    def spare(self, partition: int, profiles: Mapping[str, bytes]) -> StageModels:
        """Return models as of the last snapshot, for trying a step out and throwing away."""
        return self._restored(partition, profiles)

    def due(self, partition: int) -> dict[str, bytes]:
        """Return the partition's snapshot as table entry where it is time for one, else nothing."""
        if partition not in self._learned or self._clock() - self._saved_at[partition] < self._every_seconds:
            return {}
        return self._snapshot(partition)

    def unsaved(self) -> Iterator[tuple[int, dict[str, bytes]]]:
        """Yield each partition that has learned since its last snapshot, with a new one."""
        for partition in sorted(self._learned):
            yield partition, self._snapshot(partition)

    def forget(self, partition: int) -> None:
        """Forget the models of a partition; they are restored from their last snapshot when they are next taken."""
        self._models.pop(partition, None)
        self._learned.discard(partition)

    def clear(self) -> None:
        """Forget all models: the partitions may go to other workers, and come back changed."""
        for partition in list(self._models):
            self.forget(partition)

    def _snapshot(self, partition: int) -> dict[str, bytes]:
        self._saved_at[partition] = self._clock()
        self._learned.discard(partition)
        return {self.key(partition): self._models[partition].snapshot()}

    def _restored(self, partition: int, profiles: Mapping[str, bytes]) -> StageModels:
        snapshot = profiles.get(self.key(partition))
        models = self._stage.new_models()
        if snapshot is not None:
            try:
                models.restore(snapshot)
            # The guard of one snapshot: a damaged one, or one of another version, must not stop the worker.
            except Exception as error:  # noqa: BLE001
                logger.warning("%s models of partition %d begin anew: %s", self._stage.name, partition, describe(error))
                return self._stage.new_models()
        return models

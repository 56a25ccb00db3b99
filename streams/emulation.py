"""The stage topics and the workers behind them, in one process and without a broker.

Events go from partition to partition in parcels with growing offsets, as the engine sends them. What a partition is to
step over at once it sees by event time: live the parcels of a moment come one after the other, but here one may hold an
hour of a small hospital, and a user's login must not come after what was read with it because it took another way.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from alerting.ledger import LedgerEntry
from detectors.peers import PeerView
from detectors.scoring import StageModels
from detectors.stage import StageResult
from detectors.visit import INTAKE, Arrival, Batch, StageName, Visit
from streams.partition import partition_of
from streams.topics import STAGE_TOPICS

ORDER: tuple[StageName, ...] = ("patient", "provider", "instrument", "user")
"""Stages in the order in which itineraries pass them; all but the last may hand on to themselves."""

Place = tuple[StageName, int]
"""One partition of one stage."""


class Steps(Protocol):
    """What is needed of a stage; `detectors.stage.Stage` is one."""

    peers: PeerView

    def new_models(self) -> StageModels:
        """Return the fresh models of one partition."""

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        """Take one step of one partition."""


class EmulatedTopics:
    """What waits in each partition, and what each stage knows."""

    def __init__(self, stages: Mapping[StageName, Steps], partitions: int) -> None:
        self._stages = stages
        self._partitions = partitions
        self._profiles: dict[StageName, dict[str, bytes]] = {name: {} for name in stages}
        self._models: dict[Place, StageModels] = {}
        self._offsets: dict[Place, int] = {}
        self._waiting: dict[StageName, dict[int, list[Visit]]] = {name: {} for name in ORDER}

    def send(self, batches: Iterable[Batch]) -> None:
        """Put visits into the partitions of their next stop."""
        for batch in batches:
            for visit in batch.visits:
                stop = visit.stops[visit.at]
                self._waiting[stop.stage].setdefault(partition_of(stop.ref, self._partitions), []).append(visit)

    def drain(self, now: float) -> Iterator[tuple[LedgerEntry, StageResult]]:
        """Step until nothing waits; yield each step's ledger entry and result."""
        while stage := next((name for name in ORDER if self._waiting[name]), None):
            waiting, self._waiting[stage] = self._waiting[stage], {}
            for partition in sorted(waiting):
                result = self._step((stage, partition), waiting[partition], now)
                self.send(result.onward)
                yield LedgerEntry(STAGE_TOPICS[stage], partition, result.rows), result

    def _step(self, place: Place, visits: list[Visit], now: float) -> StageResult:
        """Let a partition see what waits for it, as one arrival: its own offset tells that it is no redelivery."""
        name, partition = place
        stage, profiles = self._stages[name], self._profiles[name]
        if place not in self._models:
            self._models[place] = stage.new_models()
        offset = self._offsets.get(place, -1) + 1
        self._offsets[place] = offset
        visits.sort(key=lambda visit: visit.time)
        arrival = Arrival(partition, offset, Batch(INTAKE, 0, visits))
        result = stage.step(profiles, self._models[place], [arrival], now)
        for key, histogram in result.peers.items():
            stage.peers.receive(key, histogram)
        for key, profile in result.profiles.items():
            if profile is None:
                profiles.pop(key, None)
            else:
                profiles[key] = profile
        return result

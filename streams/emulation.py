"""The stage topics and the workers behind them, in one process and without a broker.

Events go from partition to partition in parcels with growing offsets, as the engine sends them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from alerting.ledger import LedgerEntry
from detectors.peers import PeerView
from detectors.scoring import StageModels
from detectors.stage import StageResult
from detectors.visit import Arrival, Batch, StageName
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
        self._waiting: dict[StageName, dict[int, dict[tuple[int, int], Batch]]] = {name: {} for name in ORDER}

    def send(self, batches: Iterable[Batch]) -> None:
        """Put visits into the partitions of their next stop.

        Each destination gets one batch per origin and offset, for whoever tells a redelivery by these would take a
        second one for it.
        """
        for batch in batches:
            mark = (batch.origin, batch.offset)
            for visit in batch.visits:
                stop = visit.stops[visit.at]
                parcel = self._waiting[stop.stage].setdefault(partition_of(stop.ref, self._partitions), {})
                if mark not in parcel:
                    parcel[mark] = Batch(batch.origin, batch.offset, [])
                parcel[mark].visits.append(visit)

    def drain(self, now: float) -> Iterator[tuple[LedgerEntry, StageResult]]:
        """Step until nothing waits; yield each step's ledger entry and result."""
        while stage := next((name for name in ORDER if self._waiting[name]), None):
            waiting, self._waiting[stage] = self._waiting[stage], {}
            for partition in sorted(waiting):
                result = self._step((stage, partition), list(waiting[partition].values()), now)
                self.send(result.onward)
                yield LedgerEntry(STAGE_TOPICS[stage], partition, result.rows), result

    def _step(self, place: Place, parcel: Sequence[Batch], now: float) -> StageResult:
        name, partition = place
        stage, profiles = self._stages[name], self._profiles[name]
        if place not in self._models:
            self._models[place] = stage.new_models()
        offset = self._offsets.get(place, -1) + 1
        self._offsets[place] = offset
        arrivals = [Arrival(partition, offset, batch) for batch in parcel]
        result = stage.step(profiles, self._models[place], arrivals, now)
        for key, histogram in result.peers.items():
            stage.peers.receive(key, histogram)
        for key, profile in result.profiles.items():
            if profile is None:
                profiles.pop(key, None)
            else:
                profiles[key] = profile
        return result

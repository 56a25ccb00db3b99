"""Counts the accesses that were explained, beside the stage that concludes it."""

from collections.abc import Collection, Mapping, Sequence

import msgspec
from msgspec import Struct

from detectors.retraction import EXPLAINED
from detectors.scoring import StageModels
from detectors.stage import StageResult
from detectors.visit import Arrival
from streams.emulation import Steps


class _Actor(Struct):
    """Who acted, of an access event."""

    type: str = "human"


class _Access(Struct):
    """The part of an access event that says whether a person acted."""

    actor: _Actor


_decoder = msgspec.msgpack.Decoder(_Access)


class ExplainedCounter:
    """A stage that counts, of people's accesses whose relationship it judged, those that were explained.

    Interfaces and batch accounts are judged by what they always do (A20), not by whom they know.

    Args:
        stage: the stage of users.
        labelled: ids of events that are not ordinary.
    """

    def __init__(self, stage: Steps, labelled: Collection[str]) -> None:
        self.peers = stage.peers
        self._stage = stage
        self._labelled = labelled
        self.judged = 0
        self.explained = 0

    @property
    def share(self) -> float | None:
        """The explained share of ordinary accesses; None where none was judged."""
        return self.explained / self.judged if self.judged else None

    def new_models(self) -> StageModels:
        """Return the models of a partition of the stage."""
        return self._stage.new_models()

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        """Take one step of the stage, which writes its notes onto the visits, and count."""
        result = self._stage.step(profiles, models, arrivals, now)
        for arrival in arrivals:
            for visit in arrival.batch.visits:
                concluded = visit.notes.get(EXPLAINED)
                if concluded is None or visit.id in self._labelled:
                    continue
                if _decoder.decode(visit.data).actor.type == "human":
                    self.judged += 1
                    self.explained += bool(concluded)
        return result

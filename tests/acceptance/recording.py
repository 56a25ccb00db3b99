"""Stages that write down the risk of every event: a worker sends only what is worth a finding."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from detectors.scoring import StageModels
from detectors.stage import Score, Stage, StageResult
from detectors.visit import Arrival

_decoder = msgspec.json.Decoder(dict[str, float])


class RecordingStage(Stage):
    """Does what another stage does, and appends the risks of each step to a file."""

    def __init__(self, inner: Stage, path: Path) -> None:
        self.name = inner.name
        self.peers = inner.peers
        self._inner = inner
        self._path = path

    def new_models(self) -> StageModels:
        """Return the other stage's models."""
        return self._inner.new_models()

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        """Take the other stage's step, and write down its scores."""
        result = self._inner.step(profiles, models, arrivals, now)
        if result.scores:
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode(risks(result.scores)) + b"\n")
        return result


def risks(scores: Sequence[Score]) -> dict[str, float]:
    """Return the risk of each event by its id."""
    return {score.event_id: score.risk for score in scores}


def recorded(path: Path) -> dict[str, float]:
    """Return the risk of every event that was written down."""
    found: dict[str, float] = {}
    for line in path.read_bytes().splitlines():
        found |= _decoder.decode(line)
    return found

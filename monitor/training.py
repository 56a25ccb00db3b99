"""Training of the batch models: rows from a replay of files, a forest, and a signed version in the model store."""

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from detectors.scoring import StageModels
from detectors.stage import Stage, StageResult
from detectors.visit import Arrival, StageName
from models import BATCH
from models.api import Matrix, Vector
from models.manifest import Manifest
from models.store import ModelStore, ModelStoreError, Training
from monitor.backtest import backtest
from monitor.catalogue import read_rules
from monitor.detection import FEATURES, build_stages
from monitor.failure import Failure
from monitor.model_files import MODELS
from monitor.settings import Settings
from streams.emulation import Steps
from streams.formats import read_lines

KIND = "isolation_forest"
MOST_ROWS = 500_000
"""Rows kept of a replay, a uniform sample; a forest draws 256 of them for each tree."""

FEWEST_ROWS = 1_000
"""With fewer rows than this a forest knows too little of what is usual."""

PROBES = 8


class Collector:
    """A stage whose feature rows are kept: a uniform sample of at most `MOST_ROWS` (Vitter 1985, algorithm R)."""

    def __init__(self, stage: Stage, rng: np.random.Generator) -> None:
        self._stage = stage
        self.peers = stage.peers
        self._rng = rng
        self._rows: list[Vector] = []
        self.seen = 0
        self.first, self.last = float("inf"), float("-inf")

    def new_models(self) -> StageModels:
        """Return the fresh models of a partition."""
        return self._stage.new_models()

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        """Take a step and keep its rows."""
        result = self._stage.step(profiles, models, arrivals, now)
        for arrival in arrivals:
            for visit in arrival.batch.visits:
                if visit.id in result.features:
                    self.first, self.last = min(self.first, visit.time), max(self.last, visit.time)
        for row in result.features.values():
            self._keep(row)
        return result

    def matrix(self) -> Matrix:
        """Return the rows that were kept."""
        return np.array(self._rows, dtype=np.float64)

    def _keep(self, row: Vector) -> None:
        self.seen += 1
        if len(self._rows) < MOST_ROWS:
            self._rows.append(row)
            return
        place = int(self._rng.integers(self.seen))
        if place < MOST_ROWS:
            self._rows[place] = row


def train(
    settings: Settings,
    store: ModelStore,
    name: str,
    version: str,
    files: Sequence[Path],
    *,
    seed: int,
    now: datetime.datetime,
) -> Manifest:
    """Replay files, train a model on what its stage saw, and save it as a new version.

    Raises:
        Failure: where there are too few rows, or the store refuses.
    """
    stage_name: StageName = MODELS[name]
    rng = np.random.default_rng(seed)
    stages = build_stages(settings, read_rules(settings), {}, keep_features=True)
    collector = Collector(stages[stage_name], rng)
    replayed: dict[StageName, Steps] = {**stages, stage_name: collector}
    backtest(settings, read_lines(files), stages=replayed)
    if collector.seen < FEWEST_ROWS:
        message = f"the files hold {collector.seen} rows for {name}; at least {FEWEST_ROWS} are needed, add more days"
        raise Failure(message)
    rows = collector.matrix()
    model = BATCH[KIND].train(rows, seed=seed)
    scores = model.score(rows)
    training = Training(
        features=[feature.name for feature in FEATURES[stage_name]],
        trained_from=_instant(collector.first),
        trained_until=_instant(collector.last),
        created_at=now.isoformat(timespec="seconds"),
        metrics={
            "rows": float(collector.seen),
            "score_p50": float(np.quantile(scores, 0.5)),
            "score_p99": float(np.quantile(scores, 0.99)),
        },
    )
    try:
        return store.save(name, version, model, training, _probes(rows.shape[1], rng))
    except ModelStoreError as error:
        raise Failure(str(error)) from None


def _probes(width: int, rng: np.random.Generator) -> Matrix:
    """Return rows of nobody: the corners of the unit cube that matter, and random points inside it."""
    return np.vstack([np.zeros(width), np.ones(width), rng.random((PROBES, width))])


def _instant(at: float) -> str:
    return datetime.datetime.fromtimestamp(at, datetime.UTC).isoformat(timespec="seconds")

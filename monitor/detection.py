"""The part of the composition that detects: every stage with its rules, detectors and trained models."""

import time
from collections.abc import Callable, Mapping, Sequence

from detectors.features import INSTRUMENT_FEATURES, USER_FEATURES, Feature
from detectors.scoring import StageModels
from detectors.sigma import RuleSet
from detectors.stage import Stage, StageResult
from detectors.visit import STAGES, Arrival, StageName
from models.api import Scorer
from monitor.failure import Failure
from monitor.model_files import MODELS, TrainedModels
from monitor.reference_tables import read_references
from monitor.settings import Settings
from monitor.threshold_file import read_thresholds

Judged = Callable[[str, float], None]
"""Takes the name of a stage and the seconds that it took to judge a batch."""

FEATURES: dict[StageName, Sequence[Feature]] = {"user": USER_FEATURES, "instrument": INSTRUMENT_FEATURES}
"""Stages that have features to train on."""


class MeasuredStage(Stage):
    """A stage that tells how long its steps take."""

    judged: Judged

    def step(
        self, profiles: Mapping[str, bytes], models: StageModels, arrivals: Sequence[Arrival], now: float
    ) -> StageResult:
        """Take one step and tell its time."""
        began = time.perf_counter()
        result = super().step(profiles, models, arrivals, now)
        self.judged(self.name, time.perf_counter() - began)
        return result


def build_stages(
    settings: Settings,
    rules: RuleSet,
    trained: TrainedModels,
    *,
    judged: Judged | None = None,
    keep_features: bool = False,
) -> dict[StageName, Stage]:
    """Return every stage by name.

    Args:
        settings: name the reference tables and the site's thresholds.
        rules: all Sigma rules.
        trained: the models that are in use, `current_models`.
        judged: is told of the time of every step.
        keep_features: whether steps return their feature rows, for training.

    Raises:
        Failure: where a table or the file of thresholds is wrong, or a model was trained on other features than this
            program has.
    """
    references, thresholds = read_references(settings), read_thresholds(settings)
    by_stage = _models_by_stage(trained)
    stages: dict[StageName, Stage] = {}
    for name in STAGES:
        kind = Stage if judged is None else MeasuredStage
        stage = kind(
            name,
            rules,
            thresholds=thresholds,
            references=references,
            batch_models=by_stage.get(name),
            keep_features=keep_features,
        )
        if judged is not None and isinstance(stage, MeasuredStage):
            stage.judged = judged
        stages[name] = stage
    return stages


def _models_by_stage(current: TrainedModels) -> dict[StageName, dict[str, Scorer]]:
    by_stage: dict[StageName, dict[str, Scorer]] = {}
    for name, (model, manifest) in current.items():
        stage = MODELS[name]
        if manifest.features != [feature.name for feature in FEATURES[stage]]:
            message = f"model {name} {manifest.version} knows other features than this program; train a new one"
            raise Failure(message)
        by_stage.setdefault(stage, {})[manifest.kind] = model
    return by_stage

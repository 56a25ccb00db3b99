"""Scoring of one step's rows: online and batch models, calibrated to tail probabilities, all at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from detectors.features import Feature, Typical, scaled
from detectors.finding import Kind
from detectors.visit import StageName
from models import ONLINE
from models.api import Scorer
from models.calibration import Calibrator
from models.snapshots import pack, unpack

Matrix = npt.NDArray[np.float64]

ONLINE_USED = "half_space_trees"
"""The online model of the stages that have features."""


class StageModels:
    """What one partition of one stage has learned: the online model, calibration and typical numbers."""

    def __init__(self, name: StageName, width: int, seed: int) -> None:
        self.online = ONLINE[ONLINE_USED](seed=seed) if width else None
        self.calibrator = Calibrator()
        self.typical = Typical(width)
        self.name = name

    def snapshot(self) -> bytes:
        """Return the whole state."""
        parts = {
            "online": pack(self.online.snapshot()) if self.online else b"",
            "calibrator": pack(self.calibrator.snapshot()),
            "typical": pack({"mean": self.typical.mean, "square": self.typical.square, "seen": self.typical.seen}),
        }
        return msgspec.msgpack.encode(parts)

    def restore(self, state: bytes) -> None:
        """Continue from a snapshot.

        Raises:
            ValueError: where it is damaged or of another make; nothing may then be used of this object.
        """
        try:
            parts = msgspec.msgpack.decode(state, type=dict[str, bytes])
            if self.online is not None:
                self.online.restore(unpack(parts["online"]))
            self.calibrator.restore(unpack(parts["calibrator"]))
            typical = unpack(parts["typical"])
        except (msgspec.MsgspecError, KeyError) as error:
            raise ValueError("the models' snapshot is damaged") from error
        mean, square, seen = typical["mean"], typical["square"], typical["seen"]
        if not isinstance(mean, np.ndarray) or not isinstance(square, np.ndarray) or not isinstance(seen, int):
            raise ValueError("the models' snapshot is damaged")
        self.typical.mean, self.typical.square, self.typical.seen = mean, square, seen


@dataclass
class Scored:
    """The scaled rows of a step, and each model's tail probabilities: `(name, kind, p of every row)`."""

    rows: Matrix
    p: list[tuple[str, Kind, Matrix]]


def score(
    models: StageModels,
    raw: Sequence[Sequence[float]],
    features: Sequence[Feature],
    batch_models: Mapping[str, Scorer],
) -> Scored:
    """Score rows before learning them, in order, by every model, and calibrate."""
    rows = scaled(raw, features)
    words: list[tuple[str, Kind, Matrix]] = []
    if models.online is not None:
        warm = models.online.is_warm
        scores = models.online.score_learn(rows)
        if warm:
            words.append((ONLINE_USED, "online", models.calibrator.score_learn([ONLINE_USED] * len(rows), scores)))
    for name, model in batch_models.items():
        p = models.calibrator.score_learn([name] * len(rows), model.score(rows))
        words.append((name, "batch", p))
    models.typical.learn(rows)
    return Scored(rows, words)

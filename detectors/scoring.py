"""Scoring of one step's rows: online and batch models, calibrated to tail probabilities, all at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from detectors.features import Feature, Typical, scaled
from detectors.finding import Kind
from detectors.visit import StageName
from models import ONLINE
from models.api import Scorer
from models.attribution import column_credits
from models.calibration import Calibrator
from models.snapshots import pack, unpack

Matrix = npt.NDArray[np.float64]

ONLINE_USED = ("trees_and_tails",)
"""The online models of the stages that have features, chosen by measurement: docs/adr/0009."""

MOST_GROUNDS, LEAST_CREDIT = 3, 0.2
"""Columns that a reason names at most, and the share of the first one's credit that the others need."""

_NOTHING = 1e-9
"""Credit that is rounding."""


class StageModels:
    """What one partition of one stage has learned: the online models, calibration and typical numbers."""

    def __init__(self, name: StageName, width: int, seed: int) -> None:
        self.online = {model: ONLINE[model](seed=seed) for model in ONLINE_USED} if width else {}
        self.calibrator = Calibrator()
        self.typical = Typical(width)
        self.name = name

    def snapshot(self) -> bytes:
        """Return the whole state."""
        parts = {
            **{name: pack(model.snapshot()) for name, model in self.online.items()},
            "calibrator": pack(self.calibrator.snapshot()),
            "typical": pack(self.typical.snapshot()),
        }
        return msgspec.msgpack.encode(parts)

    def restore(self, state: bytes) -> None:
        """Continue from a snapshot.

        Raises:
            ValueError: where it is damaged or of another make; nothing may then be used of this object.
        """
        try:
            parts = msgspec.msgpack.decode(state, type=dict[str, bytes])
            for name, model in self.online.items():
                model.restore(unpack(parts[name]))
            self.calibrator.restore(unpack(parts["calibrator"]))
            self.typical.restore(unpack(parts["typical"]))
        except (msgspec.MsgspecError, KeyError) as error:
            raise ValueError("the models' snapshot is damaged") from error


@dataclass(frozen=True)
class Word:
    """What one model says of the rows of a step: the tail probability of each.

    `score` asks it again, without teaching it.
    """

    name: str
    kind: Kind
    p: Matrix
    score: Callable[[Matrix], Matrix]

    def credit(self, rows: Matrix, typical: Typical) -> Matrix:
        """Return how much each column of some scaled rows made them odd for this model, the most of a row 1.

        Columns that are not above the ordinary get none: the features are such that less of them is not suspicious.
        """
        credit = np.where(rows > typical.middle, column_credits(self.score, rows, typical.middle), 0.0)
        most = credit.max(axis=1, keepdims=True)
        shares: Matrix = np.divide(credit, most, out=np.zeros_like(credit), where=most > _NOTHING)
        return shares


@dataclass
class Scored:
    """The scaled rows of a step, and what each model says of them."""

    rows: Matrix
    words: list[Word]

    def notable(self, below: float, typical: Typical) -> Iterator[tuple[int, list[Word], list[int]]]:
        """Yield what is rarer than a tail probability: which row, for which models, and the columns that it rests on.

        At most `MOST_GROUNDS` columns, the weightiest first, each with at least `LEAST_CREDIT` of the credit of the
        first; the models to which the row is rare have equal votes, so that their findings say one thing.
        """
        rare = np.array([word.p < below for word in self.words]).reshape(len(self.words), len(self.rows))
        credit = np.zeros_like(self.rows)
        for word, rows in zip(self.words, rare, strict=True):
            if rows.any():
                credit[rows] += word.credit(self.rows[rows], typical)
        for index in np.flatnonzero(rare.any(axis=0)).tolist():
            shares = credit[index]
            order = np.argsort(-shares, kind="stable")[:MOST_GROUNDS].tolist()
            columns = [column for column in order if shares[column] > LEAST_CREDIT * shares[order[0]]]
            yield index, [word for word, rows in zip(self.words, rare, strict=True) if rows[index]], columns


def score(
    models: StageModels,
    raw: Sequence[Sequence[float]],
    features: Sequence[Feature],
    batch_models: Mapping[str, Scorer],
) -> Scored:
    """Score rows before learning them, in order, by every model, and calibrate."""
    rows = scaled(raw, features)
    words: list[Word] = []
    for name, online in models.online.items():
        warm = online.is_warm
        scores = online.score_learn(rows)
        if warm:
            words.append(Word(name, "online", models.calibrator.score_learn([name] * len(rows), scores), online.score))
    for name, model in batch_models.items():
        p = models.calibrator.score_learn([name] * len(rows), model.score(rows))
        words.append(Word(name, "batch", p, model.score))
    models.typical.learn(rows)
    return Scored(rows, words)

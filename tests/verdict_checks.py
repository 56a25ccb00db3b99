"""What every model of verdicts must do, run over every entry of `models.VERDICT_ONLINE` and `models.VERDICT_BATCH`.

Those that are trained once also pass the checks of `tests.checks`, by `on_verdicts`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # scikit-learn ships no types

from models.api import Matrix, Scorer, VerdictBatchModel, VerdictModel
from models.snapshots import pack, unpack
from tests.checks import WIDTH, Train, assert_scores, odd, ordinary

MakeVerdict = Callable[[], VerdictModel]


def on_verdicts(kind: type[VerdictBatchModel]) -> Train:
    """Train on rows that were cleared, and on a hundred odd ones that were confirmed."""

    def train(rows: Matrix) -> Scorer:
        confirmed = np.concatenate([np.zeros(len(rows)), np.ones(100)])
        return kind.train(np.concatenate([rows, odd(100, seed=14)]), confirmed, seed=1)

    return train


def check_verdict_batch_needs_both_verdicts(kind: type[VerdictBatchModel]) -> None:
    rows = ordinary(50)
    for confirmed in (np.zeros(50), np.ones(50), np.full(50, 0.5), np.full(50, np.nan), np.ones(49)):
        with pytest.raises(ValueError, match="verdicts"):
            kind.train(rows, confirmed, seed=1)


def taught(make_model: MakeVerdict, n: int = 300) -> VerdictModel:
    """Make a model that learned n verdicts, every third of them confirming an odd row."""
    model = make_model()
    confirmed = (np.arange(n) % 3 == 0).astype(np.float64)
    model.learn(np.where(confirmed[:, np.newaxis] == 1, odd(n), ordinary(n)), confirmed)
    return model


def check_verdict_scores_are_zero_until_taught(make_model: MakeVerdict) -> None:
    model = make_model()
    model.learn(np.zeros((0, WIDTH)), np.zeros(0))
    assert not model.is_warm
    assert model.score(odd(3)).tolist() == [0.0] * 3
    model.learn(odd(1), np.ones(1))
    assert model.is_warm
    assert model.score(odd(1))[0] > 0


def check_verdict_learns(make_model: MakeVerdict) -> None:
    model = taught(make_model)
    rows = np.concatenate([ordinary(100, seed=11), odd(20, seed=12)])
    assert roc_auc_score(np.arange(120) >= 100, model.score(rows)) > 0.99
    before = model.score(odd(1))[0]
    model.learn(odd(300, seed=13), np.zeros(300))
    assert model.score(odd(1))[0] < before


def check_verdict_scoring_does_not_teach(make_model: MakeVerdict) -> None:
    model = taught(make_model)
    before = pack(model.snapshot())
    rows = np.asfortranarray(odd(50))
    rows.flags.writeable = False
    assert_scores(model.score(rows), 50)
    assert pack(model.snapshot()) == before


def check_verdict_batches_do_not_matter(make_model: MakeVerdict) -> None:
    rows, confirmed = ordinary(60), (np.arange(60) % 2).astype(np.float64)
    whole, parts = make_model(), make_model()
    whole.learn(rows, confirmed)
    for start, stop in ((0, 1), (1, 1), (1, 40), (40, 60)):
        parts.learn(rows[start:stop], confirmed[start:stop])
    assert parts.score(odd(5)).tolist() == whole.score(odd(5)).tolist()


def check_verdict_bad_numbers(make_model: MakeVerdict) -> None:
    model = taught(make_model)
    bad = ordinary(40, seed=4)
    bad[0::4, 0], bad[1::4, 1], bad[2::4, :], bad[3::4, 2] = np.nan, np.inf, np.nan, -np.inf
    model.learn(bad, np.zeros(40))
    model.learn(np.full((1, WIDTH), 1e300), np.zeros(1))
    assert_scores(model.score(np.concatenate([bad, np.full((1, WIDTH), -1e300)])), 41)
    assert model.score(odd(1))[0] > np.median(model.score(ordinary(100, seed=6)))


def check_verdict_snapshot_goes_on_exactly(make_model: MakeVerdict) -> None:
    for learned in (0, 1, 50):
        model, restored = taught(make_model, learned), taught(make_model, 20)
        restored.restore(unpack(pack(model.snapshot())))
        for each in (model, restored):
            each.learn(ordinary(20, seed=8), np.zeros(20))
        assert restored.score(odd(5)).tolist() == model.score(odd(5)).tolist()
        assert pack(restored.snapshot()) == pack(model.snapshot())


def check_verdict_damaged_snapshot_is_refused(make_model: MakeVerdict) -> None:
    model = taught(make_model)
    before = pack(model.snapshot())
    for name in model.snapshot():
        damaged = model.snapshot()
        damaged[name] = "?"
        with pytest.raises(ValueError, match=name):
            model.restore(damaged)
    assert pack(model.snapshot()) == before


def check_verdict_wrong_shapes_are_refused(make_model: MakeVerdict) -> None:
    model = taught(make_model)
    with pytest.raises(ValueError, match="shape"):
        model.score(np.zeros(WIDTH))
    with pytest.raises(ValueError, match="columns"):
        model.score(np.zeros((1, WIDTH + 1)))
    for confirmed in (np.ones(2), np.full(1, 0.5)):
        with pytest.raises(ValueError, match="verdicts"):
            model.learn(odd(1), confirmed)


VERDICT_CHECKS: tuple[Callable[[MakeVerdict], None], ...] = (
    check_verdict_scores_are_zero_until_taught,
    check_verdict_learns,
    check_verdict_scoring_does_not_teach,
    check_verdict_batches_do_not_matter,
    check_verdict_bad_numbers,
    check_verdict_snapshot_goes_on_exactly,
    check_verdict_damaged_snapshot_is_refused,
    check_verdict_wrong_shapes_are_refused,
)

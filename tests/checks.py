"""What every model of a family must do: plain functions, run over every entry of the registries in `models`.

Each takes a function that makes a fresh model with a fixed seed (or trains one), and asserts. The data are two made-up
clouds inside [0, 1]: ordinary rows in the middle, odd rows in a corner.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # scikit-learn ships no types

from models.api import Matrix, OnlineModel, Scorer, Vector
from models.snapshots import pack, unpack

MakeOnline = Callable[[], OnlineModel]
Train = Callable[[Matrix], Scorer]

WIDTH = 4


def ordinary(n: int, seed: int = 0) -> Matrix:
    """Rows about the middle of the unit cube."""
    return np.clip(np.random.default_rng(seed).normal(0.5, 0.05, size=(n, WIDTH)), 0, 1)


def odd(n: int, seed: int = 1) -> Matrix:
    """Rows in a corner of it."""
    return np.clip(np.random.default_rng(seed).normal(0.95, 0.02, size=(n, WIDTH)), 0, 1)


def in_batches(model: OnlineModel, rows: Matrix, *sizes: int) -> Vector:
    """Score and learn rows cut into batches of the given sizes, the rest last."""
    return np.concatenate([model.score_learn(batch) for batch in np.split(rows, np.cumsum(sizes))])


def assert_scores(scores: Vector, n: int) -> None:
    assert scores.shape == (n,)
    assert scores.dtype == np.float64
    assert ((scores >= 0) & (scores <= 1)).all()


# Models that learn row by row.


def check_first_event_and_empty_batch(make_model: MakeOnline) -> None:
    model = make_model()
    assert not model.is_warm
    assert_scores(model.score_learn(np.zeros((0, WIDTH))), 0)
    assert model.score_learn(ordinary(1)).tolist() == [0.0]
    assert_scores(model.score_learn(np.zeros((0, WIDTH))), 0)


def check_scores_are_zero_until_warm(make_model: MakeOnline) -> None:
    model = make_model()
    for row in ordinary(600):
        was_warm = model.is_warm
        score = model.score_learn(row[np.newaxis])[0]
        assert was_warm or score == 0
    assert model.is_warm
    assert model.score_learn(ordinary(1))[0] > 0


def check_scores_before_learning(make_model: MakeOnline) -> None:
    """A row's score is the same whatever comes after it, a thousand copies of itself included."""
    rows = ordinary(600)
    alone, followed = make_model(), make_model()
    alone.score_learn(rows)
    followed.score_learn(rows)
    first = alone.score_learn(odd(1))[0]
    assert followed.score_learn(np.repeat(odd(1), 1000, axis=0))[0] == first


def check_scoring_does_not_teach(make_model: MakeOnline) -> None:
    """`score` gives every row what `score_learn` would give it next, and changes nothing."""
    model = make_model()
    assert model.score(ordinary(2)).tolist() == [0.0] * 2
    model.score_learn(ordinary(600))
    before = pack(model.snapshot())
    asked = np.concatenate([odd(3), ordinary(3, seed=15)])
    scores = model.score(asked)
    assert pack(model.snapshot()) == before
    assert model.score(asked[::-1])[::-1].tolist() == scores.tolist()
    assert model.score_learn(asked[:1])[0] == scores[0]


def check_batches_do_not_matter(make_model: MakeOnline) -> None:
    rows = np.concatenate([ordinary(500), odd(20), ordinary(300, seed=2)])
    whole = make_model().score_learn(rows)
    assert in_batches(make_model(), rows, 1, 249, 1, 0, 137).tolist() == whole.tolist()


def check_scores_are_bounded(make_model: MakeOnline) -> None:
    model = make_model()
    wild = np.random.default_rng(3).normal(0, 100, size=(400, WIDTH))
    assert_scores(model.score_learn(np.concatenate([ordinary(400), wild])), 800)


def check_constant_features(make_model: MakeOnline) -> None:
    assert_scores(make_model().score_learn(np.full((600, WIDTH), 0.5)), 600)


def check_bad_numbers_do_no_lasting_harm(make_model: MakeOnline) -> None:
    """NaN and infinities are scored, and the model still tells odd from ordinary afterwards."""
    bad = ordinary(40, seed=4)
    bad[0::4, 0], bad[1::4, 1], bad[2::4, :], bad[3::4, 2] = np.nan, np.inf, np.nan, -np.inf
    model = make_model()
    assert_scores(model.score_learn(np.concatenate([ordinary(600), bad, ordinary(600, seed=5)])), 1240)
    assert model.score_learn(odd(1))[0] > np.median(model.score_learn(ordinary(100, seed=6)))


def check_input_is_not_changed(make_model: MakeOnline) -> None:
    rows = np.asfortranarray(ordinary(600))
    before = rows.copy()
    rows.flags.writeable = False
    model = make_model()
    scores = model.score_learn(rows)
    assert (rows == before).all()
    assert scores.tolist() == make_model().score_learn(before).tolist()


def check_snapshot_goes_on_exactly(make_model: MakeOnline) -> None:
    for learned in (0, 1, 333, 600):
        model, restored = make_model(), make_model()
        model.score_learn(ordinary(learned))
        restored.score_learn(ordinary(50, seed=7))
        restored.restore(unpack(pack(model.snapshot())))
        assert restored.is_warm == model.is_warm
        rest = np.concatenate([odd(20), ordinary(400, seed=8)])
        assert restored.score_learn(rest).tolist() == model.score_learn(rest).tolist()


def check_snapshot_is_a_copy(make_model: MakeOnline) -> None:
    model = make_model()
    model.score_learn(ordinary(600))
    snapshot = model.snapshot()
    before = pack(snapshot)
    model.score_learn(odd(300))
    assert pack(snapshot) == before
    assert pack(model.snapshot()) != before


def check_damaged_snapshot_is_refused(make_model: MakeOnline) -> None:
    model = make_model()
    model.score_learn(ordinary(600))
    before = pack(model.snapshot())
    for name in model.snapshot():
        damaged = model.snapshot()
        damaged[name] = "?"
        with pytest.raises(ValueError, match=name):
            model.restore(damaged)
    assert pack(model.snapshot()) == before


def check_same_seed_same_scores(make_model: MakeOnline) -> None:
    rows = ordinary(600)
    assert make_model().score_learn(rows).tolist() == make_model().score_learn(rows).tolist()


def check_memory_is_bounded(make_model: MakeOnline) -> None:
    model = make_model()
    model.score_learn(ordinary(1500))
    early = len(pack(model.snapshot()))
    model.score_learn(ordinary(3000, seed=9))
    assert len(pack(model.snapshot())) <= 1.05 * early


def check_learning_changes_scores(make_model: MakeOnline) -> None:
    model = make_model()
    model.score_learn(ordinary(600))
    fresh = model.score_learn(odd(1))[0]
    model.score_learn(odd(1000, seed=10))
    assert model.score_learn(odd(1))[0] < fresh


def check_odd_rows_score_higher(make_model: MakeOnline) -> None:
    model = make_model()
    model.score_learn(ordinary(600))
    rows = np.concatenate([ordinary(200, seed=11), odd(10)])
    assert roc_auc_score(np.arange(210) >= 200, model.score_learn(rows)) > 0.9


def check_wrong_shapes_are_refused(make_model: MakeOnline) -> None:
    model = make_model()
    with pytest.raises(ValueError, match="shape"):
        model.score_learn(np.zeros(3))
    with pytest.raises(ValueError, match="shape"):
        model.score_learn(np.zeros((3, 0)))
    model.score_learn(ordinary(3))
    with pytest.raises(ValueError, match="columns"):
        model.score_learn(np.zeros((3, WIDTH + 1)))


ONLINE_CHECKS: tuple[Callable[[MakeOnline], None], ...] = (
    check_first_event_and_empty_batch,
    check_scores_are_zero_until_warm,
    check_scores_before_learning,
    check_scoring_does_not_teach,
    check_batches_do_not_matter,
    check_scores_are_bounded,
    check_constant_features,
    check_bad_numbers_do_no_lasting_harm,
    check_input_is_not_changed,
    check_snapshot_goes_on_exactly,
    check_snapshot_is_a_copy,
    check_damaged_snapshot_is_refused,
    check_same_seed_same_scores,
    check_memory_is_bounded,
    check_learning_changes_scores,
    check_odd_rows_score_higher,
    check_wrong_shapes_are_refused,
)


# Models that are trained once.


def check_batch_scores(train: Train) -> None:
    model = train(ordinary(500))
    assert model.n_features == WIDTH
    assert_scores(model.score(np.zeros((0, WIDTH))), 0)
    wild = np.random.default_rng(3).normal(0, 1e300, size=(50, WIDTH))
    assert_scores(model.score(np.concatenate([ordinary(50), wild])), 100)


def check_batch_odd_rows_score_higher(train: Train) -> None:
    rows = np.concatenate([ordinary(200, seed=11), odd(10)])
    assert roc_auc_score(np.arange(210) >= 200, train(ordinary(500)).score(rows)) > 0.9


def check_batch_rows_do_not_matter_to_each_other(train: Train) -> None:
    model = train(ordinary(500))
    rows = np.concatenate([ordinary(20, seed=12), odd(5)])
    assert model.score(rows).tolist() == [model.score(row[np.newaxis])[0] for row in rows]


def check_batch_bad_numbers(train: Train) -> None:
    """A model trained on and asked about NaN and infinities gives numbers, and still tells odd from ordinary."""
    bad = ordinary(500)
    bad[0:40:4, 0], bad[1:40:4, 1], bad[2:40:4, :], bad[3:40:4, 2] = np.nan, np.inf, np.nan, -np.inf
    model = train(bad)
    assert_scores(model.score(bad), 500)
    assert model.score(odd(1))[0] > np.median(model.score(ordinary(100, seed=6)))


def check_batch_constant_features(train: Train) -> None:
    assert_scores(train(np.full((50, WIDTH), 0.5)).score(ordinary(10)), 10)


def check_batch_input_is_not_changed(train: Train) -> None:
    rows = ordinary(100)
    rows[0, 0] = np.nan
    before = rows.copy()
    rows.flags.writeable = False
    train(rows).score(rows)
    assert np.array_equal(rows, before, equal_nan=True)


def check_batch_snapshot_is_the_model(train: Train) -> None:
    model = train(ordinary(500))
    restored = type(model).restore(unpack(pack(model.snapshot())))
    rows = np.concatenate([ordinary(50, seed=13), odd(5)])
    assert restored.score(rows).tolist() == model.score(rows).tolist()
    assert restored.n_features == model.n_features


def check_batch_damaged_snapshot_is_refused(train: Train) -> None:
    model = train(ordinary(100))
    for name in model.snapshot():
        damaged = model.snapshot()
        damaged[name] = "?"
        with pytest.raises(ValueError, match=name):
            type(model).restore(damaged)


def check_batch_same_seed_same_scores(train: Train) -> None:
    rows = ordinary(300)
    assert train(rows).score(rows).tolist() == train(rows).score(rows).tolist()


def check_batch_training_matters(train: Train) -> None:
    rows = odd(50)
    assert train(odd(500)).score(rows).mean() < train(ordinary(500)).score(rows).mean()


def check_batch_wrong_shapes_are_refused(train: Train) -> None:
    model = train(ordinary(100))
    for rows in (np.zeros(WIDTH), np.zeros((2, WIDTH - 1))):
        with pytest.raises(ValueError, match=r"shape|columns"):
            model.score(rows)


BATCH_CHECKS: tuple[Callable[[Train], None], ...] = (
    check_batch_scores,
    check_batch_odd_rows_score_higher,
    check_batch_rows_do_not_matter_to_each_other,
    check_batch_bad_numbers,
    check_batch_constant_features,
    check_batch_input_is_not_changed,
    check_batch_snapshot_is_the_model,
    check_batch_damaged_snapshot_is_refused,
    check_batch_same_seed_same_scores,
    check_batch_training_matters,
    check_batch_wrong_shapes_are_refused,
)
